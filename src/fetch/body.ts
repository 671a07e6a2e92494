import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type BrotliDecompress,
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type Gunzip,
  gunzipSync,
  type Inflate,
  type InflateRaw,
  inflateRawSync,
  inflateSync,
} from 'node:zlib'
import type { Holding, Room } from './room.ts'

/** What the body did wrong. */
export class BodyError extends Error {
  readonly reason: 'too_big' | 'too_slow' | 'broken'

  constructor(reason: BodyError['reason'], message: string) {
    super(message)
    this.name = 'BodyError'
    this.reason = reason
  }
}

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
/** What is larger inside is inflated by a stream after all, so that it can wait for room, and others need not wait for it. */
const SYNC_OUTPUT_BYTES = 262_144
/**
 * brotli unpacks into a window of up to 16 MiB before it shows the first byte: such bodies are inflated one at a time, and
 * in our own thread (10 MB take it some 40 ms). Each thread of the pool would keep a window's memory for good.
 */
const ROOMY: Coding = 'br'
/** Nobody honest compresses what is compressed twice; 50 layers of gzip are a bomb. */
const MAX_CODINGS = 2

type Coding = 'gzip' | 'deflate' | 'br'
type Inflater = Gunzip | Inflate | InflateRaw | BrotliDecompress

export interface BodyOptions {
  contentEncoding: string | null
  /** As announced, of the bytes on the wire; null when it was not. */
  contentLength: number | null
  maxBytes: number
  room: Room
  /** The next chunk is welcome. */
  onDrain: () => void
  /** A fault before the end. */
  onError: (error: BodyError) => void
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

const TOO_SLOW = new BodyError('too_slow', 'it drips, and others wait for the room it takes')
const GIVEN_UP = new BodyError('broken', 'it was given up')

/**
 * Chunks become one buffer. They are copied as they come: a chunk is a view of its socket's buffer, and an honest-looking
 * body in a million chunks of one byte would keep a million of those. Large ones grow in a place of their own, which goes
 * back to the system as a whole: holes of a megabyte in the heap of the C library stay.
 */
function createGatherer(expectedBytes: number | null, maxBytes: number) {
  let only: Buffer | null = null
  let blocks: Buffer[] = []
  /** Of the last block. */
  let used = 0
  let bytes = 0
  let large: Growing | null = null

  const append = (chunk: Buffer) => {
    if (large === null && bytes > (blocks[0]?.length ?? BLOCK_BYTES)) {
      large = createGrowing(maxBytes)
      for (const block of trimmed()) large.add(block)
      dropBlocks()
    }
    if (large !== null) return large.add(chunk)
    for (let from = 0; from < chunk.length; ) {
      let block = blocks.at(-1)
      if (block === undefined || used === block.length) {
        // Announced and not compressed: one block that fits, and no copy in the end. Not for what only promises much.
        const fits = expectedBytes !== null && expectedBytes >= bytes && expectedBytes <= MAX_BLOCK_BYTES
        block = blocks.length === 0 && fits ? Buffer.allocUnsafeSlow(expectedBytes) : takeBlock()
        blocks.push(block)
        used = 0
      }
      const copied = chunk.copy(block, used, from)
      used += copied
      from += copied
    }
  }
  const trimmed = () => blocks.map((block, i) => (i === blocks.length - 1 ? block.subarray(0, used) : block))
  const join = () => {
    if (large !== null) return large.whole()
    const last = blocks.at(-1)
    if (last === undefined) return only ?? Buffer.alloc(0)
    // It is no block of ours any more.
    if (blocks.length === 1 && used === last.length) return blocks.pop() ?? last
    return Buffer.concat(trimmed(), bytes)
  }
  const dropBlocks = () => {
    for (const block of blocks) giveBlock(block)
    blocks = []
  }
  const drop = () => {
    only = null
    dropBlocks()
    large?.drop()
    large = null
  }

  return {
    add(chunk: Buffer) {
      bytes += chunk.length
      if (bytes === chunk.length) {
        only = chunk
        return
      }
      if (only !== null) append(only)
      only = null
      append(chunk)
    },
    /** Its first bytes, a few at least once there are some. */
    head: () => only ?? large?.head() ?? blocks[0] ?? Buffer.alloc(0),
    /** All of it; may be a view of something larger. */
    take() {
      const joined = join()
      drop()
      return joined
    },
    /** All of it, in memory of its own. */
    takeOwn() {
      const joined = only === null ? join() : Buffer.from(only)
      drop()
      return joined
    },
    drop,
  }
}

const spareBlocks: Buffer[] = []
const MAX_SPARE_BLOCKS = 32

/** Used again and again: a block for each body would be 64 KiB that V8 does not see, until it comes to collect them. */
function takeBlock(): Buffer {
  return spareBlocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
}

/** For others, who write over it. */
function giveBlock(block: Buffer): void {
  if (block.length === BLOCK_BYTES && spareBlocks.length < MAX_SPARE_BLOCKS) spareBlocks.push(block)
}

/** ES2024: Node 20 has it, our types do not. V8 maps such a buffer, where all others come from malloc. */
interface GrowingBuffer extends ArrayBuffer {
  readonly maxByteLength: number
  resize(bytes: number): void
}
const GrowingBuffer = ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => GrowingBuffer

interface Growing {
  add(chunk: Uint8Array): void
  head(): Buffer
  /** All of it; it grows no more. */
  whole(): Buffer
  /** Gives its memory back now, unless `whole` gave it away: V8 does not see how much it is, and is in no hurry. */
  drop(): void
}

function createGrowing(maxBytes: number): Growing {
  const buffer = new GrowingBuffer(0, { maxByteLength: maxBytes + GROWTH_BYTES })
  let bytes = 0
  let isGiven = false
  return {
    add(chunk) {
      const end = bytes + chunk.length
      if (end > buffer.byteLength) {
        const step = end > GROWTH_BYTES ? GROWTH_BYTES : BLOCK_BYTES
        buffer.resize(Math.min(Math.ceil(end / step) * step, buffer.maxByteLength))
      }
      new Uint8Array(buffer, bytes, chunk.length).set(chunk)
      bytes = end
    },
    head: () => Buffer.from(buffer, 0, Math.min(bytes, BLOCK_BYTES)),
    whole() {
      // Whoever reads a usual one does so sign by sign, which is slow where the length could change.
      if (bytes < COPIED_BYTES) return Buffer.concat([new Uint8Array(buffer, 0, bytes)])
      buffer.resize(bytes)
      isGiven = true
      return Buffer.from(buffer, 0, bytes)
    },
    drop() {
      if (!isGiven) buffer.resize(0)
    },
  }
}

const GROWTH_BYTES = 1_048_576
const COPIED_BYTES = 524_288
const BLOCK_BYTES = 65_536
const MAX_BLOCK_BYTES = 131_072

/** A server can wrap each byte as a chunk of its own: ten million of them would keep us busy for half a minute. */
function inCrumbs(chunks: number, bytes: number): BodyError | null {
  return chunks > 65_536 && bytes < chunks * 16 ? new BodyError('broken', 'it comes in crumbs') : null
}

function parseCodings(contentEncoding: string | null): Coding[] {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length > MAX_CODINGS) throw new BodyError('broken', `it is compressed ${names.length} times over`)
  return names.map((name) => {
    if (name === 'gzip' || name === 'x-gzip') return 'gzip'
    if (name === 'deflate' || name === 'br') return name
    throw new BodyError('broken', `it is compressed in a way we did not ask for (${name.slice(0, 20)})`)
  })
}

/** In pieces of `chunkSize`. Null where it is larger inside than is inflated in such pieces. */
function inflateSynchronously(whole: Buffer, codings: Coding[], maxBytes: number, chunkSize: number): Buffer | null {
  const maxOutputLength = Math.min(maxBytes, Math.max(SYNC_OUTPUT_BYTES, chunkSize))
  let bytes = whole
  // The last coding named was applied last (RFC 9110, 8.4).
  for (const coding of codings.toReversed()) {
    if (bytes.length === 0 || isMislabelled(coding, bytes)) continue
    try {
      bytes = INFLATE[kindOf(coding, bytes)].sync(bytes, { maxOutputLength, chunkSize })
    } catch (error) {
      const fault = bodyError(error, maxBytes)
      if (fault.reason === 'too_big' && maxBytes > maxOutputLength) return null
      throw fault
    }
  }
  if (bytes.length > maxBytes) throw tooBig(maxBytes)
  return bytes
}

interface InflateStream {
  write(chunk: Buffer): boolean
  /** There is room again. */
  resume(): void
  end(): Promise<Buffer>
  destroy(): void
}

/** Inflates as chunks come, and stops at the first byte over the cap: a bomb is cut while it is small. */
function createInflateStream(codings: Coding[], first: Buffer, options: BodyOptions, holding: Holding): InflateStream {
  const { maxBytes } = options
  const inflated = createGatherer(null, maxBytes)
  let bytes = 0
  let ended = false
  let fault: BodyError | null = null
  let settle: { resolve: (body: Buffer) => void; reject: (error: BodyError) => void } | null = null

  const stages = buildStages(codings, first)
  const entry = stages[0]
  const exit = stages.at(-1)
  const destroy = () => {
    for (const stage of stages) stage.destroy()
    inflated.drop()
    // Whoever is next in line waits for this one.
    settle?.reject(fault ?? GIVEN_UP)
  }
  const fail = (error: BodyError) => {
    if (fault !== null) return
    fault = error
    destroy()
    if (settle === null) options.onError(error)
  }
  const take = (chunk: Buffer): boolean => {
    bytes += chunk.length
    if (bytes > maxBytes) fail(tooBig(maxBytes))
    if (fault !== null) return true
    options.room.litter(chunk.length)
    inflated.add(chunk)
    return holding.take(chunk.length)
  }
  if (entry !== undefined) entry.on('drain', options.onDrain)
  for (const [i, stage] of stages.entries()) {
    stage.on('error', (error) => fail(bodyError(error, maxBytes)))
    const next = stages[i + 1]
    if (next !== undefined) stage.pipe(next)
  }
  exit?.on('data', (chunk) => {
    // No more comes out, so soon no more goes in, and the socket is not read.
    if (!take(chunk)) exit.pause()
  })
  exit?.on('end', () => {
    ended = true
    settle?.resolve(inflated.takeOwn())
    // What follows the compressed data (padding, mostly) is let in and dropped.
    options.onDrain()
  })

  return {
    write(chunk) {
      if (fault !== null || ended) return true
      return entry === undefined ? take(chunk) : entry.write(chunk)
    },
    resume() {
      if (exit === undefined) options.onDrain()
      else exit.resume()
    },
    end() {
      return new Promise((resolve, reject) => {
        if (fault !== null) return reject(fault)
        if (entry === undefined || ended) return resolve(inflated.takeOwn())
        settle = { resolve, reject }
        entry.end()
      })
    },
    destroy,
  }
}

/** The inner codings of a double compression cannot be seen yet, and are taken at their word. */
function buildStages(codings: Coding[], first: Buffer): Inflater[] {
  const stages: Inflater[] = []
  for (const [i, coding] of codings.toReversed().entries()) {
    if (i === 0 && isMislabelled(coding, first)) continue
    stages.push(INFLATE[i === 0 ? kindOf(coding, first) : coding].stream())
  }
  return stages
}

const INFLATE = {
  gzip: { sync: gunzipSync, stream: createGunzip },
  deflate: { sync: inflateSync, stream: createInflate },
  'deflate-raw': { sync: inflateRawSync, stream: createInflateRaw },
  br: { sync: brotliDecompressSync, stream: createBrotliDecompress },
}

/** "deflate" means zlib's format, but old servers send it bare; zlib's first byte says method 8 in its low half. */
function kindOf(coding: Coding, bytes: Buffer): keyof typeof INFLATE {
  if (coding !== 'deflate') return coding
  return ((bytes[0] ?? 0) & 0x0f) === 8 ? 'deflate' : 'deflate-raw'
}

/** Some proxies inflate a body and leave the label on: without gzip's magic number it is what it is. */
function isMislabelled(coding: Coding, bytes: Buffer): boolean {
  return coding === 'gzip' && !isGzip(bytes)
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** The document is over the limit. */
export function tooBig(maxBytes: number): BodyError {
  return new BodyError('too_big', `it is larger than ${Math.floor(maxBytes / 1_048_576)} MiB`)
}

function bodyError(error: unknown, maxBytes: number): BodyError {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooBig(maxBytes)
  if (code === 'Z_BUF_ERROR') return new BodyError('broken', 'its compressed data was cut off')
  return new BodyError('broken', 'its compressed data is damaged')
}
