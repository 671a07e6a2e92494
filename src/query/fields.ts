import type { TextField } from '../model.ts'

/** Names as people write them, and what each looks into. */
export const FIELDS = {
  title: 'title',
  intitle: 'title',
  body: 'body',
  author: 'author',
  tag: 'tag',
  url: 'url',
  inurl: 'url',
  source: 'source',
  feed: 'source',
  site: 'site',
  lang: 'lang',
  after: 'after',
  before: 'before',
  within: 'within',
  has: 'has',
} satisfies Record<string, TextField | 'source' | 'site' | 'lang' | 'after' | 'before' | 'within' | 'has'>

export type Field = keyof typeof FIELDS

/** Of a name in lower case. */
export function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name)
}

/** The field somebody probably meant: one slip of the fingers away, or two in a long name; names under four letters are left alone. */
export function nearField(name: string): Field | undefined {
  if (name.length < 4 || name.length > 10) return undefined
  const slips = name.length < 6 ? 1 : 2
  return Object.keys(FIELDS)
    .filter(isField)
    .find((field) => distance(name, field) <= slips)
}

/** Letters to add, drop, change or swap with the next to make one word of the other. */
function distance(from: string, to: string): number {
  let older: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1]
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (older[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    older = row
    row = next
  }
  return row[to.length] ?? 0
}
