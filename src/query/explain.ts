import type { Matchable, Query, QueryNode, TextField } from '../model.ts'
import { queryTokens } from '../text/tokens.ts'
import { formatLocal } from '../time.ts'
import { readableHost } from './addresses.ts'
import { echoNode } from './echo.ts'
import { isNodeMatch } from './evaluate.ts'
import { type ItemView, viewItem, withTokens } from './item-view.ts'

/** One clause of a query, and what an item had to say to it. */
export interface Clause {
  kind: QueryNode['kind']
  /** In plain words: "“big data” in the title", "without jobs". */
  said: string
  /** What it asks for is so; of a negative: what must not be there is not there. */
  holds: boolean
  /** What the item has of it, to stand after `said` and a colon: "in the title", "not there (“big” is, “data” is not)". '' for AND and OR. */
  finding: string
  /** The parts of the item in which its words stand. */
  foundIn: Exclude<TextField, 'any'>[]
  /** Of AND, OR and NOT: what they join, as written. */
  parts: Clause[]
}

/**
 * Why a query matches an item, or why it does not: each clause with its own answer, `holds` of the first one being what
 * `evaluate` says of the whole. Every clause is asked, also where the others have decided already: people want to see
 * all that was missing. One item is read for many queries; `nowMs` is for `within:`.
 */
export function createExplainer(item: Matchable, nowMs: number): (query: Query) => Clause {
  const view = withTokens(viewItem(item))
  return ({ root }) => explain(root, { view, nowMs })
}

/**
 * The clauses that decided it, as lines of plain words: of one that holds "“big data”: in the title", of one that fails what
 * was missing, or what should not have been there. Where one of several would do, all that fail are given. At least one.
 */
export function sayDeciding(clause: Clause): string[] {
  if (clause.kind !== 'and' && clause.kind !== 'or') return [`${clause.said}: ${clause.finding}`]
  return clause.parts.filter(({ holds }) => holds === clause.holds).flatMap(sayDeciding)
}

interface ItemAt {
  view: ItemView
  nowMs: number
}

function explain(node: QueryNode, asked: ItemAt): Clause {
  const { view, nowMs } = asked
  const holds = isNodeMatch(node, view, nowMs)
  const foundIn = findIn(node, asked)
  const parts = partsOf(node).map((part) => explain(part, asked))
  const finding = findingOf(node, { holds, foundIn, parts }, asked)
  return { kind: node.kind, said: echoNode(node), holds, finding, foundIn, parts }
}

function partsOf(node: QueryNode): QueryNode[] {
  if (node.kind === 'and' || node.kind === 'or') return node.nodes
  return node.kind === 'not' ? [node.node] : []
}

function findIn(node: QueryNode, { view, nowMs }: ItemAt): Clause['foundIn'] {
  if (node.kind !== 'words') return []
  const fields = node.field === 'any' ? (['title', 'body'] as const) : [node.field]
  return fields.filter((field) => isNodeMatch({ ...node, field }, view, nowMs))
}

type Answers = Pick<Clause, 'holds' | 'foundIn' | 'parts'>

function findingOf(node: QueryNode, { holds, foundIn, parts }: Answers, asked: ItemAt): string {
  const { item } = asked.view
  switch (node.kind) {
    case 'and':
    case 'or':
      return ''
    case 'not': {
      const [inner] = parts
      if (!inner) return ''
      return inner.finding || sayDeciding(inner).join(', ')
    }
    case 'words':
      if (!holds) return `${FINDINGS.notThere}${sayWordsThere(node, asked)}`
      if (node.field !== 'any') return FINDINGS.there
      return foundIn.map((field) => (field === 'title' ? FINDINGS.inTitle : FINDINGS.inText)).join(FINDINGS.and)
    case 'source':
      return holds ? FINDINGS.yes : FINDINGS.fromSource(item.source.title)
    case 'site':
      return holds ? FINDINGS.yes : FINDINGS.onHosts(asked.view.hosts().map(readableHost))
    case 'lang':
      return item.language === null ? FINDINGS.noLanguage : FINDINGS.language(item.language)
    case 'published':
    case 'within':
      return FINDINGS.published(item.publishedAt ?? item.firstSeenAt)
    case 'enclosure':
      return holds ? FINDINGS.yes : FINDINGS.no
  }
}

/** What is said of an item, in English. Another language is another table. */
const FINDINGS = {
  yes: 'yes',
  no: 'no',
  there: 'there',
  notThere: 'not there',
  and: ' and ',
  inTitle: 'in the title',
  inText: 'in the text',
  word: (word: string, isThere: boolean) => `“${word}” is${isThere ? '' : ' not'}`,
  notInARow: 'its words are, but not in a row',
  fromSource: (title: string) => `no, from “${title}”`,
  onHosts: (hosts: string[]) => `no, on ${hosts.join(', ')}`,
  noLanguage: 'its language is not known',
  language: (code: string) => `it is ${code}`,
  published: (ms: number) => `it is of ${formatLocal(ms, 'UTC')} UTC`,
}

/** Of a phrase that is not there: which of its words are. */
function sayWordsThere(node: Extract<QueryNode, { kind: 'words' }>, { view, nowMs }: ItemAt): string {
  const isOpen = node.written.endsWith('*')
  const written = (isOpen ? node.written.slice(0, -1) : node.written).split(PARTING)
  const words = written
    .map((word, index) => ({ written: word, ...queryTokens(word, isOpen && index === written.length - 1) }))
    .filter(({ tokens }) => tokens.length > 0)
  const answers = words.map((word) => ({ word: word.written, isThere: isNodeMatch({ ...node, ...word }, view, nowMs) }))
  if (answers.every(({ isThere }) => isThere)) return ` (${FINDINGS.notInARow})`
  if (!answers.some(({ isThere }) => isThere)) return ''
  return ` (${answers.map(({ word, isThere }) => FINDINGS.word(word, isThere)).join(', ')})`
}

/** Where everybody sees that a phrase has a gap. */
const PARTING = /[\s\-–—/_]+/u
