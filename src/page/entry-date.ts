import type { PageRules } from '../model.ts'
import { dateOfUrl, EDGE_DATES, type FoundDate, findDate, findTime, isoDay } from './date.ts'
import type { Scope } from './list.ts'
import { isDateRun, withoutSign } from './name.ts'
import {
  type Block,
  datesBetween,
  findWithin,
  firstWithin,
  joinedDate,
  type Link,
  type Tree,
  textOf,
  widthOf,
} from './tree.ts'

/** An entry, and what stands around it of which its date may be told. */
export interface DatedEntry {
  tree: Tree
  entry: Block
  link: Link
  scope: Scope | null
  /** Of the heading it stands below. */
  year: number | null
  /** Likewise the day, where the list has one heading for each. */
  day: string | null
  rules: PageRules
}

/** The date of an entry, as it is to be read by `normalize`; null where none is to be found. */
export function readDate(given: DatedEntry, title: Block): string | null {
  const { tree, entry, link, scope, rules } = given
  const ruled = rules.date === null ? null : findWithin(tree, entry, rules.date)
  if (rules.date !== null) return ruled ? dateIn(given, ruled) : null

  const times = tree.times.slice(entry.firstTime, entry.endTime)
  const shown = bestOf(times.filter(({ isShown }) => isShown).map((time) => rankTime(tree, time)))
  if (shown && shown.rank !== OTHER) return shown.date
  const inside = dateAmong(given, { from: entry.firstText, end: entry.endText }, title)
  if (inside && (!shown || inside.rank < shown.rank)) return inside.date
  if (shown) return shown.date
  const [hidden] = times
  if (hidden) return hidden.datetime
  const beside = scope && dateAmong(given, scope, title)
  if (beside) return withTime(tree, entry, beside.date)
  const said = withoutSign(textOf(tree, title, 200), link.text)
  const edge = edgeDate(given, said, [...EDGE_DATES, ...WRITTEN_DATES])
  if (edge !== null) return edge
  if (given.day !== null) return withTime(tree, entry, given.day)
  const ofUrl = dateOfUrl(link.url)
  return ofUrl?.month && ofUrl.day ? isoDay(ofUrl.year, ofUrl.month, ofUrl.day) : edgeDate(given, said, [NAMED_DATE])
}

/** A date that a rule points at: machine-readable first. */
function dateIn(given: DatedEntry, ruled: Block): string | null {
  const { tree } = given
  const attributes = ['datetime', 'content', 'title', 'data-time'].map((name) => ruled.element.getAttribute(name))
  const text = textOf(tree, ruled, 50)
  // A day in large letters stands in an element of its own beside its month.
  const parted = runsBetween(tree, ruled.firstText, Math.min(ruled.endText, ruled.firstText + 50))
  for (const written of [...attributes, parted, text]) {
    if (!written) continue
    const date = resolveDate(given, findDate(written, true))
    if (date !== null) return date
  }
  // Every other form there is: dates.ts knows them.
  return text.slice(0, 100)
}

/** The best date in these texts but the title; of equals the first. One that names its year goes before one that does not. */
function dateAmong(given: DatedEntry, { from, end }: Scope, title: Block): Ranked | null {
  const { tree } = given
  const [whole, yearless]: [Ranked[], Ranked[]] = [[], []]
  for (let at = from; at < end && whole.length < MAX_DATES; at += 1) {
    if (datesBetween(tree, at, end) === 0) break
    if (at >= title.firstText && at < title.endText && !isDateRun(tree, at)) continue
    const run = tree.texts[at]
    if (!run || datesBetween(tree, at, at + 1) === 0) continue
    const rank = rankOf(tree, at)
    if (rank === END) continue
    const found = findDate(publishedPart(run.value), widthOf(run.value) <= MAX_DATE_WIDTH)
    // A day in large letters stands in an element of its own beside its month, or its year below both.
    const date = found?.kind === 'whole' ? found : findDate(aroundOf(tree, at, from, end), false)
    if (date?.kind === 'whole') {
      whole.push({ rank, date: hasTime(date.date) ? date.date : date.date + timeNear(tree, at, from, end) })
      if (rank === PUBLISHED) break
      continue
    }
    const pieces = joinedDate(tree.texts, at, from)
    const resolved = resolveDate(given, found ?? date ?? (pieces === null ? null : findDate(pieces, true)))
    if (resolved !== null) yearless.push({ rank, date: resolved })
  }
  return bestOf(whole) ?? bestOf(yearless) ?? null
}

const MAX_DATE_WIDTH = 40
/** An entry that tells more of them is a text. */
const MAX_DATES = 8

// ---- What a date is of ----

/** How well a date says when an entry was published: that it does, nothing, that it is of something else, that it is of its end. */
const [PUBLISHED, UNSAID, OTHER, END] = [0, 1, 2, 3]

interface Ranked {
  rank: number
  date: string
}

/** The first of the best; never one of an end. */
function bestOf(dates: Ranked[]): Ranked | undefined {
  return dates.filter(({ rank }) => rank !== END).toSorted((a, b) => a.rank - b.rank)[0]
}

/** As what stands before it says, or the head of its column: "Updated: 20 June 2018", a cell below 截止时间. */
function rankOf(tree: Tree, at: number): number {
  const { value = '', block } = tree.texts[at] ?? {}
  const written = publishedPart(value)
  const own = written.slice(0, Math.max(0, written.search(/\d/)))
  const labels = [own, labelBefore(tree, at), columnOf(tree, block)]
  if (labels.some((label) => ENDS.test(label))) return END
  const said = labels.find((label) => PUBLICATIONS.test(label) || OTHERS.test(label))
  if (said === undefined) return UNSAID
  return PUBLICATIONS.test(said) ? PUBLISHED : OTHER
}

/** Of an element that a machine can read; what it is called says it, too. */
function rankTime(tree: Tree, { block, datetime }: Tree['times'][number]): Ranked {
  const called = `${block.element.getAttribute('class') ?? ''} ${block.element.getAttribute('itemprop') ?? ''}`
  return { rank: MODIFIED.test(called) ? OTHER : rankOf(tree, block.firstText), date: datetime }
}

/** What stands before a date to say of what it is; '' for none. A title says of itself when something ends. */
function labelBefore({ texts, linkWidths }: Tree, at: number): string {
  let before = at - 1
  while (before > at - 3 && texts[before]?.value.trim() === '') before -= 1
  const { value = '', block } = texts[before] ?? {}
  if (/[:：]\s*$/.test(value)) return value
  const isLinked = (linkWidths[before + 1] ?? 0) > (linkWidths[before] ?? 0)
  const isJoined = block?.tag === 'dt' || (texts[at]?.breaksBefore === false && widthOf(value) <= MAX_LABEL_WIDTH)
  return isJoined && !isLinked ? value : ''
}

const MAX_LABEL_WIDTH = 24

/** From where a text of several dates says when it was published: "成文日期：2018-04-02 发布日期：2018-05-11". */
function publishedPart(text: string): string {
  const from = text.slice(0, 200).search(PUBLICATION_INSIDE)
  return from > 0 && /\d/.test(text.slice(0, from)) ? text.slice(from) : text
}

const ENDS =
  /^.{0,12}(?:\b(?:deadline|clos(?:es|ing)|expir\w*|due|ends?|until)\b|截止|截至|到期|有效期|结束|結束|开标|開標|締切|締め切り|마감|frist|schluss|gültig bis|date limite|fecha límite|vencimiento|cierre|prazo|scadenza|окончани|fine pubbl|fin de pub|sejmuto)/i

/** Of a document there are days when it was written, signed, takes effect or was changed, too. */
const OTHERS =
  /^.{0,12}(?:\b(?:updated?|modified|changed|amended|edited|revised|reviewed|effective|signed|event|meeting)\b|更新|修改|修订|修訂|成文|生成|印发|印發|签发|簽發|制定|实施|實施|施行|生效|수정|aktualisiert|geändert|mis à jour|mise à jour|actualizad|modificad|aggiorna|atualizad|uppdaterad|opdateret|oppdatert|bijgewerkt|gewijzigd|aktualiz|zaktualizow|обновл|изменен|güncel)/i

const PUBLICATION =
  'publi(?:sh|[ée]|cation|cad|cac|caç|cer|k|ser)|posted|发布|發布|公布|发表|公[开開示]|掲載|게시일|등록일|veröffentlich|pubblica|gepubliceerd|opublik|vyvěšeno|опубликован|публикаци|yayın'
const PUBLICATIONS = new RegExp(`^.{0,12}(?:${PUBLICATION})`, 'i')
const PUBLICATION_INSIDE = new RegExp(`(?<!\\p{L})(?:${PUBLICATION})[^\\d:：]{0,12}[:：]? ?(?=\\d)`, 'iu')

/** As WordPress and schema.org call the element. */
const MODIFIED = /^(?!.*(?:publish|created)).*(?:\bupdated\b|modified)/i

/** What the head of its table says above a cell; '' for any other block. */
function columnOf(tree: Tree, inner: Block | undefined): string {
  const cell = around(inner, 'td', 3)
  const row = cell?.parent
  const head = row && firstWithin(tree, around(row, 'table', 3) ?? row, ({ tag }) => tag === 'tr', MAX_BEFORE_HEAD)
  const named = head && cellsOf(tree, head)[cellsOf(tree, row).indexOf(cell)]
  return named ? textOf(tree, named, 5) : ''
}

/** A caption, and how wide the columns are. */
const MAX_BEFORE_HEAD = 30

/** The block itself or the nearest around it, a few steps out, with this tag. */
function around(block: Block | null | undefined, tag: string, steps: number): Block | null {
  if (!block || block.tag === tag) return block ?? null
  return steps === 0 ? null : around(block.parent, tag, steps - 1)
}

function cellsOf({ blocks }: Tree, row: Block): Block[] {
  const cells: Block[] = []
  for (let at = row.at + 1; at < row.end && cells.length < 30; at = blocks[at]?.end ?? row.end) {
    const cell = blocks[at]
    if (cell) cells.push(cell)
  }
  return cells
}

/** The time of day, where it stands in an element of its own behind the day or before it. */
function timeNear({ texts }: Tree, at: number, from: number, end: number): string {
  const behind = texts.slice(at + 1, Math.min(end, at + 4)).find(({ value }) => value.trim() !== '')
  const before = texts.slice(Math.max(from, at - 3), at).findLast(({ value }) => value.trim() !== '')
  return findTime(behind?.value ?? '') ?? findTime(before?.value ?? '') ?? ''
}

function aroundOf(tree: Tree, at: number, from: number, end: number): string {
  return runsBetween(tree, Math.max(from, at - 3), Math.min(end, at + 4))
}

function runsBetween({ texts }: Tree, from: number, end: number): string {
  const runs = texts.slice(from, end)
  return runs.map(({ value }) => value.slice(0, 80)).join(' ')
}

/** Below the heading of its day an entry says only when. */
function withTime({ texts }: Tree, { firstText, endText }: Block, day: string): string {
  if (hasTime(day)) return day
  const runs = texts.slice(firstText, Math.min(endText, firstText + 20))
  return day + (runs.map(({ value }) => findTime(value)).find((time) => time !== null) ?? '')
}

function hasTime(date: string): boolean {
  return /\d:\d\d/.test(date)
}

/** "[2018-05-11] Title", "Title (05-11)": within the title only at its ends, where it is no part of what it says. */
function edgeDate(given: DatedEntry, title: string, dates: RegExp[]): string | null {
  const edge = dates.map((date) => date.exec(title)?.[0]).find((found) => found !== undefined)
  return edge === undefined ? null : resolveDate(given, findDate(edge, true))
}

const WRITTEN =
  '(?:\\d{1,2}(?:er|º)?\\.? (?:de )?\\p{L}{3,12}\\.?,? (?:de )?|\\p{L}{3,12}\\.? \\d{1,2},? )(?:19|20)\\d\\d'
/** "11 May 2018 Title", "Title - 11 May 2018": written out it may be a part of what the title says, and stays. */
const WRITTEN_DATES = [`^${WRITTEN}(?=\\W)`, `(?:\\s[-–—|·] |[[(]|[,:] )${WRITTEN}(?=[\\])]?$)`].map(
  (place) => new RegExp(place, 'u'),
)
/** "Amtsblatt Nr. 12 vom 11. Mai 2018 (PDF)", "Minutes of 11 May 2018": the day of what is called by it. */
const NAMED_DATE = new RegExp(
  `\\s(?:of|dated|vom|van|du|del|de|från(?: den)?|fra|z dnia|ze? dne|od|от|від)\\s(?:${WRITTEN}|\\d{1,2}(?:[./]|\\. )\\d{1,2}(?:[./]|\\. )(?:19|20)\\d\\d)(?=(?: ?[гrр]\\.?| года| року)?(?: ?[[(][^()[\\]]{1,30}[\\])])?$)`,
  'u',
)

/** The year of a date that names none is told by the entry's address, or by the heading above it. */
function resolveDate({ link, year: ofHeading }: DatedEntry, found: FoundDate | null): string | null {
  if (found === null) return null
  if (found.kind === 'whole') return found.date
  const ofUrl = dateOfUrl(link.url)
  const year = ofUrl ? yearBeside(found, ofUrl) : ofHeading
  if (year === null) return null
  return (found.isUnsure ? `${found.month}/${found.day}/${year}` : isoDay(year, found.month, found.day)) + found.time
}

/** A page of 30 December that is dated 2 January. */
function yearBeside(
  { month, day, isUnsure }: Extract<FoundDate, { kind: 'yearless' }>,
  { year, month: other }: { year: number; month: number | null },
): number {
  // "12.01." is of January, too.
  if (other === null || (isUnsure && day === other)) return year
  if (other === 12 && month === 1) return year + 1
  return other === 1 && month === 12 ? year - 1 : year
}
