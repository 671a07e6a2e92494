import iconv from 'iconv-lite'

/** Charsets whose letters stand between signs, as bytes of ASCII: what iconv-lite does not read. */

interface Shifted {
  charset: string
  begin: string
  end: string
  /** What is to be written otherwise before that. */
  before: [from: string, to: string]
}

/** Charsets of letters of two bytes, between signs that say where they begin and end, and without their highest bits. */
const SHIFTED = new Map<string, Shifted>([
  ['hz-gb-2312', { charset: 'gb18030', begin: '~{', end: '~}', before: ['~~', '~'] }],
  ['iso-2022-kr', { charset: 'euc-kr', begin: '\u000e', end: '\u000f', before: ['\u001b$)C', ''] }],
])

/** Whether it is one of them. */
export function isShifted(charset: string): boolean {
  return SHIFTED.has(charset)
}

/** The text of these bytes; null for any other charset. */
export function decodeShifted(view: Buffer, charset: string): string | null {
  const shifted = SHIFTED.get(charset)
  return shifted ? iconv.decode(readShifted(view, shifted), shifted.charset) : null
}

function readShifted(view: Buffer, { begin, end, before }: Shifted): Buffer {
  const [start, ...others] = view
    .toString('latin1')
    .replaceAll(...before)
    .split(begin)
  const pieces = others.map((piece) => {
    const [letters = '', ...rest] = piece.split(end)
    return letters.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) | 0x80)) + rest.join('')
  })
  return Buffer.from([start, ...pieces].join(''), 'latin1')
}
