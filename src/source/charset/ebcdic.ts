/** Whether these bytes begin with "<?xm" in EBCDIC. */
export function isEbcdic(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === START
}

/**
 * Text in EBCDIC: IBM's code pages 037 and 500, and 1140, which is 037 with a euro. Of all others what is ASCII: they differ
 * in the letters beyond it, which are U+FFFD. Its line ends are line ends.
 */
export function decodeEbcdic(bytes: Buffer): string {
  const letters = Buffer.from(bytes.map((byte) => LETTERS[byte] ?? 0))
  const text = letters.toString('latin1').replaceAll('\x85', '\n')
  const label = /encoding\s*=\s*["']([^"']+)/.exec(text.slice(0, 200))?.[1]?.toLowerCase() ?? ''
  if (OF_AMERICA.test(label)) return label.includes('1140') ? text.replaceAll('¤', '€') : text
  const western = text.replace(/[¢!^|¬[\]]/g, (sign) => OF_EUROPE[sign] ?? sign)
  return OF_500.test(label) ? western : western.replace(/[\xa0-\xff]/g, '\ufffd')
}

const START = 'Lo\xa7\x94'
const OF_AMERICA = /037$|039$|1140$|[-_](?:us|ca|nl|wt)$/
const OF_500 = /500$|[-_](?:be|ch)$/
/** What 037 has of each byte: all of Latin 1, in another order. */
const LETTERS = Buffer.from(
  [
    '000102039c09867f978d8e0b0c0d0e0f101112139d8508871819928f1c1d1e1f80818283840a171b88898a8b8c0506079091169394959604',
    '98999a9b14159e1a20a0e2e4e0e1e3e5e7f1a22e3c282b7c26e9eaebe8edeeefecdf21242a293bac2d2fc2c4c0c1c3c5c7d1a62c255f3e3f',
    'f8c9cacbc8cdcecfcc603a2340273d22d8616263646566676869abbbf0fdfeb1b06a6b6c6d6e6f707172aabae6b8c6a4b57e737475767778',
    '797aa1bfd0dddeae5ea3a5b7a9a7b6bcbdbe5b5dafa8b4d77b414243444546474849adf4f6f2f3f57d4a4b4c4d4e4f505152b9fbfcf9faff',
    '5cf7535455565758595ab2d4d6d2d3d530313233343536373839b3dbdcd9da9f',
  ].join(''),
  'hex',
)
/** Where 500 has another sign. */
const OF_EUROPE: Record<string, string | undefined> = {
  '¢': '[',
  '|': '!',
  '!': ']',
  '¬': '^',
  '^': '¢',
  '[': '¬',
  ']': '|',
}
