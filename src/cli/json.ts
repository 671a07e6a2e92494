import type { Alert, Watch } from '../model.ts'
import { itemAsJson } from '../publish/json.ts'
import { formatIso } from '../time.ts'
import type { CliIo } from './io.ts'

/** Writes one JSON document, and nothing else, to standard output. Valid everywhere, and inert on a terminal. */
export function printJson(io: CliIo, document: object): void {
  const json = JSON.stringify(document, null, 2)
  // JSON leaves DEL, C1 (a terminal takes 0x9b for the beginning of a command) and turned directions as they are.
  const inert = json.replace(/[\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  io.out(`${inert}\n`)
}

/** With its number, by which `crier why` knows it; `waiting` are watches that wait for publishers and did not call it yet. */
export function alertAsJson({ id, hits, chat, state, createdAt, sentAt, item }: Alert) {
  const watches = hits.filter(({ waitsFor }) => waitsFor === undefined).map(({ watch }) => watch.query)
  return {
    id,
    watch: watches[0] ?? null,
    watches,
    chat,
    state,
    created: formatIso(createdAt),
    sent: formatIso(sentAt),
    item: itemAsJson(item),
    waiting: hits.flatMap(({ watch, waitsFor }) =>
      waitsFor === undefined ? [] : { watch: watch.query, publishers: waitsFor },
    ),
  }
}

export function watchAsJson(watch: Watch) {
  return { number: watch.number, chat: watch.chat, query: watch.query, created: formatIso(watch.createdAt) }
}
