import type { QueryNode } from '../model.ts'
import { formatNode } from './format.ts'
import type { Lexeme, PublishersLexeme } from './lex.ts'
import { refusal, refuseAt } from './refusals.ts'

const MOST_PUBLISHERS = 50

/**
 * The lexemes without every `sources>=3`, each with what would be left hanging by it: the NOTs before it, the operator that
 * joined it to something, the parentheses around nothing else.
 */
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
    for (; rest.at(-1)?.kind === 'open' && lexemes[index + 1]?.kind === 'close'; index += 1) {
      rest.pop()
      dropNots(rest)
    }
    if (JOINING.has(rest.at(-1)?.kind)) rest.pop()
    else if (JOINING.has(lexemes[index + 1]?.kind)) index += 1
  }
  return rest
}

function dropNots(lexemes: Lexeme[]): void {
  while (lexemes.at(-1)?.kind === 'not') lexemes.pop()
}

const JOINING = new Set<Lexeme['kind'] | undefined>(['and', 'or', 'list'])

/**
 * How many publishers a watch waits for: two at least, else (`sources>=1` is so with every item) undefined, as without
 * `sources>=3`. `root` is what the rest of the query means, null where there is no rest. Throws `invalid`, with the place,
 * for a search, for another form than `sources>=3`, and where it does not hold for the whole watch.
 */
export function readPublishers(
  text: string,
  lexemes: Lexeme[],
  context: { root: QueryNode | null; for: 'search' | 'watch' },
): number | undefined {
  const [found, second] = lexemes.filter((lexeme) => lexeme.kind === 'publishers')
  if (!found) return undefined
  const { least, isProper, start, end } = found
  const refuse = (kind: Parameters<typeof refuseAt>[2], at: PublishersLexeme, form: string) =>
    refuseAt(text, at.start, kind, { what: text.slice(at.start, at.end).trim(), form, limit: MOST_PUBLISHERS })
  const rest = context.root === null ? 'big data' : formatGroup(context.root)
  const form = `${rest} sources>=${Math.max(1, Math.min(least, MOST_PUBLISHERS))}`

  if (context.for === 'search')
    throw refuse('publishers_in_search', found, context.root ? formatNode(context.root) : rest)
  if (!isProper) throw refuse('publishers_form', found, form)
  if (second) throw refuse('publishers_twice', second, form)
  if (least > MOST_PUBLISHERS) throw refuse('publishers_many', found, form)
  if (!isForAll(lexemes, found)) throw refuse('publishers_inside', found, form)
  if (context.root === null) throw refusal('only_narrows', { what: text.slice(start, end), form: `sources>=${least}` })
  return least > 1 ? least : undefined
}

function formatGroup(root: QueryNode): string {
  return root.kind === 'or' ? `(${formatNode(root)})` : formatNode(root)
}

/** Beside the rest, joined to it by AND: within no parentheses, not negated, no branch of an OR, no entry of a list. */
function isForAll(lexemes: Lexeme[], publishers: PublishersLexeme): boolean {
  if (lexemes[lexemes.indexOf(publishers) - 1]?.kind === 'not') return false
  let depth = 0
  for (const lexeme of lexemes) {
    if (lexeme.kind === 'open') depth += 1
    else if (lexeme.kind === 'close') depth -= 1
    else if (lexeme === publishers && depth > 0) return false
    else if (depth === 0 && (lexeme.kind === 'or' || lexeme.kind === 'list')) return false
  }
  return true
}
