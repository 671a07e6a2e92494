import type { QueryNode } from '../model.ts'
import { isWithinHost } from './addresses.ts'
import { hasRow } from './evaluate.ts'

/**
 * Why a query can match nothing, as far as it can be seen: `same` is asked for and left out, or `part` of what is asked for
 * is left out, in every branch; there are no `days` between two, or one item would be in two `languages`. Null for all others.
 */
export type Contradiction = 'same' | 'part' | 'days' | 'languages'

export function findContradiction(node: QueryNode): Contradiction | null {
  if (node.kind === 'or') return inEvery(node.nodes.map(findContradiction))
  if (node.kind !== 'and') return null
  const asked = node.nodes.filter((each) => each.kind !== 'not')
  const leftOut = node.nodes.flatMap((each) => (each.kind === 'not' ? alternatives(each.node) : []))
  return (
    first(asked.map((each) => findLeftOut(each, leftOut))) ??
    first(node.nodes.map(findContradiction)) ??
    (isWithoutDays(asked) ? 'days' : null) ??
    (areTwoLanguages(asked) ? 'languages' : null)
  )
}

/** All that is left out by leaving out this. */
function alternatives(node: QueryNode): QueryNode[] {
  return node.kind === 'or' ? [node, ...node.nodes] : [node]
}

function findLeftOut(asked: QueryNode, leftOut: QueryNode[]): Contradiction | null {
  if (leftOut.some((each) => keyOf(each) === keyOf(asked))) return 'same'
  if (asked.kind === 'or') return inEvery(asked.nodes.map((each) => findLeftOut(each, leftOut)))
  if (asked.kind === 'and') return first(asked.nodes.map((each) => findLeftOut(each, leftOut)))
  return leftOut.some((each) => isPart(each, asked)) ? 'part' : null
}

/** Whether this is in all that has the other. */
function isPart(part: QueryNode, whole: QueryNode): boolean {
  if (part.kind === 'site' && whole.kind === 'site') return isWithinHost(whole.host, part.host)
  if (part.kind !== 'words' || whole.kind !== 'words') return false
  const isIn = part.field === 'any' && (whole.field === 'title' || whole.field === 'body')
  if (part.field !== whole.field && !isIn) return false
  return hasRow(` ${whole.tokens.join(' ')}${whole.prefix ? '' : ' '}`, part)
}

function isWithoutDays(nodes: QueryNode[]): boolean {
  const days = nodes.filter((node) => node.kind === 'published')
  const from = Math.max(...days.map(({ fromMs }) => fromMs ?? Number.NEGATIVE_INFINITY))
  const to = Math.min(...days.map(({ toMs }) => toMs ?? Number.POSITIVE_INFINITY))
  return days.length > 0 && from >= to
}

/** "zh" and "zh-tw" are one. */
function areTwoLanguages(nodes: QueryNode[]): boolean {
  const languages = nodes.flatMap((node) => (node.kind === 'lang' ? [node.language] : []))
  return languages.some((one) =>
    languages.some((other) => !`${one}-`.startsWith(`${other}-`) && !`${other}-`.startsWith(`${one}-`)),
  )
}

function inEvery(found: (Contradiction | null)[]): Contradiction | null {
  return found.includes(null) ? null : first(found)
}

function first(found: (Contradiction | null)[]): Contradiction | null {
  return found.find((each) => each !== null) ?? null
}

/** What it means, however it is written. */
export function keyOf(node: QueryNode): string {
  return JSON.stringify(node, (name, value: unknown) => (name === 'written' ? undefined : value))
}
