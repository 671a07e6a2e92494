import { findParser } from './mended-parser.ts'

/**
 * What browsers overlook in a response, and what its bytes mean all the same: folded fields, odd signs in values, lines that
 * end in LF. Not a length beside chunks (RFC 9112, 6.3: it may be an attack), nor what follows an answer: that is none.
 */
const LENIENCIES = [
  'headers',
  'transfer_encoding',
  'optional_lf_after_cr',
  'optional_cr_before_lf',
  'optional_crlf_after_chunk',
  'spaces_after_chunk_size',
]

/**
 * Makes undici's parser read the answers on this socket as browsers do; to be called for each one that leads to a single
 * server. A parser that looks otherwise than we know it stays strict.
 */
export function readLeniently(socket: object): void {
  // undici makes the parser when it takes the socket, which is before the next turn.
  setImmediate(() => {
    const parser = findParser(socket)
    if (parser === null || parser.ptr === null) return
    for (const name of LENIENCIES) {
      const set: unknown = Reflect.get(parser.llhttp, `llhttp_set_lenient_${name}`)
      if (typeof set === 'function') set(parser.ptr, 1)
    }
  })
}
