import { countEach } from '../groups.ts'
import { withoutHash } from '../source/url.ts'
import { jumpUrl, linkUrl, versionUrl } from './address.ts'
import { beginsWithDate, holdsDate, joinDate } from './date.ts'
import { isElement, type Page, type PageElement, type PageNode, TEXT_NODE } from './dom.ts'
import { machineDate } from './machine-date.ts'

/**
 * A page as its list is looked for in it: what is shown, in the order of the document. What stands within a block is a
 * slice of each list, so that asking for it costs nothing, however deep the page is.
 */
export interface Tree {
  page: Page
  blocks: Block[]
  texts: TextRun[]
  links: Link[]
  /** `isShown`: what is shown there is a date, too. */
  times: { block: Block; datetime: string; isShown: boolean }[]
  blockOf(element: PageElement): Block | undefined
  /** How wide the texts before this one are together; likewise of those in links, and how many hold a date. */
  widths: number[]
  linkWidths: number[]
  dates: number[]
}

export interface Block {
  element: PageElement
  parent: Block | null
  tag: string
  id: string
  /** Those that say what it is, not the state it is in or the number it has. */
  classes: string[]
  depth: number
  /** It is, or stands in, h1 to h6. */
  inHeading: boolean
  /** Positions in `blocks`: itself, and behind all that it holds. */
  at: number
  end: number
  firstText: number
  endText: number
  firstLink: number
  endLink: number
  firstTime: number
  endTime: number
  /** The link an entry would be about, were it this block. */
  main: Link | null
}

export interface TextRun {
  /** White space as written. */
  value: string
  block: Block
  /** A block or a line ended before it. */
  breaksBefore: boolean
}

export interface Link {
  block: Block
  /** Absolute. */
  url: string
  /** How much it looks like what an entry is about. */
  weight: number
  text: string
  /** Its `title=`. */
  hint: string
  /** It stands in a heading, or is called a title. */
  isTitle: boolean
  /** Of its text, or of its `title=` where that says more. */
  width: number
  /** What its address has in common with those of its kind. */
  shape: string
  /** It leads to a place of this page: a heading that is an entry of its own. */
  isJump: boolean
}

export function readTree(page: Page): Tree {
  const byElement = new Map<PageElement, Block>()
  const tree: Tree = {
    page,
    blocks: [],
    texts: [],
    links: [],
    times: [],
    blockOf: (element) => byElement.get(element),
    widths: [0],
    linkWidths: [0],
    dates: [0],
  }
  const reading: Reading = { tree, byElement, breaks: true, joint: null, linkDepth: 0, timeDepth: 0 }
  readElement(reading, page.document.documentElement, null)
  for (const link of tree.links) weigh(tree, link)
  muteRefrains(tree.links)
  spreadMains(tree)
  return tree
}

interface Reading {
  tree: Tree
  byElement: Map<PageElement, Block>
  /** The next text stands behind the end of a block. */
  breaks: boolean
  /** An element that parts no words has just ended, or the next one begins directly behind such an end. */
  joint: 'ended' | 'begun' | null
  linkDepth: number
  timeDepth: number
}

/** As deep as the page, which `openPage` has bounded. */
function readElement(reading: Reading, element: PageElement, parent: Block | null): void {
  const { tree } = reading
  const tag = element.localName
  if (HIDDEN.has(tag)) return
  const isInline = INLINE.has(tag)
  if (!isInline) reading.breaks = true
  else if (reading.joint === 'ended') reading.joint = 'begun'
  const block = openBlock(reading, element, tag, parent)

  const url =
    linkUrl(element, tag, tree.page) ?? jumpUrl(block, tree.page) ?? versionUrl(block, openedBy(block), tree.page)
  const isRow = url !== null && tag !== 'a'
  // Not only of `time`: components have it, too (`relative-time`).
  const datetime = element.getAttribute('datetime')
  const written = datetime || machineDate(element, tag)
  if (written) tree.times.push({ block, datetime: written, isShown: written === datetime })
  if (url !== null && !isRow) reading.linkDepth += 1
  if (datetime) reading.timeDepth += 1
  // A link stands before those within it.
  if (url !== null)
    tree.links.push({ ...NEW_LINK, block, url, isJump: withoutHash(url) === withoutHash(tree.page.url) })

  for (let node: PageNode | null = element.firstChild; node; node = node.nextSibling) {
    if (isElement(node)) readElement(reading, node, block)
    else if (node.nodeType === TEXT_NODE) readText(reading, node, block)
  }

  if (url !== null && !isRow) reading.linkDepth -= 1
  if (datetime) reading.timeDepth -= 1
  closeBlock(reading, block)
  if (!isInline) reading.breaks = true
  else reading.joint = 'ended'
}

const NEW_LINK = { weight: 0, text: '', hint: '', isTitle: false, width: 0, shape: '' }

function openBlock({ tree, byElement }: Reading, element: PageElement, tag: string, parent: Block | null): Block {
  const block: Block = {
    element,
    parent,
    tag,
    id: element.getAttribute('id')?.trim() ?? '',
    classes: telling(element.getAttribute('class') ?? ''),
    depth: parent === null ? 0 : parent.depth + 1,
    inHeading: isHeadingTag({ tag }) || parent?.inHeading === true,
    at: tree.blocks.length,
    end: 0,
    firstText: tree.texts.length,
    endText: 0,
    firstLink: tree.links.length,
    endLink: 0,
    firstTime: tree.times.length,
    endTime: 0,
    main: null,
  }
  tree.blocks.push(block)
  byElement.set(element, block)
  return block
}

/** The id of what it stands in, where nothing but white space comes before it there. */
function openedBy({ parent, firstText }: Block): string {
  return parent !== null && parent.tag !== 'body' && firstText - parent.firstText <= 1 ? parent.id : ''
}

function closeBlock({ tree }: Reading, block: Block): void {
  block.end = tree.blocks.length
  block.endText = tree.texts.length
  block.endLink = tree.links.length
  block.endTime = tree.times.length
}

/** Every block's main link is its own, or the best of those within it; of equals the first. */
function spreadMains({ blocks, links }: Tree): void {
  for (const link of links) link.block.main = link
  // Backwards, so that a block comes behind all that it holds.
  for (const { parent, main } of blocks.toReversed()) {
    if (parent === null || main === null) continue
    if (parent.main === null || main.weight >= parent.main.weight) parent.main = main
  }
}

function readText(reading: Reading, node: PageNode, block: Block): void {
  const { tree } = reading
  // A text node, as its type says.
  const value = (node as PageNode & { data: string }).data
  const at = tree.texts.length
  const width = widthOf(value)
  const breaksBefore = reading.breaks || (reading.joint === 'begun' && isApart(tree.texts[at - 1]?.value ?? '', value))
  tree.texts.push({ value, block, breaksBefore })
  const isDated =
    width > 0 &&
    (reading.timeDepth > 0 ||
      (value.length < MAX_DATED_CHARS ? holdsDate(value) : beginsWithDate(value)) ||
      joinedDate(tree.texts, at) !== null)
  tree.widths.push((tree.widths[at] ?? 0) + width)
  tree.linkWidths.push((tree.linkWidths[at] ?? 0) + (reading.linkDepth > 0 ? width : 0))
  tree.dates.push((tree.dates[at] ?? 0) + (isDated ? 1 : 0))
  reading.breaks = false
  reading.joint = null
}

/** Whether a style sheet must part what two elements say that stand side by side: a kind and a title, a day and a month. */
function isApart(before: string, value: string): boolean {
  const isWord = before.length > 1 || /\d/.test(before)
  const isOneWord = /\p{Ll}$/u.test(before) && /^\p{Ll}/u.test(value)
  return isWord && !isOneWord && value.length > 1 && WORD_END.test(before) && WORD_START.test(value)
}

/** Of scripts with spaces. */
const WORD_END = /[^\P{L}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$|\d$/u
const WORD_START = /^[^\P{L}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|^\d/u

/** A day and its month, each in an element of its own, as `joinDate` writes them; null where this text is none of it, or the other one stands before `from`. */
export function joinedDate(texts: TextRun[], at: number, from = 0): string | null {
  let before = at - 1
  while (before > at - 3 && texts[before]?.value.trim() === '') before -= 1
  if (before < from) return null
  return joinDate(texts[before]?.value.trim() ?? '', texts[at]?.value.trim() ?? '')
}

/** A text longer than this that has a date in it is a text, not a date, unless it begins with one. */
const MAX_DATED_CHARS = 80

/** The columns a text takes on paper: a Han character says as much as a short word. Spaces at the ends do not count. */
export function widthOf(text: string): number {
  const trimmed = text.trim()
  let width = trimmed.length
  for (let at = 0; at < trimmed.length; at += 1) {
    // From Hangul and the radicals on nearly everything is wide (UAX 11).
    const code = trimmed.charCodeAt(at)
    if (code >= 0x1100 && (code < 0x1200 || (code >= 0x2e80 && code < 0xd800) || code >= 0xf900)) width += 1
  }
  return width
}

/** Its first texts, white space collapsed: words part where blocks and lines do. */
export function textOf(
  tree: Tree,
  { firstText, endText }: Pick<Block, 'firstText' | 'endText'>,
  maxRuns = 500,
): string {
  let text = ''
  for (const { value, breaksBefore } of tree.texts.slice(firstText, Math.min(endText, firstText + maxRuns))) {
    text += breaksBefore ? ` ${value}` : value
  }
  return text.replace(/\s+/g, ' ').trim()
}

export function isWithin(block: Block, outer: Block): boolean {
  return block.at >= outer.at && block.at < outer.end
}

/** The first block within this one of which it is true. */
export function firstWithin(
  tree: Tree,
  { at, end }: Block,
  is: (block: Block) => boolean,
  most = Number.POSITIVE_INFINITY,
): Block | undefined {
  for (let i = at + 1; i < Math.min(end, at + 1 + most); i += 1) {
    const block = tree.blocks[i]
    if (block && is(block)) return block
  }
  return undefined
}

export function isHeadingTag({ tag }: Pick<Block, 'tag'>): boolean {
  return /^h[1-6]$/.test(tag)
}

/** The heading that a block is or stands in. */
export function headingAround(block: Block | null | undefined): Block | null {
  for (let at = block; at?.inHeading; at = at.parent) if (isHeadingTag(at)) return at
  return null
}

// ---- Links ----

function weigh(tree: Tree, link: Link): void {
  const { block } = link
  link.text = block.tag === 'a' ? textOf(tree, block, 100) : ''
  link.hint = link.isJump ? '' : hintOf(block.element.getAttribute('title') ?? '')
  link.width = Math.max(widthOf(link.text), widthOf(link.hint))
  link.shape = shapeOf(link.url)
  link.weight = Math.min(MAX_WEIGHED, link.width)
  // Of two codes the first is its own; the longer one may be what it is about.
  if (CODE.test(link.text)) link.weight = CODE_WEIGHT
  const isHeading = block.inHeading || (block.tag === 'a' && firstWithin(tree, block, isHeadingTag, 19) !== undefined)
  const isCalled = isNamed(block, TITLES) || (block.parent !== null && isNamed(block.parent, TITLES))
  link.isTitle = isHeading || isCalled
  link.weight += (isHeading ? 60 : 0) + (isCalled ? 30 : 0)
  if (isNamed(block, ASIDES) || ASIDE_RELS.test(block.element.getAttribute('rel') ?? '')) link.weight -= 40
  if (MORE.test(link.text)) link.weight -= 60
  else if (isInSentence(tree, block)) link.weight -= 40
  // Where an entry leads anywhere else, it is not this.
  if (link.isJump || block.tag !== 'a') link.weight -= 50
  if (link.isJump && block.tag !== 'a') link.weight = LEAST_WEIGHT
}

/** Of a title= that is a list of its own ("文章标题：…", "作者：…", "点击次数：12") the first line, which is the title. */
function hintOf(written: string): string {
  const [first = '', second = ''] = written.trim().split(/\s*[\r\n]\s*/, 2)
  const hint = /^\p{L}[\p{L}\s]{1,10}[:：]/u.test(second) ? first.replace(/^\p{L}{2,8}[:：]\s*/u, '') : written
  return hint.replace(/\s+/g, ' ').trim()
}

/** Of a heading to which nothing leads: whatever stands below it goes before it. */
const LEAST_WEIGHT = -1_000

/**
 * Short words that lead to a new page each time say what kind of page that is ("PDF", "Slides", "Local"), as "Read more"
 * does; and what is said again and again and leads to the same page is nobody's own, unless most of the page is: a slider
 * has its slides several times.
 */
function muteRefrains(links: Link[]): void {
  const times = countEach(links.map(({ text, url }) => `${url} ${text}`))
  const repeated = new Set([...times].flatMap(([said, count]) => (count >= 3 ? [said] : [])))
  const isSlider = repeated.size > times.size / 3
  const urls = new Map<string, Set<string>>()
  for (const { text, url } of links) {
    if (text === '' || widthOf(text) > MAX_REFRAIN_WIDTH) continue
    const known = urls.get(text)
    if (known) known.add(url)
    else urls.set(text, new Set([url]))
  }
  for (const link of links) {
    if ((urls.get(link.text)?.size ?? 0) >= 3 && !MORE.test(link.text)) link.weight -= 60 + link.width
    else if (MORE.test(link.text)) link.weight -= link.width
    else if (!isSlider && !link.isJump && link.text !== '' && repeated.has(`${link.url} ${link.text}`))
      link.weight -= 100
  }
}

const MAX_REFRAIN_WIDTH = 12

const MAX_WEIGHED = 60

const CODE_WEIGHT = 8

/** A number or a name that a machine gave: "VSA-2026-0041", "arXiv:1905.01234", "tool-2.1-linux-amd64.tar.gz". */
export const CODE = /^(?=\D{0,60}\d)[A-Za-z\d][\w.:/+-]{2,80}$/

/** Its folder, the numbers in it aside, and the ending of its name. */
function shapeOf(url: string): string {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  const name = path.slice(path.lastIndexOf('/') + 1)
  const ending = /\.\w{2,5}$/.exec(name)?.[0] ?? ''
  return `${path.slice(0, -name.length || undefined).replace(/\d+/g, '0')}${ending}${url.charAt(end) === '?' ? '?' : ''}`
}

/** A link in running text is no title: its paragraph says more than it does. */
export function isInSentence(tree: Tree, { parent, firstText, endText }: Block): boolean {
  if (parent === null || !/^(?:p|dd|blockquote)$/.test(parent.tag)) return false
  const own = widthBetween(tree, firstText, endText)
  return widthBetween(tree, parent.firstText, parent.endText) - own > Math.max(own, 30)
}

export function widthBetween({ widths }: Tree, from: number, end: number): number {
  return (widths[end] ?? 0) - (widths[from] ?? 0)
}

export function datesBetween({ dates }: Tree, from: number, end: number): number {
  return (dates[end] ?? 0) - (dates[from] ?? 0)
}

/** What a selector of a person finds first within a block; `:scope` alone is the block itself. */
export function findWithin(tree: Tree, block: Block, selector: string): Block | null {
  const found = block.element.querySelector(selector)
  if (found === null) return ITSELF.test(selector) ? block : null
  return tree.blockOf(found) ?? null
}

const ITSELF = /(?:^|,)\s*:scope\s*(?:,|$)/i

/** Whether a class or the id of a block has one of these words in it. */
export function isNamed(block: Block, words: RegExp): boolean {
  return words.test(block.id) || block.classes.some((name) => words.test(name))
}

const TITLES = /(?:^|[-_])(?:title|tit|headline|heading|subject|bt)(?:$|[-_\d])|Title|Headline/i
const ASIDES =
  /(?:^|[-_])(?:category|cat|cats|tags?|label|author|byline|user|avatar|comments?|more|readmore|btn|button|share|source|thumb|thumbnail|image|img|pic)(?:$|[-_\d])/i
const ASIDE_RELS = /(?:^|\s)(?:tag|author|category)(?:\s|$)/i

/** What leads on, said at the end of an entry or a list. */
export const MORE =
  /^[\s[(（【<>»›]*(?:more|read more|read on|continue(?: reading)?|learn more|view more|view all|see all|see more|show more|load more|all news|details?|full story|weiterlesen|mehr|lire la suite|leer más|читать далее|подробнее|next|previous|prev|parent directory|更多|查看更多|更多内容|更多信息|查看详情|查看全部|详细|详情|详细内容|阅读全文|全文|阅读更多|点击查看|查看|下一页|上一页|首页|尾页|末页|もっと見る|続きを読む|一覧|더보기)(?:\s|[.…»›>→+)\]）】]|&gt;)*$/i

// ---- Names ----

/** Classes that tell this kind of element from others; not states, numbers, or what WordPress says of each post. */
function telling(written: string): string[] {
  if (written === '') return []
  const names = written.split(/\s+/, MAX_CLASSES).filter((name) => CLASS_NAME.test(name) && !PASSING.test(name))
  return [...new Set(names)].sort()
}

const MAX_CLASSES = 30
/** What can stand in a selector as it is. */
export const CLASS_NAME = /^-?[\p{L}_][\p{L}\p{N}_-]{0,60}$/u
const PASSING =
  /\d{2}|^(?:\w+[-_])?(?:odd|even|first|last|active|current|selected|hover|on|open|cur|visited|unread|read|new|hot|top|sticky|alt|clearfix|fadein|animated|lazy|loaded|hidden|show|wow)$|^(?:category|tag|author|status|format|type|has|no|is|js)-|^hentry$|\d$/i

/** Never shown, or no place for entries. */
const HIDDEN = new Set(
  'script style noscript template head svg math iframe object select textarea button datalist canvas audio video'.split(
    ' ',
  ),
)
/** They part no words (HTML, phrasing content). */
const INLINE = new Set(
  'a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
)
