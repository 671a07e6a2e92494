/**
 * An http(s) address as the URL standard writes it (ASCII, absolute), without user and password; null for anything else.
 * What a page or feed links to passes here: what is judged is then, to the letter, what is written.
 */
export function webAddress(text: string | null): string | null {
  const url = parseAbsolute(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null
  if (url.username === '' && url.password === '') return url.href
  // A source's address may carry a password that is ours alone.
  url.username = ''
  url.password = ''
  return url.href
}

/** Where an item can be read or, where its source gives it no page of its own (many podcasts), heard and seen; as it was published. */
export function itemAddress({ url, enclosures }: { url: string | null; enclosures: { url: string }[] }): string | null {
  return url ?? enclosures.find((enclosure) => webAddress(enclosure.url) !== null)?.url ?? null
}

/** An address of ours as people and files may see it: without the user and password it may hold. */
export function shownAddress(url: string): string {
  return webAddress(url) ?? url
}

/** As `webAddress`, and `mailto:` too. */
export function linkAddress(text: string | null): string | null {
  const url = parseAbsolute(text)
  return url?.protocol === 'mailto:' ? url.href : webAddress(text)
}

function parseAbsolute(text: string | null): URL | null {
  // Without a base a relative address does not parse, whatever spaces or signs it hides behind.
  if (text === null || !URL.canParse(text)) return null
  return new URL(text)
}
