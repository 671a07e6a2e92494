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

/** By their letters and digits: everybody punctuates them differently. */
const ALIASES = new Map([
  ['utf8', 'utf-8'],
  ['unicode11utf8', 'utf-8'],
  // Everybody who says Latin 1 or ASCII means what Windows made of it.
  ['ascii', 'windows-1252'],
  ['usascii', 'windows-1252'],
  ['latin1', 'windows-1252'],
  ['iso88591', 'windows-1252'],
  ['iso88599', 'windows-1254'],
  ['iso885911', 'windows-874'],
  ['tis620', 'windows-874'],
  ['tis62025290', 'windows-874'],
  ['tis62025291', 'windows-874'],
  ['isoir166', 'windows-874'],
  // Each a part of the next one.
  ['gb2312', 'gb18030'],
  ['gb231280', 'gb18030'],
  ['gbk', 'gb18030'],
  ['xgbk', 'gb18030'],
  ['eucgb2312cn', 'gb18030'],
  ['gb180302000', 'gb18030'],
  ['xmacsimpchinese', 'gb18030'],
  ['xmactradchinese', 'big5'],
  ['xmacjapanese', 'shift_jis'],
  ['xmackorean', 'euc-kr'],
  ['xsjis', 'shift_jis'],
  ['windows31j', 'shift_jis'],
  ['ksc56011987', 'euc-kr'],
  ['ms949', 'euc-kr'],
  ['uhc', 'euc-kr'],
  ['shiftjisx0213', 'shift_jis'],
  ['eucjis2004', 'euc-jp'],
  ['ansi', 'windows-1252'],
  ['winbaltrim', 'windows-1257'],
  // iconv-lite's are those of old systems.
  ['maccyrillic', 'x-mac-cyrillic'],
  ['macroman', 'x-mac-roman'],
  ['macintosh', 'x-mac-roman'],
  ['maclatin2', 'maccenteuro'],
  ['maccentraleurope', 'maccenteuro'],
  ['xmacce', 'maccenteuro'],
  ['cpis', 'cp861'],
  ['csiso2022jp', 'iso-2022-jp'],
  ['ujis', 'euc-jp'],
  ['extendedunixcodepackedformatforjapanese', 'euc-jp'],
  ['shiftjis2004', 'shift_jis'],
  ['sjisx0213', 'shift_jis'],
  ['sjis2004', 'shift_jis'],
  ['ksx1001', 'euc-kr'],
  ['xwindows949', 'euc-kr'],
  ['big5tw', 'big5'],
  ['big5eten', 'big5'],
  ['950', 'big5'],
  ['ms950', 'big5'],
  ['iso8859', 'windows-1252'],
  ['8859', 'windows-1252'],
  ['latin', 'windows-1252'],
  ['cp866u', 'cp1125'],
  ['ruscii', 'cp1125'],
  ['ptcp154', 'pt154'],
  ['csptcp154', 'pt154'],
  ['kz1048', 'rk1048'],
  ['strk1048', 'rk1048'],
  ['cp154', 'pt154'],
  ['cyrillicasian', 'pt154'],
  ['hkscs', 'big5-hkscs'],
  ['eucjisx0213', 'euc-jp'],
  ['jisx0213', 'euc-jp'],
  ['cp1051', 'hproman8'],
  ['utf7', 'utf-7'],
  ['u7', 'utf-7'],
  ['unicode11utf7', 'utf-7'],
  ['hz', 'hz-gb-2312'],
  ['hzgb', 'hz-gb-2312'],
  ['hzgb2312', 'hz-gb-2312'],
  ['csiso2022kr', 'iso-2022-kr'],
  ['iso2022kr', 'iso-2022-kr'],
  ['iso2022jp', 'iso-2022-jp'],
  ['iso2022jp1', 'iso-2022-jp'],
  ['iso2022jp2', 'iso-2022-jp'],
  ['iso2022jp3', 'iso-2022-jp'],
  ['iso2022jpext', 'iso-2022-jp'],
])

function isNative(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false
  }
}
