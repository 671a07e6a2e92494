import type { QueryNode } from '../model.ts'
import { findAnchors } from './anchors.ts'
import { formatNode } from './format.ts'
import { refuseAt } from './refusals.ts'

/**
 * Throws `invalid` for what a watch cannot be: a query, or a branch of it, that only leaves out or narrows. `ending` is
 * written after the form that would be right.
 */
export function checkWatchable(
  root: QueryNode,
  { ending, text, startOf }: { ending: string; text: string; startOf: (node: QueryNode) => number },
): void {
  if (findAnchors(root)) return
  const branch = findNarrowing(root)
  const what = formatNode(branch)
  const isAll = branch === root
  const form = isAll ? `big data ${what}` : formatNode(excludeFromAll(root, branch))
  throw refuseAt(text, startOf(branch), isAll ? 'only_narrows' : 'branch_only_narrows', { what, form: form + ending })
}

/** The branch of an OR that has nothing to look for, else the whole. */
function findNarrowing(node: QueryNode): QueryNode {
  if (node.kind === 'or') {
    const branch = node.nodes.find((each) => findAnchors(each) === null)
    return branch ? findNarrowing(branch) : node
  }
  if (node.kind !== 'and') return node
  const inner = node.nodes.map(findNarrowing)
  return inner.find((each, index) => each !== node.nodes[index]) ?? node
}

/** The same, with what one branch leaves out left out of all that it stands among. */
function excludeFromAll(node: QueryNode, branch: QueryNode): QueryNode {
  if (node.kind === 'and') return { ...node, nodes: node.nodes.map((each) => excludeFromAll(each, branch)) }
  if (node.kind !== 'or') return node
  const others = node.nodes.filter((each) => each !== branch)
  if (others.length === node.nodes.length) {
    return { ...node, nodes: node.nodes.map((each) => excludeFromAll(each, branch)) }
  }
  const [only] = others
  const rest: QueryNode = others.length === 1 && only ? only : { kind: 'or', nodes: others }
  return { kind: 'and', nodes: [rest, branch] }
}
