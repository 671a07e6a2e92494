export interface Gatherer {
  add(chunk: Buffer): void
  /** Its first bytes, a few at least once there are some. */
  head(): Buffer
  /** All of it; may be a view of something larger. */
  take(): Buffer
  /** All of it, in memory of its own. */
  takeOwn(): Buffer
  drop(): void
}

/**
 * Chunks become one buffer. They are copied as they come: a chunk is a view of its socket's buffer, and an honest-looking
 * body in a million chunks of one byte would keep a million of those. Large ones grow in a place of their own, which goes
 * back to the system as a whole: holes of a megabyte in the heap of the C library stay.
 */
export function createGatherer(expectedBytes: number | null, maxBytes: number): Gatherer {
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
        // A length that was announced gets one block that fits, and saves the copy in the end; but much memory is not given for a promise.
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
    // It goes to who asked, and is no block of ours any more.
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
    head: () => only ?? large?.head() ?? blocks[0] ?? Buffer.alloc(0),
    take() {
      const joined = join()
      drop()
      return joined
    },
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
      // A document of a usual size is read sign by sign, which is slow in a buffer whose length could change: it is copied.
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
export const BLOCK_BYTES = 65_536
const MAX_BLOCK_BYTES = 131_072
