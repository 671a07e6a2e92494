import { AppError } from '../errors.ts'
import type { Alert, Item, RelatedItem, RenderedMessage } from '../model.ts'
import { findMarks } from '../text/marks.ts'
import { formatDate, formatLocal, isWholeDay } from '../time.ts'
import { itemAddress } from './address.ts'
import { otherSources } from './related.ts'
import { saidTime } from './said-time.ts'
import { escapeXml } from './xml.ts'

/** The longest parts of a message, in UTF-16 units, cut at a grapheme. */
const LONGEST = {
  title: 200,
  source: 64,
  name: 64,
  word: 40,
  snippet: 280,
  listTitle: 90,
  listSource: 40,
  listName: 32,
  spokenTitle: 120,
  spokenSource: 40,
  otherSource: 32,
  listOther: 24,
}
/** Telegram shows the first 100 entities of a message and forgets the rest, links too: marks are what we can spare. */
const MOST = {
  words: 3,
  names: 3,
  others: 3,
  othersListed: 2,
  titleMarks: 15,
  snippetMarks: 30,
  wordsLookedFor: 200,
  listed: 20,
}
/** Telegram: 4096 characters after its parsing; some room is left for what a caller adds. */
const LONGEST_LIST = 3_800
/** Telegram: 32768 bytes with markup. Twenty list entries with addresses of this size fit. */
const LONGEST_LIST_ADDRESS = 600
/** How far into a text the first match is looked for: a message must stay cheap whatever the item holds. */
const LOOKED_THROUGH = 50_000

/**
 * What a chat is told, in Telegram's HTML: one alert with its matched words marked, who else carries its story and when
 * it was edited; or, of several, a list of the newest and how many more there are. Below 4,096 units and 60 entities
 * whatever the items hold; nothing in it that came from a source can mention a user or press a command.
 */
export function renderAlert(alerts: Alert[], total: number): RenderedMessage {
  const [first] = alerts
  if (!first) throw new AppError('internal', 'A message without alerts cannot be written.')
  return alerts.length === 1 && total <= 1 ? renderOne(first) : renderSummary(alerts, Math.max(total, alerts.length))
}

/**
 * A numbered list of items as linked titles with source, time (of an undated one when it was seen first) and who else
 * carries the story, as much as fits; `shown` says how many that were.
 */
export function renderItems(items: Item[], room = LONGEST_LIST): { html: string; shown: number } {
  return renderList(items, room, (item) => [...seenAt(item), ...saidOthers(item)])
}

/** `more` is said of each item beside its source and time. */
function renderList(items: Item[], room: number, more: (item: Item) => string[]): { html: string; shown: number } {
  const lines: string[] = []
  let units = 0
  for (const item of items.slice(0, MOST.listed)) {
    const line = renderListed(item, lines.length + 1, more(item))
    units += visibleUnits(line) + 1
    if (units > room) break
    lines.push(line)
  }
  return { html: lines.join('\n'), shown: lines.length }
}

/** An item within a sentence: its title, linked, and its source. */
export function nameItem(item: Item): string {
  const title = linked(inertText(titleOf(item), LONGEST.spokenTitle), itemAddress(item))
  return `<b>${title}</b> · <i>${inertText(sourceName(item), LONGEST.spokenSource)}</i>`
}

/** Foreign text for a message: one line, cut with "…", inert (no mention, no command), escaped for Telegram's HTML. */
export function inertText(text: string, longest: number): string {
  return escapeXml(defuse(cut(clean(text), longest)))
}

/** Foreign text as it is, cut and escaped: only for inside `<code>`, where Telegram makes nothing live and people copy from. */
export function exactText(text: string, longest: number): string {
  return escapeXml(cut(clean(text), longest))
}

/** A moment: Telegram shows it relative and in the reader's own time zone; older apps show UTC. */
export function timeTag(ms: number): string {
  return `<tg-time unix="${Math.floor(ms / 1_000)}" format="r">${formatLocal(ms, 'UTC')} UTC</tg-time>`
}

/** A date that a source gave: a moment, or the day alone where it said no time. */
export function dateTag(ms: number): string {
  return isWholeDay(ms) ? formatDate(ms, 'UTC') : timeTag(ms)
}

/** An upper bound of what Telegram counts of this HTML, in UTF-16 units. */
export function visibleUnits(html: string): number {
  return html.replace(/<[^>]*>/g, '').length
}

function renderOne(alert: Alert): RenderedMessage {
  const { item, hits } = alert
  const words = [...new Set(hits.flatMap((hit) => hit.words))].slice(0, MOST.wordsLookedFor)
  const text = clean(item.text.slice(0, LOOKED_THROUGH))
  const title = titleOf(item)
  const url = telegramAddress(itemAddress(item))

  const heading = `<b>${marked(title, words, 'u', MOST.titleMarks)}</b>`
  const snippet = snippetOf(withoutHead(text, title), words)
  const lines = [
    url === null ? heading : `<a href="${escapeXml(url)}">${heading}</a>`,
    `📰 ${[inertText(sourceName(item), LONGEST.source), ...timeOf(item), ...editOf(item)].join(' · ')}`,
    renderOthers(item),
    snippet === '' ? null : `<blockquote>${marked(snippet, words, 'b', MOST.snippetMarks)}</blockquote>`,
    renderReason(words, namesOf([alert])),
  ]
  return { html: lines.filter((line) => line !== null).join('\n'), openUrl: url }
}

function renderSummary(alerts: Alert[], total: number): RenderedMessage {
  const newest = alerts.toSorted((a, b) => b.item.place - a.item.place)
  const sources = [...new Set(newest.map((alert) => sourceName(alert.item)))]
  const from = sources.length === 1 ? inertText(sources[0] ?? '', LONGEST.source) : `${sources.length} sources`
  const { html, shown } = renderList(
    newest.map((alert) => alert.item),
    LONGEST_LIST,
    () => [],
  )
  const lines = [
    `<b>${from}</b> — ${total} new`,
    html,
    total > shown ? `… and ${total - shown} more: <code>${listingOf(alerts, total)}</code> lists them.` : null,
    renderReason([], namesOf(newest)),
  ]
  return { html: lines.filter((line) => line !== null).join('\n'), openUrl: null }
}

/** The rest are rows like any other; this command lists them, too, as long as no newer ones have come. */
function listingOf([first]: Alert[], total: number): string {
  const chat = first === undefined ? '' : ` --chat ${first.chat}`
  return `npx crier alerts${chat} --limit ${total}`
}

function renderListed(item: Item, number: number, more: string[]): string {
  const heading = linked(inertText(titleOf(item), LONGEST.listTitle), itemAddress(item))
  const parts = [inertText(sourceName(item), LONGEST.listSource), ...timeOf(item), ...more]
  return `${number}. ${heading}\n<i>${parts.join(' · ')}</i>`
}

/** As in an alert, but short and without links: a list has many. */
function saidOthers(item: Item): string[] {
  return sayOthers(item, MOST.othersListed, (other) => inertText(sourceName(other), LONGEST.listOther))
}

/** Who else carries the story: "+3: Reuters, BBC, Guardian", each name a link to its item; null when nobody does. */
function renderOthers(item: Item): string | null {
  const name = (other: RelatedItem) => linked(inertText(sourceName(other), LONGEST.otherSource), other.url)
  return sayOthers(item, MOST.others, name)[0] ?? null
}

/** One line, or none. */
function sayOthers(item: Item, most: number, name: (other: RelatedItem) => string): string[] {
  const { named, count, isMore, rest } = otherSources(item, most)
  if (count === 0) return []
  return [`+${count}${isMore ? ' or more' : ''}: ${[named.map(name).join(', '), rest].join(' ').trimEnd()}`]
}

/** With a link where Telegram takes the address, and it is short enough to stand among others. */
export function linked(html: string, address: string | null): string {
  const url = telegramAddress(address)
  const href = url === null ? null : escapeXml(url)
  return href === null || href.length > LONGEST_LIST_ADDRESS ? html : `<a href="${href}">${html}</a>`
}

/** Why it came: the matched words, and the watches by name; nothing twice. */
function renderReason(words: string[], names: string[]): string {
  const longest = names.length === 1 ? LONGEST.name : LONGEST.listName
  const found = withoutParts(words.map(withoutQuotes))
  const isNamed = names.length === 1 && found.length === 1 && withoutQuotes(names[0] ?? '') === found[0]
  const parts = [
    some(found, MOST.words, ', ', (word) => `<b>${inertText(word, LONGEST.word)}</b>`),
    // A query may be a list with commas of its own.
    isNamed ? '' : some(names, MOST.names, '; ', (name) => `<i>${inertText(name, longest)}</i>`),
  ]
  return `🔎 ${parts.filter((part) => part !== '').join(' · ')}`
}

/** "a, b, c +4" */
function some(texts: string[], most: number, between: string, render: (text: string) => string): string {
  const shown = texts.slice(0, most).map(render).join(between)
  return texts.length > most ? `${shown} +${texts.length - most}` : shown
}

/** "big" goes where "big data" was found, too. */
function withoutParts(words: string[]): string[] {
  const padded = words.map((word) => ` ${word.toLowerCase()} `)
  return words.filter((_, at) => !padded.some((other) => other !== padded[at] && other.includes(padded[at] ?? '')))
}

function withoutQuotes(word: string): string {
  return /^["“„«「](.+)["”“»」]$/su.exec(word)?.[1] ?? word
}

/** A watch has no name but its query. */
function namesOf(alerts: Alert[]): string[] {
  return [...new Set(alerts.flatMap((alert) => alert.hits.map((hit) => hit.watch.query)))]
}

function sourceName(item: Pick<Item, 'source'>): string {
  return isVisible(clean(item.source.title)) ? item.source.title : item.source.host
}

function titleOf(item: Item): string {
  // Cleaning only shortens: a title never needs more of its beginning than this.
  const title = clean(item.title.slice(0, 5_000))
  if (isVisible(title)) return cut(title, LONGEST.title)
  const text = clean(item.text.slice(0, 5_000))
  return isVisible(text) ? cut(text, 80) : '(untitled)'
}

function timeOf(item: Item): string[] {
  const time = saidTime(item)
  return time === null ? [] : [dateTag(time)]
}

/** A message stands at its time in the chat; in a list nothing else says how old an undated item is. */
function seenAt(item: Item): string[] {
  return saidTime(item) === null ? [`seen ${timeTag(item.firstSeenAt)}`] : []
}

/** The publisher's own edits have a time, ours to tell; with its whole text, which we fetched, an item is as it was. */
function editOf({ revisedAt }: Item): string[] {
  return revisedAt === null ? [] : [`edited ${timeTag(revisedAt)}`]
}

// The tag is only ours: what came from a source is escaped.
const EDITED = / · edited <tg-time [^>]*>[^<]*<\/tg-time>/

/** Whether two versions of a message tell the same, whatever they say of when that was edited: then one need not replace the other. */
export function tellsTheSame(one: RenderedMessage, other: RenderedMessage): boolean {
  return one.html.replace(EDITED, '') === other.html.replace(EDITED, '') && one.openUrl === other.openUrl
}

/** Many feeds begin the text with the title. */
function withoutHead(text: string, title: string): string {
  const head = title.endsWith('…') ? title.slice(0, -1).trimEnd() : title
  if (text.slice(0, head.length).toLowerCase() !== head.toLowerCase()) return text
  const rest = text.slice(head.length)
  // "Big data" is not the head of "Big databases grow".
  if (!title.endsWith('…') && /^[\p{L}\p{N}\p{M}]/u.test(rest)) return text
  const said = rest.replace(/^[\s.:;,|…–—-]+/u, '')
  // A title that was cut may end within a word.
  return title.endsWith('…') && said !== '' ? `…${said}` : said
}

/** The part around the first match, or the beginning. */
function snippetOf(text: string, words: string[]): string {
  if (!isVisible(text)) return ''
  if (text.length <= LONGEST.snippet) return text
  const match = findMarks(text, words)[0]
  if (!match || match.end < LONGEST.snippet) return cut(text, LONGEST.snippet)
  const from = boundaryAfter(text, Math.max(0, match.start - 90))
  return cut(`…${text.slice(from, from + 2 * LONGEST.snippet)}`, LONGEST.snippet)
}

/** The beginning of a word near `at`, else of a grapheme. */
function boundaryAfter(text: string, at: number): number {
  const space = text.indexOf(' ', at)
  if (space >= 0 && space < at + 30) return space + 1
  return graphemes.segment(text).containing(at)?.index ?? at
}

function marked(text: string, words: string[], tag: 'b' | 'u', most: number): string {
  let html = ''
  let done = 0
  for (const { start, end } of findMarks(text, words).slice(0, most)) {
    html += escapeXml(defuse(text.slice(done, start)))
    html += `<${tag}>${escapeXml(defuse(text.slice(start, end)))}</${tag}>`
    done = end
  }
  return html + escapeXml(defuse(text.slice(done)))
}

/**
 * The address as Telegram takes it for links and buttons, else null: it drops other links silently, and refuses the
 * whole message for a button.
 */
export function telegramAddress(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null
  const url = new URL(address)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  if (!/[^.]\.[^.]/.test(url.hostname) || url.port === '0') return null
  if (url.username !== '' || url.password !== '') return null
  // Serialized, it is ASCII: units are bytes.
  return url.href.length <= 2_000 ? url.href : null
}

/** Well-formed, NFC, one line, without what is invisible or turns the direction, at most three marks on a letter. Zero-width joiners stay: scripts and emoji need them. */
function clean(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\uFFFD')
      .normalize('NFC')
      // Zero width space, word joiner and its kin, embeddings and isolates, byte order mark, tags.
      .replace(/[\u200B\u2060-\u2064\u202A-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu, '')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .replace(/(\p{M}{3})\p{M}+/gu, '$1')
      .trim()
  )
}

function isVisible(text: string): boolean {
  return /[^\p{M}\p{Cf}\p{Z}]/u.test(text)
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Letters, signs and characters of which each stands by itself: nothing in here joins the one before it. */
const PLAIN = /^[\x20-\x7e\xa0-\u02ff\u0410-\u044f\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e]*$/

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text
  const head = text.slice(0, longest + 1)
  // Most: the segmenter costs as much as the rest of a message.
  if (PLAIN.test(head)) return `${head.slice(0, longest - 1).trimEnd()}…`
  let end = 0
  for (const { index, segment } of graphemes.segment(head)) {
    if (index + segment.length > longest - 1) break
    end = index + segment.length
  }
  // One grapheme can be of any length (joined emoji without end): then between two characters.
  if (end === 0) end = /[\uD800-\uDBFF]/.test(text.charAt(longest - 2)) ? longest - 2 : longest - 1
  return `${text.slice(0, end).trimEnd()}…`
}

/**
 * Telegram makes "@name" and "/command" in any text live: in a group that is an attack. A word joiner after the sign
 * stops it. A sign at the end of a piece gets one too, because the next piece may begin with a letter.
 */
function defuse(text: string): string {
  return text.replace(/[@/](?=[\p{L}\p{N}_]|$)/gu, '$&\u2060')
}
