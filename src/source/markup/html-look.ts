import { escapeXml } from './references.ts'

/**
 * Whether a text that may be either is HTML: it holds a tag of HTML, a comment or a reference, an element of any name that
 * has an attribute, and outside of titles one that ends. "Array<T>" holds none of these; and "the <main> element" none in
 * a title, nor where it says no more; nor does a title in which a tag stands for itself.
 */
export function looksLikeHtml(text: string, { inTitle } = { inTitle: false }): boolean {
  if (text.includes('&') && REFERENCE.test(text)) return true
  if (!text.includes('<')) return false
  const marked = inTitle ? withoutNames(text) : text
  return hasHtmlTag(marked) || MARKUP.test(marked) || (!inTitle && ELEMENT.test(marked))
}

/**
 * Without the elements that a title speaks of, which nothing ends: "Why the <b> tag matters", "<details> and <summary>",
 * "`<div>` in JSX". What breaks a line may stand anywhere.
 */
function withoutNames(title: string): string {
  return title.includes('</') ? title : title.trim().replace(FIRST_NAME, '').replace(NAME, '')
}

/** What breaks lines or lays out a text is left open by many; so is what emphasizes, unless another stands behind it: "<b> or <strong>?" */
const FIRST_NAME =
  /^<(?!(?:br|center|d[dt]|div|font|h[1-6]|hr|img|li|nobr|p|span|t[dr]|wbr)>)(?!(?:b|big|em|i|small|strong|u)>[^<]*$)[a-z][a-z\d]*>(?![^\s.,:;!?])/i
const NAME = /(?<=[\s("'“‘`])<(?!(?:br|hr|wbr|img)>)[a-z][a-z\d]*>(?![^\s.,:;!?)"'”’`])/gi

/** Whether a tag of HTML stands in it, whole; not one whose name is a word of English or of programs. */
export function hasHtmlTag(text: string): boolean {
  return text.includes('<') && TAG.test(text)
}

const NAMES = [
  'a|abbr|acronym|address|applet|article|aside|audio|b|basefont|bdi|bdo|big|blink|blockquote|br|button|canvas|caption|center',
  'cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frameset|h[1-6]',
  'header|hr|i|iframe|img|input|ins|kbd|keygen|label|legend|li|mark|marquee|nav|nobr|noembed|noframes|noscript|ol|optgroup|p',
  'picture|pre|q|rb|rp|rt|rtc|ruby|s|samp|script|section|small|source|span|strike|strong|style|sub|summary|sup|svg|table',
  'tbody|td|tfoot|th|thead|time|tr|tt|u|ul|var|video|wbr',
].join('|')
/** Those that often have an attribute without a value; of the others "a<b and c>d" is none. */
const BARE = 'audio|button|details|frameset|hr|iframe|img|input|ol|option|script|table|td|th|tr|ul|video'
const TAG = new RegExp(`</?(?:${NAMES})(?:\\s[^<>=]*=[^<>]*|\\s*)/?>|<(?:${BARE})\\s[^<>]*>|<!--`, 'i')
const REFERENCE = /&(?:[a-z][a-z0-9]{1,31}|#\d{1,7}|#x[\da-f]{1,6});/i

/**
 * By an attribute in quotes, whatever its name; Office's elements; and what is around a page. Of a page's head only those
 * who write about it speak: 'How <link rel="preload"> works'.
 */
const MARKUP =
  /<(?!link\s|meta\s)[a-z][\w:.-]*\s+[\w:.-]+\s*=\s*["'][^<>]*>|<(?:[movw]|st1):[a-z]\w*\s*\/?>|<\/?(?:html|body)>/i

/** By its end tag, its slash or its attribute. */
const ELEMENT = /<\/[a-z][\w:.-]*\s*>|<[a-z][\w:.-]*(?:\s[^<>]*)?\/>|<[a-z][\w:.-]*\s[^<>=]*=[^<>]*>/i

/** Text as HTML: as published where HTML reads the same in it ("AT&T", "a < b"), else escaped. */
export function textToHtml(text: string): string {
  return MISREAD.test(text) ? escapeXml(text).replaceAll('&quot;', '"') : text
}

/** The references that need no semicolon (HTML, "named character references"): "&copy2004" is one. */
const OLD_NAMES = [
  'AElig|AMP|Aacute|Acirc|Agrave|Aring|Atilde|Auml|COPY|Ccedil|ETH|Eacute|Ecirc|Egrave|Euml|GT|Iacute|Icirc|Igrave|Iuml|LT',
  'Ntilde|Oacute|Ocirc|Ograve|Oslash|Otilde|Ouml|QUOT|REG|THORN|Uacute|Ucirc|Ugrave|Uuml|Yacute|aacute|acirc|acute|aelig',
  'agrave|amp|aring|atilde|auml|brvbar|ccedil|cedil|cent|copy|curren|deg|divide|eacute|ecirc|egrave|eth|euml|frac12|frac14',
  'frac34|gt|iacute|icirc|iexcl|igrave|iquest|iuml|laquo|lt|macr|micro|middot|nbsp|not|ntilde|oacute|ocirc|ograve|ordf|ordm',
  'oslash|otilde|ouml|para|plusmn|pound|quot|raquo|reg|sect|shy|sup[123]|szlig|thorn|times|uacute|ucirc|ugrave|uml|uuml',
  'yacute|yen|yuml',
].join('|')
const MISREAD = new RegExp(`<(?=[A-Za-z/!?])|&(?=#|${OLD_NAMES}|[A-Za-z][A-Za-z\\d]{1,31};)`)
