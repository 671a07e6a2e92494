import { parseDate } from './dates.ts'

/** What is read of one document at most: its first items, or the last of an archive that begins with its oldest. */
export const MAX_ITEMS = 1_000

/** Whether what is new plainly comes last: of a few dates from end to end, as written, none is earlier than the one before. */
export function isOldestFirst<T>(items: T[], dateOf: (item: T) => string | null): boolean {
  const looks = Array.from({ length: LOOKS }, (_, look) => items[Math.round((look * (items.length - 1)) / (LOOKS - 1))])
  const dates = looks.map((item) => (item === undefined ? null : parseDate(dateOf(item) ?? '')) ?? Number.NaN)
  const [first = Number.NaN] = dates
  return dates.every((date, look) => date >= (dates[look - 1] ?? date)) && (dates.at(-1) ?? first) > first
}

const LOOKS = 9
