/**
 * JSON as people and programs write it: comments, commas, colons and brackets too many or forgotten, quotes and control
 * characters in strings, strings that never end, words that are no JSON, Python's quotes, what stands before and behind it
 * (`outside`). What cannot be understood is left out, and the rest is kept. Where it was cut off, what was complete of the
 * lists in the root object is kept: of a feed, its items. Undefined for what is no JSON even so, or too much of it. Linear
 * in any text.
 */
export function readJsonText(text: string): { value: unknown; truncated: boolean; outside: string } | undefined {
  if (isTooMuch(text)) return undefined
  const strict = parse(text)
  if (strict !== undefined) return { value: strict, truncated: false, outside: '' }

  // Control characters are no text, and between tokens they are nothing at all.
  const clean = text.replace(CONTROLS, '').replace(KEY, '"$1$2":').replace(LOST_LIST, '$1[')
  const mended = parse(clean)
  if (mended !== undefined) return { value: mended, truncated: false, outside: '' }
  const lost = LOST_ROOT.exec(clean)?.[0].length
  const start = lost ?? clean.search(ROOT) + 1
  if (start === 0 && lost === undefined) return undefined
  const found = readLoosely(clean, start)
  if (found === undefined) return undefined
  const { value, end } = found
  const before = clean.slice(0, Math.max(start - 1, 0))
  return { value, truncated: end === null, outside: before + clean.slice(end ?? clean.length) }
}

/**
 * Whether it holds more than 500,000 values, or brackets more than 200,000 deep. For each of those JSON.parse takes some
 * 70 bytes that no limit counts, ten million are 700 MB; and 4 million numbers take 120 MB, whatever the limit is.
 */
export function isTooMuch(text: string): boolean {
  if (text.length <= MAX_DEPTH) return false
  let depth = 0
  let values = 0
  let isString = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at)
    if (isString) {
      if (sign === BACKSLASH) at += 1
      else if (sign === QUOTE) isString = false
    } else if (sign === QUOTE) isString = true
    else if (sign === COMMA) values += 1
    else if (sign === BRACE || sign === BRACKET) {
      depth += 1
      values += 1
      if (depth > MAX_DEPTH) return true
    } else if (sign === BRACE + 2 || sign === BRACKET + 2) depth -= 1
  }
  return values > MAX_VALUES
}

const MAX_DEPTH = 200_000
/** An item of a feed has ten or twenty, and hundreds of bytes: in 10 MiB they are 300,000 at the most. */
const MAX_VALUES = 500_000
/** Each closes two signs behind the one that opens. */
const [BRACE, BRACKET] = [0x7b, 0x5b]
const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c]
const NAMES = [
  'version|title|home_page_url|feed_url|description|user_comment|next_url|icon|favicon|authors?|language|expired|hubs|items',
  'id|url|external_url|content_html|content_text|summary|image|banner_image|date_published|date_modified|tags',
  'attachments|name|avatar|mime_type|size_in_bytes|duration_in_seconds',
].join('|')
const SIGN = '["\'“”]'
/** A name of JSON Feed that lost a quote or its colon, or has one too many; a value follows. */
const KEY = new RegExp(
  [
    '(?<=[{,;"\'\\d\\]}][\\s\'"]{0,20})(?:',
    `(?:(?<=[{,]\\s{0,20})${SIGN})?${SIGN}(${NAMES})\\s{0,2}(?:[:;]${SIGN}(?=\\s{0,9}[[{]|\\s{1,9}["'“\\d-])|${SIGN}{1,2}\\s{0,9}[:;']?|[:;']:?)`,
    `|(?<![\\w"'“”])(${NAMES})${SIGN}{1,2}\\s{0,9}:`,
    ')(?=\\s{0,9}(?:["\'“[{\\d-]|true|false|null|None))',
  ].join(''),
  'g',
)
/** The first item follows, and no bracket before it, or another sign, be it before the bracket. */
const LOST_LIST = /("items"\s*:)\s*[;,'"({]?\s*\[?\s*(?=\{\s*"(?:id|url|title|content_\w{4}|date_\w{1,9})"\s*:)/
const CONTROLS = /[^ -~\u0080-\uffff\s]/g
/** It begins with a name: its "{" was lost, or is a bracket of another kind; or all was lost that stood before the items. */
const LOST_ROOT = /^[\s[(;]*(?:'\s+)?(?=["'“]?[\w$-]{1,40}["'”]\s*:)|^[^{[]*?(?="items"\s*:\s*\[)/
/** Not what a program prints of other things before it. */
const ROOT = /\{(?!\s*(?:[[{}]|[^\s"'“”„:={}]+\}))/

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

export type Json = Record<string, unknown>
interface OpenObject {
  end: '}'
  fields: Json
  /** Whose value should come. */
  name: string | null
}
interface OpenList {
  end: ']'
  values: unknown[]
}

interface Scan {
  text: string
  /** The root first. */
  open: (OpenObject | OpenList)[]
  /** How many of them are lists. */
  lists: number
  /** Its names are in single quotes. */
  isPython: boolean
  /** Where the last line and the last comment end: behind it none does. */
  lastEnds: { '\n': number; '*/': number }
  isDone: boolean
}

/**
 * From `start`, behind the bracket of the root, to its `end`; null where it was cut off. Commas and colons tell where
 * strings end, and nothing else.
 */
function readLoosely(text: string, start: number): { value: Json; end: number | null } | undefined {
  const root: OpenObject = { end: '}', fields: {}, name: null }
  const lastEnds = { '\n': text.lastIndexOf('\n'), '*/': text.lastIndexOf('*/') }
  const isPython = matches(/\s*'/y, text, start)
  const scan: Scan = { text, open: [root], lists: 0, isPython, lastEnds, isDone: false }
  for (let at = start; at < text.length; ) {
    at = passToken(scan, at)
    if (scan.isDone) return { value: root.fields, end: at }
    if (scan.open.length > MAX_DEPTH) return undefined
  }
  // Cut off: in the list of items, most likely, or behind it.
  const list = scan.open[1]
  if (list?.end === ']' && hasRecord(list.values)) put(root, list.values)
  return Object.values(root.fields).some(hasRecord) ? { value: root.fields, end: null } : undefined
}

function hasRecord(value: unknown): boolean {
  return Array.isArray(value) && value.some((element) => typeof element === 'object')
}

/** Over the token, the gap or the comment at `at`. */
function passToken(scan: Scan, at: number): number {
  const { text } = scan
  const sign = text.charAt(at)
  if (',;:=>'.includes(sign) || /\s/.test(sign)) return at + 1
  if (sign === '/' || sign === '#') return passComment(scan, at)
  if (sign === '{' || sign === '[') return passStart(scan, at, sign)
  if (sign === '}' || sign === ']') return passEnd(scan, at, sign)

  const named = passName(scan, at)
  if (named !== null) return named
  const top = topOf(scan)
  if (top.end === '}' && top.name === null) return passStray(text, at, top)
  const isString = `"${CURLY}`.includes(sign) || (sign === "'" && (scan.isPython || matches(SHORT, text, at)))
  return isString ? passString(text, at, top) : passWord(text, at, top)
}

function topOf({ open }: Scan): OpenObject | OpenList {
  const top = open.at(-1)
  if (top === undefined) throw new Error('Nothing is open.')
  return top
}

function passComment({ text, lastEnds }: Scan, at: number): number {
  const isLong = text.startsWith('/*', at)
  const isLine = text.startsWith('//', at) || text.charAt(at) === '#'
  const end = isLong ? '*/' : '\n'
  return (isLong || isLine) && at < lastEnds[end] ? text.indexOf(end, at) + end.length : at + 1
}

function passStart(scan: Scan, at: number, sign: '{' | '['): number {
  const top = topOf(scan)
  if (sign === '{' && top.end === '}' && top.name === null) {
    // An object where a name should be: the one before it was not closed, or the list of both was, too early.
    if (scan.open.at(-2)?.end === ']') close(scan)
    else if (scan.open.length === 1 && Array.isArray(top.fields.items)) {
      top.name = 'items'
      open(scan, { end: ']', values: top.fields.items })
    }
  }
  open(scan, sign === '{' ? { end: '}', fields: {}, name: null } : { end: ']', values: [] })
  return at + 1
}

function open(scan: Scan, opened: OpenObject | OpenList): void {
  if (opened.end === ']') scan.lists += 1
  scan.open.push(opened)
}

/** With what was opened in it and never closed. One that closes nothing, or too early, is one too many. */
function passEnd(scan: Scan, at: number, sign: '}' | ']'): number {
  const { text } = scan
  const top = topOf(scan)
  if (sign === ']' && scan.lists === 0) return at + 1
  const depth = scan.open.length - (top.end === ']' ? 1 : 0)
  if (sign === '}' && depth === 1 && matches(top.end === ']' ? LIST_GOES_ON : ROOT_GOES_ON, text, at + 1)) return at + 1
  if (sign !== top.end && !matches(sign === '}' || scan.lists > 1 ? OBJECT_MAY_END : LIST_MAY_END, text, at + 1))
    return at + 1
  for (let closed: string | null = null; closed !== sign && scan.open.length > 0; ) closed = close(scan)
  return at + 1
}

function close(scan: Scan): string {
  const closed = topOf(scan)
  scan.open.pop()
  if (closed.end === ']') scan.lists -= 1
  if (scan.open.length === 0) scan.isDone = true
  else put(topOf(scan), closed.end === ']' ? closed.values : closed.fields)
  return closed.end
}

function put(top: OpenObject | OpenList, value: unknown): void {
  if (top.end === ']') top.values.push(value)
  else {
    // That would not be a field.
    if (top.name !== null && top.name !== '__proto__') top.fields[top.name] = value
    top.name = null
  }
}

/**
 * Null where no name with its colon stands. Where a value should be, that was forgotten; in a list, its end was, or the
 * object before it ended too early.
 */
function passName(scan: Scan, at: number): number | null {
  NAME.lastIndex = at
  const found = NAME.exec(scan.text)
  if (found === null) return null
  const name = found[1] === undefined ? (found[2] ?? '') : textOf(found[1].slice(1, -1))
  const list = topOf(scan)
  if (list.end === ']') {
    const before = list.values.at(-1)
    const holder = scan.open.at(-2)
    const isValue = holder?.end === '}' && holder.name !== null
    // Its "{" was lost.
    if ((list.values.length === 0 && isValue) || (isRecord(before) && Object.hasOwn(before, name)))
      open(scan, { end: '}', fields: {}, name: null })
    else if (scan.open.length > 2) close(scan)
    else if (isRecord(before)) {
      list.values.pop()
      open(scan, { end: '}', fields: before, name: null })
    }
  }
  // What stands before the items lost its "}".
  for (let top = topOf(scan); name === 'items' && scan.open.length > 1 && !isHead(top); top = topOf(scan)) close(scan)
  const top = topOf(scan)
  if (top.end === '}') top.name = name
  return NAME.lastIndex
}

function isHead(top: OpenObject | OpenList): boolean {
  return top.end === '}' && ('version' in top.fields || 'title' in top.fields)
}

/** Whether a value of JSON is an object, and no list. */
export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where a name should be: one without its colon. A quote or a word that is none is left out. */
function passStray(text: string, at: number, top: OpenObject): number {
  QUOTED_NAME.lastIndex = at
  const quoted = QUOTED_NAME.exec(text)?.[0]
  if (quoted !== undefined) top.name = textOf(quoted.slice(1, -1))
  WORD.lastIndex = at
  return at + (quoted ?? WORD.exec(text)?.[0] ?? ' ').length
}

/** A string that never ends takes the rest, and is nothing; but the brackets that end all of the document end it, too. */
function passString(text: string, start: number, top: OpenObject | OpenList): number {
  const isList = top.end === ']'
  for (let at = start + 1; ; ) {
    at = behindQuote(text, at, text.charAt(start))
    if (at === 0) {
      const end = LAST_BRACKETS.exec(text.slice(-MAX_LAST))?.index
      if (end === undefined) return text.length
      const last = Math.max(text.length - MAX_LAST, 0) + end
      put(top, textOf(text.slice(start + 1, last)))
      return last
    }
    // Else it is a quote within the text that should have been escaped, or one that begins the next name.
    const isEnd = matches(isList ? ELEMENT_END : VALUE_END, text, at)
    if (!isEnd && !matches(NEXT_NAME, text, at - 1)) continue
    const end = isEnd ? at - 1 : start + 1 + beforeName(text.slice(start + 1, at - 1), isList)
    put(top, textOf(text.slice(start + 1, end)))
    return isEnd ? at : end
  }
}

/** Behind the next one that no backslash escapes; 0 where none is. By no pattern: it would need a stack for the escapes. */
function behindQuote(text: string, from: number, quote: string): number {
  let at = findQuote(text, from, quote)
  for (; at !== -1; at = findQuote(text, at + 1, quote)) {
    let escapes = 0
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1
    if (escapes % 2 === 0) break
  }
  return at + 1
}

/** A typographic quote is answered by another one. */
function findQuote(text: string, from: number, quote: string): number {
  if (!CURLY.includes(quote)) return text.indexOf(quote, from)
  ANY_CURLY.lastIndex = from
  return ANY_CURLY.test(text) ? ANY_CURLY.lastIndex - 1 : -1
}

const MAX_LAST = 500
/** An item's, the list's and the root's. */
const LAST_BRACKETS = /(?<![\s\]}])\s*[\]}]\s*[\]}]\s*[\]}\s]*\}\s*$/

/** Where the text ended whose quote was forgotten. */
function beforeName(text: string, isList: boolean): number {
  const near = Math.max(text.length - 64, 0)
  return near + text.slice(near).search(isList ? /[\s,{}\]]*$/ : /(?:[\s,{}]|(?<=\}\s*)\])*$/)
}

function passWord(text: string, at: number, top: OpenObject | OpenList): number {
  WORD.lastIndex = at
  const word = WORD.exec(text)?.[0] ?? text.charAt(at)
  if (word === "'") return at + 1
  UNOPENED.lastIndex = at
  const unopened = top.end === ']' || LITERAL.test(word) ? undefined : UNOPENED.exec(text)?.[0]
  if (unopened !== undefined && matches(VALUE_END, text, at + unopened.length)) {
    put(top, textOf(unopened.slice(0, -1)))
    return at + unopened.length
  }
  // Names of numbers that JSON does not have are kept as their names.
  put(top, NOTHING.test(word) ? null : LITERAL.test(word) ? parse(word.toLowerCase()) : word)
  return at + word.length
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}

/** What an editor made of quotes. */
const CURLY = '“”„'
const ANY_CURLY = /[“”„]/g
// Each looks a hundred or two of characters ahead at most.
const QUOTED = ['"', "'", CURLY].map((set) => `[${set}][^${set}\\s,:;{}[\\]][^${set}\\n]{0,99}[${set}]`).join('|')
const QUOTED_NAME = new RegExp(QUOTED, 'y')
const COLON = '\\s{0,99}[:=]'
const NAME = new RegExp(`(${QUOTED})${COLON}|([\\w$-]{1,100})${COLON}`, 'y')
const NEXT_NAME = new RegExp(`(?<=[,{]\\s{0,20})(?:${QUOTED})${COLON}`, 'y')
/** An apostrophe that is a quote, if it may not be one. */
const SHORT = /'[^"'\n][^'\n]{0,500}'/y
const COMMENT = '/[/*]'
/** What follows a "}" that closes nothing, or not yet. */
const ROOT_GOES_ON = /\s*,\s*["'“”„{]/y
const LIST_GOES_ON = /\s*(?:,?\s*\{|\])/y
/** What follows a bracket that closes what stands around an open one, too. */
const OBJECT_MAY_END = new RegExp(`\\s*(?:[}\\]]|$|,\\s*(?:\\{|(?:${QUOTED})${COLON}))`, 'y')
const LIST_MAY_END = /\s*(?:[}\]]|,?\s*\{|$)/y
/** What can follow a text in an object: its end, or the next name; a comma that people write is followed by something else. */
const VALUE_END = new RegExp(
  [
    `\\s*(?:\\}|\\]\\s*(?:[}\\]]|$|,\\s*(?:${QUOTED})${COLON})|$`,
    `(?:[,;'][^"'“”„{}[\\]]{0,200})?(?:${QUOTED})\\s{0,99}[:="]`,
    `[,;]\\s*(?:[,;}\\]{]|${COMMENT}|$|[\\w$-]{1,100}${COLON}))`,
    `\\s+${COMMENT}`,
  ].join('|'),
  'y',
)
/** The same in a list. */
const ELEMENT_END = new RegExp(
  [
    '\\s*(?:\\]|\\}|$',
    `[,;]\\s*(?:[,;"'“”„{}[\\]\\d-]|${COMMENT}|$|\\w{1,100}\\s*[,;\\]]))`,
    `\\s+(?:["'“”„{[]|${COMMENT})`,
  ].join('|'),
  'y',
)
const WORD = /[^\s,:;=[\]{}"/]+/y
/** A text whose first quote was forgotten. */
const UNOPENED = /[^"\n{}[\]]{1,200}"/y
const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?)$/i
const NOTHING = /^(?:None|undefined)$/

function textOf(written: string): string {
  // What is cleaned is the inside of a string of JSON's.
  return UNCLEAN.test(written) ? (JSON.parse(`"${written.replace(UNCLEAN_PARTS, mendPart)}"`) as string) : written
}

const UNCLEAN = /["\\]/
const UNCLEAN_PARTS = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4}|x[\da-fA-F]{2})|["\\\t-\r]/g

/** A quote and a line break get their escapes, a backslash that escapes nothing goes, Python's "\xe9" is spelt as JSON does. */
function mendPart(part: string): string {
  if (part.length > 1) return part.replace('\\x', '\\u00')
  return part === '\\' ? '' : JSON.stringify(part).slice(1, -1)
}
