import { refuseAt, replaced } from './refusals.ts'

/**
 * `sources>=3`. Where it was written otherwise (`isProper` is false), `least` is what was probably meant; where it asks for
 * fewer, what its negation asks for.
 */
export interface PublishersLexeme {
  kind: 'publishers'
  least: number
  asksForFewer: boolean
  /** Written like a field, `sources:3`. */
  isField: boolean
  isProper: boolean
  start: number
  end: number
}

/** `sources>=3`, and what people write instead. */
const COMPARISON = /(sources?)(:? *)(!=|[<>=≥≤≠]{1,3})( *[\d０-９][^\s,()|"]*|[^\s,()|"]*)/iy
const FIELD = /sources: *([\d０-９]{1,9})(?=[\s,()|]|$)/iy

/**
 * The number of publishers that stands at this place of a query text, if one does; `signs` is the text with its signs in
 * ASCII. Throws `invalid` for `sources=Reuters`, which is about a source.
 */
export function matchPublishers(text: string, signs: string, at: number): PublishersLexeme | null {
  COMPARISON.lastIndex = at
  FIELD.lastIndex = at
  const [written = '', name = '', colon = '', operator = '', value = ''] = COMPARISON.exec(signs) ?? []
  if (written === '') {
    const [field = '', digits = ''] = FIELD.exec(signs) ?? []
    if (field === '') return null
    const least = Number(digits.normalize('NFKC'))
    const end = at + field.length
    return { kind: 'publishers', least, asksForFewer: false, isField: true, isProper: false, start: at, end }
  }

  const digits = value.normalize('NFKC').trim()
  const isNumber = /^\d{1,9}$/.test(digits)
  // "open source = code" is about something else.
  if (name.length < 'sources'.length && !isNumber) return null
  if (/^=+$/.test(operator) && /^\p{L}/u.test(digits)) {
    const form = replaced(text, { start: at, end: at + written.length }, `source:${value}`)
    throw refuseAt(text, at, 'unknown_field', { what: `${name}${colon}${operator}`, near: 'source', form })
  }
  const isProper = isNumber && name.length === 'sources'.length && colon.trim() === '' && /^(?:>=|≥)$/.test(operator)
  const asksForFewer = /[<≤≠!]/.test(operator)
  const least = leastOf(digits, operator, asksForFewer)
  return { kind: 'publishers', least, asksForFewer, isField: false, isProper, start: at, end: at + written.length }
}

function leastOf(digits: string, operator: string, asksForFewer: boolean): number {
  const [number] = /^-?\d{1,9}/.exec(digits) ?? []
  if (number === undefined) return 3
  // More than three are four; and not three or fewer are four.
  const isBeyond = operator === '>' || (asksForFewer && /[=≤]/.test(operator) && !operator.includes('!'))
  return Number(number) + (isBeyond ? 1 : 0)
}
