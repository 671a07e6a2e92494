import type { QueryNode } from '../model.ts'
import { hasAnchors } from './anchors.ts'
import { formatNode } from './format.ts'
import { refusal } from './refusals.ts'

/**
 * Throws `invalid` for what a watch cannot be: a query, or a branch of it, that only leaves out or narrows. `ending` is
 * written after the form that would be right.
 */
export function checkWatchable(root: QueryNode, ending: string): void {
  if (hasAnchors(root)) return
  const branch = findNarrowing(root)
  const what = formatNode(branch)
  if (branch === root) throw refusal('only_narrows', { what, form: what + ending })
  throw refusal('branch_only_narrows', { what, form: excludeFromAll(root, branch) + ending })
}

/** The branch of an OR that has nothing to look for, else the whole. */
function findNarrowing(node: QueryNode): QueryNode {
  if (node.kind === 'or') {
    const branch = node.nodes.find((each) => !hasAnchors(each))
    return branch ? findNarrowing(branch) : node
  }
  if (node.kind !== 'and') return node
  const inner = node.nodes.map(findNarrowing)
  return inner.find((each, index) => each !== node.nodes[index]) ?? node
}

function excludeFromAll(root: QueryNode, branch: QueryNode): string {
  if (root.kind !== 'or') return `(…) ${formatNode(branch)}`
  const others = root.nodes.filter((node) => node !== branch)
  const [only] = others
  const rest: QueryNode = others.length === 1 && only ? only : { kind: 'or', nodes: others }
  return formatNode({ kind: 'and', nodes: [rest, branch] })
}
