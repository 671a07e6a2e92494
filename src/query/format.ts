import type { QueryNode } from '../model.ts'

/** A node as people write it: `parseQuery` reads the same from it. */
export function formatNode(node: QueryNode): string {
  switch (node.kind) {
    case 'and':
      return node.nodes.map((each) => (each.kind === 'or' ? `(${formatNode(each)})` : formatNode(each))).join(' ')
    case 'or':
      return node.nodes.map(formatNode).join(' OR ')
    case 'not':
      return isGroup(node.node) ? `-(${formatNode(node.node)})` : `-${formatNode(node.node)}`
    case 'words':
      return node.field === 'any' ? formatWords(node.written) : `${node.field}:${formatWords(node.written)}`
    case 'source':
      return `source:${formatWords(node.written)}`
    case 'site':
      return `site:${node.host}`
    case 'lang':
      return `lang:${node.language}`
    case 'published':
      return `${node.fromMs === null ? 'before' : 'after'}:${node.written}`
    case 'within':
      return `within:${node.written}`
    case 'enclosure':
      return 'has:enclosure'
  }
}

function isGroup(node: QueryNode): boolean {
  return node.kind === 'and' || node.kind === 'or'
}

/** In quotes where a sign or a space could be read as something else. */
function formatWords(written: string): string {
  const isPlain = /^[\p{L}\p{N}#@.][\p{L}\p{M}\p{N}\p{Extended_Pictographic}+#.&@'’/_-]*\*?$/u.test(written)
  if (isPlain && !/^(?:AND|OR|NOT)$|&&/.test(written.normalize('NFKC'))) return written
  return `"${written.replace(/["“”„‟＂]/g, ' ').trim()}"`
}
