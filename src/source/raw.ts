/** What a document says, taken out of its format but not yet judged: `normalize` makes items of it. */
export interface RawDocument {
  format: string
  title: RawText | null
  links: RawLink[]
  /** xml:base from the outside in; what a level does not say is left out. */
  bases: string[]
  /** Without them addresses may be meant against the site (RSS), not against the document (RFC 4287, JSON). */
  isSiteBase?: boolean
  language: string | null
  /** Of items that name none (Atom, JSON Feed). */
  authors: string[]
  /** How often it wants to be asked, as written. */
  pace: RawPace
  items: RawItem[]
}

export interface RawPace {
  ttl: string | null
  updatePeriod: string | null
  updateFrequency: string | null
  skipHours: string[]
  skipDays: string[]
}

export interface RawItem {
  id: string | null
  links: RawLink[]
  title: RawText | null
  content: RawText | null
  summary: RawText | null
  /** As written, the best first: the first one that is a date counts. */
  published: string[]
  updated: string[]
  authors: string[]
  categories: string[]
  enclosures: RawEnclosure[]
  language: string | null
  bases: string[]
  /** The item itself, where that is known. */
  written?: string
}

export interface RawText {
  value: string
  /** `unsaid`: the format does not tell text from HTML. */
  kind: 'text' | 'html' | 'unsaid'
  bases: string[]
}

export interface RawLink {
  href: string
  rel: string
  type: string | null
  bases: string[]
}

export interface RawEnclosure {
  url: string
  type: string | null
  length: string | null
  bases?: string[]
}

/** What programs print where there is no author and no address. */
export const NOTHING = /^\s*(?:null|undefined|None)\s*$/
