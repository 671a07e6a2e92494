import { describe, expect, test } from 'vitest'
import { createSlots, type Slots, type Standing } from '../../../src/actions/poll/slots.ts'

const WELL = { failures: 0, succeededAt: 1 }

/** What a source does in one poll, from its entrance to its end. */
function poll(slots: Slots, id: number, during: (slots: Slots, id: number) => void = () => {}): void {
  slots.enter(id, slots.standingOf({ id, ...WELL }))
  slots.begin(id)
  during(slots, id)
  slots.end(id)
  slots.judge(id)
}

const slowly = (slots: Slots, id: number) => slots.giveUpSlot(id)
const dearly = (slots: Slots, id: number) => slots.markDear(id)
const standing = (slots: Slots, id: number) => slots.standingOf({ id, ...WELL })

/** So many of that kind are under way: those from `first` on. */
function begin(slots: Slots, count: number, kind: Standing, first: number): void {
  for (let id = first; id < first + count; id += 1) {
    slots.enter(id, kind)
    slots.begin(id)
  }
}

describe('the standing of a source', () => {
  test.each<[string, { failures: number; succeededAt: number | null }, Standing]>([
    ['is prompt where it is well', WELL, 'prompt'],
    ['is doubtful where it fails', { failures: 1, succeededAt: 1 }, 'doubtful'],
    ['is doubtful where it never succeeded', { failures: 0, succeededAt: null }, 'doubtful'],
  ])('%s', (_, source, expected) => {
    expect(createSlots(36).standingOf({ id: 1, ...source })).toBe(expected)
  })

  test.each<[Standing, typeof slowly]>([
    ['slow', slowly],
    ['dear', dearly],
  ])('is %s until three polls in a row went well', (expected, ill) => {
    const slots = createSlots(36)
    const seen: Standing[] = []
    for (const how of [ill, undefined, undefined, ill, undefined, undefined, undefined]) {
      poll(slots, 1, how)
      seen.push(standing(slots, 1))
    }
    expect(seen).toEqual([...Array.from({ length: 6 }, () => expected), 'prompt'])
    expect(standing(slots, 2)).toBe('prompt')
  })

  test('is that of what weighs most: its documents, its failures, its server', () => {
    const slots = createSlots(36)
    poll(slots, 1, slowly)
    expect(slots.standingOf({ id: 1, failures: 1, succeededAt: 1 })).toBe('doubtful')
    poll(slots, 1, dearly)
    expect(slots.standingOf({ id: 1, failures: 1, succeededAt: 1 })).toBe('dear')
  })
})

describe('of 36 slots', () => {
  test('those that answer promptly may have all', () => {
    const slots = createSlots(36)
    begin(slots, 35, 'prompt', 1)
    expect(slots.hasSlotFor('prompt')).toBe(true)
    begin(slots, 1, 'prompt', 36)
    expect(slots.hasSlotFor('prompt')).toBe(false)
    slots.end(36)
    expect(slots.hasSlotFor('prompt')).toBe(true)
  })

  test('all others have thirty together, and leave the rest to the prompt', () => {
    const slots = createSlots(36)
    begin(slots, 29, 'doubtful', 1)
    expect(['slow', 'doubtful', 'dear'].map((kind) => slots.hasSlotFor(kind as Standing))).toEqual([true, true, true])
    begin(slots, 1, 'slow', 30)
    expect(['slow', 'doubtful', 'dear'].map((kind) => slots.hasSlotFor(kind as Standing))).toEqual([
      false,
      false,
      false,
    ])
    expect(slots.hasSlotFor('prompt')).toBe(true)
  })

  test('the dear have four', () => {
    const slots = createSlots(36)
    for (let id = 1; id <= 5; id += 1) poll(slots, id, dearly)
    begin(slots, 3, 'dear', 1)
    expect(slots.hasSlotFor('dear')).toBe(true)
    begin(slots, 1, 'dear', 4)
    expect(slots.hasSlotFor('dear')).toBe(false)
    expect(slots.hasSlotFor('doubtful')).toBe(true)
    slots.end(1)
    expect(slots.hasSlotFor('dear')).toBe(true)
  })

  test('a small service has one for each kind, too', () => {
    const slots = createSlots(1)
    expect(['prompt', 'slow', 'doubtful', 'dear'].every((kind) => slots.hasSlotFor(kind as Standing))).toBe(true)
  })

  test('one whose server is slow gives back its own, and takes none until it is prompt again', () => {
    const slots = createSlots(1)
    poll(slots, 1, (_, id) => {
      expect(slots.hasSlotFor('prompt')).toBe(false)
      expect([slots.isDoubtful(id), slots.needsNone(id)]).toEqual([false, false])
      slots.giveUpSlot(id)
      expect(slots.hasSlotFor('prompt')).toBe(true)
      expect([slots.isDoubtful(id), slots.needsNone(id)]).toEqual([true, true])
    })
    for (let well = 0; well < 3; well += 1) {
      expect(slots.needsNone(1)).toBe(true)
      poll(slots, 1, () => expect(slots.hasSlotFor('prompt')).toBe(true))
    }
    expect(slots.needsNone(1)).toBe(false)
    poll(slots, 1, () => expect(slots.hasSlotFor('prompt')).toBe(false))
  })
})

test('hundreds that may hang are let in, and no more; the prompt always', () => {
  const slots = createSlots(36)
  const [before, last] = [447, 448]
  for (let id = 1; id <= before; id += 1) slots.enter(id, id % 2 === 0 ? 'slow' : 'doubtful')
  expect(slots.admits('doubtful')).toBe(true)
  slots.enter(last, 'dear')
  expect(['slow', 'doubtful', 'dear'].some((kind) => slots.admits(kind as Standing))).toBe(false)
  expect(slots.admits('prompt')).toBe(true)

  slots.enter(1_000, 'prompt')
  expect(slots.isDoubtful(1_000)).toBe(false)
  slots.end(last)
  expect(slots.admits('doubtful')).toBe(true)
})
