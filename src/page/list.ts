import { countEach, groupBy } from '../groups.ts'
import { datesAbove } from './headings.ts'
import { findCodeName, findName, findRefrain, isDate, isHeading, isSilent, SERIES } from './name.ts'
import {
  type Block,
  CODE,
  datesBetween,
  firstWithin,
  isNamed,
  isWithin,
  type Link,
  MORE,
  type Tree,
  textOf,
  widthBetween,
  widthOf,
} from './tree.ts'

/** What a page repeats: blocks of one kind, each about one link. */
export interface List {
  /** In document order. */
  entries: Block[]
  score: number
}

/**
 * The list a reader would say the page is for; null when nothing on it is one. All blocks that stand at the same place of
 * the structure (the same tags and classes above them) are a candidate, at every level of it; what decides is how many
 * different pages they lead to, how much their titles say, whether they are dated, and where they stand: menus, footers,
 * sidebars, page numbers and clouds of tags lose. Linear in the page.
 */
export function findList(tree: Tree): List | null {
  const places = placesOf(tree)
  let best: List | null = null
  // From the outside in: of two that are as good, the outer one holds the dates and summaries, too.
  for (const { entries, weight } of groupBlocks(tree)) {
    const score = judge(tree, entries, places) * weight
    if (score > (best === null ? MIN_SCORE : best.score * 1.03)) best = { entries, score }
  }
  return best && { ...best, entries: withoutMenus(tree, best.entries) }
}

/** How well a list does by the same measure, that of what is found on the same page. */
export function rateList(tree: Tree, entries: Block[]): number {
  return judge(tree, entries, placesOf(tree))
}

/** Where nothing has a name, a table of menu words stands at the same place as the table of the news. */
function withoutMenus(tree: Tree, entries: Block[]): Block[] {
  const scopes = scopesOf(tree, entries)
  const isWorthy = (entry: Block) => worthOf(tree, entry, { scope: scopes.get(entry), isBelowDay: false }, null) > 0
  const [list, ...others] = [...byParent(entries)].filter((siblings) => siblings.some(isWorthy))
  return list !== undefined && others.length === 0 && list.length >= MIN_ENTRIES ? list : entries
}

export const MIN_ENTRIES = 3
const MIN_SCORE = 1

// ---- Candidates ----

interface Group {
  entries: Block[]
  weight: number
}

function groupBlocks({ blocks }: Tree): Group[] {
  const paths = new Map<string, number>()
  const pathOf: number[] = []
  const groups = new Map<string, Group>()
  const intern = (key: string) => {
    const known = paths.get(key)
    if (known !== undefined) return known
    paths.set(key, paths.size)
    return paths.size - 1
  }
  const add = (key: string, block: Block, weight = 1) => {
    const group = groups.get(key)
    if (group) group.entries.push(block)
    else groups.set(key, { entries: [block], weight })
  }

  for (const block of blocks) {
    const above = block.parent === null ? -1 : (pathOf[block.parent.at] ?? -1)
    const path = intern(`${above} ${block.tag}.${block.classes.join('.')}`)
    pathOf.push(path)
    if (block.main === null) continue
    add(`${path}`, block)
    // Entries of one list may differ in their classes: news and videos, pinned and not.
    add(`${above} ${block.tag}`, block)
    // The newest may stand alone above the others, large, before it becomes one of them.
    if (block.tag === 'article') add('article', block)
    // Where nothing has a name, menu and list stand at the same place, each in a table of its own.
    // One of two boxes of news stands at the same place, too: it must be the better list by far.
    if (block.parent !== null) add(`${path} in ${block.parent.at}`, block, 0.8)
  }
  return [...groups.values()]
    .filter(({ entries }) => entries.length > 1)
    .map((group) => (areApart(group.entries) ? { ...group, weight: group.weight * 0.75 } : group))
    .sort((a, b) => (a.entries[0]?.depth ?? 0) - (b.entries[0]?.depth ?? 0))
}

/** Where each box calls its blocks otherwise, they are two lists: news, and dates to come. */
function areApart(entries: Block[]): boolean {
  const boxes = [...byParent(entries)].filter(({ length }) => length > 1)
  const names = boxes.map((box) => new Set(box.map(({ classes }) => classes.join('.'))))
  const [first, ...others] = names
  const isOneKind = names.every(({ size }) => size === 1)
  return isOneKind && others.some((other) => [...other].some((name) => !first?.has(name)))
}

// ---- Judgement ----

function judge(tree: Tree, entries: Block[], places: number[]): number {
  const byUrl = new Map<string, Block>()
  for (const entry of entries) {
    const url = entry.main?.url
    if (url !== undefined && !byUrl.has(url)) byUrl.set(url, entry)
  }
  const distinct = [...byUrl.values()]
  const isShort = distinct.length < MIN_ENTRIES
  if (isShort && !isPair(tree, distinct)) return 0

  const scopes = scopesOf(tree, entries)
  const days = datesAbove(tree, entries)
  const refrain = findRefrain(distinct.map(({ main }) => main))
  const worths = distinct.map((entry) => {
    return worthOf(tree, entry, { scope: scopes.get(entry), isBelowDay: days.has(entry) }, refrain)
  })
  const mean = worths.reduce((sum, worth) => sum + worth, 0) / worths.length
  const share = distinct.length / entries.length
  const likeness = likenessOf(distinct)
  const place = placeOf(distinct, places) * (isRanking(tree, distinct[0]) ? 0.25 : 1)
  const kind = (isShort ? 0.4 : 1) * (areAsides(distinct) ? 0.4 : 1)
  return mean * Math.min(MOST_COUNTED, distinct.length) ** 0.6 * share * (0.8 + 0.4 * likeness) * place * kind
}

/** Whether what is around each of them is about another link: they are authors, or kinds of news. */
function areAsides(entries: Block[]): boolean {
  let asides = 0
  for (const [i, entry] of entries.entries()) {
    const [from, end] = [entries[i - 1]?.end ?? 0, entries[i + 1]?.at ?? Number.POSITIVE_INFINITY]
    let unit = entry.parent
    while (unit && unit.at >= from && unit.end <= end && unit.main === entry.main) unit = unit.parent
    if (unit && unit.at >= from && unit.end <= end) asides += 1
  }
  return asides > entries.length * 0.8
}

/** Two blocks under headings of their own, with their dates, are a beginning. */
function isPair(tree: Tree, entries: Block[]): boolean {
  const isDated = ({ firstText, endText }: Block) => datesBetween(tree, firstText, endText) > 0
  return entries.length === 2 && entries.every((entry) => entry.main?.isTitle && isDated(entry))
}

/** A date says that what has it is news. */
const DATED = 2

/** More of them make no list of services the news. */
const MOST_COUNTED = 24

interface Surroundings {
  scope: Scope | undefined
  /** It stands below the heading of a day, as its only entry or one of several. */
  isBelowDay: boolean
}

function worthOf(tree: Tree, entry: Block, { scope, isBelowDay }: Surroundings, refrain: string | null): number {
  const { main } = entry
  if (main === null) return 0
  const isMute = isSilent(main.text, refrain) && main.hint === ''
  const beside = isMute ? besideLink(tree, entry, main, scope) : besideCode(tree, entry, main, scope)
  // The name of a file says little, however long it is.
  const width = beside?.width ?? (CODE.test(main.text) ? Math.min(main.width, MAX_CODE_WIDTH) : main.width)
  const isNameless = isMute && beside === null
  const isDated = datesBetween(tree, entry.firstText, entry.endText) > 0 || entry.endTime > entry.firstTime
  const isDatedNearby = isBelowDay || (scope !== undefined && datesBetween(tree, scope.from, scope.end) > 0)
  // Contents lead to headings, too: only a log's are worth following.
  if (main.isJump && !isDated && !isDatedNearby && !VERSION.test(textOf(tree, entry, 20))) return 0
  // A menu's words are worth nothing, a title of twenty Han characters all it can be.
  const says = isNameless ? 0 : Math.max(SERIES.test(main.text) ? 0.5 : 0, Math.min(1, Math.max(0, width - 9) / 24))
  const least = width === 0 ? 0 : isNameless ? 0.2 : 0.35
  // What is called by a day alone is a day of the archive, most often.
  const isDay = beside === null && width < 40 && isDate(main.text)
  const title = (isDated || isDatedNearby ? Math.max(says, least) : says) * (isDay ? 0.4 : 1)
  const more = widthBetween(tree, entry.firstText, entry.endText) - linkWidthBetween(tree, entry)
  return (
    title *
    (beside ? beside.sureness * (isMute && !isDated && !main.isJump ? 0.6 : 1) : main.weight < 0 ? 0.3 : 1) *
    (isDated ? DATED : isDatedNearby ? 1.5 : 1) *
    (main.isTitle ? 1.2 : 1) *
    (more > 50 ? 1.15 : 1) *
    (/^https?:\/\/[^/]+\/?$/.test(main.url) ? 0.5 : 1)
  )
}

const MAX_CODE_WIDTH = 24

/**
 * What an entry is called beside a link that says nothing, and how sure that is: below a heading stands a button of an
 * advertisement, too, unless it is dated; lines of text are what people say of an article, with a link to answer them.
 */
function besideLink(
  tree: Tree,
  entry: Block,
  link: Link,
  scope: Scope | undefined,
): { width: number; sureness: number } | null {
  const name = findName(tree, entry, link, scope)
  if (name === null) {
    const label = widthOf(link.block.element.getAttribute('aria-label') ?? '')
    if (label > 0) return { width: label, sureness: 1 }
    const picture = widthOf(link.block.element.querySelector('img[alt]')?.getAttribute('alt') ?? '')
    return picture === 0 ? null : { width: picture, sureness: 0.5 }
  }
  const width = widthOf(name.text)
  if (isHeading(name.block) || link.block.tag !== 'a') return { width, sureness: 1 }
  const isPicture = link.text === '' && link.block.end > link.block.at + 1
  const isLong = width > MAX_TITLE_WIDTH
  if (isPicture) return isLong || !isCaptioned(tree, entry, link, width) ? null : { width, sureness: 0.5 }
  const isText = isLong || /^(?:p|div|blockquote)$/.test(name.block.tag)
  return isText && !isDate(link.text) ? null : { width, sureness: 0.5 }
}

/** "VSA-2026-0041" is a name, and what is beside it the title. */
function besideCode(
  tree: Tree,
  entry: Block,
  link: Link,
  scope: Scope | undefined,
): { width: number; sureness: number } | null {
  const name = findCodeName(tree, entry, link, scope)
  return name && { width: link.width + widthOf(name.text), sureness: 1 }
}

/** A picture and what it shows; beside that of a person there is another link, to answer what was said. */
function isCaptioned({ links }: Tree, { firstLink, endLink }: Block, { url }: Link, width: number): boolean {
  return width >= MIN_CAPTION_WIDTH && links.slice(firstLink, endLink).every((other) => other.url === url)
}

const MAX_TITLE_WIDTH = 120
/** Below a picture: shorter is the name of a person, a product or a place. */
const MIN_CAPTION_WIDTH = 24

export const VERSION = /(?:^|[\s(v])\d{1,4}\.\d{1,4}(?:\.|\b)/i

function linkWidthBetween({ linkWidths }: Tree, { firstText, endText }: Block): number {
  return (linkWidths[endText] ?? 0) - (linkWidths[firstText] ?? 0)
}

/** How many of the addresses look like the most common of them: pages of one kind are named alike. */
function likenessOf(entries: Block[]): number {
  const counts = countEach(entries.map(({ main }) => main?.shape))
  return Math.max(...counts.values()) / entries.length
}

// ---- Where it stands ----

/** Of the first entry: the same tags and classes stand above all of them. */
function placeOf([first]: Block[], places: number[]): number {
  const place = first === undefined ? 0 : (places[first.at] ?? 0)
  return (
    ((place & OUTSIDE) === 0 ? 1 : 0.08) * ((place & IN_BAD) === 0 ? 1 : 0.25) * ((place & IN_GOOD) === 0 ? 1 : 1.2)
  )
}

const [OUTSIDE, IN_BAD, IN_GOOD] = [1, 2, 4]

/** Below a heading that says so stands what others read, not what is new. "Top stories" and "Featured" are the news of a paper. */
export function isRanking(tree: Tree, first: Block | undefined): boolean {
  const from = first?.firstText ?? 0
  for (let at = from - 1; at >= Math.max(0, from - 4); at -= 1) {
    const said = tree.texts[at]?.value.trim() ?? ''
    // The rank of the first, or what leads to more of them.
    if (/^[\d\s.·•>»]*$/.test(said) || MORE.test(said)) continue
    return RANKINGS.test(said)
  }
  return false
}

const RANKINGS =
  /^\W{0,3}(?:(?:the )?(?:most|popular|trending|related|recommended|suggested)(?: ?(?:read|viewed|shared|popular|commented|posts?|articles?|stories|news|topics?|links?|now|today|for you|this week))*|top (?:read|viewed|shared|commented|posts?|topics?|links?)|(?:recent|latest) comments|(?:you (?:may|might) (?:also )?like)|also read|(?:am )?meistgelesen|beliebt|les plus lus|lo más leído|más leídas|mais lidas|самое читаемое|популярное|(?:点击|阅读|热点|热门|本周|本月|一周|浏览|新闻|下载|资讯)?(?:排行榜?|热榜)|热门\p{Script=Han}{0,4}|(?:相关|相關|推荐|推薦)(?:阅读|閱讀|文章|新闻|新聞|链接|連結|内容|资讯)|猜你喜欢|友情链接|(?:人気|アクセス)ランキング|人気記事|많이 본 (?:뉴스|기사))\W{0,3}$/iu

/** For each block, what it and those around it are called; judged once, however deep the page is. */
function placesOf(tree: Tree): number[] {
  const { blocks } = tree
  const all = widthBetween(tree, 0, tree.texts.length)
  const places: number[] = []
  for (const block of blocks) {
    const above = block.parent === null ? 0 : (places[block.parent.at] ?? 0)
    // What holds most of the page says nothing of a part of it: "has-sidebar", "header-fixed".
    const isWide = block.depth < 2 || widthBetween(tree, block.firstText, block.endText) > all * 0.7
    const isOut = isOutside(block) || (block.tag === 'header' && isWide && isOfMenus(tree, block))
    places.push(above | (isOut ? OUTSIDE : isWide ? plainPlace(block) : ownPlace(block)))
  }
  return places
}

/** A footer of fifty links is most of a short page, and still its footer. */
function isOutside({ tag, element }: Block): boolean {
  return OUTSIDE_TAGS.has(tag) || OUTSIDE_ROLES.test(element.getAttribute('role') ?? '')
}

/** A menu that is most of a page is still one; some call everything a header. */
function isOfMenus(tree: Tree, block: Block): boolean {
  const { firstText, endText } = block
  const isOther = ({ tag }: Block) => tag === 'main' || tag === 'article' || tag === 'h2'
  return datesBetween(tree, firstText, endText) === 0 && firstWithin(tree, block, isOther) === undefined
}

/** Whatever is called nothing else is one, also where nothing but it is left of a page; the body is the page. */
function plainPlace(block: Block): number {
  return block.depth >= 2 && isNamed(block, PLAIN_BAD) ? IN_BAD : 0
}

function ownPlace(block: Block): number {
  if (block.tag === 'header') return OUTSIDE
  if (isNamed(block, BAD)) return IN_BAD
  return block.tag === 'main' || isNamed(block, GOOD) ? IN_GOOD : 0
}

const OUTSIDE_TAGS = new Set(['nav', 'footer', 'aside'])
const OUTSIDE_ROLES = /^(?:navigation|menu|menubar|contentinfo)$/
const BAD =
  /(?:^|[-_])(?:nav\w{0,6}|menu\w{0,4}|submenu|footer|foot|header|head|topbar|topnav|breadcrumbs?|crumbs?|pag(?:er|ination|inate|enum|enav)|tags?|(?:tag)?cloud|lang(?:uages?)?|share|social|sidebar|side|aside|widgets?|related|links|friendlinks?|flink|yqlj|copyright|toolbar|search(?!-?results?)|login|comments?|partners?|sponsors?|hot|popular|recommend\w{0,6}|rank\w{0,4}|ads?|banner|cookie|modal|popup|weixin|qrcode)(?:$|[-_\d])|^pages?$|^top$|(?:Nav|Menu|Footer|Header|Sidebar|Links|Pager|Pagination|Breadcrumb)(?:$|[A-Z_\d-])/
const PLAIN_BAD =
  /^(?:nav|navbar|(?:(?:main|primary|site)[-_]?)?navigation|(?:mega|main|primary|sf)?[-_]?menu|(?:main|primary|site|global|top)[-_]?nav|topnav|sidenav|sidebar|toc|footer|breadcrumbs?|(?:cookie|consent|gdpr)s?(?:[-_]\w+)*)$/i
const GOOD =
  /(?:^|[-_])(?:main|content|article|articles|news|newslist|list|posts?|entries|entry|results?|stream|feed|blog|press|releases?|archive|items?|xxgk|gknr|zfxxgk|tzgg)(?:$|[-_\d])|(?:News|Article|Post)s?(?:List|$)/

// ---- Around an entry ----

/** Texts beside an entry that belong to it, where its own block holds only the link. */
export interface Scope {
  from: number
  end: number
}

/**
 * What stands between entries of the same parent belongs to the one before it (`<dt>` and `<dd>`, a cell and the next,
 * `<a>` and the text behind it), or, where the first entry has something dated before it and the last one nothing behind
 * it, to the one after it.
 */
export function scopesOf(tree: Tree, entries: Block[]): Map<Block, Scope> {
  const scopes = new Map<Block, Scope>()
  for (const siblings of byParent(entries)) {
    const [first, last] = [siblings[0], siblings.at(-1)]
    if (!first?.parent || !last) continue
    const { parent } = first
    const gaps = siblings.slice(1).map((next, i) => next.firstText - (siblings[i]?.endText ?? 0))
    const usual = gaps.length === 0 ? MAX_GAP : Math.min(MAX_GAP, Math.max(...gaps))
    const before = { from: Math.max(parent.firstText, first.firstText - usual), end: first.firstText }
    const behind = { from: last.endText, end: Math.min(parent.endText, last.endText + usual) }
    const isBefore = isDatedGap(tree, before) && !isDatedGap(tree, behind)
    for (const [i, entry] of siblings.entries()) {
      const previous = siblings[i - 1]
      const next = siblings[i + 1]
      const scope = isBefore
        ? { from: previous?.endText ?? before.from, end: entry.firstText }
        : { from: entry.endText, end: next?.firstText ?? behind.end }
      if (scope.end > scope.from && scope.end - scope.from <= MAX_GAP) scopes.set(entry, scope)
    }
  }
  return scopes
}

const MAX_GAP = 40

function isDatedGap(tree: Tree, { from, end }: Scope): boolean {
  return datesBetween(tree, from, end) > 0
}

function byParent(entries: Block[]): Iterable<Block[]> {
  return groupBy(entries, ({ parent }) => parent).values()
}

/** The link an entry is about: itself, or the best within it. */
export function mainLinkOf(entry: Block): Link | null {
  if (entry.main) return entry.main
  // A block chosen by a person may stand within its link: `a > div.card`.
  for (let block = entry.parent; block; block = block.parent) {
    const own = block.main
    if (own && own.block === block && isWithin(entry, block)) return own
  }
  return null
}
