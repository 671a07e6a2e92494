import { AppError } from '../../errors.ts'
import { ENTRY_PARTS, type EntryPart, type PageRules } from '../../model.ts'
import { checkSelector } from '../../page/selector.ts'

/** CSS selectors as people write them; '' is "find it by yourself". */
export type SelectorWish = Partial<Record<RulePart, string | undefined>>

/** All but the first are looked for within each entry. */
export const RULE_PARTS = ['entry', ...ENTRY_PARTS] as const
export type RulePart = (typeof RULE_PARTS)[number]

/**
 * The rules a wish makes, or null where it says nothing. What is said goes into `before`, the rules there are; of rules
 * that we found ourselves only the entry is kept. Throws `invalid` with `nameOf` the part for what is no selector, and
 * where nothing says what an entry is.
 */
export function readPageRules(
  wish: SelectorWish,
  nameOf: (part: RulePart) => string,
  before: PageRules | null = null,
): PageRules | null {
  const said = RULE_PARTS.filter((part) => wish[part] !== undefined)
  const [first] = said
  if (first === undefined) return null

  const selectorOf = (part: RulePart): string | null => {
    const text = wish[part]?.trim()
    const known = before !== null && (part === 'entry' || !before.auto) ? before[part] : null
    if (text === undefined) return known
    const fault = text === '' ? null : checkSelector(text)
    if (fault === null) return text || null
    throw new AppError('invalid', `${nameOf(part)} is no selector: ${fault}`, { hint: EXAMPLE })
  }
  const entry = selectorOf('entry')
  const parts = {
    link: selectorOf('link'),
    title: selectorOf('title'),
    date: selectorOf('date'),
    summary: selectorOf('summary'),
  }
  if (entry !== null) return { entry, ...parts, auto: false }
  const fault = first === 'entry' ? 'is empty: it says' : `needs ${nameOf('entry')}, which says`
  throw new AppError('invalid', `${nameOf(first)} ${fault} which elements are the entries.`, { hint: EXAMPLE })
}

/** For people: "ul.news > li, found by itself", "li.item, the link at h2 a, the date at .day". */
export function describeRules(rules: PageRules): string {
  const { entry, auto } = rules
  const said = ENTRY_PARTS.flatMap((part) => (rules[part] === null ? [] : [`the ${part} at ${rules[part]}`]))
  return [entry, ...said, ...(auto ? ['found by itself'] : [])].join(', ')
}

/** What to say of selectors that match nothing on the page, one sentence each. */
export function sayUnmatched(unmatched: EntryPart[], rules: PageRules, nameOf: (part: RulePart) => string): string[] {
  return unmatched.map((part) => {
    if (part === 'date') return `${nameOf(part)} "${rules.date}" matches no date within the entries.`
    const instead = part === 'title' ? ': the titles are those that Crier finds by itself' : `: there is no ${part}`
    return `${nameOf(part)} "${rules[part]}" matches nothing within the entries${instead}.`
  })
}

const EXAMPLE = 'Example of a CSS selector: ul.news > li'
