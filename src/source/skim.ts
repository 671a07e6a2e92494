import { decodeReferences } from './references.ts'

/** Well-formed XML with less in it: what `takeBack` needs to give a text back whole, and the names that occur. */
export interface Skimmed {
  xml: string
  takeBack(text: string): string
  /** Of those that were asked for, each once, in the order of their first occurrence. */
  names: Set<string>
}

/**
 * Leaves a strict reader only what it is asked for. sax takes every character in its hand, every reference twice, and
 * xml2js makes an object of every element; so a sign stands for each long text, and elements without children that
 * nobody asked for are gone, and the white space between tags. `canonical` gives the name of a wanted element,
 * undefined for another. `xml` must be mended: its attributes and texts hold no "<" and no ">".
 */
export function skim(xml: string, canonical: (name: string) => string | undefined): Skimmed {
  const long = xml.includes(SIGN) ? Number.POSITIVE_INFINITY : LONG
  const names = new Set<string>()
  const texts: string[] = []
  const pieces: string[] = []
  let copied = 0
  const leaveOut = (from: number, to: number) => {
    if (from > copied) pieces.push(xml.slice(copied, from))
    copied = to
  }
  const setAside = (from: number, to: number, text: string) => {
    leaveOut(from, to)
    pieces.push(SIGN, String(texts.length), SIGN)
    texts.push(text)
  }

  for (let lt = xml.indexOf('<'); lt !== -1; ) {
    const sign = xml.charCodeAt(lt + 1)
    const isSection = sign === BANG
    let end = isSection ? xml.indexOf(']]>', lt) + 3 : xml.indexOf('>', lt) + 1
    // What is not well-formed is for the reader to refuse.
    if (end <= lt) break
    if (isSection) {
      if (end - lt > long) setAside(lt, end, xml.slice(lt + CDATA.length, end - 3))
    } else if (sign !== SLASH) {
      const name = canonical(nameAt(xml, lt + 1))
      if (name !== undefined) names.add(name)
      else {
        const after = leafEnd(xml, end)
        if (after !== -1) leaveOut(lt, after)
        end = Math.max(end, after)
      }
    }
    lt = xml.indexOf('<', end)
    if (lt - end > long) setAside(end, lt, decodeReferences(xml.slice(end, lt)))
    else if (lt > end && !isSection && xml.charCodeAt(lt + 1) !== BANG && isBlank(xml, end, lt)) leaveOut(end, lt)
  }
  pieces.push(xml.slice(copied))
  return { xml: pieces.join(''), names, takeBack: (text) => putBack(text, texts) }
}

const LONG = 60
const CDATA = '<![CDATA['
const [BANG, SLASH, GT] = [33, 47, 62]
// Of the private use area.
const SIGN = '\ue0c5'
const SIGNS = new RegExp(`${SIGN}(\\d+)${SIGN}`, 'g')

function putBack(text: string, texts: string[]): string {
  if (texts.length === 0 || !text.includes(SIGN)) return text
  return text.replace(SIGNS, (_, index: string) => texts[Number(index)] ?? '')
}

function nameAt(xml: string, from: number): string {
  let at = from
  for (;;) {
    const code = xml.charCodeAt(at)
    if (code <= 32 || code === GT || code === SLASH || Number.isNaN(code)) return xml.slice(from, at)
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
