import { decodeReferences } from './references.ts'
import { localName, NAME_CHARACTER, NAME_START, type Tag, XML_NAME } from './scan.ts'

/** How one document's names are written: with the usual prefix, the usual case, and only characters a name may have. */
export interface Names {
  /** What prefixes mean here beside what they mean in the document; to be set back when the element ends that began it. */
  scope: Scope | null
  /** The prefixes of the document to the usual ones, where they differ. */
  prefixes: Map<string, string>
  declared: Set<string>
  /** Prefixes that are the document's own, whatever somebody declares them to be. */
  adopted: Set<string>
  /** The namespace of what has no prefix, as the root says it. */
  own: string
  spellings: Map<string, string>
}

/** Prefixes that mean something else within one element. It is one, however many prefixes that declares. */
export interface Scope {
  at: number
  meanings: Map<string, string>
  outer: Scope | null
}

export function createNames(): Names {
  return {
    scope: null,
    // "rss" is nobody else's, declared or not, and "a10" what .NET calls Atom.
    prefixes: new Map([
      ['rss', ''],
      ['a10', 'atom'],
    ]),
    declared: new Set(USUAL),
    adopted: new Set(['rss']),
    own: '',
    spellings: new Map(),
  }
}

/** Takes the root's prefix as the document's own, since some never declare it, its default namespace and its prefixes. */
export function adoptRoot(names: Names, { name, attributes }: Tag): void {
  const inAtom = localName(name).toLowerCase() === 'feed'
  names.own = attributes.find((attribute) => attribute.name === 'xmlns')?.value ?? ''
  // In Atom some give its prefix to what they took from elsewhere, and do not declare it.
  if (inAtom) names.prefixes.set('atom', '')
  adoptPrefix(names, name, attributes, inAtom)
  for (const { name, value } of attributes) {
    if (!name.startsWith('xmlns:')) continue
    const prefix = name.slice(6)
    const usual = prefixOf(value, inAtom)
    names.declared.add(prefix)
    // A prefix that is the usual one already, or means nothing to us, needs no entry, unless it meant another before.
    if ((usual === undefined || usual === prefix) && !names.prefixes.has(prefix)) continue
    if (usual !== undefined) names.prefixes.set(prefix, usual)
    else if (!names.adopted.has(prefix)) names.prefixes.delete(prefix)
  }
  names.spellings.clear()
}

function adoptPrefix({ prefixes, adopted, own }: Names, root: string, attributes: Tag['attributes'], inAtom: boolean) {
  const prefix = root.slice(0, Math.max(root.indexOf(':'), 0))
  const isRdf = /:rdf$/i.test(root)
  if (prefix === '' || !(isRdf || OWN_NAMES.has(localName(root).toLowerCase()))) return
  adopted.add(prefix)
  prefixes.set(prefix, isRdf ? 'rdf' : '')
  const mine = attributes.find(({ name }) => name === `xmlns:${prefix}`)?.value
  // What has no prefix is somebody else's then. RDF's default is RSS's, however it is misspelt.
  const isForeign = !isRdf && mine !== undefined && own !== '' && own !== mine
  if (isForeign) prefixes.set('', prefixOf(own, inAtom) ?? 'foreign')
}

/** Likewise the prefix of a channel, in whatever namespace it is that we do not know. In RDF it tells whose the default one is. */
export function adoptChannel(names: Names, name: string): void {
  const { prefixes, adopted, own } = names
  const prefix = name.slice(0, Math.max(name.indexOf(':'), 0))
  if (prefix === '' || localName(name) !== 'channel') return
  if (!USUAL.has(prefix) && meaningOf(names, prefix) === undefined) {
    adopted.add(prefix)
    prefixes.set(prefix, '')
  }
  prefixes.set('', prefixOf(own, false) ?? prefixes.get('') ?? '')
  names.spellings.clear()
}

/**
 * Takes in the prefixes a tag declares. `inAtom`: Atom's own elements carry no prefix here. What meant something else
 * gets a scope, that of the element which begins at `at`; what is new stays, since some declare it in one item for all.
 */
export function noteTag(names: Names, tag: Tag, inAtom: boolean, at: number): void {
  const { prefixes, declared, adopted } = names
  for (const { name, value } of tag.attributes) {
    if (!name.startsWith('xmlns')) continue
    const own = prefixes.get('')
    // Whatever it is, it is not that of an element around this one.
    if (name === 'xmlns' && meaningOf(names, '') !== own) inherit(names, own ?? '', at)
    if (!name.startsWith('xmlns:')) continue
    const prefix = name.slice(6)
    const known = meaningOf(names, prefix) ?? prefix
    // What means nothing to us stays as it is.
    const meaning = prefixOf(value, inAtom) ?? (adopted.has(prefix) ? known : prefix)
    const isFirst = !declared.has(prefix) && declared.size < MAX_PREFIXES
    if (isFirst) declared.add(prefix)
    if (meaning === known) continue
    if (isFirst) {
      prefixes.set(prefix, meaning)
      names.spellings.clear()
    } else bind(names, prefix, meaning, at)
  }
}

/** What has no prefix is, within the element that begins at `at`, of the namespace with this one; what items lie in never is. */
export function inherit(names: Names, prefix: string, at: number): void {
  bind(names, '', prefix, at)
}

function bind(names: Names, prefix: string, meaning: string, at: number): void {
  if (names.scope?.at === at) names.scope.meanings.set(prefix, meaning)
  else names.scope = { at, meanings: new Map([[prefix, meaning]]), outer: names.scope }
}

function meaningOf(names: Names, prefix: string): string | undefined {
  for (let scope = names.scope; scope !== null; scope = scope.outer) {
    const meaning = scope.meanings.get(prefix)
    if (meaning !== undefined) return meaning
  }
  return names.prefixes.get(prefix)
}

/** A name as it is written here. */
export function spell(names: Names, raw: string): string {
  if (names.scope !== null && !STRUCTURE.has(raw)) return spellBy((prefix) => meaningOf(names, prefix), raw)
  const known = names.spellings.get(raw)
  if (known !== undefined) return known
  const usual = spellBy((prefix) => names.prefixes.get(prefix), raw)
  // A document has some dozens of names; one that has thousands must not fill the memory with them.
  if (names.spellings.size < 1_000) names.spellings.set(raw, usual)
  return usual
}

/** What more declare holds in their elements alone. */
const MAX_PREFIXES = 1_000

/** The usual prefix of a namespace, "" for the document's own; undefined for one we do not read. */
export function prefixOf(uri: string, inAtom: boolean): string | undefined {
  const usual = NAMESPACES.get(uri) ?? NAMESPACES.get(looseUri(uri))
  return usual === 'atom' && inAtom ? '' : usual
}

/** As people misspell them: another scheme, case, last sign, version of Dublin Core. */
function looseUri(uri: string): string {
  const loose = decodeReferences(uri)
    .trim()
    .toLowerCase()
    .replace(/^https:/, 'http:')
    .replace(/\/dc\/elements\/1\.\d\/?$/, '/dc/elements/1.1/')
  return LOOSE.get(loose.replace(/[/#]$/, '')) ?? uri
}

const NAMESPACES = new Map([
  ['http://purl.org/dc/elements/1.1/', 'dc'],
  ['http://purl.org/dc/terms/', 'dcterms'],
  ['http://purl.org/rss/1.0/modules/content/', 'content'],
  ['http://search.yahoo.com/mrss', 'media'],
  ['http://search.yahoo.com/mrss/', 'media'],
  ['http://tools.search.yahoo.com/mrss/', 'media'],
  ['http://video.search.yahoo.com/mrss', 'media'],
  ['http://www.rssboard.org/media-rss', 'media'],
  ['http://www.itunes.com/dtds/podcast-1.0.dtd', 'itunes'],
  // Of an example that was copied.
  ['http://example.com/dtds/podcast-1.0.dtd', 'itunes'],
  ['http://www.google.com/schemas/play-podcasts/1.0', 'googleplay'],
  ['http://purl.oclc.org/net/rss_2.0/enc#', 'enc'],
  ['http://xmlns.com/foaf/0.1/', 'foaf'],
  ['http://prismstandard.org/namespaces/1.2/basic/', 'prism'],
  ['http://prismstandard.org/namespaces/basic/2.0/', 'prism'],
  ['http://prismstandard.org/namespaces/2.0/basic/', 'prism'],
  ['http://purl.org/rss/1.0/modules/prism/', 'prism'],
  ['http://rssnamespace.org/feedburner/ext/1.0', 'feedburner'],
  ['http://www.pheedo.com/namespace/pheedo', 'pheedo'],
  ['http://news.yandex.ru', 'yandex'],
  ['http://turbo.yandex.ru', 'turbo'],
  ['http://www.w3.org/1999/02/22-rdf-syntax-ns#', 'rdf'],
  ['http://purl.org/rss/1.0/modules/syndication/', 'sy'],
  ['http://www.w3.org/1999/xhtml', 'xhtml'],
  ['http://www.w3.org/TR/REC-html40', 'xhtml'],
  ['http://www.w3.org/2000/svg', 'svg'],
  ['http://www.w3.org/1998/Math/MathML', 'mml'],
  ['http://www.w3.org/2005/Atom', 'atom'],
  ['http://purl.org/atom/ns#', 'atom'],
  // Before it was called Atom.
  ['http://purl.org/pie/', 'atom'],
  ['http://purl.org/echo/', 'atom'],
  // RSS 0.90, 1.0 and the one some RSS 2.0 has.
  ['http://my.netscape.com/rdf/simple/0.9/', ''],
  ['http://channel.netscape.com/rdf/simple/0.9/', ''],
  ['http://purl.org/rss/1.0/', ''],
  ['http://purl.org/net/rss1.1#', ''],
  ['http://purl.org/rss/1.0/modules/rss091#', ''],
  ['http://backend.userland.com/rss2', ''],
  ['http://backend.userland.com/rss', ''],
  ['http://purl.org/rss/2.0/', ''],
  ['http://blogs.law.harvard.edu/tech/rss', ''],
])
const USUAL = new Set(NAMESPACES.values())
const LOOSE = new Map([...NAMESPACES.keys()].map((uri) => [uri.toLowerCase().replace(/[/#]$/, ''), uri]))

function spellBy(meaningOf: (prefix: string) => string | undefined, raw: string): string {
  const clean = raw.length <= MAX_NAME && XML_NAME.test(raw) ? raw : sanitizeName(raw)
  const colon = clean.indexOf(':')
  const prefix = clean.slice(0, Math.max(colon, 0))
  const local = clean.slice(colon + 1)
  const bound = meaningOf(prefix) ?? meaningOf(prefix.toLowerCase()) ?? prefix
  const usual = isMisbound(prefix, bound, local) ? prefix : bound
  if (/^rdf$/i.test(local) && /^(?:rdf)?$/i.test(usual)) return 'rdf:RDF'
  return usual === '' ? (OWN_NAMES.get(local.toLowerCase()) ?? local) : `${usual}:${local}`
}

/** `dc:creator`, and "dc" is bound to Atom, which has no such element: Dublin Core's is meant, which has. */
function isMisbound(prefix: string, bound: string, local: string): boolean {
  if (bound === prefix || !MODULES.get(prefix)?.has(local)) return false
  const isOwn = bound === '' && OWN_NAMES.has(local.toLowerCase())
  return !isOwn && MODULES.get(bound || 'atom')?.has(local) === false
}

/** Whether a module we know has an element of this name; undefined for the names of others. */
export function isOfModule(name: string): boolean | undefined {
  return MODULES.get(name.slice(0, Math.max(name.indexOf(':'), 0)))?.has(localName(name))
}

/** One that was never closed must not have the next items. */
const STRUCTURE = new Set('rss channel item feed entry'.split(' '))

const MODULES = new Map(
  Object.entries({
    atom: 'id title link author contributor category content summary published updated rights source name email uri',
    content: 'encoded',
    dc: 'title creator subject description publisher contributor date type format identifier source language relation coverage rights',
    media: 'content group thumbnail title description keywords category credit',
  }).map(([prefix, names]) => [prefix, new Set(names.split(' '))]),
)
const MAX_NAME = 200
const FOREIGN = new RegExp(`[^${NAME_CHARACTER}]`, 'g')
const FOREIGN_START = new RegExp(`^[^${NAME_START}]+`)

function sanitizeName(name: string): string {
  const [first = '', ...rest] = name.slice(0, MAX_NAME).split(':')
  const clean = [first, rest.join('')].map((part) => part.replace(FOREIGN, '').replace(FOREIGN_START, ''))
  return clean.filter((part) => part !== '').join(':') || 'unnamed'
}

/** Lower case as some write them, or the names themselves. */
const OWN_NAMES = new Map(
  [
    ...'rss channel item feed entry title link description guid pubDate author category enclosure'.split(' '),
    ...'language id updated published issued modified created summary content managingEditor abstract'.split(' '),
  ].map((name) => [name.toLowerCase(), name]),
)
