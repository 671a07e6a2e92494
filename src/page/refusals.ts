/** What pages are refused for; apart from what reads them, which brings a whole DOM along. */
import type { Need } from '../errors.ts'
import type { Unreadable } from '../model.ts'

export function unreadable(reason: Unreadable['reason'], detail: string, needs?: Need): Unreadable {
  return { kind: 'unreadable', reason, detail, ...(needs && { needs }) }
}

export const NO_LIST =
  'This page has no list of links that could be told from its menus. Say which of its blocks are the entries, by a CSS selector such as "ul.news > li".'

export const LOGIN =
  'This page asks for a login, and has no list of links. Look for a public address, or for a feed of the same site.'

export const FEED = 'This is a feed, not a page: it is read without selectors.'

export const EMPTY =
  'This page is empty until JavaScript fills it in a browser: there is nothing to read in what its server sends. Look for a feed, or for a page of the same site that shows its entries without JavaScript.'
