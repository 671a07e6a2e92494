import { setImmediate as nextTurn } from 'node:timers/promises'
import { BodyError, GIVEN_UP, TOO_SLOW, tooBig } from './body-error.ts'
import { BLOCK_BYTES, createGatherer, type Gatherer } from './gather.ts'
import {
  type Coding,
  createInflateStream,
  type InflateOptions,
  type InflateStream,
  inflateSynchronously,
  isGzip,
  parseCodings,
} from './inflate.ts'
import type { Holding } from './room.ts'

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
 * is released. To make one throws a `BodyError` for codings we did not ask for.
 */
export class BodyReader {
  readonly #options: BodyOptions
  readonly #declared: Coding[]
  /** As declared, or as the first bytes say. */
  #codings: Coding[]
  readonly #holding: Holding
  /** What came, until it is inflated. */
  readonly #wire: Gatherer
  #wireBytes = 0
  #chunks = 0
  #stream: InflateStream | null = null
  /** Ends the wait for room of what has come whole. */
  #goOn: (() => void) | null = null
  #isDestroyed = false

  constructor(options: BodyOptions) {
    this.#options = options
    this.#declared = parseCodings(options.contentEncoding)
    this.#codings = this.#declared
    this.#wire = createGatherer(options.contentLength, options.maxBytes)
    this.#holding = options.room.open(
      () => this.#resume(),
      () => options.onError(TOO_SLOW),
    )
  }

  /** Takes the next chunk as it came over the wire. False asks to wait for `onDrain`. */
  write(chunk: Buffer): boolean {
    const { maxBytes, room, onError } = this.#options
    this.#wireBytes += chunk.length
    this.#chunks += 1
    room.litter(chunk.length)
    const fault = this.#wireBytes > maxBytes ? tooBig(maxBytes) : inCrumbs(this.#chunks, this.#wireBytes)
    if (fault !== null) {
      onError(fault)
      return true
    }
    if (this.#stream !== null) return this.#stream.write(chunk)

    this.#wire.add(chunk)
    // A file.xml.gz comes without a label: no document starts with gzip's magic number.
    if (this.#declared.length === 0) this.#codings = isGzip(this.#wire.head()) ? ['gzip'] : []
    const isKept = this.#codings.length === 0 || this.#codings.includes(ROOMY)
    if (isKept || this.#wireBytes <= SYNC_BYTES) return this.#holding.take(chunk.length)
    const first = this.#wire.take()
    return this.#startStream(first).write(first)
  }

  /** All has come: gives the decompressed body. Rejects with a `BodyError`. */
  async end(): Promise<Buffer> {
    const body = await (this.#stream?.end() ?? this.#inflateWhole())
    this.#holding.handOver(body)
    return body
  }

  /** Forgets everything. */
  destroy(): void {
    this.#isDestroyed = true
    this.#holding.end()
    this.#goOn?.()
    this.#wire.drop()
    this.#stream?.destroy()
  }

  #resume(): void {
    if (this.#goOn !== null) this.#goOn()
    else if (this.#stream === null) this.#options.onDrain()
    else this.#stream.resume()
  }

  #startStream(first: Buffer): InflateStream {
    this.#stream = createInflateStream(this.#codings, first, this.#options, this.#holding)
    return this.#stream
  }

  #inflateWhole(): Buffer | Promise<Buffer> {
    if (this.#codings.length === 0) return this.#wire.takeOwn()
    const whole = this.#wire.take()
    const { maxBytes } = this.#options
    const inflated =
      whole.length <= SYNC_BYTES ? inflateSynchronously(whole, this.#codings, maxBytes, BLOCK_BYTES) : null
    if (inflated !== null) return inflated
    if (this.#codings.includes(ROOMY)) return this.#holding.alone(() => this.#inflateRoomy(whole))
    const slow = this.#startStream(whole)
    slow.write(whole)
    return slow.end()
  }

  async #inflateRoomy(whole: Buffer): Promise<Buffer> {
    const { maxBytes, room } = this.#options
    // Others get their turn first; and what is given up meanwhile is not unpacked at all.
    await nextTurn()
    if (this.#isDestroyed) throw GIVEN_UP
    // Into one piece of memory as large as it may become: nothing is copied, and what is not needed of it is never touched.
    const inflated = inflateSynchronously(whole, this.#codings, maxBytes, maxBytes + 1)
    if (inflated === null) throw tooBig(maxBytes)
    room.litter(maxBytes)
    // The next is not unpacked before there is room for this one.
    if (!this.#holding.take(inflated.length)) {
      await new Promise<void>((resolve) => {
        this.#goOn = resolve
      })
      this.#goOn = null
      if (this.#isDestroyed) throw GIVEN_UP
    }
    return inflated
  }
}

/** A server can wrap each byte as a chunk of its own: ten million of them would keep us busy for half a minute. */
function inCrumbs(chunks: number, bytes: number): BodyError | null {
  return chunks > 65_536 && bytes < chunks * 16 ? new BodyError('broken', 'it comes in crumbs') : null
}
