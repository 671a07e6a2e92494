/**
 * RDF may say of an element what it is by another one: a `<rdf:Description>` of the type `…/rss/1.0/item` is an item, and
 * is called so. A text that holds none is handed back itself. Linear in any text.
 */
export function nameByType(text: string): string {
  if (!TYPE.test(text)) return text
  const pieces = text.split(END)
  const last = pieces.pop() ?? ''
  return pieces.map(renamed).join('') + last
}

const TYPE = /<rdf:type\s+rdf:resource\s*=\s*["']http:\/\/purl\.org\/rss\/1\.0\/(item|channel)["']/

/** What ends with this piece is the description that begins last in it. */
function renamed(piece: string): string {
  const start = piece.lastIndexOf(START)
  const name = start === -1 ? undefined : TYPE.exec(piece.slice(start))?.[1]
  if (name === undefined) return `${piece}</rdf:Description>`
  return `${piece.slice(0, start)}<${name}${piece.slice(start + START.length)}</${name}>`
}

const START = '<rdf:Description'
const END = /<\/rdf:Description\s*>/
