import type { Query, QueryNode, TextField } from '../model.ts'
import { evaluateView, urlWords } from '../query/evaluate.ts'
import { queryTokens } from '../text.ts'
import type { SourceView } from './source-view.ts'

/**
 * A query in SQLite's dialect: a condition on `items` that holds for every item the query matches, and perhaps for more.
 * `match`, when it says as much as all of it, is the full-text expression alone, which gives its rows in order of place.
 */
export interface RenderedQuery {
  match: string | null
  /** With `:start` and `:end` bounding the places looked through; null for no condition. */
  where: string | null
  values: Record<string, unknown>
  /** What it asks of the full text is dear, and either common or rare. */
  isWide: boolean
}

/** One part of a query. Exact parts may be negated; of the others the contrary is not known. */
type Part =
  | { kind: 'match'; expression: string; exact: boolean }
  | { kind: 'where'; condition: string; exact: boolean }
  | { kind: 'anything' }

const ANYTHING: Part = { kind: 'anything' }

/** What was written never becomes syntax: tokens stand in double quotes, values are bound. */
export function renderQuery(sources: SourceView, query: Query, now: number): RenderedQuery {
  const values: Record<string, unknown> = {}
  const bind = (value: unknown): string => {
    const name = `v${Object.keys(values).length}`
    values[name] = value
    return `:${name}`
  }
  let wide = false
  const root = render(query.root)
  const match = root.kind === 'match' ? root.expression : null
  return { match, where: root.kind === 'where' ? root.condition : null, values, isWide: wide }

  function render(node: QueryNode): Part {
    switch (node.kind) {
      case 'and':
        return joinAll(node.nodes.map(render))
      case 'or':
        return joinAny(node.nodes.map(render))
      case 'not':
        return negate(render(node.node))
      case 'words':
        return renderWords(node)
      case 'source':
        return where(ofSources(node), true)
      case 'site':
        return renderSite(node)
      case 'lang':
        return where(ofLanguage(node.language), false)
      case 'published':
        return where(between(node.fromMs, node.toMs), true)
      case 'within':
        return where(between(now - node.ms, null), true)
      case 'enclosure':
        return where(`enclosures <> '[]'`, true)
    }
  }

  function renderWords(node: Extract<QueryNode, { kind: 'words' }>): Part {
    if (node.tokens.length === 0) return ANYTHING
    wide ||= isWide(node)
    const match: Part = { kind: 'match', expression: matchWords(node), exact: isExact(node) }
    if (node.field !== 'tag') return match
    return orOfSources(match, node)
  }

  /** The host's words stand in a row in the address of an item, among other places. */
  function renderSite(node: Extract<QueryNode, { kind: 'site' }>): Part {
    const { tokens, prefix } = queryTokens(urlWords(node.host))
    if (tokens.length === 0) return ANYTHING
    return orOfSources({ kind: 'match', expression: matchWords({ field: 'url', tokens, prefix }), exact: false }, node)
  }

  /** What holds for all items of a source is looked up by row: a new tag acts at once. */
  function orOfSources(match: Part, node: QueryNode): Part {
    const ids = listSources(node)
    return ids.length === 0 ? match : joinAny([match, where(inSources(ids), true)])
  }

  function ofLanguage(language: string): string {
    const column = `replace(lower(coalesce(language, '')), '_', '-')`
    const exactly = `${column} = ${bind(language)}`
    if (language.includes('-')) return exactly
    return `${exactly} OR substr(${column}, 1, ${language.length + 1}) = ${bind(`${language}-`)}`
  }

  function asCondition(part: Exclude<Part, { kind: 'anything' }>): string {
    if (part.kind === 'where') return part.condition
    return `place IN (SELECT rowid FROM items_text
      WHERE items_text MATCH ${bind(part.expression)} AND rowid >= :start AND rowid < :end)`
  }

  function negate(part: Part): Part {
    if (part.kind === 'anything' || !part.exact) return ANYTHING
    return where(`NOT ${asCondition(part)}`, true)
  }

  function joinAll(parts: Part[]): Part {
    const known = parts.filter((part) => part.kind !== 'anything')
    const exact = known.length === parts.length && known.every((part) => part.exact)
    const matches = known.flatMap((part) => (part.kind === 'match' ? part.expression : []))
    const conditions = known.flatMap((part) => (part.kind === 'where' ? part.condition : []))
    if (matches.length > 0) {
      const match: Part = { kind: 'match', expression: matches.map(inParens).join(' AND '), exact }
      if (conditions.length === 0) return match
      conditions.unshift(asCondition(match))
    }
    return conditions.length === 0 ? ANYTHING : where(conditions.join(' AND '), exact)
  }

  function joinAny(parts: Part[]): Part {
    const known = parts.filter((part) => part.kind !== 'anything')
    if (known.length < parts.length) return ANYTHING
    const exact = known.every((part) => part.exact)
    if (known.every((part) => part.kind === 'match')) {
      return { kind: 'match', expression: known.map(({ expression }) => inParens(expression)).join(' OR '), exact }
    }
    return where(known.map(asCondition).join(' OR '), exact)
  }

  function ofSources(node: QueryNode): string {
    return inSources(listSources(node))
  }

  function inSources(ids: number[]): string {
    return `source_id IN (SELECT value FROM json_each(${bind(JSON.stringify(ids))}))`
  }

  /** The sources whose every item matches, whatever it says. */
  function listSources(node: QueryNode): number[] {
    const alone: Query = { text: '', root: node }
    return sources.list().flatMap(({ id, view }) => (evaluateView(alone, view, now) === null ? [] : id))
  }

  function between(fromMs: number | null, toMs: number | null): string {
    const date = 'coalesce(published_at, first_seen_at)'
    const bounds = [
      ...(fromMs === null ? [] : [`${date} >= ${bind(fromMs)}`]),
      ...(toMs === null ? [] : [`${date} < ${bind(toMs)}`]),
    ]
    return bounds.length === 0 ? '1' : bounds.join(' AND ')
  }
}

const COLUMNS = {
  any: '{title body}',
  title: 'title',
  body: 'body',
  author: 'author',
  tag: 'tag',
  url: 'url',
} satisfies Record<TextField, string>

type Words = Pick<Extract<QueryNode, { kind: 'words' }>, 'field' | 'tokens' | 'prefix'>

/** Tokens in a row as phrases; the full text knows prefixes at the end of a phrase only, so one within begins a new phrase. */
function matchWords({ field, tokens, prefix }: Words): string {
  const phrases: string[] = []
  let row: string[] = []
  const end = (isPrefix: boolean) => {
    if (row.length > 0) phrases.push(`${COLUMNS[field]} : "${row.join(' ')}"${isPrefix ? ' *' : ''}`)
    row = []
  }
  for (const token of tokens) {
    row.push(token.replace(/[\p{Cc}*"]/gu, ''))
    if (token.endsWith('*')) end(true)
  }
  end(prefix && row.length > 0)
  return phrases.join(' AND ')
}

function isExact({ tokens }: Words): boolean {
  return !tokens.some((token) => token.endsWith('*'))
}

/** Two letters, or one character of a script without spaces, begin so many words that to merge them all costs dearly. */
function isWide({ tokens, prefix }: Words): boolean {
  const last = (prefix ? tokens.at(-1) : tokens.find((token) => token.endsWith('*'))) ?? ''
  return last !== '' && [...last.replace(/\*$/, '')].length <= 2
}

function where(condition: string, exact: boolean): Part {
  return { kind: 'where', condition: inParens(condition), exact }
}

function inParens(text: string): string {
  return `(${text})`
}
