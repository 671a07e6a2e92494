import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ReadItem } from '../model.ts'
import { freeBytes } from './free.ts'
import type { Behind } from './parse-worker.ts'

/** What a process says of the items of one document, while it comes in. */
export interface Incoming {
  /** Takes the chunk, and its memory with it where nobody shares that. False where that would be more than anybody may say. */
  add(chunk: Uint8Array): boolean
  /** Resolves when that many bytes have come, or no more will. */
  hasCome(bytes: number): Promise<void>
  /** No more will come. */
  end(): void
  /** The items in their order, made one after the other; what they were made of goes away meanwhile. Throws where it did not come whole. */
  take({ bytes, items }: Behind): Promise<ReadItem[]>
}

/** ES2024: Node 20 has it, our types do not. V8 maps such a buffer, so that what it has grown to goes back to the system. */
interface GrowingBuffer extends ArrayBuffer {
  readonly maxByteLength: number
  resize(bytes: number): void
}
const GrowingBuffer = ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => GrowingBuffer

/** Outside of the heap, where it is no garbage for long: the items themselves are twice as large. */
export function createIncoming(): Incoming {
  let buffer: GrowingBuffer | null = null
  let bytes = 0
  let wanted: { bytes: number; come: () => void } | null = null
  let isOver = false
  const look = () => {
    if (wanted !== null && (bytes >= wanted.bytes || isOver)) wanted.come()
  }

  return {
    add(chunk) {
      const end = bytes + chunk.length
      if (end > MAX_BYTES) return false
      buffer ??= new GrowingBuffer(0, { maxByteLength: MAX_BYTES })
      if (end > buffer.byteLength) buffer.resize(Math.ceil(end / STEP_BYTES) * STEP_BYTES)
      new Uint8Array(buffer, bytes, chunk.length).set(chunk)
      bytes = end
      freeBytes(chunk)
      look()
      return true
    },
    hasCome(expected) {
      return new Promise((come) => {
        wanted = { bytes: expected, come }
        look()
      })
    },
    end() {
      isOver = true
      look()
    },
    async take({ bytes: expected, items: places }) {
      if (bytes !== expected) throw new Error('its items did not come whole')
      const all = buffer
      buffer = null
      bytes = 0
      wanted = null
      const items: ReadItem[] = []
      if (all === null) return items
      let made = 0
      for (const { from, to } of places.toReversed()) {
        // Written by parse-worker.ts of the same build.
        items.push(JSON.parse(Buffer.from(all, from, to - from).toString()) as ReadItem)
        all.resize(from)
        made += to - from
        if (made < TURN_BYTES) continue
        made = 0
        // Ours is the thread that everything else waits for.
        await nextTurn()
      }
      return items.reverse()
    },
  }
}

const STEP_BYTES = 1_048_576
/**
 * Of a document of 10 MiB: its items as published, and their texts and tokens, in which each sign may be escaped, take 50.
 * A long base that is written before each of very many addresses takes a hundred times as much.
 */
const MAX_BYTES = 128 * STEP_BYTES
/** Some 3 ms. */
const TURN_BYTES = 524_288
