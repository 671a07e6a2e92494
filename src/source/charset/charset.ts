import { isAscii, isUtf8 } from 'node:buffer'
import chardet from 'chardet'
import iconv from 'iconv-lite'
import { decodeEbcdic, isEbcdic } from './ebcdic.ts'
import { labelOf } from './labels.ts'
import { decodeShifted } from './shifted.ts'
import { mendControls, readMixedUtf8, readUtf8 } from './utf8.ts'

/**
 * Text of a document, without its byte order mark; bytes that mean nothing in its charset are U+FFFD. Believed in this
 * order: byte order mark or byte shape of UTF-16, UTF-8 that is valid or all but a few bytes of it (over a legacy
 * label: few legacy texts are valid UTF-8 by accident, many servers label wrongly), the HTTP charset, the XML
 * declaration, the letters people write, a guess.
 */
export function decodeDocument(bytes: Uint8Array, contentType: string | null): { text: string; charset: string } {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isMarked = all[0] === 0xef && all[1] === 0xbb && all[2] === 0xbf
  const view = all.subarray(isMarked ? 3 : (NO_PART.exec(all.toString('latin1', 0, 256))?.[0].length ?? 0))
  const charset = findCharset(view, contentType, isMarked)
  return { text: mendControls(decode(view, charset), charset === 'utf-8' ? view : null), charset }
}

/**
 * The text of a web page. What the server says of its charset is believed, unless it is what servers say who do not know; then
 * the page itself is asked.
 */
export function decodePage(bytes: Uint8Array, contentType: string | null): string {
  const said = /;\s*charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(contentType ?? '')?.[1]
  if (said !== undefined && !SERVERS_DEFAULTS.has(said.toLowerCase())) return decodeDocument(bytes, contentType).text
  // HTML wants it in the first 1,024 bytes; browsers look further, and so pages go further.
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4_096)).toString('latin1')
  const declared = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(start)?.[1]
  return decodeDocument(bytes, declared === undefined ? contentType : `text/html; charset=${declared}`).text
}

const SERVERS_DEFAULTS = new Set(['utf-8', 'utf8', 'iso-8859-1', 'latin1', 'us-ascii', 'ascii'])

/**
 * Before a document of single bytes: zeros, which a buffer held that was never cleared, or which fill a record; the mark of
 * UTF-16, by a program that believed it writes that.
 */
const NO_PART = /^(?:[\s\0]*\0|\xff\xfe|\xfe\xff)(?=[<{][^\0])/

/** ISO-2022-JP without a label, or with a wrong one: ASCII, in which signs of control say where its letters begin. */
function isEscapedJapanese(view: Buffer): boolean {
  return view.includes(0x1b) && (view.includes('\x1b$B') || view.includes('\x1b$@')) && isAscii(view)
}

/** `isMarked`: the mark of UTF-8 stood before it, which a program may put before anything. */
function findCharset(view: Buffer, contentType: string | null, isMarked: boolean): string {
  const shape = findShape(view)
  if (shape !== null) return shape

  const own = findOwn(view.toString('latin1', 0, 4_096))
  const declared = findDeclared(view, [HTTP_CHARSET.exec(contentType ?? '')?.[1], own])
  // A seven-bit charset looks like ASCII, which is valid UTF-8.
  const shift = SEVEN_BIT.find(([charset]) => declared?.startsWith(charset))?.[1]
  if (declared !== null && shift?.test(view.toString('latin1'))) return declared
  if (isUtf8(view)) return isEscapedJapanese(view) ? 'iso-2022-jp' : 'utf-8'
  const sample = sampleOf(view)
  // Where it is not declared, more has to speak for it: a few pairs of legacy letters are valid UTF-8.
  if (isMostlyUtf8(sample, isMarked || declared === 'utf-8' ? 1 : 3)) return 'utf-8'
  if (declared !== null && declared !== 'utf-8' && !shift) {
    const other = otherThan(declared, view, sample)
    return other ?? (declared === 'windows-1252' && isDamagedUtf8(sample) ? 'utf-8' : declared)
  }
  // HTTP says UTF-8, as servers do of everything: then the document's own word, if it tells anything.
  const meant = labelOf(own)
  if (meant !== null && meant !== 'utf-8' && meant !== 'windows-1252' && fits(view, meant)) return meant
  const found = charsetOfLanguage(view) ?? guess(sample)
  return LATIN.some(([charset]) => charset === found) ? (guessAmongUtf8(sample) ?? found) : found
}

/**
 * By the language the document says it is in, of those written in characters of two bytes: a few of them tell a guess
 * nothing. The first charset in which all its bytes mean something.
 */
function charsetOfLanguage(view: Buffer): string | null {
  const [, language, region] = LANGUAGE.exec(view.toString('latin1', 0, 4_096)) ?? []
  const written = region === undefined ? language : 'hant'
  return OF_LANGUAGES.get(written?.toLowerCase() ?? '')?.find((charset) => fits(view, charset)) ?? null
}

const LANGUAGE = /(?:<(?:dc:)?language>|\bxml:lang\s*=\s*["'])\s*(zh|ja|ko)(?:[-_](hant|tw|hk|mo))?\b/i
const OF_LANGUAGES = new Map([
  ['zh', ['gb18030', 'big5']],
  ['hant', ['big5', 'gb18030']],
  ['ja', ['euc-jp', 'shift_jis']],
  ['ko', ['euc-kr']],
])

/**
 * What the document is in all the same: where the declared charset has letters of more than one byte and these are none,
 * as of Japan's two; where it is Latin 2, or one of the Cyrillic ones, and the letters are those of another; or where it is
 * said to be Latin 1, and most of its letters are beyond ASCII, as no such language's are.
 */
function otherThan(declared: string, view: Buffer, sample: Buffer): string | null {
  if (declared === 'iso-8859-2' && LETTERS_OF_1250.test(sample.toString('latin1'))) return 'windows-1250'
  const isWide = WIDE.test(declared)
  if (CYRILLICS.has(declared) && isSwapped(decode(sample, declared))) {
    const found = guess(sample)
    return CYRILLICS.has(found) ? found : null
  }
  if (isWide ? fits(view, declared) : declared !== 'windows-1252' || !isForeign(sample)) return null
  const found = guess(sample)
  const isAlphabet = OTHERS.some(([charset]) => charset === found)
  const isMeant = WIDE.test(found) || (isWide ? isAlphabet && isMostlyBroken(sample, declared) : isAlphabet)
  return isMeant && fits(view, found) ? found : null
}

/** More than a few bytes mean nothing: what is only damaged is still what it says. */
function isMostlyBroken(sample: Buffer, charset: string): boolean {
  const text = decode(sample, charset)
  return countOf(text, /\ufffd/g) * 20 > countOf(text, /[^\0-\x7f]/g)
}

/** What are control characters in Latin 2. */
const LETTERS_OF_1250 = /[\x8a\x8c-\x8f\x9a\x9c-\x9f]/
/** Of KOI8 and Windows' Cyrillic each has the small letters where the other has the capitals. */
const CYRILLICS = new Set(['windows-1251', 'koi8-r', 'koi8-u'])

/** Whether most words begin with a small letter and go on in capitals. */
function isSwapped(text: string): boolean {
  return countOf(text, /\p{Ll}[А-Я]{2}/gu) > countOf(text, /[а-я]{3}/g)
}

function isForeign(sample: Buffer): boolean {
  const { letters, beyond } = countLetters(wordsOf(sample))
  return beyond > MANY && beyond > letters
}

const MANY = 20

/**
 * What tells the charset: what stands between the first tag and the last, not what a cache left around them, from a
 * little before the first byte beyond ASCII on.
 */
function sampleOf(view: Buffer): Buffer {
  const start = Math.max(view.toString('latin1', 0, SAMPLE).search(/[<{]/), 0)
  // Behind what a program printed in JSON an XML document may follow.
  const end = Math.max(view[start] === 0x7b ? view.lastIndexOf('}') : -1, view.lastIndexOf('</'))
  const document = view.subarray(start, end > start ? end : view.length)
  let first = 0
  while ((document[first] ?? 0xff) <= 0x7f) first += 1
  const from = Math.max(first - 1_024, 0)
  return document.subarray(from, from + SAMPLE)
}

const SAMPLE = 65_536

/**
 * What HTTP says, else what the document says; but "ASCII" is a lie where there is more than ASCII, and Latin 1 is what
 * servers add to everything: where the document's own charset fits, it counts.
 */
function findDeclared(view: Buffer, [http, own]: [string | undefined, string | undefined]): string | null {
  const [said, meant] = [http, own].map((label) => (ASCII.test(label ?? '') ? null : labelOf(label)))
  if (!said || !meant) return said ?? meant ?? null
  const isDefault = /^iso-?8859-1$/i.test(http ?? '') && WIDE.test(meant)
  const isNone = WIDE.test(said) && meant !== 'utf-8' && meant !== said && !fits(view, said)
  return (isDefault || isNone) && fits(view, meant) ? meant : said
}

/** What the document says of itself: above its root, where something was printed before it, or sloppily. */
function findOwn(start: string): string | undefined {
  const root = start.search(/<(?:\w{1,20}:)?(?:rss|feed|rdf|channel)\b/i)
  const labels = Array.from((root < 0 ? start : start.slice(0, root)).matchAll(XML_ENCODING), ([, label]) => label)
  return labels.findLast((label) => labelOf(label) !== null) ?? labels.at(-1)
}

/** Whether all bytes mean something in it; the last ones may be cut in half. Shift_JIS makes kana of half the width of others' letters. */
function fits(view: Buffer, charset: string): boolean {
  const text = decode(view.subarray(0, SAMPLE), charset).slice(0, -1)
  const isOdd = charset === 'shift_jis' && countOf(text, HALF_WIDTH) * 2 > countOf(text, /[^\0-\x7f]/g)
  return !isOdd && !text.includes('\ufffd')
}

function countOf(text: string, sign: RegExp): number {
  return text.match(sign)?.length ?? 0
}

const HALF_WIDTH = /[\uff61-\uff9f]/g

const ASCII = /^(?:us-)?ascii$/i
/** Charsets of more than one byte: what is not written in one is seldom valid in it. */
const WIDE = /^(?:gb|big5|(?:shift[-_]?|s)jis|euc|cp9[345])/

function findShape(view: Buffer): string | null {
  const [a, b, c, d] = view
  if (isEbcdic(view)) return 'ebcdic'
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0 && b === 0) return c === 0xfe || d === 0x3c ? 'utf-32be' : null
  // The first two characters of any document we read are ASCII: "<?", "<r", "{\n".
  if (a && b === 0 && c && d === 0) return 'utf-16le'
  if (a && b === 0 && c === 0 && d === 0) return 'utf-32le'
  if (a === 0 && b && c === 0 && d) return 'utf-16be'
  return null
}

const HTTP_CHARSET = /(?:^|[;,\s])charset\s*[=:]\s*["']?([\w.:-]{1,64})/i
const XML_ENCODING = /\bxml\s[^>]{0,200}?(?:encoding|charset)\s{0,9}=\s{0,9}(?:["']|&quot;)?\s{0,9}([\w.:-]{1,64})/gi
/** And what begins other letters than ASCII's in them. */
const SEVEN_BIT: [string, RegExp][] = [
  ['iso-2022-', /[^\t\n\r -\uffff]/],
  ['hz-', /~\{/],
  ['utf-7', /^(?!.*[\x80-\xff]).*\+[A-Za-z\d+/]{3}/s],
]

/** An undeclared charset. */
function guess(sample: Buffer): string {
  const words = wordsOf(sample)
  const found = guessByLetters(words) ?? detect(words)
  if ((found === null || LIKE_CHINESE.test(found)) && isChinese(words)) return 'gb18030'
  // It is not valid UTF-8, or we would not guess; Latin 1 is what is left of it most often.
  return found === null || found === 'utf-8' || found.startsWith('iso-2022-') ? 'windows-1252' : found
}

const LIKE_CHINESE = /^(?:windows-125[01247]|koi8-[ru]|iso-8859-(?:[12]|13|15))$/

/**
 * Whether what looks like Cyrillic, or like Latin letters with accents, are pairs, nearly all of them usual characters of
 * GB 2312. Its first bytes are Cyrillic capitals (small letters in KOI8), but its second ones lie anywhere.
 */
function isChinese(words: Buffer): boolean {
  let [pairs, usual, odd] = [0, 0, 0]
  for (let at = 0; at < words.length; at += 2) {
    while (at < words.length && (words[at] ?? 0) <= 0x7f) at += 1
    const [first = 0, second = 0] = words.subarray(at, at + 2)
    if (first === 0) break
    pairs += 1
    if ((first >= 0xb0 && first <= 0xd7 && second > 0xa0) || (first >= 0xa1 && first <= 0xa3)) usual += 1
    if (second < 0xc0 || second > 0xdf) odd += 1
  }
  return pairs >= FEW && usual >= pairs * 0.95 && odd >= pairs * 0.3
}

function detect(words: Buffer): string | null {
  return labelOf(chardet.detect(words) ?? undefined)
}

/**
 * The charset in which what is beyond ASCII are the letters people write most, and words are spelt as words. Charsets
 * of more than one byte are none of these: their bytes fall on all letters alike.
 */
function guessByLetters(words: Buffer): string | null {
  const { letters, beyond, runs } = countLetters(words)
  // A few letters with accents among many without, or another script, whose words are of nothing else.
  const latin = () => bestOf(LATIN, words, 0.85)
  // Of one or two characters any alphabet has some that are written most.
  const isLatin = letters > beyond * 3 || beyond < FEW || beyond < runs * 2
  if (isLatin) return latin()
  // Kana of Shift_JIS are quotes and letters with accents.
  if (bestOf(OTHERS, words, 0.42) === null) return WIDE.test(detect(words) ?? '') ? null : latin()
  // Titles in capitals are small letters in another charset, some of them common ones.
  return bestOf(OTHERS, words, 0.42, (text) => text.toLowerCase())
}

const FEW = 6

/** Those of ASCII, and all bytes beyond; of these how many stand together counts as a run. */
function countLetters(words: Buffer): { letters: number; beyond: number; runs: number } {
  let [letters, beyond, runs, last] = [0, 0, 0, 0]
  for (const byte of words) {
    if (byte > 0x7f) {
      beyond += 1
      if (last <= 0x7f) runs += 1
    } else if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) letters += 1
    last = byte
  }
  return { letters, beyond, runs }
}

function bestOf(
  candidates: [string, string][],
  words: Buffer,
  atLeast: number,
  fold = (text: string) => text,
): string | null {
  let best: string | null = null
  let bestText = ''
  let bestShare = atLeast
  for (const [charset, common] of candidates) {
    let [known, beyond] = [0, 0]
    const text = decode(words, charset)
    for (const char of fold(text)) {
      if (char <= '\u007f') continue
      beyond += 1
      if (common.includes(char)) known += 1
    }
    const share = (known - (text.match(MISSPELT)?.length ?? 0)) / beyond
    if (share < bestShare || (best !== null && share === bestShare && !isRatherOfOne(text, bestText))) continue
    best = charset
    bestText = text
    bestShare = share
  }
  return best
}

/** Whether the letters of the one text are those of one language, which tells it from the other, of no letters but usual ones too. */
function isRatherOfOne(text: string, other: string): boolean {
  const share = shareOfOneLanguage(text)
  return share > 0.95 && share > shareOfOneLanguage(other)
}

function shareOfOneLanguage(text: string): number {
  const letters = text.toLowerCase().match(ACCENTED)?.slice(0, 1_000) ?? []
  const known = ALPHABETS.map((alphabet) => letters.filter((letter) => alphabet.includes(letter)).length)
  return letters.length === 0 ? 1 : Math.max(...known) / letters.length
}

const ACCENTED = /[^\0-\x7f\P{L}]/gu
/** Of one language each, from French to Estonian, the letters beyond ASCII. */
const ALPHABETS = [
  ...'éèêëàâîïôùûüçœæÿ äöüß áéíóúüñºª ãõáéíóúâêôàçü àèéìíòóùú åäöæøéü ëïöüéèêàç áðéíóúýþæö àçéèíïóòúü'.split(' '),
  ...'áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž ąćęłńóśźż áéíóöőúüű ăâîşţ čćđšž çğıöşüâîû'.split(' '),
  ...'ąčęėįšųūž āčēģīķļņšūž äõöüšž'.split(' '),
]

/** A capital or a quote in a word, a letter within it that only ends one, Latin letters among those of another script, a fraction. */
const MISSPELT =
  /\p{Ll}\p{Lu}|[ςםןךףץة](?=\p{L})|[a-z](?=[\u0370-\u0eff])|[\u0370-\u0eff][a-z]|\p{L}[«»](?=\p{L})|\p{L}[½¼¾]|[½¼¾]\p{L}/gu
const TYPOGRAPHY = '“”„‘’‚«»–—…•·°§©®™€£½¼¾²³±× \u00a0'
const WESTERN = `éèêëàâäáãåæçíìîïóòôöõøœúùûüýÿñßÉÈÊËÀÂÄÁÃÅÆÇÍÌÎÏÓÒÔÖÕØŒÚÙÛÜÑ¿¡ºª${TYPOGRAPHY}`
const CENTRAL = `ěščřžýáíéóúůďťňľĺŕäôąćęłńśźżőűăâîşţđĚŠČŘŽÝÁÍÉÓÚĎŤŇĽĄĆĘŁŃŚŹŻŐŰĂÂÎŞŢĐöüëÖÜß${TYPOGRAPHY}`
const ICELANDIC = `áðéíóúýþæöÁÐÉÍÓÚÝÞÆÖ${TYPOGRAPHY}`
const BALTIC = `ąčęėįšųūžāēģīķļņõäöüĄČĘĖĮŠŲŪŽĀĒĢĪĶĻŅÕÄÖÜ${TYPOGRAPHY}`
const CYRILLIC = 'оеаинтсрвлкмдпуі'
const ARABIC = 'ايلمنرتوبةعدسهف'
const GREEK = 'αοιετσνηυρπκμλςόίάέή'
// The usual ones first: they win a tie.
const LATIN: [string, string][] = [
  ['windows-1252', WESTERN],
  ['iso-8859-15', WESTERN],
  ['windows-1250', CENTRAL],
  ['iso-8859-2', CENTRAL],
  ['windows-1254', `çğıöşüâîûÇĞİÖŞÜ${TYPOGRAPHY}`],
  ['windows-1257', BALTIC],
  ['iso-8859-13', BALTIC],
  // Behind all others: its letters stand where Turkish and Romanian have theirs.
  ['windows-1252', ICELANDIC],
]
const OTHERS: [string, string][] = [
  ['windows-1251', CYRILLIC],
  ['koi8-r', CYRILLIC],
  ['koi8-u', CYRILLIC],
  ['iso-8859-5', CYRILLIC],
  ['cp866', CYRILLIC],
  ['windows-1253', GREEK],
  ['iso-8859-7', GREEK],
  ['windows-1255', 'יוהלאתרבמשנםקדע'],
  ['windows-1256', ARABIC],
  ['iso-8859-6', ARABIC],
  ['windows-874', 'านรอกเงมยลวสท่้ัีิ'],
]

/** Without markup and addresses, which are ASCII in every charset and drown the few words there are. */
function wordsOf(view: Buffer): Buffer {
  const text = view.toString('latin1').replace(/<!\[CDATA\[|<[^<>]*>|&[#\w]+;|https?:[^\s<]*/g, ' ')
  return Buffer.from(text, 'latin1')
}

/** Whether UTF-8 was meant: there are more than so many `times` as many letters in it as broken bytes. */
function isMostlyUtf8(sample: Buffer, times: number): boolean {
  const text = readUtf8(sample)
  let broken = 0
  let foreign = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0xfffd) broken += 1
    else if (code > 0x7f) foreign += 1
  }
  return foreign > broken * times
}

/** Said to be Latin 1, as servers say of everything; but it holds no fewer signs of UTF-8 than bytes that mean nothing in it. */
function isDamagedUtf8(sample: Buffer): boolean {
  const signs = countOf(sample.toString('latin1'), SIGNS_OF_UTF8)
  return signs > 0 && signs >= countOf(readUtf8(sample), /\ufffd+/g)
}

/** An accented letter within a word, a dash or a quote, an emoji: what stands there in Latin 1 stands together nowhere. */
const SIGNS_OF_UTF8 = /[a-z]\xc3[\x80-\xbf]|(?<![A-Z])\xc3[\x80-\xbf][a-z]|\xe2\x80[\x93-\xa6]|\xf0\x9f[\x80-\xbf]{2}/g

/**
 * The charset of a text in Latin letters that holds what only UTF-8 makes of letters and quotes: most likely words came
 * into it from elsewhere, and Western ones are told from UTF-8 anyway; of other letters there have to be few. Null for
 * a text that does not, or that tells nothing.
 */
function guessAmongUtf8(sample: Buffer): string | null {
  let sure = 0
  const rest = sample.toString('latin1').replace(SURELY_UTF8, () => {
    sure += 1
    return ' '
  })
  if (sure === 0) return null
  const broken = readUtf8(sample).match(/\ufffd+/g)?.length ?? 0
  const found = bestOf(LATIN, wordsOf(Buffer.from(rest, 'latin1')), 0.85)
  const isWestern = found === null || found === 'windows-1252' || found === 'iso-8859-15'
  return broken <= sure * (isWestern ? 20 : 3) ? 'utf-8' : found
}

/** In Latin charsets an accented capital and a sign, which no word is spelt with unless it is all capitals, or more of them. */
const SURELY_UTF8 =
  /(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){2,}|(?<![A-Z])[\xc2-\xc5][\x80-\xbf]|[\xc2-\xc5][\x80-\xbf](?=[a-z])|\xe2[\x80-\x84][\x80-\xbf]|\xf0\x9f[\x80-\xbf]{2}/g

function decode(view: Buffer, charset: string): string {
  if (charset === 'utf-8') return readMixedUtf8(view)
  if (charset === 'ebcdic') return decodeEbcdic(view)
  const shifted = decodeShifted(view, charset)
  if (shifted !== null) return shifted
  // Not by TextDecoder: that of Node 20 leaves windows-1252's 0x80–0x9f as control characters.
  if (iconv.encodingExists(charset)) return iconv.decode(view, charset)
  return new TextDecoder(charset).decode(view)
}
