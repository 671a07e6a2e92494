import { behind, isLetter } from './html-links.ts'
import { decodeReferences } from './references.ts'
import { createFinder, type Finder, findMarkupEnd, readTag, SECTION, skipName } from './scan.ts'

/**
 * The plain text of HTML, as a reader hears it: inline tags add nothing, block tags and `br` part words with a space,
 * what is never shown (script, style) is dropped, references are replaced. White space is one space; a line break
 * between two Han or kana characters vanishes. At most `maxChars`, ended on a whole character. Linear in any input.
 */
export function htmlToText(html: string, maxChars: number): string {
  // Most summaries hold no markup at all.
  if (!html.includes('<') && !html.includes('&')) return collapse(html, maxChars)

  const finder = createFinder(html)
  const pieces: string[] = []
  let at = 0
  let length = 0
  // Twice as much as is kept: white space will shrink.
  while (at < html.length && length < maxChars * 2) {
    const lt = html.indexOf('<', at)
    const text = decodeReferences(html.slice(at, lt === -1 ? html.length : lt))
    pieces.push(text)
    length += text.length + 1
    at = lt === -1 ? html.length : readMarkup(finder, lt, pieces)
  }
  return collapse(pieces.join(''), maxChars)
}

/** Adds what the markup at `lt` says (a space, or nothing), and returns where the text goes on. */
function readMarkup(finder: Finder, lt: number, pieces: string[]): number {
  const html = finder.text
  const isEnd = html.charCodeAt(lt + 1) === 47
  const nameStart = isEnd ? lt + 2 : lt + 1
  if (!isLetter(html.charCodeAt(nameStart))) return readSection(finder, lt, pieces)

  const name = html.slice(nameStart, skipName(html, nameStart)).toLowerCase()
  if (!INLINE.has(name)) pieces.push(' ')
  const end = isEnd ? behind(finder.find('>', lt), 1, html) : readTag(finder, lt).end
  if (isEnd || !HIDDEN.has(name)) return end
  // What is never shown ends with its own end tag; where that is missing, it hides nothing.
  const close = finder.find(`</${name}`, end)
  return close === -1 ? end : close
}

/** Comments and declarations say nothing; CDATA, and a "<" that begins nothing, say what they hold. */
function readSection(finder: Finder, lt: number, pieces: string[]): number {
  const html = finder.text
  const end = findMarkupEnd(finder, lt)
  if (end === undefined || end === -1) {
    pieces.push('<')
    return lt + 1
  }
  if (html.startsWith(SECTION, lt)) pieces.push(html.slice(lt + SECTION.length, end - 3))
  return end
}

/** White space to single spaces, ends trimmed, cut on a whole character; line breaks between Han and kana vanish. */
export function collapse(text: string, maxChars: number): string {
  const start = text.length > maxChars * 2 ? text.slice(0, maxChars * 2) : text
  // A byte order mark is no space, though JavaScript takes it for one.
  const marked = start.includes('\ufeff') ? start.replaceAll('\ufeff', '') : start
  const joined = /[\n\r]/.test(marked) && BEYOND.test(marked) ? marked.replace(CJK_BREAK, '') : marked
  return cutText(joined.replace(/\s{2,}|[^\S ]/g, ' ').trim(), maxChars)
}

/** The beginning of a text, at most `maxChars` UTF-16 units, never half of a character or of an emoji. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  // A window before the edge is enough: no grapheme people write is longer.
  const from = Math.max(0, maxChars - 64)
  let end = from
  for (const { segment, index } of SEGMENTER.segment(text.slice(from, maxChars + 64))) {
    if (from + index + segment.length > maxChars) break
    end = from + index + segment.length
  }
  return text.slice(0, end)
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })

const HAN_KANA = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}、。，！？：；「」『』（）《》]'
const CJK_BREAK = new RegExp(`(?<=${HAN_KANA})[^\\S\\n\\r]{0,20}[\\r\\n]\\s{0,20}(?=${HAN_KANA})`, 'gu')
const BEYOND = /[\u3000-\u9fff]/

/** Tags that part no words (HTML, phrasing content). All others do. */
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q ruby rb rt rp s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
)
/** Never shown, or no part of the sentence: readings over characters (`rt`) tear the word below apart. */
const HIDDEN = new Set('script style template head rt rp textarea select svg math iframe object'.split(' '))
