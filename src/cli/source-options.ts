import { type AccessWish, readAccess } from '../actions/access.ts'
import { RULE_PARTS, type RulePart, readPageRules, sayUnmatched } from '../actions/sources/page-rules.ts'
import { AppError } from '../errors.ts'
import type { Access, PageRules, ReadDocument } from '../model.ts'
import type { Input } from './io.ts'
import { asLines, printable } from './terminal-text.ts'

/** The options --entry and those beside it, in the rules there are; null where none was given. Throws `invalid`. */
export function readSelectors(input: Input, before: PageRules | null = null): PageRules | null {
  const wish = RULE_PARTS.map((part) => [part, input.text(nameOf(part))] as const)
  return readPageRules(Object.fromEntries(wish), optionOf, before)
}

function nameOf(part: RulePart): string {
  return part === 'entry' ? 'entry' : `entry-${part}`
}

function optionOf(part: RulePart): string {
  return `--${nameOf(part)}`
}

/** What was asked of a page in vain, a line each; '' for nothing. */
export function warnOfUnmatched({ page, unmatched = [] }: ReadDocument): string {
  if (page === undefined) return ''
  return asLines(sayUnmatched(unmatched, page, optionOf).map(printable))
}

/** The options --auth, --header and --proxy; null where none was given. Throws `invalid`, without what was given. */
export function readAccessOptions(input: Input): Access | null {
  const wish: AccessWish = { auth: input.text('auth'), headers: input.list('header'), proxy: input.text('proxy') }
  if (wish.auth === '' || wish.proxy === '') {
    const name = wish.auth === '' ? '--auth' : '--proxy'
    throw new AppError('invalid', `${name} is empty.`, {
      hint: 'npx crier source set REF --no-access clears what is set.',
    })
  }
  return readAccess(wish)
}
