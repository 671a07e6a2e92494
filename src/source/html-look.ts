/** Whether a text that may be either is HTML: it holds a tag of HTML ("Array<T>" holds none), a comment or a reference. */
export function looksLikeHtml(text: string): boolean {
  return hasHtmlTag(text) || REFERENCE.test(text)
}

/** Whether a tag of HTML stands in it, whole. */
export function hasHtmlTag(text: string): boolean {
  return text.includes('<') && TAG.test(text)
}

const NAMES = [
  'a|abbr|acronym|address|article|aside|audio|b|big|blockquote|br|button|caption|center|cite|code|col|dd|del|details|dfn|div',
  'dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|header|hr|i|iframe|img|input|ins|kbd|label|li|mark|nav|nobr|ol|p',
  'picture|pre|q|ruby|rt|s|samp|script|section|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot',
  'th|thead|time|tr|tt|u|ul|var|video|wbr',
].join('|')
const TAG = new RegExp(`</?(?:${NAMES})(?:\\s[^<>]*)?/?>|<!--`, 'i')
const REFERENCE = /&(?:[a-z][a-z0-9]{1,31}|#\d{1,7}|#x[\da-f]{1,6});/i
