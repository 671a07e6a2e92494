import { createFinder, findMarkupEnd, SECTION } from './scan.ts'

/**
 * "< title>", "< / title>", "<//title>", "<\title>" and "<\/title>" become "<title>" and "</title>" where a feed has such an element, and
 * a misspelt CDATA section a CDATA section. In sections and comments everything stays. Linear in any text.
 */
export function closeGaps(text: string): string {
  const finder = createFinder(text)
  const pieces: string[] = []
  let copied = 0
  for (let lt = text.indexOf('<'); lt !== -1; ) {
    let next = lt + 1
    const gap = gapAt(text, lt)
    const section = sectionAt(text, lt)
    if (section) {
      pieces.push(text.slice(copied, lt), SECTION)
      next = lt + section.length
      copied = next
    } else if (gap) {
      pieces.push(text.slice(copied, lt), /[\\/]/.test(gap) ? '</' : '<')
      next = lt + gap.length
      copied = next
    } else {
      const end = findMarkupEnd(finder, lt)
      if (end !== undefined && end !== -1) next = end
    }
    lt = text.indexOf('<', next)
  }
  return pieces.join('') + text.slice(copied)
}

/** Whether a tag or a section begins at `lt` that `closeGaps` would mend. */
export function hasGap(text: string, lt: number): boolean {
  return gapAt(text, lt) !== undefined || sectionAt(text, lt) !== undefined
}

/** Whether the root is such a tag: nothing but declarations before it. */
export function hasRootGap(text: string): boolean {
  return ROOT_GAP.test(text.slice(0, 4_000))
}

const ROOT_GAP = /^(?:\s*<\s{0,8}[?!][^<>]*>)*\s*<\s{1,8}(?:[\w-]{1,20}:)?(?:rss|RDF|feed)(?:\s|>)/i

/** What stands from the "<" to the name of a tag that was written with spaces between them. */
function gapAt(text: string, lt: number): string | undefined {
  return GAP.exec(text.slice(lt, lt + 64))?.[1]
}

/** A CDATA section that is misspelt. */
function sectionAt(text: string, lt: number): string | undefined {
  return text.startsWith(SECTION, lt) ? undefined : MISSPELT.exec(text.slice(lt, lt + 32))?.[0]
}

const MISSPELT = /^<(?:\s{0,4}!\s{0,4}\[\s{0,8}C[DAT]{2,5}\s{0,8}\[?|\[\s{0,8}CDATA\s{0,8}\[|!C[DAT]{2,5}\[)/i
const GAP =
  /^(<(?:\s{1,8}[\\/]?|\/\s{1,8}|\/{2}|\\\/?)\s{0,8})(?:(?:[\w-]{1,20}:)?(?:rss|RDF|channel|item|feed|entry|title|link|description|guid|pubDate|author|category|enclosure|id|updated|published|modified|issued|name|email|summary|content|language|image)|content:encoded|(?:rss|dc|itunes|media|atom|feedburner):\w+)(?:\s+[\w:]+\s*=|\s*\/?>)/i
