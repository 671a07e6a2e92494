/** The members of the story index: one slot each, in blocks of typed arrays. */
import { MAX_SIGNATURE_UNITS, type Signature } from './signature.ts'

/** What the index keeps of an item. */
export interface StoryMember {
  place: number
  /** The place of the item that began its story. */
  story: number
  /** Published, else first seen; UTC milliseconds. */
  at: number
  sourceId: number
  /** The language's first part ("en"); '' for Latin text that does not say. */
  language: string
  /** Of the canonical address, as 52 bits; 0 without an address of its own. */
  urlKey: number
  signature: Signature
}

export type StoryStranger = Omit<StoryMember, 'place' | 'story'>

const BLOCK_BITS = 9
const BLOCK = 2 ** BLOCK_BITS
/** Where a slot stands in its block: what integers do quicker than a division. */
const IN_BLOCK = BLOCK - 1

interface Block {
  place: Float64Array
  story: Float64Array
  at: Float64Array
  urlKey: Float64Array
  sourceId: Float64Array
  language: Uint16Array
  /** Each has room for the longest. */
  signature: Uint16Array
  length: Uint8Array
}

export function createMembers() {
  const blocks: Block[] = []
  const free: number[] = []
  /** Languages by number, from 1; 0 marks a free slot. */
  const languages: string[] = ['']
  let used = 0
  let lookedAt = -1

  const blockOf = (slot: number): Block => {
    const block = blocks[slot >>> BLOCK_BITS]
    if (!block) throw new Error(`There is no slot ${slot}.`)
    return block
  }
  const read = (column: Exclude<keyof Block, 'signature' | 'length'>) => (slot: number) =>
    blockOf(slot)[column][slot & IN_BLOCK] ?? 0
  const language = read('language')
  const place = read('place')

  function numberOf(name: string): number {
    const known = languages.indexOf(name, 1)
    return known > 0 ? known : languages.push(name) - 1
  }

  return {
    at: read('at'),
    place,
    story: read('story'),
    urlKey: read('urlKey'),
    sourceId: read('sourceId'),
    size: () => used - free.length,
    signature(slot: number): Signature {
      const { signature: units, length } = blockOf(slot)
      const start = (slot & IN_BLOCK) * MAX_SIGNATURE_UNITS
      return units.subarray(start, start + (length[slot & IN_BLOCK] ?? 0))
    },
    /** Whether it may be written in this language; it may be in any where it does not say. */
    mayBe(slot: number, written: string): boolean {
      const name = languages[language(slot)]
      return name === written || name === '' || written === ''
    },
    take(member: StoryMember): number {
      const slot = free.pop() ?? used
      if (slot === used) used += 1
      if (slot === blocks.length * BLOCK) blocks.push(newBlock())
      const [block, row] = [blockOf(slot), slot & IN_BLOCK]
      block.place[row] = member.place
      block.story[row] = member.story
      block.at[row] = member.at
      block.urlKey[row] = member.urlKey
      block.sourceId[row] = member.sourceId
      block.language[row] = numberOf(member.language)
      block.length[row] = member.signature.length
      block.signature.set(member.signature, row * MAX_SIGNATURE_UNITS)
      return slot
    },
    free(slot: number): void {
      blockOf(slot).language[slot & IN_BLOCK] = 0
      free.push(slot)
    },
    /** Places, of the next so many slots. */
    before(moment: number, looked: number): number[] {
      const found: number[] = []
      let block: Block | undefined
      for (let left = Math.min(looked, used); left > 0; left -= 1) {
        lookedAt = lookedAt + 1 < used ? lookedAt + 1 : 0
        const row = lookedAt & IN_BLOCK
        // Every ingest looks at hundreds: block by block costs a tenth.
        if (!block || row === 0) block = blockOf(lookedAt)
        if ((block.at[row] ?? 0) < moment && block.language[row] !== 0) found.push(block.place[row] ?? 0)
      }
      return found
    },
  }
}

function newBlock(): Block {
  return {
    place: new Float64Array(BLOCK),
    story: new Float64Array(BLOCK),
    at: new Float64Array(BLOCK),
    urlKey: new Float64Array(BLOCK),
    sourceId: new Float64Array(BLOCK),
    language: new Uint16Array(BLOCK),
    signature: new Uint16Array(BLOCK * MAX_SIGNATURE_UNITS),
    length: new Uint8Array(BLOCK),
  }
}
