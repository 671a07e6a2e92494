import type { ReadDocument } from '../model.ts'

/** "1 item", "1,204 items"; `plural` where an s is not enough. */
export function countOf(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`
}

/** Why what was read of a document is not all of it, to be said behind how much that is; '' where it is all, as far as we know. */
export function whyNotAll({ items, truncated }: Pick<ReadDocument, 'items' | 'truncated'>, mostRead: number): string {
  if (truncated) return ', and then the document was cut off'
  return items.length >= mostRead ? ', the most that are read of one document' : ''
}

/** What becomes of what a source holds when it is added. */
export function sayHeld(items: number): string {
  if (items === 0) return 'It holds nothing yet; what comes can alert.'
  return `${countOf(items, 'item')} stored quietly; the next new one can alert.`
}
