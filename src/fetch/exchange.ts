import type { Agent, Dispatcher } from 'undici'
import { type BodyReader, createBodyReader, tooBig } from './body.ts'
import { type Headers, headerValue } from './cache-headers.ts'

/** One answer of one server, or why there is none. */
export type Exchange =
  | { kind: 'answer'; status: number; headers: Headers; body: Buffer | null }
  /** `early`: the connection failed before the server said anything. */
  | { kind: 'fault'; error: Error; early: boolean }

/** One end for everything that belongs to one fetch; time is up once, for connecting, redirects and bodies together. */
export interface Deadline {
  readonly expired: boolean
  /** Called when time is up or the fetch is over, whichever comes first, unless taken off before. */
  add(cancel: () => void): void
  remove(cancel: () => void): void
  end(): void
}

/** Starts counting now. `end` stops the clock and cancels what still runs. */
export function startDeadline(ms: number): Deadline {
  const cancels = new Set<() => void>()
  let expired = false
  const cancelAll = () => {
    for (const cancel of [...cancels]) cancel()
  }
  const timer = setTimeout(() => {
    expired = true
    cancelAll()
  }, ms)

  return {
    get expired() {
      return expired
    },
    add: (cancel) => cancels.add(cancel),
    remove: (cancel) => cancels.delete(cancel),
    end() {
      clearTimeout(timer)
      cancelAll()
    },
  }
}

/** Larger bodies that nobody wants cost more to read away than a new connection. */
const MAX_DISCARDED_BYTES = 16_384

/**
 * One GET on one connection. The body (decompressed, at most `maxBytes`) is read for 200 and 203 only; of other answers
 * it is null and is read away, so that the connection can be used again. Never rejects.
 */
export function exchange(
  agent: Agent,
  request: { url: URL; headers: Record<string, string>; maxBytes: number; deadline: Deadline },
): Promise<Exchange> {
  const { url, deadline, maxBytes } = request
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null
    let reader: BodyReader | null = null
    let answer: { status: number; headers: Headers } | null = null
    let discarded = 0
    let over = false

    const finish = (result: Exchange) => {
      over = true
      resolve(result)
    }
    const fail = (error: Error) => {
      deadline.remove(cancel)
      reader?.destroy()
      finish({ kind: 'fault', error, early: answer === null })
      controller?.abort(error)
    }
    const cancel = () => fail(new Error('Time is up.'))
    deadline.add(cancel)

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started
        // It waited for a connection longer than the fetch lasted.
        if (over) started.abort(new Error('Time is up.'))
      },
      onResponseStart(_, status, headers) {
        // 103 Early Hints and the like: the answer is still to come.
        if (status < 200) return
        answer = { status, headers }
        if (status !== 200 && status !== 203) return finish({ kind: 'answer', status, headers, body: null })
        // Compressed or not: what is announced over the limit is not smaller inside.
        if (Number(headerValue(headers, 'content-length')) > maxBytes) return fail(tooBig(maxBytes))
        try {
          reader = createBodyReader({
            contentEncoding: headerValue(headers, 'content-encoding'),
            maxBytes,
            onDrain: () => controller?.resume(),
            onError: fail,
          })
        } catch (error) {
          fail(asError(error))
        }
      },
      onResponseData(reading, chunk) {
        if (reader === null) {
          discarded += chunk.length
          if (discarded > MAX_DISCARDED_BYTES) reading.abort(new Error('Enough.'))
        } else if (!over && !reader.write(chunk)) {
          reading.pause()
        }
      },
      onResponseEnd() {
        if (reader === null || answer === null || over) return deadline.remove(cancel)
        const { status, headers } = answer
        reader.end().then(
          (body) => {
            deadline.remove(cancel)
            finish({ kind: 'answer', status, headers, body })
          },
          (error) => fail(asError(error)),
        )
      },
      onResponseError(_, error) {
        deadline.remove(cancel)
        reader?.destroy()
        if (!over) finish({ kind: 'fault', error, early: answer === null })
      },
    }

    try {
      agent.dispatch(
        { origin: url.origin, path: url.pathname + url.search, method: 'GET', headers: request.headers },
        handler,
      )
    } catch (error) {
      fail(asError(error))
    }
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
