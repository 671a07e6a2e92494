import iconv from 'iconv-lite'
import { isShifted } from './shifted.ts'

/** The charset a label means on the web (WHATWG Encoding, "Names and labels"); null for one that cannot be, or is unknown. */
export function labelOf(written: string | undefined): string | null {
  if (written === undefined) return null
  // Most are this one.
  if (/^utf-8$/i.test(written)) return 'utf-8'
  // IANA's names may have a year: "ISO_8859-5:1988", "iso-8859-16-2001".
  const label = written.toLowerCase().replace(/[:_-](?:19|20)\d\d$/, '')
  const known = ALIASES.get(label.replace(/[^a-z0-9]/g, '')) ?? label
  // A declaration we could read as ASCII is not in UTF-16.
  // "hex" and "base64" are encodings of iconv-lite's, and charsets of nobody's.
  if (/^utf[-_]?(?:16|32|7-imap)|^(?:iso-10646-)?ucs[-_]?[24]|unicode|^(?:hex|base64|binary)$/.test(known)) return null
  return iconv.encodingExists(known) || isNative(known) || isShifted(known) ? known : null
}

/** What each charset is called beside its name, by letters and digits: everybody punctuates them differently. */
const OTHER_NAMES = {
  'utf-8': 'utf8 unicode11utf8',
  // Everybody who says Latin 1 or ASCII means what Windows made of it.
  'windows-1252': 'ascii usascii latin latin1 iso88591 iso8859 8859 ansi',
  'windows-1254': 'iso88599',
  'windows-1257': 'winbaltrim',
  'windows-874': 'iso885911 tis620 tis62025290 tis62025291 isoir166',
  // Each a part of the next one.
  gb18030: 'gb2312 gb231280 gbk xgbk eucgb2312cn gb180302000 xmacsimpchinese',
  big5: 'xmactradchinese big5tw big5eten 950 ms950',
  'big5-hkscs': 'hkscs',
  shift_jis: 'xmacjapanese xsjis windows31j shiftjisx0213 shiftjis2004 sjisx0213 sjis2004',
  'euc-jp': 'eucjis eucjis2004 ujis extendedunixcodepackedformatforjapanese eucjisx0213 jisx0213',
  'euc-kr': 'xmackorean ksc56011987 ms949 uhc ksx1001 xwindows949',
  // iconv-lite's are those of old systems.
  'x-mac-cyrillic': 'maccyrillic',
  'x-mac-roman': 'macroman macintosh',
  maccenteuro: 'maclatin2 maccentraleurope xmacce',
  cp861: 'cpis',
  cp1125: 'cp866u ruscii',
  pt154: 'ptcp154 csptcp154 cp154 cyrillicasian',
  rk1048: 'kz1048 strk1048',
  hproman8: 'cp1051',
  'utf-7': 'utf7 u7 unicode11utf7',
  'hz-gb-2312': 'hz hzgb hzgb2312',
  'iso-2022-jp': 'csiso2022jp iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpext',
  'iso-2022-kr': 'csiso2022kr iso2022kr',
}
const ALIASES = new Map(
  Object.entries(OTHER_NAMES).flatMap(([charset, names]) => names.split(' ').map((name) => [name, charset] as const)),
)

function isNative(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false
  }
}
