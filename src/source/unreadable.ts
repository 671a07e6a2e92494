import type { Need } from '../errors.ts'
import { MAX_DOCUMENT_BYTES, type Unreadable } from '../model.ts'

/** Why a document was not read, in a sentence for people; `needs` is what somebody could give to end that. */
export function unreadable(reason: Unreadable['reason'], detail: string, needs?: Need): Unreadable {
  return { kind: 'unreadable', reason, detail, ...(needs && { needs }) }
}

export function tooBig(what: 'document' | 'page', maxBytes = MAX_DOCUMENT_BYTES): Unreadable {
  return unreadable('too_big', `The ${what} is larger than ${Math.floor(maxBytes / 1_048_576)} MiB.`)
}
