import { Tokenizer } from 'htmlparser2'
import { decodeReferences, escapeXml } from './references.ts'

/**
 * HTML with every relative address made absolute against `base`; everything else stays to the letter. Addresses that
 * mean nothing are left as they are: judging them is the sanitizer's task. Linear in any input.
 */
export function absolutizeLinks(html: string, base: string): string {
  // Most documents write whole addresses: one look instead of a pass.
  if (!MAYBE_RELATIVE.test(html)) return html

  const pieces: string[] = []
  let copied = 0
  let name = ''
  let value: [start: number, end: number] | null = null
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: false },
    {
      ...IGNORE,
      onattribname(start, end) {
        name = html.slice(start, end).toLowerCase()
        value = null
      },
      // Comes in one piece: references are not decoded here.
      onattribdata(start, end) {
        value = [start, end]
      },
      onattribend() {
        if (value === null || !(ADDRESSES.has(name) || name === 'srcset')) return
        const [start, end] = value
        const raw = html.slice(start, end)
        const mended = name === 'srcset' ? absolutizeSet(raw, base) : absolutize(raw, base)
        if (mended === raw) return
        pieces.push(html.slice(copied, start), mended)
        copied = end
      },
    },
  )
  tokenizer.write(html)
  tokenizer.end()
  return copied === 0 ? html : pieces.join('') + html.slice(copied)
}

/** Attributes that hold one address (HTML, "attributes"). */
const ADDRESSES = new Set(['href', 'src', 'cite', 'poster', 'longdesc', 'data', 'action', 'background'])

// One of them, with a value that has no scheme. What it finds too much costs a pass, no more.
const MAYBE_RELATIVE =
  /(?:\b(?:href|src|cite|poster|longdesc|data|action|background)\s{0,8}=\s{0,8}["']?(?![a-z][a-z0-9+.-]{0,20}:|["'\s])|\bsrcset\b)/i

const HAS_SCHEME = /^\s*[a-z][a-z0-9+.-]*:/i

function absolutize(raw: string, base: string): string {
  if (HAS_SCHEME.test(raw) || raw.trim() === '') return raw
  try {
    return escapeXml(new URL(decodeReferences(raw).trim(), base).href)
  } catch {
    return raw
  }
}

/** "a.jpg 1x, b.jpg 2x" (HTML, "srcset attributes"). A comma inside an address has no space behind it. */
function absolutizeSet(raw: string, base: string): string {
  return raw
    .split(/,\s+/)
    .map((candidate) => {
      const [, lead = '', url = '', descriptor = ''] = /^(\s*)(\S*)([\s\S]*)$/.exec(candidate) ?? []
      return url === '' ? candidate : `${lead}${absolutize(url, base)}${descriptor}`
    })
    .join(', ')
}

const nothing = () => {}
const IGNORE = {
  oncdata: nothing,
  onclosetag: nothing,
  oncomment: nothing,
  ondeclaration: nothing,
  onend: nothing,
  onopentagend: nothing,
  onopentagname: nothing,
  onprocessinginstruction: nothing,
  onselfclosingtag: nothing,
  ontext: nothing,
  ontextentity: nothing,
  onattribentity: nothing,
}
