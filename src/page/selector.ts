/**
 * What is wrong with a CSS selector, as a sentence with the place; null for one that we understand: names, ids, classes,
 * attributes, the combinators, lists, and the pseudo-classes below.
 */
export function checkSelector(text: string): string | null {
  if (text.trim() === '') return 'The selector is empty. Example: ul.news > li'
  if (text.length > MAX_SELECTOR_CHARS) return `The selector is longer than ${MAX_SELECTOR_CHARS} characters.`
  const reader: Reader = { text, at: 0 }
  const fault = readList(reader, 0)
  if (fault !== null) return fault
  return reader.at < text.length ? unexpected(reader) : null
}

/** Of one selector. */
export const MAX_SELECTOR_CHARS = 500
const MAX_NESTING = 4

interface Reader {
  text: string
  at: number
}

/** Selectors with commas between them, up to a ")" or the end. */
function readList(reader: Reader, nesting: number): string | null {
  for (;;) {
    take(reader, SPACE)
    // `:has(> a)`; anywhere else a combinator needs something before it.
    if (nesting > 0) take(reader, /[>+~]\s*/y)
    const fault = readComplex(reader, nesting)
    if (fault !== null) return fault
    if (!take(reader, /,/y)) return null
  }
}

function readComplex(reader: Reader, nesting: number): string | null {
  for (;;) {
    const from = reader.at
    const fault = readCompound(reader, nesting)
    if (fault !== null) return fault
    if (reader.at === from) return unexpected(reader)
    const combined = take(reader, /\s*[>+~]\s*/y)
    if (combined) continue
    // White space alone combines, too.
    take(reader, SPACE)
    if (reader.at >= reader.text.length || /[,)]/.test(reader.text.charAt(reader.at))) return null
  }
}

function readCompound(reader: Reader, nesting: number): string | null {
  take(reader, NAME) || take(reader, /\*/y)
  for (;;) {
    const { text, at } = reader
    switch (text.charAt(at)) {
      case '#':
      case '.':
        reader.at += 1
        if (!take(reader, NAME)) return `A name must follow "${text.charAt(at)}" at character ${at + 1}.`
        break
      case '[':
        if (!take(reader, ATTRIBUTE)) {
          return `The "[" at character ${at + 1} begins no attribute: write [href], [href*="news"] or [class^="item"].`
        }
        break
      case ':': {
        const fault = readPseudo(reader, nesting)
        if (fault !== null) return fault
        break
      }
      default:
        return null
    }
  }
}

function readPseudo(reader: Reader, nesting: number): string | null {
  const { at } = reader
  const [, name = ''] = /^:([a-z-]*)/i.exec(reader.text.slice(at, at + 40)) ?? []
  const lower = name.toLowerCase()
  if (reader.text.charAt(at + 1) === ':') {
    return `"::" at character ${at + 1} names no element: leave away what begins with it.`
  }
  reader.at += name.length + 1
  if (PLAIN.has(lower)) return null
  if (!NTH.has(lower) && !NESTING.has(lower)) {
    return `":${name}" at character ${at + 1} is not known. Known are ${KNOWN}.`
  }
  if (!take(reader, /\(/y)) return `":${name}" at character ${at + 1} needs brackets behind it.`
  if (NTH.has(lower)) {
    return take(reader, /\s*(?:odd|even|[+-]?\d{0,6}n(?:\s*[+-]\s*\d{1,6})?|[+-]?\d{1,6})\s*\)/iy)
      ? null
      : `":${name}" at character ${at + 1} needs a number, odd, even, or a formula: 2n+1.`
  }
  if (nesting >= MAX_NESTING) return `The brackets at character ${at + 1} are nested too deep.`
  const fault = readList(reader, nesting + 1)
  if (fault !== null) return fault
  return take(reader, /\s*\)/y) ? null : `The bracket behind ":${name}" at character ${at + 1} is never closed.`
}

function unexpected({ text, at }: Reader): string {
  const sign = text.charAt(at)
  if (sign === '') return 'The selector ends where a name, a class or an id was expected.'
  const fault = `"${sign}" at character ${at + 1} cannot stand there`
  // What people know from other programs that take pages apart.
  if (at === 0 && sign === '/') return `${fault}: this is XPath, and a CSS selector is needed.`
  if (at === 0 && sign === '>') {
    const scoped = `:scope ${text.trim().slice(0, 60)}`
    const within = checkSelector(scoped) === null ? ` Directly below an entry is "${scoped}".` : ''
    return `${fault}: something must stand before it.${within}`
  }
  if (sign === '@') return `${fault}: name the element alone; its address, its date or its text is found by itself.`
  return `${fault}.`
}

/** Moves over what the pattern finds at the place, which it must be anchored to (`y`); whether there was any. */
function take(reader: Reader, pattern: RegExp): boolean {
  pattern.lastIndex = reader.at
  if (!pattern.test(reader.text)) return false
  reader.at = pattern.lastIndex
  return true
}

const SPACE = /\s*/y
const NAME = /-?(?:[\p{L}_]|\\[^\n])(?:[\p{L}\p{N}_-]|\\[^\n])*|--[\p{L}\p{N}_-]+/uy
const ATTRIBUTE =
  /\[\s*[\p{L}_][\p{L}\p{N}_:.-]*\s*(?:[~|^$*]?=\s*(?:"[^"\n\\]*"|'[^'\n\\]*'|[\p{L}\p{N}_-]+)\s*(?:\s[is]\s*)?)?\]/uy

const PLAIN = new Set(
  'first-child last-child only-child first-of-type last-of-type only-of-type empty root scope link any-link'.split(' '),
)
const NTH = new Set('nth-child nth-last-child nth-of-type nth-last-of-type'.split(' '))
const NESTING = new Set('not is where matches has'.split(' '))
const KNOWN = [...PLAIN, ...NTH, ...NESTING].map((name) => `:${name}`).join(', ')
