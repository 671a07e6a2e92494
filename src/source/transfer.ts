/**
 * A document as it was written, where it comes as it was sent: in the chunks of HTTP, perhaps behind its header, or
 * encoded as mail or an address is. What is sent plainly is handed back itself.
 */
export function unwrapTransfer(bytes: Uint8Array): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = view.toString('latin1', 0, MAX_START)
  const header = HTTP_HEADER.exec(start)?.[0].length ?? 0
  const chunks = joinChunks(view, header)
  if (chunks !== null) return chunks
  if (BASE64_OF_XML.test(start)) return Buffer.from(view.toString('latin1'), 'base64')
  const escaped = MAIL_ESCAPES.test(start) ? MAIL_ESCAPE : ADDRESS_ESCAPES.test(start) ? ADDRESS_ESCAPE : null
  return escaped === null ? bytes : unescapeBytes(view, escaped)
}

const MAX_START = 2_000
const HTTP_HEADER = /^HTTP\/\d[^<]*?\r?\n\r?\n/

/** RFC 9112, 7.1. Null where no chunk begins at `from`, or another one than should behind it. */
function joinChunks(view: Buffer, from: number): Buffer | null {
  const pieces: Buffer[] = []
  for (let at = from; at < view.length; ) {
    const [line, size = ''] = CHUNK.exec(view.toString('latin1', at, at + 200)) ?? []
    // Cut off in it.
    if (line === undefined && view.length - at < MAX_CUT) break
    if (line === undefined) return null
    const start = at + line.length
    const end = start + Number.parseInt(size, 16)
    if (end === start) break
    pieces.push(view.subarray(start, end))
    at = end
  }
  return pieces.length === 0 ? null : Buffer.concat(pieces)
}

const MAX_CUT = 12
/** A size in hex; the line's end before it is that of the chunk before. */
const CHUNK = /^(?:\r\n)?([\da-f]{1,8})[ \t]*(?:;[^\r\n]{0,150})?\r\n/i

/** "<?xm", "<rss", "<rdf", "<fee" or a byte order mark. */
const BASE64_OF_XML = /^\s*(?:PD94b|PHJzc|PHJkZ|PGZlZ|77u\/P)[A-Za-z\d+/=\s]+$/
/** RFC 2045, 6.7: the first quote in the root or the declaration shows it; behind it an address may end in "?tag=3D". */
const MAIL_ESCAPES = /<(?:\?xml|rss|feed|rdf:RDF)\s[^<>"']*=3D["']/i
const MAIL_ESCAPE = /=([\dA-F]{2})/gi
const SOFT_BREAK = /=[ \t]*\r?\n/g
const ADDRESS_ESCAPES = /^\s*%3C(?:%3F|rss|feed|rdf)[^<>]*$/i
const ADDRESS_ESCAPE = /%([\dA-F]{2})/gi

function unescapeBytes(view: Buffer, sign: RegExp): Buffer {
  const plain = view
    .toString('latin1')
    .replace(SOFT_BREAK, '')
    .replace(sign, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1')
}
