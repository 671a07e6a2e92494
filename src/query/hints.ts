import type { Query, QueryNode } from '../model.ts'
import { type Contradiction, findContradiction, keyOf } from './contradictions.ts'
import { FIELDS_MEANT } from './fields.ts'
import { formatNode } from './format.ts'
import { type Lexeme, lex } from './lex.ts'
import { parseQuery } from './parse.ts'
import { replaced } from './refusals.ts'

/** What is said, in English. Another language is another table. */
const SAYINGS = {
  nothing: {
    same: 'It can match nothing: the same is asked for and left out.',
    part: 'It can match nothing: what is left out is part of what is asked for.',
    days: 'It can match nothing: no day is left between them.',
    languages: 'It can match nothing: an item has one language.',
  } satisfies Record<Contradiction, string>,
  operatorMeant: (word: string) => `“${word}” is looked for like any word. As an operator: `,
  fieldMeant: (name: string) => `There is no field ${name}:, it is looked for as a word. As a field: `,
  listMeant: (word: string, field: string) => `“${word}” is not looked for in ${field}:. In the same field: `,
  excludeFromAll: 'To leave it out everywhere: ',
}

/** What is said beside a query: a whole sentence, or one that ends in the form which may be meant. */
export interface QueryHint {
  text: string
  form: string | null
}

/** What whoever wrote it may not have seen: that it can match nothing, or that it means something else than it seems to. */
export function hintsOf(query: Query): QueryHint[] {
  const contradiction = findContradiction(query.root)
  const nothing = contradiction && { text: SAYINGS.nothing[contradiction], form: null }
  return [nothing, hintAtOperators(query), hintAtFields(query), hintAtLists(query), hintAtPrecedence(query)].filter(
    (hint) => hint !== null,
  )
}

/** Between two words or groups; what is in quotes is meant as it stands. */
const SMALL_OPERATOR =
  /["“”„‟＂][^"“”„‟＂]*["“”„‟＂]?|«[^»]*»|»[^«»]*[^\s«»][«»]|「[^」]*」|『[^』]*』|(?<=[^\s(,，|] )([Aa]nd|[Oo]r|[Nn]ot|或者?)(?= (?!(?:and|or|not|或者?) |[),，|]))/gu
const LARGE: Record<string, string> = { and: 'AND', or: 'OR', not: 'NOT', 或: 'OR', 或者: 'OR' }

function hintAtOperators({ text }: Query): QueryHint | null {
  let first: string | undefined
  const form = text.replace(SMALL_OPERATOR, (all: string, word?: string) => {
    first ??= word
    return word === undefined ? all : (LARGE[word.toLowerCase()] ?? all)
  })
  return first === undefined ? null : { text: SAYINGS.operatorMeant(first), form }
}

/** Of "language:de", which is plain text, but not of "language: de", as headlines have it. */
function hintAtFields({ text, publishers }: Query): QueryHint | null {
  if (!/[:：]\S/.test(text)) return null
  let hint: QueryHint | null = null
  for (const lexeme of lex(text).reverse()) {
    const [, name = ''] = (lexeme.kind === 'text' && !lexeme.isQuoted && /^(\p{L}+)[:：]/u.exec(lexeme.text)) || []
    const field = Object.hasOwn(FIELDS_MEANT, name.toLowerCase()) ? FIELDS_MEANT[name.toLowerCase()] : undefined
    if (field === undefined) continue
    const form = replaced(hint?.form ?? text, { start: lexeme.start, end: lexeme.start + name.length }, field)
    hint = { text: SAYINGS.fieldMeant(name), form }
  }
  // Once for all of them: to read a query takes long where it has a hundred.
  return hint?.form && isAccepted(hint.form, publishers) ? hint : null
}

/** "lang:en,de" is a list of two entries, of which the second is a word; nearly always both were meant for the field. */
function hintAtLists({ text, publishers }: Query): QueryHint | null {
  if (!/[:：]\S+[,，、،]\S/.test(text)) return null
  let hint: QueryHint | null = null
  for (const { field, values } of listsInFields(lex(text)).reverse()) {
    const [first, second] = values
    const last = values.at(-1)
    if (!first || !second || !last) continue
    const written = values.map(({ start, end }) => text.slice(start, end)).join(' OR ')
    const form = replaced(hint?.form ?? text, { start: first.start, end: last.end }, `(${written})`)
    hint = { text: SAYINGS.listMeant(text.slice(second.start, second.end), field), form }
  }
  return hint?.form && isAccepted(hint.form, publishers) ? hint : null
}

/** Values that stand behind a field with nothing but commas between them. */
function listsInFields(lexemes: Lexeme[]): { field: string; values: Lexeme[] }[] {
  return lexemes.flatMap((lexeme, index) => {
    if (lexeme.kind !== 'field') return []
    const values: Lexeme[] = []
    let before: Lexeme = lexeme
    for (const next of lexemes.slice(index + 1)) {
      const isNext = next.start === before.end && next.kind === (before.kind === 'text' ? 'list' : 'text')
      if (!isNext) break
      if (next.kind === 'text') values.push(next)
      before = next
    }
    return values.length > 1 ? [{ field: lexeme.field, values }] : []
  })
}

function isAccepted(form: string, publishers: number | undefined): boolean {
  try {
    parseQuery(form, { timezone: 'Etc/UTC', for: publishers === undefined ? 'search' : 'watch' })
    return true
  } catch (_refused) {
    return false
  }
}

function hintAtPrecedence({ root, publishers }: Query): QueryHint | null {
  const everywhere = excludeEverywhere(root)
  if (everywhere === null) return null
  const form = formatNode(everywhere)
  return { text: SAYINGS.excludeFromAll, form: publishers === undefined ? form : `${form} sources>=${publishers}` }
}

/** The same, with what some branches of an OR leave out left out of all of them; null where there is no such OR. */
function excludeEverywhere(node: QueryNode): QueryNode | null {
  if (node.kind === 'and') {
    for (const [index, each] of node.nodes.entries()) {
      const without = excludeEverywhere(each)
      if (without) return { kind: 'and', nodes: node.nodes.with(index, without) }
    }
  }
  if (node.kind !== 'or') return null
  const branches = node.nodes.map((each) => (each.kind === 'and' ? each.nodes.filter(isNot) : []))
  const excluded = new Map(branches.flat().map((each) => [keyOf(each), each]))
  if (branches.every((nots) => new Set(nots.map(keyOf)).size === excluded.size)) return null
  const kept = node.nodes.flatMap((each) => (each.kind === 'and' ? withoutNots(each) : [each]))
  // A branch that only leaves out is everything else.
  if (kept.length < node.nodes.length) return null
  return { kind: 'and', nodes: [{ kind: 'or', nodes: kept }, ...excluded.values()] }
}

function isNot(node: QueryNode): boolean {
  return node.kind === 'not'
}

/** As one node; none when nothing is left. */
function withoutNots({ nodes }: { nodes: QueryNode[] }): QueryNode[] {
  const kept = nodes.filter((node) => !isNot(node))
  return kept.length > 1 ? [{ kind: 'and', nodes: kept }] : kept
}
