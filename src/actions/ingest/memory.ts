/** What the next poll needs of this one: what need not be read again, and what was shown. Pure. */
import { countEach } from '../../groups.ts'
import type { ReadDocument } from '../../model.ts'
import type {
  FingerprintedItem,
  Fingerprints,
  IngestPlan,
  Known,
  PlannedAlert,
  PlannedFingerprint,
} from '../../ports.ts'
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
  const contents = countEach(shown.items.map(({ keys }) => keys.content))

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

  const prints = printsOf(shown, truncated ? [] : (slices?.prints ?? []))
  const renames = nextRenames(countRenames(last), renamed)
  const items: PlannedFingerprint[] = []
  for (const one of shown.items) {
    const { keys, namedBy, isHome } = one
    const item = whereIs(one)
    if (!item) continue
    const own = isSettled(one, item) ? prints.get(one) : undefined
    const times = 'place' in item ? (renames.get(item.place) ?? 0) : 0
    for (const print of own ?? [NO_PRINT]) {
      items.push({ print, item, keys, namedBy: namedBy ?? 'content', isHome, renamed: times })
    }
  }
  const { context = NO_PRINT, head = NO_PRINT } = truncated ? {} : (slices ?? {})
  return { context, head, items }
}

/** Of most items one; of what stands in the document several times, in several forms, all. */
function printsOf({ bySlice }: ShownDocument, prints: string[]): Map<Shown, string[]> {
  const found = new Map<Shown, string[]>()
  for (const [index, print] of prints.entries()) {
    const one = bySlice[index]
    if (!one) continue
    const own = found.get(one)
    if (own === undefined) found.set(one, [print])
    else if (!own.includes(print)) own.push(print)
  }
  return found
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
    const own = isTouched(one) ? NO_PRINT : print
    return { print: own, item: { place }, keys, namedBy, isHome, renamed: renames.get(place) ?? 0 }
  })
  return { context: last.context, head: last.head, items }
}

function nextRenames(before: Map<number, number>, renamed: Sorted['renamed']): Map<number, number> {
  const places = new Set(renamed.map(({ place }) => place))
  const again = [...places].map((place) => [place, Math.min(MAX_RENAMES, (before.get(place) ?? 0) + 1)] as const)
  return again.length === 0 ? before : new Map([...before, ...again])
}

/** Of those that were renamed. */
function countRenames(last: Fingerprints | null): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { place, renamed = 0 } of last?.items ?? []) if (renamed > 0) counts.set(place, renamed)
  return counts
}
