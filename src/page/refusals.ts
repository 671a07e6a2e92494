/** What pages are refused for. */

export const NO_LIST =
  'This page has no list of links that could be told from its menus. Say which of its blocks are the entries, by a CSS selector such as "ul.news > li".'

export const NO_LINKS =
  'There are no links on this page, so it has no list of entries. Give the address of a feed, or of a page that links to its news.'

export const LOGIN =
  'This page asks for a login, and has no list of links. Look for a public address, or for a feed of the same site.'

export const CHALLENGE =
  'A check for browsers (a challenge or captcha) stands where the page was. Some sites let nobody else in.'

export const CONSENT =
  'The site asks for consent before it shows the page; nobody can give it from here. Look for a feed of the same site.'

export const FEED = 'This is a feed, not a page: it is read without selectors.'

export const EMPTY =
  'This page is empty until JavaScript fills it in a browser: there is nothing to read in what its server sends. Look for a feed, or for a page of the same site that shows its entries without JavaScript.'

export const SCRIPTED =
  'This page opens its entries by JavaScript, and their addresses stand nowhere in it: there is nothing to link to. Look for a feed, or for another page of the same site.'

export function sayError(said: string): string {
  return `The page shows an error in place of its entries: “${said}”`
}

export function sayFrames(frames: string[]): string {
  return `This page has no list of links of its own: it shows others in frames. Give the address of the frame with the list: ${frames.join(', ')}`
}
