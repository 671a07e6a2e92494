/** A declared language as we keep it ("zh", "zh-tw"), lower case; null for what names none. */
export function languageTag(declared: string | null): string | null {
  const tag = declared?.trim().toLowerCase().replaceAll('_', '-') ?? ''
  return /^[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}$/.test(tag) && tag !== 'und' && tag !== 'mul' ? tag : null
}

/**
 * The language a text's script gives away; null for Latin script, and for scripts that many languages share where no
 * letter of just one of them occurs. Looks at the beginning only.
 */
export function languageOfScript(text: string): string | null {
  const start = text.slice(0, SAMPLE)
  // Most texts are Latin: one look instead of all the others, and a quick one before it.
  if (!PERHAPS_BEYOND.test(start) || !BEYOND_LATIN.test(start)) return null

  const counts: number[] = []
  for (const { script } of SCRIPTS) {
    const count = start.match(script)?.length ?? 0
    counts.push(count)
    // No other can have more.
    if (count * 2 >= start.length) break
  }
  const latin = start.match(LATIN)?.length ?? 0
  const most = Math.max(...counts)
  // A foreign name or two makes no text foreign. A Han character says as much as a short word.
  const [index, weight] = [counts.indexOf(most), most]
  if (weight * 3 < latin) return null
  return SCRIPTS[index]?.language(start) ?? null
}

const SAMPLE = 1_000
const LATIN = /\p{Script=Latin}/gu
// Every letter of another script lies there (Unicode's blocks), and little else that is usual in Latin texts.
const PERHAPS_BEYOND = /[\u02ea-\u1fff\u2070-\uffff]/
const BEYOND_LATIN = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u

const SCRIPTS: { script: RegExp; language: (text: string) => string | null }[] = [
  {
    script: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
    language: (text) => (KANA.test(text) ? 'ja' : 'zh'),
  },
  { script: /\p{Script=Hangul}/gu, language: () => 'ko' },
  { script: /\p{Script=Cyrillic}/gu, language: cyrillicLanguage },
  { script: /\p{Script=Greek}/gu, language: () => 'el' },
  { script: /\p{Script=Hebrew}/gu, language: () => 'he' },
  {
    script: /\p{Script=Arabic}/gu,
    language: (text) => (/[ٹڈڑےں]/.test(text) ? 'ur' : /[پچژگ]/.test(text) ? 'fa' : 'ar'),
  },
  { script: /\p{Script=Thai}/gu, language: () => 'th' },
  { script: /\p{Script=Devanagari}/gu, language: () => 'hi' },
  { script: /\p{Script=Bengali}/gu, language: () => 'bn' },
  { script: /\p{Script=Tamil}/gu, language: () => 'ta' },
  { script: /\p{Script=Telugu}/gu, language: () => 'te' },
  { script: /\p{Script=Georgian}/gu, language: () => 'ka' },
  { script: /\p{Script=Armenian}/gu, language: () => 'hy' },
  { script: /\p{Script=Lao}/gu, language: () => 'lo' },
  { script: /\p{Script=Khmer}/gu, language: () => 'km' },
  { script: /\p{Script=Myanmar}/gu, language: () => 'my' },
]

// "ー" alone also stands in Chinese names of brands.
const KANA = /[\p{Script=Hiragana}ァ-ヺ]/u

function cyrillicLanguage(text: string): string | null {
  if (/[іїєґ]/i.test(text)) return /ў/i.test(text) ? 'be' : 'uk'
  if (/[ђјљњћџ]/i.test(text)) return 'sr'
  return /[ыэё]/i.test(text) ? 'ru' : null
}
