import type { Dispatcher } from 'undici'
import { tellsGuard } from './blocked.ts'
import { type BodyReader, createBodyReader } from './body.ts'
import { NO_ROOM, tooBig } from './body-error.ts'
import { type Headers, headerValue } from './cache-headers.ts'
import { DescribedError, failure } from './faults.ts'
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

type Head = Pick<Answer, 'status' | 'headers'>

const MAX_HINTS = 64
const NO_ANSWER = 'sends one hint after the other (status 1xx) and never an answer.'

/** Larger bodies that nobody wants cost more to read away than a new connection. */
const MAX_DISCARDED_BYTES = 16_384

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
  const { deadline, maxBytes, room } = request
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null
    let reader: BodyReader | null = null
    let answer: Head | null = null
    let excerpt: Buffer[] | null = null
    let discarded = 0
    let hints = 0
    let over = false
    /** What is awaited is not the server, but room for what it sent. */
    let isHeld = false

    const finish = (result: Exchange) => {
      over = true
      resolve(result)
    }
    const finishWithout = (status: number, headers: Headers) => {
      finish({ kind: 'answer', status, headers, body: null, excerpt: excerpt && Buffer.concat(excerpt) })
      excerpt = null
    }
    const end = (error: Error) => {
      if (reader !== null && answer !== null && !over && isCutShort(error)) {
        void endShort(reader, answer, error)
        return
      }
      deadline.remove(cancel)
      reader?.destroy()
      if (over) return
      // A refusal that breaks off, or drips, is one all the same.
      if (answer !== null && excerpt !== null) finishWithout(answer.status, answer.headers)
      else finish({ kind: 'fault', error: answer === null ? faultOfHead(error) : error, early: answer === null })
    }
    /** Some servers announce more than they have to say, or never the end of it. */
    const endShort = async (short: BodyReader, { status, headers }: Head, error: Error) => {
      const body = await short.end().catch(() => null)
      deadline.remove(cancel)
      if (body === null) short.destroy()
      if (body !== null && !over && isWholeDocument(body)) {
        finish({ kind: 'answer', status, headers, body, excerpt: null })
        return
      }
      if (body !== null) room.release(body)
      if (!over) finish({ kind: 'fault', error, early: false })
    }
    const fail = (error: Error) => {
      end(error)
      controller?.abort(error)
    }
    const cancel = () => fail(isHeld ? NO_ROOM : new Error('Time is up.'))
    deadline.add(cancel)

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started
        // It waited for a connection longer than the fetch lasted.
        if (over) started.abort(new Error('Time is up.'))
      },
      onResponseStart(_, status, headers) {
        // 103 Early Hints and the like: the answer is still to come.
        if (status < 200) {
          hints += 1
          if (hints > MAX_HINTS) fail(new DescribedError(failure('network', `${way.peer} ${NO_ANSWER}`)))
          return
        }
        answer = { status, headers }
        if (request.form === undefined && isRefusal(status) && tellsGuard(headers)) excerpt = []
        else if (request.form !== undefined || (status !== 200 && status !== 203)) finishWithout(status, headers)
        else startReading(headers)
      },
      onResponseData(reading, chunk) {
        if (reader !== null) {
          isHeld = !over && !reader.write(chunk)
          if (isHeld) reading.pause()
          return
        }
        excerpt?.push(chunk.subarray(0, MAX_DISCARDED_BYTES - discarded))
        discarded += chunk.length
        if (discarded >= MAX_DISCARDED_BYTES) fail(new Error('Enough.'))
      },
      onResponseEnd() {
        if (reader === null || answer === null || over) {
          deadline.remove(cancel)
          if (answer !== null && !over) finishWithout(answer.status, answer.headers)
          return
        }
        const { status, headers } = answer
        isHeld = true
        reader.end().then(
          (body) => {
            deadline.remove(cancel)
            if (over) room.release(body)
            else finish({ kind: 'answer', status, headers, body, excerpt: null })
          },
          (error) => fail(asError(error)),
        )
      },
      onResponseError: (_, error) => end(error),
    }

    function startReading(headers: Headers): void {
      const length = headerValue(headers, 'content-length')
      const contentLength = length === null ? null : Number(length)
      // Compressed or not: what is announced over the limit is not smaller inside.
      if (contentLength !== null && contentLength > maxBytes) {
        fail(tooBig(maxBytes))
        return
      }
      try {
        reader = createBodyReader({
          contentEncoding: headerValue(headers, 'content-encoding'),
          contentLength,
          maxBytes,
          room,
          onDrain() {
            isHeld = false
            controller?.resume()
          },
          onError: fail,
        })
      } catch (error) {
        fail(asError(error))
      }
    }

    try {
      way.dispatcher.dispatch(
        {
          origin: way.origin,
          path: way.path,
          method: request.form === undefined ? 'GET' : 'POST',
          headers: { ...request.headers, ...way.headers },
          body: request.form ?? null,
        },
        handler,
      )
    } catch (error) {
      fail(asError(error))
    }
  })
}

/** The statuses that guards against programs answer with; 202 is how some ask for a moment of a browser's time. */
function isRefusal(status: number): boolean {
  return REFUSALS.has(status)
}

const REFUSALS = new Set([202, 403, 405, 406, 412, 429, 468, 503, 521])

/** undici takes whatever is wrong behind a Content-Length for a body that is too short, in the head already. */
function faultOfHead(error: Error): Error {
  const isMisread = 'code' in error && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  return isMisread ? Object.assign(new Error(error.message), { name: 'HTTPParserError' }) : error
}

/** The server went away in the midst of the body, as it had announced it. */
function isCutShort(error: Error): boolean {
  return 'code' in error && CUT_SHORT.has(error.code)
}

const CUT_SHORT = new Set<unknown>(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ECONNRESET'])

/** Its root element ends where it ends. */
function isWholeDocument(body: Buffer): boolean {
  return /<\/(?:rss|feed|rdf:RDF|html)\s*>\s*$/i.test(body.toString('latin1', Math.max(0, body.length - 256)))
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
