/** Code points in texts of UTF-16 units: where a surrogate pair is one of them. */

/** How many units the code point has that begins here: 2 where a surrogate pair does. */
export function widthAt(text: string, at: number): 1 | 2 {
  const unit = text.charCodeAt(at)
  if (unit < 0xd800 || unit > 0xdbff) return 1
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1
}

/** Where the code point begins that ends here. */
export function pointBefore(text: string, at: number): number {
  return at - (at >= 2 && widthAt(text, at - 2) === 2 ? 2 : 1)
}
