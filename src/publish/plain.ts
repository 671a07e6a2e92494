import type { RenderedMessage } from '../model.ts'
import { formatLocal } from '../time.ts'

/** Telegram takes 4096; less, because nobody reads on and a refused message is refused for good. */
const LONGEST_PLAIN = 3_500

/**
 * A rendered message without Telegram's HTML: each line is followed by the addresses that stood in it. For a terminal
 * whole, with times in its zone (UTC unless told), and with `ansi` bold, italic and underlined; else for Telegram as plain
 * text, at most 3,500 units. Nothing a source wrote can move the cursor or colour the screen: control characters are gone
 * before ours are added.
 */
export function plainText(
  rendered: RenderedMessage,
  { ansi, terminal = ansi, timezone }: { ansi: boolean; terminal?: boolean; timezone?: string },
): string {
  // The word joiners that keep Telegram from making names live are of no use in a terminal, and in the way of who copies.
  let html = terminal ? rendered.html.replaceAll('\u2060', '') : rendered.html
  if (timezone !== undefined) html = html.replace(TIME, (_, unix) => formatLocal(Number(unix) * 1_000, timezone))
  const lines = html.split('\n').flatMap(line(ansi))
  return terminal ? lines.join('\n') : fitting(lines)
}

// The tag is only ours: what came from a source is escaped.
const TIME = /<tg-time unix="(\d+)"[^>]*>[^<]*<\/tg-time>/g

type Line = (html: string) => string[]

const STYLES: Record<string, [on: string, off: string]> = {
  b: ['\u001B[1m', '\u001B[22m'],
  i: ['\u001B[3m', '\u001B[23m'],
  u: ['\u001B[4m', '\u001B[24m'],
  code: ['\u001B[1m', '\u001B[22m'],
}

/** For the lines in order: a quote may span several. */
function line(ansi: boolean): Line {
  let quoted = false
  return (html) => {
    const addresses: string[] = []
    let out = ''
    let bar = quoted
    // In our own HTML every ">" of a value is escaped.
    for (const [part] of html.matchAll(/<[^>]*>|[^<]+/g)) {
      const tag = /^<(\/?)([a-z-]+)(?: href="([^"]*)")?/.exec(part)
      if (!tag) {
        out += visible(part)
        continue
      }
      const [, closes = '', name = '', href] = tag
      if (name === 'blockquote') quoted = closes === ''
      bar ||= quoted
      if (href !== undefined) addresses.push(visible(href))
      if (ansi) out += STYLES[name]?.[closes === '' ? 0 : 1] ?? ''
    }
    return bar ? [`│ ${out}`, ...addresses] : [out, ...addresses]
  }
}

/** Decoded, and without control characters, C1 and direction overrides among them. */
function visible(html: string): string {
  return html
    .replace(/&(?:lt|gt|amp|quot);/g, (entity) => DECODED[entity] ?? entity)
    .replace(/[\p{Cc}\p{Surrogate}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '')
}

const DECODED: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' }

/** Whole lines, as many as fit; of a first line that is too long, its beginning. */
function fitting(lines: string[]): string {
  let units = 0
  const end = lines.findIndex((line) => {
    units += line.length + 1
    return units > LONGEST_PLAIN - 2
  })
  if (end < 0) return lines.join('\n')
  const kept =
    end === 0
      ? [
          Array.from(lines[0] ?? '')
            .slice(0, LONGEST_PLAIN / 2)
            .join(''),
        ]
      : lines.slice(0, end)
  return [...kept, '…'].join('\n')
}
