import { decodeMended } from './references.ts'
import { SECTION } from './scan.ts'

/** Well-formed XML with less in it: what `takeBack` needs to give a text back whole, and the names that occur. */
export interface Skimmed {
  xml: string
  takeBack(text: string): string
  /** Of the wanted elements as they are written now, each once, in the order of their first occurrence. */
  names: Set<string>
  /** Those of the elements that hold others. */
  holders: Set<string>
}

/**
 * Leaves a strict reader only what it is asked for. sax takes every character in its hand, every reference twice, and
 * xml2js makes an object of every element; so a sign stands for each long text, and elements without children that
 * nobody asked for are gone, and the white space between tags. `newName` gives what a wanted element is to be called,
 * the shorter the better, undefined for another: that one's name gets an "x:". `xml` must be mended: its attributes and
 * texts hold no "<" and no ">", and every element has its end tag.
 */
export function skim(xml: string, newName: (name: string) => string | undefined): Skimmed {
  const long = xml.includes(SIGN) ? Number.POSITIVE_INFINITY : LONG
  const names = new Set<string>()
  const holders = new Set<string>()
  const texts: string[] = []
  // Added up: to join hundreds of short pieces costs more.
  let left = ''
  let copied = 0
  const leaveOut = (from: number, to: number) => {
    if (from > copied) left += xml.slice(copied, from)
    copied = to
  }
  const setAside = (from: number, to: number, text: string) => {
    leaveOut(from, to)
    left += `${SIGN}${texts.length}${SIGN}`
    texts.push(text)
  }
  const rename = (from: number, to: number, name: string) => {
    leaveOut(from, to)
    left += name
  }
  // Of the start tag that was met last: most end tags are its own.
  let begun: string | null = null
  let begunLength = 0

  for (let lt = xml.indexOf('<'); lt !== -1; ) {
    const sign = xml.charCodeAt(lt + 1)
    const isSection = sign === BANG
    let end = isSection ? xml.indexOf(']]>', lt) + 3 : xml.indexOf('>', lt) + 1
    // What is not well-formed is for the reader to refuse.
    if (end <= lt) break
    if (isSection) {
      if (end - lt > long) setAside(lt, end, xml.slice(lt + SECTION.length, end - 3))
    } else if (sign === SLASH) {
      if (begun === null) {
        const nameEnd = endOfName(xml, lt + 2)
        const name = xml.slice(lt + 2, nameEnd)
        rename(lt + 2, nameEnd, newName(name) ?? `x:${name}`)
      } else rename(lt + 2, lt + 2 + begunLength, begun)
      begun = null
    } else {
      const nameEnd = endOfName(xml, lt + 1)
      const name = xml.slice(lt + 1, nameEnd)
      const wanted = newName(name)
      const after = wanted === undefined ? leafEnd(xml, end) : -1
      if (after !== -1) {
        leaveOut(lt, after)
        end = after
      } else {
        if (wanted !== undefined) names.add(wanted)
        if (begun !== null) holders.add(begun)
        const isEmpty = xml.charCodeAt(end - 2) === SLASH
        const written: string = wanted ?? `x:${name}`
        rename(lt + 1, nameEnd, written)
        begun = isEmpty ? null : written
        begunLength = name.length
      }
    }
    lt = xml.indexOf('<', end)
    if (lt - end > long) setAside(end, lt, decodeMended(xml.slice(end, lt)))
    else if (lt > end && !isSection && xml.charCodeAt(lt + 1) !== BANG && isBlank(xml, end, lt)) leaveOut(end, lt)
  }
  return { xml: left + xml.slice(copied), names, holders, takeBack: (text) => putBack(text, texts) }
}

const LONG = 60
const [BANG, SLASH, GT] = [33, 47, 62]
// A control character, which the mender lets no reference mean. One of Latin 1: a single character beyond makes every
// text that is cut from this one, or joined with such, twice as large and half as quick to scan.
const SIGN = '\u0091'
const SIGNS = new RegExp(`${SIGN}(\\d+)${SIGN}`, 'g')

function putBack(text: string, texts: string[]): string {
  if (texts.length === 0) return text
  const first = text.indexOf(SIGN)
  if (first === -1) return text
  // Most often it is all there is.
  const last = text.length - 1
  if (first === 0 && text.indexOf(SIGN, 1) === last && last > 0) return texts[Number(text.slice(1, last))] ?? ''
  return text.replace(SIGNS, (_, index: string) => texts[Number(index)] ?? '')
}

function endOfName(xml: string, from: number): number {
  let at = from
  for (;;) {
    const code = xml.charCodeAt(at)
    if (code <= 32 || code === GT || code === SLASH || Number.isNaN(code)) return at
    at += 1
  }
}

/** Behind the end tag of the element whose start tag ends before `at`; -1 where it has children. */
function leafEnd(xml: string, at: number): number {
  if (xml.charCodeAt(at - 2) === SLASH) return at
  let lt = xml.indexOf('<', at)
  while (lt !== -1 && xml.charCodeAt(lt + 1) === BANG) lt = xml.indexOf('<', xml.indexOf(']]>', lt) + 3)
  return lt !== -1 && xml.charCodeAt(lt + 1) === SLASH ? xml.indexOf('>', lt) + 1 : -1
}

function isBlank(xml: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (xml.charCodeAt(at) > 32) return false
  return true
}
