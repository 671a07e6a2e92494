import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { tellsGuard } from './blocked.ts'
import { BodyReader } from './body.ts'
import { NO_ROOM, tooBig } from './body-error.ts'
import { type Headers, headerValue } from './cache-headers.ts'
import { DescribedError, describeHints } from './faults.ts'
import type { Way } from './proxy.ts'
import type { Room } from './room.ts'

/** One answer of one server, or why there is none; `early`: the connection failed before the server said anything. */
export type Exchange = Answer | { kind: 'fault'; error: Error; early: boolean }

export interface Answer {
  kind: 'answer'
  status: number
  headers: Headers
  /** Decompressed, of 200 and 203; null of all others. */
  body: Buffer | null
  /** How a refusal begins, as it came over the wire: enough to tell who refuses. */
  excerpt: Buffer | null
}

/** One end for everything that belongs to one fetch; time is up once, for connecting, redirects and bodies together. */
export interface Deadline {
  readonly expired: boolean
  /** Called when time is up or the fetch is over, whichever comes first, unless taken off before. */
  add(cancel: () => void): void
  remove(cancel: () => void): void
  /** Time is up now. */
  expire(): void
  end(): void
}

/** Starts counting now. `end` stops the clock and cancels what still runs. */
export function startDeadline(ms: number): Deadline {
  const cancels = new Set<() => void>()
  let expired = false
  const cancelAll = () => {
    for (const cancel of [...cancels]) cancel()
  }
  const expire = () => {
    expired = true
    cancelAll()
  }
  const timer = setTimeout(expire, ms)

  return {
    get expired() {
      return expired
    },
    add: (cancel) => cancels.add(cancel),
    remove: (cancel) => cancels.delete(cancel),
    expire,
    end() {
      clearTimeout(timer)
      cancelAll()
    },
  }
}

interface ExchangeRequest {
  headers: Record<string, string>
  /** Posted; without one it is a GET. */
  form?: string
  maxBytes: number
  room: Room
  deadline: Deadline
}

/**
 * One request on one connection. Only the body of a document is read; others are read away as far as they are short, so
 * that the connection can be used again. Never rejects.
 */
export function exchange(way: Way, request: ExchangeRequest): Promise<Exchange> {
  return new Promise((resolve) => new Conversation(way, request, resolve).begin())
}

type Head = Pick<Answer, 'status' | 'headers'>

const TIME_IS_UP = new Error('Time is up.')
const MAX_HINTS = 64

/** Larger bodies that nobody wants cost more to read away than a new connection. */
const MAX_DISCARDED_BYTES = 16_384

/** What undici tells of one request, until it is an `Exchange`. */
class Conversation implements Dispatcher.DispatchHandler {
  readonly #way: Way
  readonly #request: ExchangeRequest
  readonly #resolve: (result: Exchange) => void
  #isOver = false
  #controller: Dispatcher.DispatchController | null = null
  #hints = 0
  #head: Head | null = null
  /** Of a document. */
  #reader: BodyReader | null = null
  /** What is awaited is not the server, but room for what it sent. */
  #isHeld = false
  /** What cut it short, and whether a document has come nevertheless is being found out. */
  #cutBy: Error | null = null
  /** Of a refusal. */
  #excerpt: Buffer[] | null = null
  #discarded = 0

  constructor(way: Way, request: ExchangeRequest, resolve: (result: Exchange) => void) {
    this.#way = way
    this.#request = request
    this.#resolve = resolve
  }

  begin(): void {
    const { origin, path, dispatcher, headers } = this.#way
    const { form } = this.#request
    const asked = { origin, path, headers: { ...this.#request.headers, ...headers } }
    this.#request.deadline.add(this.#cancel)
    try {
      dispatcher.dispatch({ ...asked, method: form === undefined ? 'GET' : 'POST', body: form ?? null }, this)
    } catch (error) {
      this.#fail(asError(error))
    }
  }

  onRequestStart(started: Dispatcher.DispatchController): void {
    this.#controller = started
    // It waited for a connection longer than the fetch lasted.
    if (this.#isOver) started.abort(TIME_IS_UP)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // 103 Early Hints and the like: the answer is still to come.
    if (status < 200) {
      this.#hints += 1
      if (this.#hints > MAX_HINTS) this.#fail(new DescribedError(describeHints(this.#way.peer)))
      return
    }
    this.#head = { status, headers }
    const isGet = this.#request.form === undefined
    if (isGet && REFUSALS.has(status) && tellsGuard(headers)) this.#excerpt = []
    else if (isGet && (status === 200 || status === 203)) this.#startReading(headers)
    else this.#finishWithout(this.#head)
  }

  onResponseData(reading: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#reader !== null) {
      this.#isHeld = !this.#isOver && !this.#reader.write(chunk)
      if (this.#isHeld) reading.pause()
      return
    }
    this.#excerpt?.push(chunk.subarray(0, MAX_DISCARDED_BYTES - this.#discarded))
    this.#discarded += chunk.length
    if (this.#discarded >= MAX_DISCARDED_BYTES) this.#fail(new Error('Enough.'))
  }

  onResponseEnd(): void {
    const [head, reader] = [this.#head, this.#reader]
    if (reader === null || head === null || this.#isOver) {
      this.#request.deadline.remove(this.#cancel)
      if (head !== null && !this.#isOver) this.#finishWithout(head)
      return
    }
    this.#isHeld = true
    reader.end().then(
      (body) => {
        this.#request.deadline.remove(this.#cancel)
        if (this.#isOver) this.#request.room.release(body)
        else this.#finish({ kind: 'answer', ...head, body, excerpt: null })
      },
      (error) => this.#fail(asError(error)),
    )
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(error)
  }

  #startReading(headers: Headers): void {
    const { maxBytes, room } = this.#request
    const length = headerValue(headers, 'content-length')
    const contentLength = length === null ? null : Number(length)
    // Compressed or not: what is announced over the limit is not smaller inside.
    if (contentLength !== null && contentLength > maxBytes) {
      this.#fail(tooBig(maxBytes))
      return
    }
    const onDrain = () => {
      this.#isHeld = false
      this.#controller?.resume()
    }
    const contentEncoding = headerValue(headers, 'content-encoding')
    const onError = (error: Error) => this.#fail(error)
    try {
      this.#reader = new BodyReader({ contentEncoding, contentLength, maxBytes, room, onDrain, onError })
    } catch (error) {
      this.#fail(asError(error))
    }
  }

  readonly #cancel = () => this.#fail(this.#isHeld ? NO_ROOM : TIME_IS_UP)

  #fail(error: Error): void {
    this.#end(error)
    this.#controller?.abort(error)
  }

  #end(error: Error): void {
    const [head, reader] = [this.#head, this.#reader]
    // Who is broken off by us hears of it once more from the library.
    if (error === this.#cutBy) return
    if (reader !== null && head !== null && !this.#isOver && this.#cutBy === null && isCutShort(error)) {
      this.#cutBy = error
      void this.#endShort(reader, head, error)
      return
    }
    this.#request.deadline.remove(this.#cancel)
    reader?.destroy()
    if (this.#isOver) return
    // A refusal that breaks off, or drips, is one all the same.
    if (head !== null && this.#excerpt !== null) this.#finishWithout(head)
    else this.#finish({ kind: 'fault', error: head === null ? faultOfHead(error) : error, early: head === null })
  }

  /** Some servers announce more than they have to say, or never the end of it. */
  async #endShort(reader: BodyReader, head: Head, error: Error): Promise<void> {
    const end = reader.end().catch(() => null)
    // Who is late has no more time: what has to be unpacked in pieces, or waits for room, is given up.
    const body = await (error === TIME_IS_UP ? Promise.race([end, nextTurn(null)]) : end)
    this.#request.deadline.remove(this.#cancel)
    if (body === null) reader.destroy()
    if (body !== null && !this.#isOver && isWholeDocument(body)) {
      this.#finish({ kind: 'answer', ...head, body, excerpt: null })
      return
    }
    if (body !== null) this.#request.room.release(body)
    if (!this.#isOver) this.#finish({ kind: 'fault', error, early: false })
  }

  #finishWithout(head: Head): void {
    this.#finish({ kind: 'answer', ...head, body: null, excerpt: this.#excerpt && Buffer.concat(this.#excerpt) })
    this.#excerpt = null
  }

  #finish(result: Exchange): void {
    this.#isOver = true
    this.#resolve(result)
  }
}

/** The statuses that guards against programs answer with; 202 is how some ask for a moment of a browser's time. */
const REFUSALS = new Set([202, 403, 405, 406, 412, 429, 468, 503, 521])

/** undici takes whatever is wrong behind a Content-Length for a body that is too short, in the head already. */
function faultOfHead(error: Error): Error {
  const isMisread = 'code' in error && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  return isMisread ? Object.assign(new Error(error.message), { name: 'HTTPParserError' }) : error
}

/** The server went away in the midst of the body, as it had announced it, or stays and says no more. */
function isCutShort(error: Error): boolean {
  return error === TIME_IS_UP || ('code' in error && CUT_SHORT.has(error.code))
}

const CUT_SHORT = new Set<unknown>(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ECONNRESET'])

/** Its root element ends where it ends. */
function isWholeDocument(body: Buffer): boolean {
  return /<\/(?:rss|feed|rdf:RDF|html)\s*>\s*$/i.test(body.subarray(-256).toString('latin1'))
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
