import { type Headers, headerValue } from './cache-headers.ts'

/**
 * What the Link header says of pushes (WebSub, 4; RFC 8288): the first hub and the first self that are web addresses,
 * made absolute against `base`. Undefined when it names neither.
 */
export function pushLinks(headers: Headers, base: string): { hub: string | null; self: string | null } | undefined {
  const value = headerValue(headers, 'link')
  if (value === null) return undefined

  const found = { hub: null as string | null, self: null as string | null }
  for (const { target, params } of parseLinks(value)) {
    const relations = params.get('rel')?.toLowerCase().split(/\s+/) ?? []
    // A link from somewhere else is not about this document (RFC 8288, 3.2).
    const anchor = params.get('anchor')
    if (anchor !== undefined && webAddress(anchor, base) !== webAddress(base, base)) continue
    const url = webAddress(target, base)
    if (relations.includes('hub')) found.hub ??= url
    if (relations.includes('self')) found.self ??= url
  }
  return found.hub === null && found.self === null ? undefined : found
}

/** What the header says the document is published as, too: rel=alternate with a type, as it is written; 20 at most. */
export function alternates(headers: Headers): { href: string; type: string; title: string }[] {
  const found = parseLinks(headerValue(headers, 'link') ?? '').flatMap(({ target, params }) => {
    const isAlternate = /(?:^|\s)alternate(?:\s|$)/i.test(params.get('rel') ?? '')
    const type = params.get('type') ?? ''
    return isAlternate && type !== '' ? [{ href: target, type, title: params.get('title') ?? '' }] : []
  })
  return found.slice(0, 20)
}

interface Link {
  target: string
  /** By lower-case name; of a name that comes twice the first counts (RFC 8288, 3.3). */
  params: Map<string, string>
}

/** Every `<target>; name=value; name="value"` of the field, in order; what is malformed is passed over. */
export function parseLinks(value: string): Link[] {
  const links: Link[] = []
  let at = value.indexOf('<')
  while (at !== -1) {
    const end = value.indexOf('>', at)
    if (end === -1) return links
    const params = new Map<string, string>()
    links.push({ target: value.slice(at + 1, end).trim(), params })
    at = value.indexOf('<', readParams(value, end + 1, params))
  }
  return links
}

/** Reads up to the comma that ends the link, and gives the place after it. */
function readParams(value: string, from: number, params: Map<string, string>): number {
  PARAM.lastIndex = from
  for (let match = PARAM.exec(value); match !== null; match = PARAM.exec(value)) {
    const [, name = '', quoted, token] = match
    const key = name.toLowerCase()
    if (!params.has(key)) params.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token?.trim() ?? '')
    from = PARAM.lastIndex
  }
  const comma = value.indexOf(',', from)
  return comma === -1 ? value.length : comma
}

// Sticky, and no two parts of it can take the same character: linear in any input.
const PARAM = /\s*;\s*([^\s=;,"<]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,"<]*)))?/y

function webAddress(target: string, base: string): string | null {
  if (!URL.canParse(target, base)) return null
  const url = new URL(target, base)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null
}
