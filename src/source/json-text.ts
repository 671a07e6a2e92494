/**
 * JSON as people write it: comments, commas too many or forgotten, quotes and raw control characters in strings, NaN,
 * what stands before and behind it (`outside`). Where it was cut off, what was complete of the list in the root object is
 * kept: of a feed, its items. Undefined for what is no JSON even so, or is more than 200,000 brackets deep. Linear in any text.
 */
export function readJsonText(text: string): { value: unknown; truncated: boolean; outside: string } | undefined {
  if (isTooDeep(text)) return undefined
  const strict = parse(text)
  if (strict !== undefined) return { value: strict, truncated: false, outside: '' }

  const start = text.indexOf('{')
  if (start === -1) return undefined
  const { json, end } = mendJson(text, start)
  const value = parse(json)
  const outside = text.slice(0, start) + text.slice(end ?? text.length)
  return value === undefined ? undefined : { value, truncated: end === null, outside }
}

/** For each bracket that is open JSON.parse takes some 70 bytes that no limit counts: ten million are 700 MB. */
function isTooDeep(text: string): boolean {
  if (text.length <= MAX_DEPTH) return false
  let depth = 0
  let isString = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at)
    if (isString) {
      if (sign === BACKSLASH) at += 1
      else if (sign === QUOTE) isString = false
    } else if (sign === QUOTE) isString = true
    else if (sign === BRACE || sign === BRACKET) {
      depth += 1
      if (depth > MAX_DEPTH) return true
    } else if (sign === BRACE + 2 || sign === BRACKET + 2) depth -= 1
  }
  return false
}

const MAX_DEPTH = 200_000
/** Each closes two signs behind the one that opens. */
const [BRACE, BRACKET] = [0x7b, 0x5b]
const [QUOTE, BACKSLASH] = [0x22, 0x5c]

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

interface Scan {
  text: string
  out: string[]
  /** The brackets that are open, as they will be closed. */
  open: string[]
  /** How much of `out` is complete up to an element of a list in the root object; 0 where nothing is. */
  complete: number
}

/** `end` is where it ends, null where it was cut off. */
function mendJson(text: string, start: number): { json: string; end: number | null } {
  const scan: Scan = { text, out: [], open: [], complete: 0 }
  for (let at = start; at < text.length; ) {
    at = passToken(scan, at)
    if (scan.open.length === 0) return { json: scan.out.join(''), end: at }
  }
  // Cut off: in the list of items, most likely, or behind it.
  return { json: `${scan.out.slice(0, scan.complete).join('')}]}`, end: null }
}

/** Over the token, the gap or the comment at `at`; a token that never ends takes the rest, and nothing is written. */
function passToken(scan: Scan, at: number): number {
  const { text, out, open } = scan
  const sign = text.charAt(at)
  if (sign === '"') return passString(scan, at)
  if (sign === '/') return passComment(text, at)
  if (sign === '{' || sign === '[') {
    open.push(sign === '{' ? '}' : ']')
    pushValue(out, sign)
    return at + 1
  }
  if (sign === '}' || sign === ']') {
    dropComma(out)
    open.pop()
    out.push(sign)
    if (open.length === 2 && open[1] === ']') scan.complete = out.length
    return at + 1
  }
  if (sign === ',' || sign === ':' || /\s/.test(sign)) {
    // A comma where nothing was said is one too many.
    if (sign === ':' || (sign === ',' && isValueEnd(out.at(-1)))) out.push(sign)
    return at + 1
  }
  WORD.lastIndex = at
  const word = WORD.exec(text)?.[0] ?? sign
  // Names of numbers that JSON does not have are kept as their names.
  pushValue(out, LITERAL.test(word) ? word : JSON.stringify(word))
  return at + word.length
}

/** With the comma that was forgotten before it. */
function pushValue(out: string[], value: string): void {
  if (isValueEnd(out.at(-1))) out.push(',')
  out.push(value)
}

function isValueEnd(token: string | undefined): boolean {
  return token !== undefined && !'{[,:'.includes(token)
}

const WORD = /[^\s,:[\]{}"/]+/y
const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?)$/i

function dropComma(out: string[]): void {
  if (out.at(-1) === ',') out.pop()
}

function passComment(text: string, at: number): number {
  const isLine = text.charAt(at + 1) === '/'
  const end = isLine ? text.indexOf('\n', at) : text.charAt(at + 1) === '*' ? text.indexOf('*/', at + 2) : at
  if (end === -1) return text.length
  return end + (isLine || end === at ? 1 : 2)
}

function passString(scan: Scan, start: number): number {
  const { text, out } = scan
  const parts: string[] = []
  for (let at = start; ; ) {
    STRING.lastIndex = at
    const part = STRING.exec(text)?.[0]
    if (part === undefined) return text.length
    at += part.length
    END.lastIndex = at
    if (END.test(text)) {
      const written = parts.join('') + part
      pushValue(out, UNCLEAN.test(written) ? written.replace(UNCLEAN_PARTS, mendPart) : written)
      return at
    }
    // A quote within the text that should have been escaped: the string goes on from it.
    parts.push(part.slice(0, -1), '\\')
    at -= 1
  }
}

/** What can follow a string, a forgotten comma and a comment among it. */
const END = /\s*(?:[,:}\]"{[/]|$)/y

const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y
// Below U+0020 are the control characters, which no string may hold as they are.
const UNCLEAN = /[^\u0020-\uffff]|\\(?!["\\/bfnrt]|u[\da-f]{4})/i
const UNCLEAN_PARTS = /[^\u0020-\uffff]|\\(?:["\\/bfnrt]|u[\da-f]{4})|\\/gi

/** A control character gets its escape, a backslash that escapes nothing goes. */
function mendPart(part: string): string {
  if (part.length > 1) return part
  return part === '\\' ? '' : JSON.stringify(part).slice(1, -1)
}
