import { countEach } from '../groups.ts'
import { MAX_SELECTOR_CHARS } from './selector.ts'
import { type Block, CLASS_NAME, type Link, type Tree } from './tree.ts'

/**
 * A CSS selector that finds these entries again, and on this page nothing else that holds a link (where that can be said at
 * all). Made of the ids and classes nearest to the list, never of counted positions: the page may grow around it.
 */
export function describeEntries(tree: Tree, entries: Block[]): string {
  const [first] = entries
  if (!first) return ''
  const { blocks } = tree
  const names = {
    ids: countEach(blocks.map(({ id }) => id)),
    classes: countEach(blocks.flatMap(({ classes }) => classes)),
  }
  const wanted = new Set(entries)
  let closest = { selector: '', strays: Number.POSITIVE_INFINITY }
  for (const own of ownParts(names, entries)) {
    for (const parts of chainsOf(names, entries, own)) {
      if (write(parts).length > MAX_SELECTOR_CHARS) continue
      const strays = countStrays(tree, parts, own, wanted)
      if (strays === 0) return write(parts)
      if (strays < closest.strays) closest = { selector: write(parts), strays }
    }
  }
  return closest.selector
}

/** Without names of the layout, with them, and with what the addresses begin with: each only where the one before is not enough. */
function ownParts(names: Names, entries: Block[]): Part[] {
  const whole = partOf(names, entries)
  const plain = { ...whole, classes: whole.classes.filter((name) => !isOfLayout(name)) }
  const href = beginningOf(entries)
  const parts = whole.classes.length === plain.classes.length ? [plain] : [plain, whole]
  return href === '' ? parts : [...parts, { ...plain, href }]
}

/** What the addresses of all entries begin with, as they are written; at least a folder or the name of a script. */
function beginningOf(entries: Block[]): string {
  const hrefs = entries.map(({ main }) => main?.block.element.getAttribute('href') ?? '')
  let [common = ''] = hrefs
  for (const href of hrefs) while (!href.startsWith(common)) common = common.slice(0, -1)
  // The days in them change.
  const lasting = /^[^\d"\\\n]*/.exec(common)?.[0] ?? ''
  const end = Math.max(lasting.lastIndexOf('/'), lasting.lastIndexOf('?'), lasting.lastIndexOf('=')) + 1
  return /[a-z]{2}/i.test(lasting.slice(0, end)) ? lasting.slice(0, end) : ''
}

interface Part {
  tag: string
  /** It alone names the block. */
  id: string | null
  classes: string[]
  /** The next one is its child, not only within it. */
  isParent: boolean
  /** It is, or holds, a link whose address begins so. */
  href?: string
}

/** The simplest first: one step up, then two, each by the nearest name; the whole way from the body last. */
function* chainsOf(names: Names, entries: Block[], own: Part): Iterable<Part[]> {
  const path: Part[] = []
  const [first] = entries
  let level = entries
  for (let block = first?.parent; block && block.tag !== 'html'; block = block.parent) {
    level = [...new Set(level.map(({ parent }) => parent).filter((parent) => parent !== null))]
    const part = partOf(names, level)
    const isNamed = (part.id !== null || part.classes.length > 0) && path.length < MAX_STEPS
    const [inner] = path
    if (isNamed && inner) {
      yield [{ ...part, isParent: false }, own]
      yield [{ ...part, isParent: false }, { ...inner, isParent: true }, own]
    }
    path.unshift({ ...part, isParent: true })
    if (isNamed || block.tag === 'body') yield [...path, own]
  }
  if (own.classes.length > 0) yield [own]
  yield [...path, own]
  // Where all of that is too long to be written.
  yield [own]
}

/** What is further away is no name of the list. */
const MAX_STEPS = 10

function write(parts: Part[]): string {
  return parts
    .map(({ tag, id, classes, isParent, href }, index) => {
      const name = id !== null ? `#${id}` : [tag, ...classes].join('.')
      const link = href === undefined ? '' : `[href^="${href}"]`
      if (index === parts.length - 1) return tag === 'a' || link === '' ? name + link : `${name}:has(a${link})`
      return `${name}${isParent ? ' > ' : ' '}`
    })
    .join('')
}

/** What blocks at one place of the structure have in common. */
function partOf(names: Names, blocks: Block[]): Part {
  const [first] = blocks
  const shared = (first?.classes ?? []).filter((name) => blocks.every(({ classes }) => classes.includes(name)))
  const id = blocks.length === 1 && first && isLastingId(first.id) && names.ids.get(first.id) === 1 ? first.id : null
  // Word writes `o:p`, which no selector can say.
  const tag = first && CLASS_NAME.test(first.tag) ? first.tag : '*'
  return { tag, id, classes: id === null ? pickClass(names, shared) : [], isParent: false }
}

/** One is enough: the one that says what it is, else the rarest. */
function pickClass(names: Names, shared: string[]): string[] {
  const rank = (name: string) => (isOfLayout(name) ? 2 : TELLING.test(name) ? 0 : 1)
  const [best] = shared.toSorted(
    (a, b) => rank(a) - rank(b) || (names.classes.get(a) ?? 0) - (names.classes.get(b) ?? 0),
  )
  return best === undefined ? [] : [best]
}

/** "cf", "fl", "w6": they say how it looks. */
function isOfLayout(name: string): boolean {
  return name.length < 3
}

const TELLING =
  /news|list|item|post|entry|entries|article|card|result|title|content|main|row|release|press|blog|topic|event/i

/** Made by a machine for this answer alone: "ember1234", "div_5f3a9c". */
function isLastingId(id: string): boolean {
  return CLASS_NAME.test(id) && !/\d{3}|[\da-f]{8}/i.test(id)
}

/** How often each is there. */
interface Names {
  ids: Map<string, number>
  classes: Map<string, number>
}

/** How many blocks with a link the chain (which ends with `own`) finds that are not wanted, and how many wanted ones it misses. */
function countStrays({ blocks, links }: Tree, parts: Part[], own: Part, wanted: Set<Block>): number {
  let [found, strays] = [0, 0]
  for (const block of blocks) {
    if (block.main === null || !fits(block, own) || !fitsAbove(block, parts)) continue
    if (own.href !== undefined && !leadsTo(links, block, own.href)) continue
    if (wanted.has(block)) found += 1
    else strays += 1
  }
  return strays + (wanted.size - found)
}

function leadsTo(links: Link[], { firstLink, endLink, tag }: Block, beginning: string): boolean {
  // A link stands before those within it.
  const own = links.slice(firstLink, tag === 'a' ? firstLink + 1 : endLink)
  return own.some(({ block }) => block.element.getAttribute('href')?.startsWith(beginning))
}

function fits(block: Block, { tag, id, classes }: Part): boolean {
  if (id !== null) return block.id === id
  return (tag === '*' || block.tag === tag) && classes.every((name) => block.classes.includes(name))
}

/** The last part fits the block; the others must fit what stands above it, from the inside out. */
function fitsAbove(block: Block, parts: Part[]): boolean {
  let above = block.parent
  for (const part of parts.slice(0, -1).toReversed()) {
    // Descendants are looked for greedily: only the outermost part is one, so that nothing can come of trying on.
    if (!part.isParent) while (above && !fits(above, part)) above = above.parent
    if (!above || !fits(above, part)) return false
    above = above.parent
  }
  return true
}
