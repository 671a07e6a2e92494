import { setImmediate as nextTurn } from 'node:timers/promises'
import { BodyError, GIVEN_UP, TOO_SLOW, tooBig } from './body-error.ts'
import { BLOCK_BYTES, createGatherer } from './gather.ts'
import {
  type Coding,
  createInflateStream,
  type InflateOptions,
  type InflateStream,
  inflateSynchronously,
  isGzip,
  parseCodings,
} from './inflate.ts'

export interface BodyReader {
  /** Takes the next chunk as it came over the wire. False asks to wait for `onDrain`. */
  write(chunk: Buffer): boolean
  /** All has come: gives the decompressed body. Rejects with a `BodyError`. */
  end(): Promise<Buffer>
  /** Forgets everything. */
  destroy(): void
}

/** Up to here a body is inflated in one go, which costs a third of a stream. */
const SYNC_BYTES = 128 * 1_024
/**
 * brotli unpacks into a window of up to 4 MiB before it shows the first byte: such bodies are inflated one at a time, and
 * in our own thread (10 MB take it some 40 ms). Each thread of the pool would keep a window's memory for good.
 */
const ROOMY: Coding = 'br'

interface BodyOptions extends InflateOptions {
  contentEncoding: string | null
  /** As announced, of the bytes on the wire; null when it was not. */
  contentLength: number | null
}

/**
 * Collects a body and undoes its Content-Encoding. What it holds never exceeds `maxBytes` after decompression, whatever
 * the compressed size promises, and waits in the room like all large bodies; the room counts what `end` gave until it
 * is released. Throws a `BodyError` for codings we did not ask for.
 */
export function createBodyReader(options: BodyOptions): BodyReader {
  const { maxBytes, onDrain, onError } = options
  const declared = parseCodings(options.contentEncoding)
  const wire = createGatherer(options.contentLength, maxBytes)
  const holding = options.room.open(
    () => {
      if (goOn !== null) goOn()
      else if (stream === null) onDrain()
      else stream.resume()
    },
    () => onError(TOO_SLOW),
  )
  let wireBytes = 0
  let chunks = 0
  let isDestroyed = false
  let stream: InflateStream | null = null
  /** Ends the wait for room of what has come whole. */
  let goOn: (() => void) | null = null

  // A file.xml.gz comes without a label: no document starts with gzip's magic number.
  const codings = () => (declared.length === 0 && isGzip(wire.head()) ? (['gzip'] satisfies Coding[]) : declared)
  const startStream = (first: Buffer) => {
    stream = createInflateStream(codingsOfFirst, first, options, holding)
    return stream
  }
  let codingsOfFirst: Coding[] = declared

  return {
    write(chunk) {
      wireBytes += chunk.length
      chunks += 1
      options.room.litter(chunk.length)
      const fault = wireBytes > maxBytes ? tooBig(maxBytes) : inCrumbs(chunks, wireBytes)
      if (fault !== null) {
        onError(fault)
        return true
      }
      if (stream !== null) return stream.write(chunk)

      wire.add(chunk)
      codingsOfFirst = codings()
      const isKept = codingsOfFirst.length === 0 || codingsOfFirst.includes(ROOMY)
      if (isKept || wireBytes <= SYNC_BYTES) return holding.take(chunk.length)
      const first = wire.take()
      return startStream(first).write(first)
    },
    async end() {
      const body = await (stream?.end() ?? inflateWhole())
      holding.handOver(body)
      return body
    },
    destroy() {
      isDestroyed = true
      holding.end()
      goOn?.()
      wire.drop()
      stream?.destroy()
    },
  }

  function inflateWhole(): Buffer | Promise<Buffer> {
    if (codingsOfFirst.length === 0) return wire.takeOwn()
    const whole = wire.take()
    const isRoomy = codingsOfFirst.includes(ROOMY)
    const inflated =
      whole.length <= SYNC_BYTES ? inflateSynchronously(whole, codingsOfFirst, maxBytes, BLOCK_BYTES) : null
    if (inflated !== null) return inflated
    if (isRoomy) return holding.alone(() => inflateRoomy(whole))
    const slow = startStream(whole)
    slow.write(whole)
    return slow.end()
  }

  async function inflateRoomy(whole: Buffer): Promise<Buffer> {
    // Others first, and those that were given up meanwhile not at all.
    await nextTurn()
    if (isDestroyed) throw GIVEN_UP
    // In one piece, of which what is not needed is never touched: nothing is copied.
    const inflated = inflateSynchronously(whole, codingsOfFirst, maxBytes, maxBytes + 1)
    if (inflated === null) throw tooBig(maxBytes)
    options.room.litter(maxBytes)
    // The next is not unpacked before there is room for this one.
    if (!holding.take(inflated.length)) {
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      goOn = null
      if (isDestroyed) throw GIVEN_UP
    }
    return inflated
  }
}

/** A server can wrap each byte as a chunk of its own: ten million of them would keep us busy for half a minute. */
function inCrumbs(chunks: number, bytes: number): BodyError | null {
  return chunks > 65_536 && bytes < chunks * 16 ? new BodyError('broken', 'it comes in crumbs') : null
}
