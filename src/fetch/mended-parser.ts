/**
 * undici's parser of HTTP/1, mended where a server could hurt us, and where it is stricter than browsers are. One that looks
 * otherwise than we know it is left as it is.
 */

/** What we know of it. */
interface Parser {
  ptr: number | null
  paused: boolean
  socket: { read(): Buffer | null; destroyed: boolean; destroy(error: Error): void }
  llhttp: { llhttp_resume(ptr: number): void }
  execute(chunk: Buffer): void
  finish(): Error | null
  headersSize: number
  headersMaxSize: number
  /** Of the body. */
  bytesRead: number
  onMessageBegin(): number
  /** Gives what llhttp is to do: 0 to go on. */
  onHeaderField(piece: Buffer): number
  trackHeader(bytes: number): void
}

const mended = new WeakSet<object>()

/** To be called for each socket that undici gets; from the first answer on it holds for all. */
export function mendParser(socket: object): void {
  withParser(socket, (parser) => {
    const prototype: unknown = Object.getPrototypeOf(parser)
    if (typeof prototype !== 'object' || prototype === null || mended.has(prototype)) return
    mended.add(prototype)
    finishPaused(prototype, parser.finish)
    countPieces(prototype, parser)
    endPadding(prototype, parser)
  })
}

/** Has the answers on this socket read as browsers read them; to be called for each one that leads to a single server. */
export function readLeniently(socket: object): void {
  withParser(socket, ({ ptr, llhttp }) => {
    if (ptr === null) return
    for (const name of LENIENCIES) {
      const set: unknown = Reflect.get(llhttp, `llhttp_set_lenient_${name}`)
      if (typeof set === 'function') set(ptr, 1)
    }
  })
}

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

/** Soon, and only where it is one that we know: undici makes the parser when it takes the socket, which is before the next turn. */
function withParser(socket: object, work: (parser: Parser) => void): void {
  setImmediate(() => {
    const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
    const parser: unknown = key && Reflect.get(socket, key)
    if (isKnown(parser)) work(parser)
  })
}

/**
 * undici 7 ends the whole process when a server closes its side of a connection whose body we let wait: its parser
 * asserts that it is not paused (nodejs/undici#5360, cured in 8, which needs Node 22). The cure is the same here: what
 * has come already goes through the parser, and then the answer is judged as ever.
 */
function finishPaused(prototype: object, finish: Parser['finish']): void {
  Reflect.set(prototype, 'finish', function finishPaused(this: Parser): Error | null {
    if (!this.paused) return finish.call(this)
    for (let chunk: Buffer | null = NOTHING; chunk !== null; ) {
      if (this.ptr === null) return null
      resume(this)
      chunk = this.socket.read()
      // Even where nothing is left: it stands before the end of the message, and must be driven past it.
      this.execute(chunk ?? NOTHING)
    }
    if (this.ptr === null) return null
    resume(this)
    return finish.call(this)
  })
}

const NOTHING = Buffer.alloc(0)

function resume(parser: Parser): void {
  if (!parser.paused || parser.ptr === null) return
  parser.llhttp.llhttp_resume(parser.ptr)
  parser.paused = false
}

/**
 * undici limits the bytes of headers. Each name and value is an object of a hundred bytes, though, and one that comes in
 * pieces is put together anew with each: 64 KiB of "a:" took 7 MB. And over the limit it goes on to the end of what has
 * come, with an error for each name.
 */
function countPieces(prototype: object, { onHeaderField, trackHeader }: Parser): void {
  Reflect.set(prototype, 'trackHeader', function trackPiece(this: Parser, bytes: number): void {
    trackHeader.call(this, bytes + PIECE_BYTES)
  })
  Reflect.set(prototype, 'onHeaderField', function takeOrEnd(this: Parser, piece: Buffer): number {
    return this.headersSize >= this.headersMaxSize ? USER_ERROR : onHeaderField.call(this, piece)
  })
}

/** Of a callback: llhttp reads no further. */
const USER_ERROR = -1
/** As HTTP/2 counts for a field (RFC 9113, 6.5.2). */
const PIECE_BYTES = 32

/**
 * Some of what a server can send is neither header nor body, and undici counts it nowhere: blank lines before an answer, the
 * words behind its status, blanks before a value, all that stands behind the length of a chunk. It would be read at tens
 * of megabytes a second until the deadline. Long chunks of an honest body have little of it, short ones as much as they hold.
 */
function endPadding(prototype: object, { execute, onMessageBegin }: Parser): void {
  const padding = new WeakMap<Parser, number>()
  Reflect.set(prototype, 'onMessageBegin', function beginAnew(this: Parser): number {
    padding.delete(this)
    return onMessageBegin.call(this)
  })
  Reflect.set(prototype, 'execute', function executeOrEnd(this: Parser, chunk: Buffer): void {
    const before = this.bytesRead + this.headersSize
    if (before === 0 && chunk.toString('latin1', 0, 7) === 'HTTP/1.') mergeLengths(chunk)
    execute.call(this, chunk)
    const after = this.bytesRead + this.headersSize
    // They begin anew behind headers, and behind an answer.
    if (after < before) padding.delete(this)
    // What is left of a chunk comes again.
    if (after < before || this.paused) return
    const bytes = (padding.get(this) ?? 0) + Math.max(0, chunk.length - (after - before))
    padding.set(this, bytes)
    if (bytes > MAX_PADDING_BYTES + this.bytesRead) this.socket.destroy(PADDING)
  })
}

/**
 * llhttp takes no length that is said twice. Where it is the same, it may as well be said once (RFC 9110, 8.6), and some
 * servers and the proxies before them do say it twice: the others become fields of which nobody has heard, or blanks.
 */
function mergeLengths(chunk: Buffer): void {
  const head = chunk.toString('latin1', 0, Math.max(0, chunk.indexOf('\r\n\r\n')))
  const [first, ...others] = head.matchAll(LENGTH)
  if (first === undefined || others.some((other) => other[1] !== first[1])) return
  for (const { index } of others) chunk.write('x-said-already', index + 2, 'latin1')
  const [from, to] = first.indices?.[2] ?? [0, 0]
  chunk.fill(' ', from, to)
}

/** Twice in two fields, or in one: "42, 42". */
const LENGTH = /\r\ncontent-length:[ \t]*(\d+)((?:[ \t]*,[ \t]*\1)*)[ \t]*(?=\r|$)/dgi

/** More than 65,536 chunks of one byte have around them: those are judged by the reader of the body. */
const MAX_PADDING_BYTES = 524_288
const PADDING = Object.assign(new Error('Padding without end.'), { code: 'CRIER_PADDING' })

function isKnown(value: unknown): value is Parser {
  if (typeof value !== 'object' || value === null) return false
  const parser = value as Partial<Parser> // Nothing is believed before it is looked at.
  const { paused, llhttp, headersSize, headersMaxSize, bytesRead } = parser
  return (
    typeof paused === 'boolean' &&
    typeof llhttp?.llhttp_resume === 'function' &&
    typeof headersSize === 'number' &&
    typeof headersMaxSize === 'number' &&
    typeof bytesRead === 'number' &&
    METHODS.every((name) => typeof parser[name] === 'function')
  )
}

const METHODS = ['execute', 'finish', 'onMessageBegin', 'onHeaderField', 'trackHeader'] as const
