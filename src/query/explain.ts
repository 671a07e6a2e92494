import type { Matchable, Query, QueryNode, TextField } from '../model.ts'
import { echoNode } from './echo.ts'
import { evaluateView, type ItemView, viewItem, withTokens } from './evaluate.ts'

/** One clause of a query, and what an item had to say to it. */
export interface Clause {
  kind: QueryNode['kind']
  /** In plain words: "“big data” in the title", "without jobs". */
  said: string
  /** What it asks for is so; of a negative: what must not be there is not there. */
  holds: boolean
  /** The parts of the item in which its words stand. */
  foundIn: Exclude<TextField, 'any'>[]
  /** Of AND, OR and NOT: what they join, as written. */
  parts: Clause[]
}

/**
 * Why a query matches an item, or why it does not: each clause with its own answer, `holds` of the first one being what
 * `evaluate` says of the whole. Every clause is asked, also where the others have decided already: people want to see
 * all that was missing. `nowMs` is for `within:`.
 */
export function explainQuery(query: Query, item: Matchable, nowMs: number): Clause {
  return explain(query.root, withTokens(viewItem(item)), nowMs)
}

function explain(node: QueryNode, view: ItemView, nowMs: number): Clause {
  const holds = isTrue(node, view, nowMs)
  const parts = partsOf(node).map((part) => explain(part, view, nowMs))
  return { kind: node.kind, said: echoNode(node), holds, foundIn: findIn(node, view, nowMs), parts }
}

function partsOf(node: QueryNode): QueryNode[] {
  if (node.kind === 'and' || node.kind === 'or') return node.nodes
  return node.kind === 'not' ? [node.node] : []
}

function findIn(node: QueryNode, view: ItemView, nowMs: number): Clause['foundIn'] {
  if (node.kind !== 'words') return []
  const fields = node.field === 'any' ? (['title', 'body'] as const) : [node.field]
  return fields.filter((field) => isTrue({ ...node, field }, view, nowMs))
}

function isTrue(root: QueryNode, view: ItemView, nowMs: number): boolean {
  return evaluateView({ text: '', root }, view, nowMs) !== null
}
