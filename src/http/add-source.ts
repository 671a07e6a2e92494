import { RULE_PARTS, type RulePart, readPageRules } from '../actions/sources/page-rules.ts'
import type { Added, SourceWish } from '../actions/sources/subscribe.ts'
import { parseAddress } from '../actions/typed-address.ts'
import { AppError } from '../errors.ts'
import type { PageRules, ReadDocument } from '../model.ts'
import { fieldName } from './sources-page.ts'

/** What adding a source needs of the house. */
export interface AddDoor {
  addSource(wish: SourceWish): Promise<Added>
  /** The page at an address as it would be watched, nothing stored; refuses as `findPage` of actions/sources/find-feed.ts. */
  readPage(url: string, rules: PageRules | null): Promise<ReadDocument>
}

/** A form as it was sent; what is not said is ''. */
export interface AddForm {
  url: string
  /** `look`: only show what would be watched on the page. */
  page: 'look' | 'watch' | null
  selectors: Record<RulePart, string>
  /** The entry's selector as it was found by us and shown, to tell whether a person changed it. */
  found: string
  /** The site among whose feeds it was chosen. */
  among: string
}

/** Any bytes are a form of some kind; unknown fields are ignored, and of two with one name the first counts. */
export function parseAddForm(bytes: Uint8Array): AddForm {
  const form = new URLSearchParams(new TextDecoder().decode(bytes))
  const field = (name: string) => form.get(name)?.trim() ?? ''
  const page = field('page')
  return {
    url: field('url'),
    page: page === 'look' || page === 'watch' ? page : null,
    selectors: selectorsOf(field),
    found: field('found'),
    among: field('among'),
  }
}

/** What a form's fields hold, '' for null. */
export function selectorsOf(find: (part: RulePart) => string | null): Record<RulePart, string> {
  const found = Object.fromEntries(RULE_PARTS.map((part) => [part, find(part) ?? '']))
  // Made of all the parts there are.
  return found as Record<RulePart, string>
}

/** Adds what a form asks for, or finds out what must be asked back. Throws `invalid` and `unavailable` as `addSource` does, for wrong selectors too. */
export async function addFromForm(door: AddDoor, form: AddForm): Promise<Added> {
  const url = readAddress(form.url)
  if (form.page === null) return door.addSource({ url })
  const rules = readRules(form)
  if (form.page === 'watch') return door.addSource({ url, page: { rules } })
  return { kind: 'page', page: url, document: await door.readPage(url, rules) }
}

/** An address as it may stand in a page: nothing is left of one that holds a name or a password. */
export function emptyIfLogin(address: string): string {
  return hasLogin(address) ? '' : address
}

// RFC 3986, 3.2.1: what stands before the @ of the authority; with as much of an address around it as browsers forgive.
const LOGIN = /^(?:feed:)?(?:[a-z][a-z0-9+.-]*:)?[\\/]*[^\\/?#]*@/i

function hasLogin(text: string): boolean {
  // What nobody sees is pasted along with what they do, and so is what an address stands in.
  return LOGIN.test(text.replace(/[\p{C}\p{Z}<>"]/gu, ''))
}

function readAddress(text: string): string {
  if (text === '') {
    throw new AppError('invalid', 'There is no address.', { hint: 'Example: https://example.com/feed.xml' })
  }
  const url = hasLogin(text) ? null : parseAddress(text)
  if (url !== null && new URL(url).username === '' && new URL(url).password === '') return url
  // The answer may have to repeat the address, and pages repeat no passwords.
  throw new AppError('invalid', 'The address holds a name or a password, which this page does not take.', {
    advice: { kind: 'give', what: 'login', url: null },
  })
}

/** Null where the entries are to be found by us: nobody said anything else than we did. */
function readRules({ selectors, found }: AddForm): PageRules | null {
  const isOurs = selectors.entry === found && RULE_PARTS.every((part) => part === 'entry' || selectors[part] === '')
  if (isOurs) return null
  const said = RULE_PARTS.flatMap((part) => (selectors[part] === '' ? [] : [[part, selectors[part]] as const]))
  return readPageRules(Object.fromEntries(said), (part) => `“${fieldName(part)}”`)
}
