import { countEach } from '../groups.ts'
import { findDate, withoutTime } from './date.ts'
import {
  type Block,
  CODE,
  datesBetween,
  firstWithin,
  headingAround,
  isHeadingTag,
  isInSentence,
  isNamed,
  type Link,
  MORE,
  type Tree,
  textOf,
  widthOf,
} from './tree.ts'

/** What an entry is called, and where that stands. */
export interface Name {
  text: string
  block: Block
}

/**
 * What an entry is called where its link does not say it ("Read more", "Download", a card that is pressed as a whole): its
 * heading, what is called a title, or its first line that leads nowhere and is no date, unless the link is a part of a
 * sentence. Looks at the beginning of an entry only.
 */
export function findName(tree: Tree, entry: Block, link: Link, scope?: Texts | null): Name | null {
  const heading = isHeadingTag(entry) ? entry : findHeading(tree, entry, isHeading, MAX_BLOCKS)
  const text = heading ? withoutSign(textOf(tree, heading, 200), link.text) : ''
  if (heading && text !== '') return { text, block: heading }
  const line = isInSentence(tree, link.block) && !MORE.test(link.text) ? null : firstLine(tree, entry)
  return line ?? (scope && scope.end <= entry.firstText ? headingIn(tree, scope) : null)
}

/** Texts beside an entry. */
interface Texts {
  from: number
  end: number
}

/** Where nothing is around a heading, its text and "Read more". */
function headingIn(tree: Tree, { from, end }: Texts): Name | null {
  const block = headingAround(tree.texts.slice(from, end).find((run) => run.block.inHeading)?.block)
  return block && { text: textOf(tree, block, 200), block }
}

/**
 * What stands beside a link that is only called by a code ("VSA-2026-0041", "arXiv:1905.01234"): the first line of its entry
 * that leads nowhere, or of the `<dd>` behind its `<dt>`. Null where the link says more, or is a heading.
 */
export function findCodeName(
  tree: Tree,
  entry: Block,
  { text, isTitle }: Link,
  scope: Texts | null | undefined,
): Name | null {
  if (isTitle || !CODE.test(text)) return null
  const behind = entry.tag === 'dt' && scope ? { firstText: scope.from, endText: scope.end } : entry
  return firstLine(tree, behind)
}

/** A heading's own anchor stands in it, before or behind what it says. */
export function withoutSign(text: string, sign: string): string {
  if (sign === '' || /[\p{L}\p{N}]/u.test(sign)) return text
  const start = text.startsWith(sign) ? text.slice(sign.length) : text
  return (start.endsWith(sign) ? start.slice(0, -sign.length) : start).trim()
}

const MAX_BLOCKS = 60
const MAX_RUNS = 40

export function isHeading(block: Block): boolean {
  return isHeadingTag(block) || isNamed(block, TITLE_NAMES)
}

export const TITLE_NAMES = /(?:^|[-_])(?:title|tit|headline|heading|subject|name|bt)(?:$|[-_\d])|Title$|Headline$/i

/** The first within a block of which it is true; where a larger heading follows a heading, that: the first says its kind. */
export function findHeading(tree: Tree, block: Block, is: (block: Block) => boolean, most?: number): Block | undefined {
  const first = firstWithin(tree, block, is, most)
  if (!first || !/^h[2-6]$/.test(first.tag)) return first
  const isLarger = (other: Block) => other.at > first.at && isHeadingTag(other) && other.tag < first.tag
  return firstWithin(tree, block, isLarger, first.at - block.at + MAX_KIND_BLOCKS) ?? first
}

const MAX_KIND_BLOCKS = 8

/** What stands in the place of a name where all links say the same ("Release notes"): the first words that lead nowhere. */
export function findShortName(tree: Tree, entry: Block): Name | null {
  const name = firstLine(tree, entry, MIN_NAME_WIDTH)
  return name !== null && /\p{L}/u.test(name.text) ? name : null
}

const MIN_NAME_WIDTH = 4

function firstLine(
  tree: Tree,
  { firstText, endText }: Pick<Block, 'firstText' | 'endText'>,
  minWidth = MIN_LINE_WIDTH,
): Name | null {
  const end = Math.min(endText, firstText + MAX_RUNS)
  for (let at = firstText; at < end; ) {
    const from = at
    let text = ''
    // A line goes on as far as no block ends, no link begins, and no date stands.
    do {
      text += tree.texts[at]?.value ?? ''
      at += 1
    } while (at < end && !tree.texts[at]?.breaksBefore && isPlain(tree, from) && isPlain(tree, at))
    const said = text.replace(/\s+/g, ' ').trim()
    const block = tree.texts[from]?.block
    if (block && isPlain(tree, from) && widthOf(said) >= minWidth) return { text: said, block }
  }
  return null
}

function isPlain({ texts, linkWidths }: Tree, at: number): boolean {
  const isLinked = (linkWidths[at + 1] ?? 0) > (linkWidths[at] ?? 0)
  return !isLinked && !isDate(texts[at]?.value ?? '')
}

/** Wider than what names a kind of news: "Press release", "通知公告". */
export const MIN_LINE_WIDTH = 15

/** Whether a text is a date, and hardly more: "Issue 45, May 11, 2018" is a name. */
export function isDate(text: string): boolean {
  return (
    widthOf(withoutTime(text).replace(WEEKDAY, '')) <= MAX_BARE_DATE_WIDTH &&
    !SERIES.test(text) &&
    findDate(text, true) !== null
  )
}

/** "Miércoles, 23 de septiembre de 2026" is longer than any date without it. */
const WEEKDAY =
  /^\s*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|lunes|martes|miércoles|jueves|viernes|s[áà]bado|domingo|(?:lune|marte|mercole|giove|vener)dì|sabato|domenica|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|(?:maan|dins|woens|donder|vrij|zater|zon)dag|(?:m[åa]n|tis|tirs|ons|tors|fre|lör|lør|sön|søn)dag|(?:maanan|tiis|tors|perjan|lauan|sunnun)tai|keskiviikko|poniedziałek|wtorek|środa|czwartek|piątek|niedziela|sobota|pondělí|úterý|středa|čtvrtek|pátek|neděle|hétfő|kedd|szerda|csütörtök|péntek|szombat|vasárnap|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|понеділок|вівторок|середа|четвер|п[’']ятниця|субота|неділя|(?:pazartes|sal|çarşamb|perşemb|cum|cumartes|paza)\p{L}{1,2})(?:,? den|,)?\s(?=\d|\p{L}{3,12}\.? \d)/iu

/** The issues of a periodical are called by their numbers. */
export const SERIES =
  /第 ?[\d一二三四五六七八九十百]{1,5} ?[期号號回辑輯]|(?:^|\s)(?:issue|vol(?:ume)?|no|edition|episode|ausgabe|heft|numéro|número|выпуск|№)\.?\s?#?\d{1,5}(?!\d)/iu

/** Whether one of the texts is only a date. */
export function isDateRun(tree: Tree, at: number): boolean {
  return datesBetween(tree, at, at + 1) > 0 && isDate(tree.texts[at]?.value ?? '')
}

/** "11 de septiembre de 2018", "发布时间：2018-05-11". */
const MAX_BARE_DATE_WIDTH = 24

/** What most links of a list say is none of its titles: "Download (PDF, 120 KB)". Null where each says its own. */
export function findRefrain(links: (Link | null)[]): string | null {
  const counts = countEach(links.map((link) => withoutSize(link?.text ?? '')))
  for (const [text, count] of counts) if (count >= 3 && count > links.length / 2) return text
  return null
}

function withoutSize(text: string): string {
  // No size has more digits; without an end, a text of nothing else would be gone through once for each of them.
  return text.replace(/\d[\d.,]{0,15}\s?(?:[kmg]i?b|bytes)\b/gi, '')
}

/** Whether the text of a link says nothing of the entry. */
export function isSilent(text: string, refrain: string | null): boolean {
  return (
    !/[\p{L}\p{N}]/u.test(text) ||
    /^#?\d{1,7}$/.test(text) ||
    MORE.test(text) ||
    // Where a small thing is said without a title, its date leads to it.
    isDate(text) ||
    (refrain !== null && withoutSize(text) === refrain)
  )
}
