/** What the next poll needs of this one: what need not be read again, and what was shown. Pure. */
import type { ReadDocument } from '../model.ts'
import type { FingerprintedItem, Fingerprints, IngestPlan, Known, PlannedAlert, PlannedFingerprint } from '../ports.ts'
import { MAX_RENAMES } from './renumbered.ts'
import type { Draft, Sorted } from './same-item.ts'
import { type Shown, type ShownDocument, shorten } from './shown.ts'

/** In place of a print (and of a context): it must be read again, and is remembered for what it was. */
const NO_PRINT = 'A'.repeat(16)

/**
 * All that the document showed. Those keep their prints that the next plan would leave as they are whatever else the
 * document shows, as long as the same key names them: it leads to their place, and what is stored there says what they say.
 */
export function planMemory(
  { slices, truncated }: ReadDocument,
  shown: ShownDocument,
  { placeOf, renamed }: Sorted,
  last: Fingerprints | null,
  known: Known,
  plan: IngestPlan,
): NonNullable<IngestPlan['remember']> {
  const inserted = new Map(plan.insert.map(({ item }, index) => [item, index]))
  const edits = new Map(plan.edit.map(({ place, item }) => [place, item]))
  const bound = new Map(plan.bind.flatMap(({ place, keys }) => keys.map((key) => [key, place])))
  const contents = new Map<string, number>()
  for (const { keys } of shown.items) contents.set(keys.content, (contents.get(keys.content) ?? 0) + 1)

  const whereIs = (one: Shown): PlannedAlert['item'] | null => {
    const index = one.item ? inserted.get(one.item) : undefined
    if (index !== undefined) return { inserted: index }
    const place = placeOf.get(one)
    return place === undefined ? null : { place }
  }
  const isSettled = (one: Shown, where: PlannedAlert['item']): boolean => {
    const { item, namedBy } = one
    if (namedBy === null || (namedBy === 'content' && contents.get(one.keys.content) !== 1)) return false
    if ('inserted' in where) return true
    const edit = edits.get(where.place)
    if (edit) return edit === item
    if (!item) return true
    const key = item.keys[namedBy] ?? ''
    return (bound.get(key) ?? known.findItem(key)?.place) === where.place
  }

  const prints = new Map<Shown, Set<string>>()
  for (const [index, print] of (truncated ? [] : (slices?.prints ?? [])).entries()) {
    const one = shown.bySlice[index]
    if (one) prints.set(one, (prints.get(one) ?? new Set()).add(print))
  }
  const renames = nextRenames(countRenames(last), renamed)
  const items = shown.items.flatMap((one): PlannedFingerprint[] => {
    const { keys, isHome } = one
    const item = whereIs(one)
    if (!item) return []
    const own = isSettled(one, item) ? [...(prints.get(one) ?? [])] : []
    const count = 'place' in item ? (renames.get(item.place) ?? 0) : 0
    const same = { item, keys, namedBy: one.namedBy ?? ('content' as const), isHome, ...renamedTimes(count) }
    return own.length > 0 ? own.map((print) => ({ print, ...same })) : [{ print: NO_PRINT, ...same }]
  })
  const { context = NO_PRINT, head = NO_PRINT } = truncated ? {} : (slices ?? {})
  return { context, head, items }
}

/** What the last poll showed, but for what a part of the source says of it now. */
export function keepMemory(
  last: Fingerprints | null,
  { renamed }: Sorted,
  plan: Draft,
): NonNullable<IngestPlan['remember']> {
  if (!last) return 'as_before'
  const changed = new Set([...plan.edit, ...plan.forget].map(({ place }) => place))
  const taken = new Set([...plan.insert, ...plan.edit].flatMap(({ item }) => Object.values(item.keys).map(shorten)))
  const isTouched = ({ place, keys, namedBy }: FingerprintedItem) => changed.has(place) || taken.has(keys[namedBy])
  if (renamed.length === 0 && !last.items.some(isTouched)) return 'as_before'

  const renames = nextRenames(countRenames(last), renamed)
  const items = last.items.map((one): PlannedFingerprint => {
    const { place, print, keys, namedBy, isHome } = one
    const same = { item: { place }, keys, namedBy, isHome, ...renamedTimes(renames.get(place) ?? 0) }
    return { print: isTouched(one) ? NO_PRINT : print, ...same }
  })
  return { context: last.context, head: last.head, items }
}

function nextRenames(before: Map<number, number>, renamed: Sorted['renamed']): Map<number, number> {
  const places = new Set(renamed.map(({ place }) => place))
  const again = [...places].map((place) => [place, Math.min(MAX_RENAMES, (before.get(place) ?? 0) + 1)] as const)
  return new Map([...before, ...again])
}

function renamedTimes(count: number): Pick<PlannedFingerprint, 'renamed'> {
  return count > 0 ? { renamed: count } : {}
}

function countRenames(last: Fingerprints | null): Map<number, number> {
  return new Map(last?.items.map(({ place, renamed = 0 }) => [place, renamed]))
}
