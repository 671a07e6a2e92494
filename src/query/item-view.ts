import type { Item, Matchable, TextField } from '../model.ts'
import { TAGS_BEGIN, tokenStream } from '../text/tokens.ts'
import { hostOf, urlStream } from './addresses.ts'

/** A stored item as queries look at it; its words are cut when they are first asked for. */
export function asMatchable(item: Item): Matchable {
  const title = once(() => tokenStream(item.title))
  const text = once(() => tokenStream(item.text))
  const tokens = {
    get title() {
      return title()
    },
    get text() {
      return text()
    },
  }
  return { ...item, tokens }
}

/** An item made ready to be asked many times; what few queries need is made when it is first asked for. */
export interface ItemView {
  item: Matchable
  /** A token stream with a space at each end, so that whole tokens are found as substrings. */
  padded(field: Exclude<TextField, 'any'> | 'source'): string
  hosts(): string[]
  /** The tokens of title and text, where it pays to have them (`withTokens`). */
  tokens: { title: Set<string>; body: Set<string> } | null
}

/** An item that says nothing: what matches it lies in its source, or in what is put in. */
export const EMPTY_ITEM: Matchable = {
  title: '',
  text: '',
  tokens: { title: '', text: '' },
  url: null,
  authors: [],
  categories: [],
  enclosures: [],
  language: null,
  publishedAt: null,
  firstSeenAt: 0,
  source: { id: 0, title: '', url: '', host: '', tags: [], siteUrl: null },
}

/** See `ItemView`. */
export function viewItem(item: Matchable): ItemView {
  const paddedOf = {
    title: once(() => ` ${item.tokens.title} `),
    body: once(() => ` ${item.tokens.text} `),
    author: once(() => padEach(item.authors)),
    // A tag is found whole within one category.
    tag: once(() => padEach([...item.categories, ...item.source.tags])),
    url: once(() => ` ${urlStream(item.url ?? '')} `),
    source: once(() => padEach([item.source.title])),
  }
  const hosts = once(() => {
    const known = [hostOf(item.url), hostOf(item.source.url), hostOf(item.source.siteUrl)]
    return [...new Set(known.filter((host) => host !== null))]
  })
  return { item, padded: (field) => paddedOf[field](), hosts, tokens: null }
}

/** The same view for some dozen questions or more: making the sets costs what ten phrases cost, then most answers are a look-up. */
export function withTokens(view: ItemView): ItemView {
  const { title, text } = view.item.tokens
  return { ...view, tokens: { title: new Set(title.split(' ')), body: new Set(text.split(' ')) } }
}

function padEach(texts: string[]): string {
  return ` ${texts.map(tokenStream).join(` ${TAGS_BEGIN} `)} `
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
