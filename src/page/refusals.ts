/** What a page without a list of entries says of itself; apart from `page.ts`, which brings a whole DOM along. */
export const NO_LIST =
  'This page has no list of links that could be told from its menus. Say which of its blocks are the entries, by a CSS selector such as "ul.news > li".'

export const LOGIN =
  'This page asks for a login, and has no list of links. Look for a public address, or for a feed of the same site.'

export const FEED = 'This is a feed, not a page: it is read without selectors.'

export const EMPTY =
  'This page is empty until JavaScript fills it in a browser: there is nothing to read in what its server sends. Look for a feed, or for a page of the same site that shows its entries without JavaScript.'
