import type { QueryNode } from '../model.ts'
import { formatNode } from './format.ts'
import type { Lexeme } from './lex.ts'
import type { PublishersLexeme } from './publishers-lexeme.ts'
import { type RefusalKind, refuseAt, replaced } from './refusals.ts'
import { checkWatchable } from './watchable.ts'

const MOST_PUBLISHERS = 50

/** The lexemes without every `sources>=3`, and without what would be left hanging by it; all others keep their places. */
export function withoutPublishers(lexemes: Lexeme[]): Lexeme[] {
  const rest: Lexeme[] = []
  for (let index = 0; index < lexemes.length; index += 1) {
    const lexeme = lexemes[index]
    if (!lexeme) continue
    if (lexeme.kind !== 'publishers') {
      rest.push(lexeme)
      continue
    }
    dropNots(rest)
    // Parentheses around nothing else.
    for (; rest.at(-1)?.kind === 'open' && lexemes[index + 1]?.kind === 'close'; index += 1) {
      rest.pop()
      if (rest.at(-1)?.kind === 'field') rest.pop()
      dropNots(rest)
    }
    if (dropOperator(rest, lexemes[index + 1]?.kind)) index += 1
  }
  return rest
}

/** Drops what joined a lost operand to `rest`; whether it was what follows that joined it. */
function dropOperator(rest: Lexeme[], next: Lexeme['kind'] | undefined): boolean {
  const before = rest.at(-1)?.kind
  if (before === 'and') {
    // Nothing before the AND is a mistake of its own.
    if (ENDING.has(rest.at(-2)?.kind)) rest.pop()
    return false
  }
  // Beside a word it was joined to that, and an OR that follows joins the word: `a sources>=3 OR b`.
  if (ENDING.has(before) || BEGINNING.has(next)) return false
  if (next === 'and') return true
  // It was a branch of its own, or an entry; OR binds tighter than the list.
  if (before === 'or') rest.pop()
  else if (next === 'or') return true
  else if (before === 'list') rest.pop()
  else return next === 'list'
  return false
}

const ENDING = new Set<Lexeme['kind'] | undefined>(['text', 'close'])
const BEGINNING = new Set<Lexeme['kind'] | undefined>(['text', 'field', 'open', 'not', 'publishers'])

function dropNots(lexemes: Lexeme[]): void {
  while (lexemes.at(-1)?.kind === 'not') lexemes.pop()
}

/**
 * How many publishers a watch waits for, two at least; undefined without `sources>=3`. `root` is what the rest of the query
 * means, null where there is no rest. Throws `invalid`, with the place, for a search, for what nobody can wait for (fewer,
 * one, more than 50), for another form than `sources>=3`, and where it does not hold for the whole watch. What it proposes
 * is accepted, looks for the same as the rest, and waits for no more publishers than were written.
 */
export function readPublishers(
  text: string,
  lexemes: Lexeme[],
  context: { root: QueryNode | null; startOf: (node: QueryNode) => number; for: 'search' | 'watch' },
): number | undefined {
  const { root, startOf } = context
  const isSearch = context.for === 'search'
  const clauses = findClauses(lexemes)
  const ending = isSearch ? '' : endingFor(clauses)
  if (root !== null && !isSearch) checkWatchable(root, { ending, text, startOf })
  const [first, second] = clauses
  if (!first) return undefined
  const refuse = (kind: RefusalKind, { lexeme: { start, end } }: Clause, form: string) =>
    refuseAt(text, start, kind, { what: text.slice(start, end), form, limit: MOST_PUBLISHERS })
  const rest = root === null ? 'big data' : formatNode(root)
  // A group keeps its branches together only in parentheses.
  const form = root?.kind === 'or' && ending !== '' ? `(${rest})${ending}` : rest + ending

  if (isSearch && first.lexeme.isField) throw refuseField(text, first.lexeme)
  const backwards = clauses.find((clause) => !clause.waits)
  if (backwards) throw refuse(backwards.isNegated ? 'publishers_not' : 'publishers_fewer', backwards, form)
  const idle = clauses.find(({ lexeme }) => lexeme.least < 2)
  if (idle) throw refuse('publishers_one', idle, form)
  if (isSearch) throw refuse('publishers_in_search', first, form)
  const improper = clauses.find(({ lexeme }) => !lexeme.isProper)
  if (improper) throw refuse(improper.lexeme.isField ? 'publishers_field' : 'publishers_form', improper, form)
  if (second) throw refuse('publishers_twice', second, form)
  if (first.lexeme.least > MOST_PUBLISHERS) throw refuse('publishers_many', first, form)
  if (first.isInPart) throw refuse('publishers_in_part', first, form)
  if (first.isInside) throw refuse('publishers_inside', first, form)
  if (root === null) {
    const { start, end, least } = first.lexeme
    throw refuseAt(text, start, 'only_narrows', { what: text.slice(start, end), form: `big data sources>=${least}` })
  }
  return first.lexeme.least
}

/** In a search no number of publishers means anything: a slip of `source:3`. */
function refuseField(text: string, { start, end }: PublishersLexeme): Error {
  const source = `source:${text.slice(start + 'sources:'.length, end).trim()}`
  const form = replaced(text, { start, end }, source)
  return refuseAt(text, start, 'unknown_field', { what: 'sources:', near: 'source', form })
}

/** One `sources>=3`, however it is written. */
interface Clause {
  lexeme: PublishersLexeme
  /** By an odd number of NOTs around it. */
  isNegated: boolean
  /** For so many or more; what asks for fewer cannot be waited for. */
  waits: boolean
  /** Not beside the rest of the query, but in parentheses or after NOTs. */
  isInside: boolean
  /** Beside a part of the rest only: somewhere around it there is an OR or a list. */
  isInPart: boolean
}

/** One more than the parentheses that are open. */
interface Level {
  isNegated: boolean
  hasAlternatives: boolean
  /** So many clauses stand before it. */
  before: number
}

/** Every `sources>=3`, and where it stands. */
function findClauses(lexemes: Lexeme[]): Clause[] {
  const clauses: Clause[] = []
  const top: Level = { isNegated: false, hasAlternatives: false, before: 0 }
  const levels = [top]
  // Right before the lexeme; a field lets them pass to its value.
  let nots = 0
  for (const lexeme of lexemes) {
    if (lexeme.kind === 'field') continue
    if (lexeme.kind === 'not') {
      nots += 1
      continue
    }
    const level = levels.at(-1) ?? top
    const isNegated = level.isNegated !== (nots % 2 === 1)
    if (lexeme.kind === 'open') levels.push({ isNegated, hasAlternatives: false, before: clauses.length })
    else if (lexeme.kind === 'close') endLevel(levels.pop() ?? top, clauses)
    else if (lexeme.kind === 'or' || lexeme.kind === 'list') level.hasAlternatives = true
    else if (lexeme.kind === 'publishers') {
      const waits = lexeme.asksForFewer === isNegated
      clauses.push({ lexeme, isNegated, waits, isInside: nots > 0 || levels.length > 1, isInPart: false })
    }
    nots = 0
  }
  endLevel(top, clauses)
  return clauses
}

function endLevel({ hasAlternatives, before }: Level, clauses: Clause[]): void {
  if (!hasAlternatives) return
  for (const clause of clauses.slice(before)) clause.isInPart = true
}

/** What would be at the end for all clauses that can be waited for: of several in parts the least, else the most. */
function endingFor(clauses: Clause[]): string {
  const numbers = clauses.flatMap(({ waits, lexeme }) => (waits && lexeme.least > 1 ? [lexeme.least] : []))
  if (numbers.length === 0) return ''
  const number = clauses.some(({ isInPart }) => isInPart) ? Math.min(...numbers) : Math.max(...numbers)
  return ` sources>=${Math.min(number, MOST_PUBLISHERS)}`
}
