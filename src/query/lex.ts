import { pointBefore } from '../text/points.ts'
import { isUnspaced } from '../text/scan.ts'
import { queryTokens } from '../text/tokens.ts'
import { type Field, isField, nearField } from './fields.ts'
import { matchPublishers, type PublishersLexeme } from './publishers-lexeme.ts'
import { type RefusalKind, refuseAt, replaced } from './refusals.ts'

/** What a query text is made of. Offsets are UTF-16 units of the text that was given. */
export type Lexeme =
  | { kind: 'open' | 'close' | 'or' | 'and' | 'not' | 'list'; start: number; end: number }
  | { kind: 'field'; field: Field; start: number; end: number }
  | PublishersLexeme
  | TextLexeme

/** A word, a phrase (without its quotes) or the value of a field; `star`: its ending is open, and the `*` is cut off. */
export interface TextLexeme {
  kind: 'text'
  text: string
  isQuoted: boolean
  star: boolean
  start: number
  end: number
}

/**
 * Takes a query text apart, in one pass. A list mark (comma, line end) that stands beside nothing is left out. Throws
 * `invalid` for what can be refused without looking at the rest.
 */
export function lex(text: string): Lexeme[] {
  const reader = new Reader(text)
  while (reader.at < text.length) reader.readNext()
  return reader.lexemes.filter((lexeme, index, all) => lexeme.kind !== 'list' || partsEntries(all, index))
}

const AFTER_NOTHING = new Set<Lexeme['kind'] | undefined>([undefined, 'open', 'or', 'and', 'not', 'list'])
const BEFORE_NOTHING = new Set<Lexeme['kind'] | undefined>([undefined, 'close', 'or', 'and'])

function partsEntries(all: Lexeme[], index: number): boolean {
  // Of several in a row the first counts; what follows the last of them decides with it.
  if (AFTER_NOTHING.has(all[index - 1]?.kind)) return false
  let next = index + 1
  while (all[next]?.kind === 'list') next += 1
  return !BEFORE_NOTHING.has(all[next]?.kind)
}

/** Signs that people's keyboards make instead of ours; each is one unit, as what it stands for. */
const LIKE_ASCII: Record<string, string> = Object.fromEntries(
  (
    '（( ）) ＊* ｜| ！! ：: ＆& ＋+ ／/ ？? －- –- —- −- ，, 、, ،, ＞> ＝= ＜< ＂" “" ”" „" ‟" ' +
    '０0 １1 ２2 ３3 ４4 ５5 ６6 ７7 ８8 ９9'
  )
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.charAt(1)]),
)

/** All of these, and the blanks that are no spaces. */
const TO_ASCII = new RegExp(`[${Object.keys(LIKE_ASCII).join('')}]|[^\\S\\n ]`, 'g')

const CLOSING: Record<string, string> = { '"': '"', '«': '»', '「': '」', '『': '』' }

/**
 * German »big data« and Swedish »big data», beside whose words there is no blank. Elsewhere a » is punctuation, also where the
 * next guillemet opens a phrase by all appearances.
 */
const INWARD = /»(?=[^«»]*[^\s\p{P}«»])[^\s«»](?:[^«»]*[^\s«»(:|!+-])?[«»](?![\p{L}\p{N}])/uy

/** Something that an operator may stand before. */
const GOES_ON = /^\s+(?!(?:OR|AND|NOT)\b)[\p{L}\p{N}"(]/u
const OPERATORS: Record<string, 'and' | 'or' | 'not'> = { AND: 'and', OR: 'or', NOT: 'not' }

/** Ends in two letters: enough to be left open. */
const IS_LONG = /[\p{L}\p{N}]{2}$/u

/** No number has more characters. */
const MAX_NUMBER = 20

/** What it means, of words with anything between them, and of such rows with OR between; null for all others. */
function wordsOfRegex(inside: string): string | null {
  if (inside === '') return ''
  const plain = inside.replace(/\\b|(?<=^|\|)\^|\$(?=$|\|)/g, '').replace(/(?:(?:\.|\\s|\\W)[*+]\??|\\s)+/g, ' ')
  const branches = plain.split('|').map((branch) => branch.trim())
  const areWords = branches.every((branch) => IS_ROW.test(branch) && !branch.split(' ').some(operatorOf))
  if (!areWords) return null
  return branches.length > 1 ? `(${branches.join(' OR ')})` : branches.join('')
}

const IS_ROW = /^[\p{L}\p{N}]+(?: [\p{L}\p{N}]+)*$/u

/** `/regex/flags` */
const REGEX = /\/([^\n]+?)\/[dgimsuvy]{0,4}(?=[\s)]|$)/y

/** What may stand after the colon, where a word says nothing; what is refused after other fields is told with an example. */
const EXAMPLES: Partial<Record<Field, string>> = { site: 'example.com', lang: 'en' }

interface Place {
  start: number
  end: number
}

/** A word, or what stands in quotes; `star`: one follows the closing quote. */
interface Found extends Place {
  isQuoted: boolean
  star: boolean
}

/** Walks the text once; has the place it is at and what it has found. */
class Reader {
  readonly text: string
  /** The text with all signs that mean something in ASCII, and every blank but the line end as a space. */
  readonly signs: string
  readonly lexemes: Lexeme[] = []
  at = 0

  constructor(text: string) {
    this.text = text
    this.signs = text.replace(TO_ASCII, (sign) => LIKE_ASCII[sign] ?? ' ')
  }

  readNext(): void {
    const sign = this.signs.charAt(this.at)
    const next = this.signs.charAt(this.at + 1)
    if (sign === ' ' || sign === '+') this.at += 1
    else if (sign === '\n' || sign === ',') this.push('list', 1)
    else if (sign === '(' && next === '?') throw this.refuseRegex(/\(\?[a-z]*\)/y)
    else if (sign === '(') this.push('open', 1)
    else if (sign === ')') this.push('close', 1)
    else if (sign === '|') this.push('or', next === '|' ? 2 : 1)
    else if (sign === '&' && next === '&') this.push('and', 2)
    else if (sign === '-' || sign === '!') this.readNegative()
    else if (this.closingOf(sign) !== undefined) this.readPhrase()
    else this.readTerm()
  }

  /** What closes a phrase that this sign opens here; undefined where it opens none. */
  private closingOf(sign: string): string | undefined {
    return sign === '»' ? this.match(INWARD)?.[0].slice(-1) : CLOSING[sign]
  }

  private readNegative(): void {
    const [run] = this.match(/[-!]+/y) ?? ['']
    const following = this.signs.charAt(this.at + run.length)
    // A lone dash means nothing.
    if (' \n,)|'.includes(following)) this.at += run.length
    else if (run.length === 1) this.push('not', 1)
    else throw this.refuse('double_negative', { form: this.replaced(this.at, this.at + run.length, run.charAt(0)) })
  }

  private readTerm(): void {
    if (this.isRegex()) throw this.refuseRegex(REGEX)
    if (!this.readPublishers() && !this.readField()) this.readWord()
  }

  private readPublishers(): boolean {
    const found = matchPublishers(this.text, this.signs, this.at)
    if (found === null) return false
    this.lexemes.push(found)
    this.at = found.end
    return true
  }

  /** `/regex/flags`: paths such as /r/news or /etc/passwd are none. */
  private isRegex(): boolean {
    const [, inside = ''] = this.match(REGEX) ?? []
    return inside !== '' && (/[\\()[\]?*+^$|.{}]/.test(inside) || !/[/\s]/.test(inside))
  }

  private refuseRegex(pattern: RegExp): Error {
    const [written = '', inside = ''] = this.match(pattern) ?? []
    const words = wordsOfRegex(inside)
    if (written === '' || words === null) return this.refuse('regex')
    return this.refuse('regex', { form: this.replaced(this.at, this.at + written.length, words) })
  }

  private readField(): boolean {
    const [written = '', name = ''] = this.match(/([a-z]+):/iy) ?? []
    const field = name.toLowerCase()
    if (isField(field)) this.readValue(written, field)
    else this.refuseNear(written, field)
    return isField(field)
  }

  private readValue(written: string, field: Field): void {
    const start = this.at
    const value = start + written.length
    const sign = this.signs.charAt(value)
    if (' \n,)'.includes(sign)) throw this.refuseEmptyField(start, value, written, field)
    if ((sign === '-' || sign === '!') && !/^[\s]?$/.test(this.signs.charAt(value + 1))) {
      const form = this.replaced(start, value + 1, `-${written}`)
      throw this.refuse('negative_value', { what: written, form })
    }
    this.lexemes.push({ kind: 'field', field, start, end: value })
    this.at = value
    // The name of a field is left to be read, so that "title:body:x" is refused as "title:(body:x)" is.
    if (this.closingOf(sign) === undefined && sign !== '(' && !this.isFieldNext()) this.readWord()
  }

  /** Throws where a field is meant, by all appearances. */
  private refuseNear(written: string, name: string): void {
    const [blank = ''] = this.match(/\s*/y, this.at + written.length) ?? []
    const near = nearField(name, { isApart: blank !== '' })
    if (near === undefined) return
    const form = this.replaced(this.at, this.at + written.length + blank.length, `${near}:`)
    throw this.refuse('unknown_field', { what: written, near, form })
  }

  /** "feed://example.com" is an address. */
  private isFieldNext(): boolean {
    const [, name = ''] = this.match(/([a-z]+):(?!\/\/)/iy) ?? []
    return isField(name.toLowerCase())
  }

  private refuseEmptyField(start: number, value: number, written: string, field: Field): Error {
    const not = this.match(/ +NOT(?=[ "(]) */y, value)
    if (not) {
      const form = this.replaced(start, value + not[0].length, `-${written}`)
      return this.refuse('negative_value', { what: written, form })
    }
    const blank = this.match(/ +(?!(?:OR|AND|NOT)(?![^\s()|"])|\||&&)(?=[^\s,)])/y, value)
    if (blank) {
      const form = this.replaced(value, value + blank[0].length, '')
      return this.refuse('space_after_colon', { what: written, form })
    }
    const form = this.replaced(start, value, `${written}${EXAMPLES[field] ?? 'word'}`)
    return refuseAt(this.text, start, 'empty_field', { what: written, form })
  }

  private readPhrase(): void {
    const start = this.at
    const closing = this.closingOf(this.signs.charAt(start)) ?? '"'
    const end = this.signs.indexOf(closing, start + 1)
    if (end < 0) throw this.refuseUnclosed(start, closing)
    const stars = this.match(/\*+/y, end + 1)?.[0].length ?? 0
    this.at = end + 1 + stars
    this.pushText({ start: start + 1, end, isQuoted: true, star: stars > 0 })
  }

  private refuseUnclosed(start: number, closing: string): Error {
    if (queryTokens(this.text.slice(start + 1)).tokens.length > 0) {
      // Where parentheses are open, those at the end close them.
      const [atEnd = ''] = /(?:\s*\))*$/.exec(this.signs) ?? []
      const end = this.text.length - (this.hasOpen() ? atEnd.length : 0)
      return this.refuse('unclosed_quote', { form: this.replaced(end, end, closing) })
    }
    const before = this.text.slice(0, start).trim()
    if (before === '' || before.endsWith(':')) return this.refuse('empty_quotes', { form: before })
    return this.refuse('lone_quote', { form: before })
  }

  private hasOpen(): boolean {
    const count = (wanted: Lexeme['kind']) => this.lexemes.filter(({ kind }) => kind === wanted).length
    return count('open') > count('close')
  }

  private readWord(): void {
    const start = this.at
    // The first sign is taken, also one that parts words: there is always progress.
    let end = start + 1
    while (end < this.text.length && !this.endsWord(end)) end += 1
    this.at = end
    const isValue = this.lexemes.at(-1)?.kind === 'field'
    const text = this.text.slice(start, end)
    const operator = isValue ? undefined : operatorOf(text)
    if (operator) this.lexemes.push({ kind: operator, start, end })
    else this.pushText({ start, end, isQuoted: false, star: false })
  }

  private endsWord(at: number): boolean {
    const sign = this.signs.charAt(at)
    if (' \n()|'.includes(sign)) return true
    if (sign === '&') return this.signs.charAt(at + 1) === '&'
    if (sign === ',') return !this.isThousands(at) && !this.isInNumber(at)
    // The mark within Hebrew abbreviations is typed as a quote: צה"ל.
    if (sign === '"') return !/^\p{Script=Hebrew}"\p{Script=Hebrew}/u.test(this.text.slice(at - 1, at + 2))
    return CLOSING[sign] !== undefined
  }

  /** 1,000,000 is no list. */
  private isThousands(comma: number): boolean {
    const before = /(?:^|\D)\d{1,3}$/.test(this.signs.slice(Math.max(0, comma - 4), comma))
    return before && this.match(/,\d{3}(?!\d)/y, comma) !== null
  }

  /** Nor are 1,5 (one and a half) and 12,34,567 (lakhs). More short numbers in a row are. */
  private isInNumber(comma: number): boolean {
    // 3 and 7 after source: are two sources; a day ends in a number, too.
    if (this.text.charAt(comma) !== ',' || this.isValueOf('source', 'feed', 'after', 'before')) return false
    // Not of the signs: a Chinese comma is none of a number's.
    const [before = ''] = /[\p{L}\p{Nd},]*$/u.exec(this.text.slice(Math.max(0, comma - MAX_NUMBER), comma)) ?? []
    const [after] = /^,\p{Nd}[\p{Nd},]*/u.exec(this.text.slice(comma, comma + MAX_NUMBER)) ?? []
    return (
      after !== undefined && /^(?:\d{1,3},\d{1,2}|\d{1,2}(?:,\d{2})+,\d{3}),*$/.test((before + after).normalize('NFKC'))
    )
  }

  private pushText(found: Found): void {
    const { start, end, isQuoted } = found
    const written = this.signs.slice(start, end)
    const [stars = ''] = written.includes('*') ? (/\s*\*+\s*$/.exec(written) ?? []) : []
    if (written.includes('*')) this.checkStars(found, written.slice(0, written.length - stars.length), stars)
    const exact = this.text.slice(start, end - stars.length)
    // A word has no blanks.
    const text = isQuoted ? exact.replace(/\s+/g, ' ').trim() : exact
    const isStarred = found.star || stars !== ''
    const isValue = this.lexemes.at(-1)?.kind === 'field'
    const isEmpty = !isQuoted && !isValue && !/[a-z\d]/i.test(text) && queryTokens(text).tokens.length === 0
    if (isEmpty) this.passOver(text, { start, end }, isStarred)
    else this.lexemes.push({ kind: 'text', text, isQuoted, star: isStarred, start, end })
  }

  /** Only the ending of what has letters can be left open. `bare` is what was written without the stars at its end. */
  private checkStars({ start, end, isQuoted }: Found, bare: string, stars: string): void {
    const whole = isQuoted ? { start: start - 1, end: end + 1 } : { start, end }
    if (stars !== '' && bare.trim() === '') {
      throw refuseAt(this.text, start, 'star_alone', { form: replaced(this.text, whole, '') })
    }
    const star = bare.indexOf('*')
    // "site:*.example.com" says what "site:example.com" means.
    const isWholeSite = this.isValueOf('site') && bare.startsWith('*.') && bare.lastIndexOf('*') === 0
    if (star < 0 || isWholeSite) return
    const [first = ''] = /^\**/.exec(bare) ?? []
    if (star === 0) {
      throw refuseAt(this.text, start, 'star_first', { form: this.replaced(start, start + first.length, '') })
    }
    const form = this.partedAt(star, { start, end, isQuoted }, bare, stars)
    throw refuseAt(this.text, start + star, 'star_inside', form === null ? {} : { form })
  }

  /**
   * The query with what stands on both sides of this star as parts of their own: no word is lost by that. Null where what is
   * before it may be too short to be left open.
   */
  private partedAt(star: number, found: Omit<Found, 'star'>, bare: string, stars: string): string | null {
    const { start, end, isQuoted } = found
    const [before = '', behind = ''] = [bare.slice(0, star), bare.slice(star + 1)]
    // A lone star stands for a word, and one after Chinese adds nothing.
    const isIdle = before.endsWith(' ') || endsUnspaced(before)
    if (!isIdle && !IS_LONG.test(before)) return null
    if (!isIdle && !behind.startsWith(' ') && !isUnspaced(behind)) return this.openAt(star, found, behind)

    const isOpen = stars !== '' || (isQuoted && this.at > end + 1)
    const parts = [
      this.text.slice(start, start + star).trim() + (isIdle ? '' : '*'),
      this.text.slice(start + star + 1, start + bare.length).trim() + (isOpen ? '*' : ''),
    ].map((part) => {
      const isWord = !isQuoted || (/^[\p{L}\p{M}\p{N}]+\*?$/u.test(part) && !operatorOf(part))
      return isWord ? part : this.text.charAt(start - 1) + part + this.text.charAt(end)
    })
    const from = isQuoted ? start - 1 : start
    const last = this.lexemes.at(-1)
    const isOperand = last?.end === from && (last.kind === 'not' || last.kind === 'field')
    return this.replaced(from, this.at, isOperand ? `(${parts.join(' ')})` : parts.join(' '))
  }

  /** The query with the word left open at this star, without the rest of it. */
  private openAt(star: number, { start, end }: Place, behind: string): string {
    // "data*OR chip" lacks nothing but a blank.
    const isOperator = operatorOf(behind) !== undefined && GOES_ON.test(this.signs.slice(end))
    return this.replaced(start + star, end, isOperator ? `* ${behind}` : '*')
  }

  /** Whether what is read now is the value of one of these. */
  private isValueOf(...fields: Field[]): boolean {
    const last = this.lexemes.at(-1)
    return last?.kind === 'field' && fields.includes(last.field)
  }

  /** Punctuation that stands alone means nothing, with the dash before it; other signs were meant, and cannot be found. */
  private passOver(text: string, place: { start: number; end: number }, isStarred: boolean): void {
    const { start } = place
    const form = replaced(this.text, place, '')
    if (isStarred) throw refuseAt(this.text, start, 'star_alone', { form })
    if (!/^[\p{P}\p{ASCII}]*$/u.test(text)) throw refuseAt(this.text, start, 'no_words', { what: `"${text}"`, form })
    const last = this.lexemes.at(-1)
    if (last?.kind === 'not' && last.end === start) this.lexemes.pop()
  }

  private push(kind: 'open' | 'close' | 'or' | 'and' | 'not' | 'list', length: number): void {
    this.lexemes.push({ kind, start: this.at, end: this.at + length })
    this.at += length
  }

  private match(sticky: RegExp, at = this.at): RegExpExecArray | null {
    sticky.lastIndex = at
    return sticky.exec(this.signs)
  }

  private replaced(start: number, end: number, replacement: string): string {
    return replaced(this.text, { start, end }, replacement)
  }

  private refuse(kind: RefusalKind, details: { what?: string; near?: string; form?: string } = {}): Error {
    return refuseAt(this.text, this.at, kind, details)
  }
}

function endsUnspaced(text: string): boolean {
  return text !== '' && isUnspaced(text.slice(pointBefore(text, text.length)))
}

/** Whether a word stands for an operator. */
export function operatorOf(word: string): 'and' | 'or' | 'not' | undefined {
  // Three letters, of two units each where they are those of mathematics. To normalize every word takes as long as to read it.
  return word.length <= 6 && !/^[a-z\d\u4e00-\u9fff]/.test(word) ? OPERATORS[word.normalize('NFKC')] : undefined
}
