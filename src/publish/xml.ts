/** Text as XML 1.0 allows it: control characters, half surrogates and U+FFFE/FFFF are removed (they cannot even be escaped). */
export function cleanXml(text: string): string {
  return text.replace(FORBIDDEN_IN_XML, '')
}

// XML 1.0, 2.2 "Char". The C1 controls are legal but "discouraged", and feed validators complain: out with them too.
const FORBIDDEN_IN_XML = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|\p{Surrogate}/gu

/**
 * One line of foreign plain text, fit to stand in a line of ours: clean, white space collapsed, and without the
 * characters that turn the writing direction, which would reorder what stands after it (a Telegram attack of 2018), and
 * with at most three marks on a letter: towers of them cover other lines, or push the page wide.
 */
export function cleanLine(text: string): string {
  return cleanXml(text)
    .replace(BIDI_CONTROLS, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .replace(/\s+/g, ' ')
    .trim()
}

// Unicode UAX #9: embeddings, overrides, isolates. The marks (U+200E, U+200F, U+061C) reorder nothing but themselves.
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g

/**
 * For element text and attribute values in double quotes, in XML and in HTML. These four are also all that Telegram decodes:
 * it would show `&apos;` as it is.
 */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign)
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** A language as an attribute may say it (BCP 47 in shape), else null: anything else would make the document invalid. */
export function validLanguage(language: string | null): string | null {
  return language !== null && /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(language) ? language : null
}
