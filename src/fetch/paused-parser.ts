/**
 * undici 7 ends the whole process when a server closes its side of a connection whose body we let wait: its parser
 * asserts that it is not paused (nodejs/undici#5360, cured in 8, which needs Node 22). The cure is the same here: what
 * has come already goes through the parser, and then the answer is judged as ever. A parser that looks otherwise than
 * we know it is left as it is.
 */

/** What we know of undici's parser of HTTP/1. */
interface Parser {
  ptr: number | null
  paused: boolean
  socket: { read(): Buffer | null; destroyed: boolean }
  llhttp: { llhttp_resume(ptr: number): void }
  execute(chunk: Buffer): void
  finish(): Error | null
}

const cured = new WeakSet<object>()

/** To be called for each socket that undici gets; from the first answer on it holds for all. */
export function curePausedParser(socket: object): void {
  // undici makes the parser when it takes the socket, which is before the next turn.
  setImmediate(() => {
    const parser = findParser(socket)
    const prototype: unknown = parser && Object.getPrototypeOf(parser)
    if (parser === null || typeof prototype !== 'object' || prototype === null || cured.has(prototype)) return
    cured.add(prototype)
    cure(prototype, parser.finish)
  })
}

/** The parser of a socket that undici has taken; null where it is none that we know. */
export function findParser(socket: object): Parser | null {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
  const parser: unknown = key && Reflect.get(socket, key)
  return isKnown(parser) ? parser : null
}

function cure(prototype: object, finish: Parser['finish']): void {
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

function isKnown(value: unknown): value is Parser {
  if (typeof value !== 'object' || value === null) return false
  const { paused, llhttp, execute, finish } = value as Partial<Parser> // Nothing is believed before it is looked at.
  return (
    typeof paused === 'boolean' &&
    typeof llhttp?.llhttp_resume === 'function' &&
    typeof execute === 'function' &&
    typeof finish === 'function'
  )
}
