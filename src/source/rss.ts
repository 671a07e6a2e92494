import type { CutDocument } from './markup/cut.ts'
import { skim } from './markup/skim.ts'
import type { RawDocument, RawEnclosure, RawItem, RawPace } from './raw.ts'
import {
  all,
  attribute,
  basesOf,
  channelBases,
  type Element,
  each,
  elementOf,
  type Fields,
  fieldsOf,
  firstOf,
  joined,
  one,
  resourceOf,
  said,
  textOf,
  textsOf,
} from './rss-elements.ts'
import { LANGUAGES, LISTS, type Lists, NESTED, nameOrRdf, SHORT, shortName } from './rss-names.ts'
import {
  authorOf,
  fileOf,
  hrefOf,
  idOf,
  isPage,
  permalinks,
  readAuthors,
  readCategories,
  readEnclosure,
  readLink,
  readMedia,
  readOriginal,
  readSource,
  relOf,
} from './rss-parts.ts'
import { readerOf } from './rss-reader.ts'
import { readText } from './rss-text.ts'

/** What the root element says of itself, which rss-parser does not tell. */
type Root = Pick<CutDocument, 'kind' | 'format' | 'base' | 'language'>

/**
 * Maps mended XML (RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0) with rss-parser. Rejects what is not well-formed; the next
 * document is not touched by it.
 */
export async function readXml(xml: string, root: Root): Promise<RawDocument> {
  const isNested = (xml.includes('<foaf:') || xml.includes('<rdf:')) && NESTED.test(xml)
  const skimmed = skim(xml, isNested ? nameOrRdf : shortName)
  const { read, lists } = readerOf(skimmed.names)
  const output = elementOf(await read(skimmed))
  const feed = fieldsOf(output)
  const isAtom = root.kind === 'atom'
  const items = Array.isArray(output.items) ? output.items : []
  const format = { isAtom, lists, torn: PLAIN.filter((name) => skimmed.holders.has(SHORT.get(name) ?? '')) }

  return {
    format: root.format,
    title:
      readText(one(feed, 'title'), isAtom ? 'title' : 'unsaid') ??
      readText(one(feed, 'atom:title'), 'summary') ??
      readText([...all(feed, LISTS.otherTitles), ...one(feed, 'itunes:title')], 'unsaid'),
    links: joined([all(feed, LISTS.links).flatMap(readLink), hrefOf(output), each(one(feed, 'a'), hrefOf)]),
    // On Atom's feed element and the root are one.
    bases: isAtom ? said(root.base) : [...said(root.base), ...channelBases(output)],
    isSiteBase: !isAtom,
    language: firstOf(all(feed, LANGUAGES)) ?? attribute(output, 'xml:lang') ?? root.language,
    authors: isAtom ? (feed.get('author') ?? one(feed, 'name')).flatMap(authorOf) : [],
    pace: readPace(feed),
    items: items.map((item: unknown) => readItem(elementOf(item), format)),
  }
}

/** What is the same for all items of a document. */
interface Format {
  isAtom: boolean
  lists: Lists
  /** Plain fields that hold others in it. */
  torn: string[]
}

function readItem(element: Element, { isAtom, lists, torn }: Format): RawItem {
  const own = fieldsOfItem(element, torn)
  const groups = one(own, 'media:group').map(fieldsOf)
  // What a group says is said of the item; what one of its pictures is called is not.
  const inMedia = (name: string) =>
    groups.length === 0 ? one(own, name) : one(own, name).concat(groups.flatMap((group) => one(group, name)))
  const about = resourceOf(element, 'about')
  const links = all(own, lists.links)
  const contents = all(own, lists.contents)
  const enclosures = each(all(own, lists.enclosures), readEnclosure)
  const { content, summary } = readTexts(own, contents, inMedia, { isAtom, lists })

  return {
    id:
      firstOf(all(own, isAtom ? lists.atomIds : lists.ids), idOf) ??
      about ??
      firstOf(all(own, lists.lastIds)) ??
      fileId(enclosures, links),
    links: joined([
      each(all(own, lists.origins), readOriginal),
      each(links, readLink),
      permalinks(own, about),
      hrefOf(element),
      each(contents, (source) => (isPage(source) ? readSource(source) : [])),
      each(one(own, 'a'), hrefOf),
    ]),
    title:
      readText(one(own, 'title'), isAtom ? 'title' : 'unsaid') ??
      readText(one(own, 'atom:title'), 'summary') ??
      readText(
        [...all(own, lists.otherTitles), ...inMedia('media:title'), ...one(own, 'itunes:title'), ...one(own, 'a')],
        'unsaid',
      ),
    content,
    summary,
    published: textsOf(own, lists.published),
    // CDF says it in an attribute.
    updated: joined([textsOf(own, lists.updated), said(attribute(element, 'lastmod'))]),
    authors: readAuthors(own, lists.authors, isAtom),
    categories: readCategories(own, lists.categories, inMedia),
    enclosures: joined([
      enclosures,
      each(links, (link) => (relOf(link) === 'enclosure' ? readEnclosure(link) : [])),
      each(contents, (source) => (isPage(source) ? [] : readSource(source).map(fileOf))),
      each(inMedia('media:content'), readMedia),
    ]),
    language: firstOf(all(own, lists.languages)) ?? attribute(element, 'xml:lang') ?? null,
    bases: basesOf(element),
  }
}

/** The whole text, and the short one. */
function readTexts(
  own: Fields,
  contents: readonly Element[],
  inMedia: (name: string) => readonly Element[],
  { isAtom, lists }: Pick<Format, 'isAtom' | 'lists'>,
): Pick<RawItem, 'content' | 'summary'> {
  const content =
    readText(all(own, lists.bodies), 'html') ??
    readText(contents, 'content') ??
    readText(all(own, lists.fullTexts), 'unsaid')
  const description = readText(one(own, 'description'), 'unsaid')
  // In RSS, too, it is Atom's element.
  const short = readText(all(own, lists.summaries), 'summary')
  // Beside a content the description is the shorter text, except where the format has another element for that.
  const isLong = !content || isAtom
  const summary = isLong ? (short ?? description) : (description ?? short)
  return {
    // Beside a summary, the description is the whole text.
    content: content ?? (short && description),
    summary:
      summary ??
      readText(
        [...all(own, lists.shortTexts), ...inMedia('media:description'), ...all(own, lists.lastTexts)],
        'unsaid',
      ),
  }
}

/** An episode is known by its file where nothing else tells it (Apple's podcasts have no guid for such); a picture may be that of all. */
function fileId([file]: RawEnclosure[], links: readonly Element[]): string | null {
  const isEpisode = links.length === 0 && /^\s*(?:audio|video)\//i.test(file?.type ?? '')
  return isEpisode ? (file?.url.trim() ?? null) : null
}

/**
 * `<link>…<guid>…</guid></link>`: an end tag that stands too late. Of plain fields none holds another: where the item has
 * no such field of its own, it is meant.
 */
function fieldsOfItem(element: Element, torn: string[]): Fields {
  const own = fieldsOf(element)
  for (const name of torn) {
    for (const field of one(own, name)) {
      for (const [inner, elements] of fieldsOf(field)) if (!own.has(inner)) own.set(inner, elements)
    }
  }
  return own
}

const PLAIN = 'link guid id pubdate published updated category dc:creator dc:date dc:subject'.split(' ')

function readPace(feed: Fields): RawPace {
  const texts = (name: string, inner: string) =>
    one(feed, name).flatMap((list) => one(fieldsOf(list), inner).slice(0, MAX_SKIPS).map(textOf))
  return {
    ttl: firstOf(one(feed, 'ttl')),
    updatePeriod: firstOf(one(feed, 'sy:updateperiod')),
    updateFrequency: firstOf(one(feed, 'sy:updatefrequency')),
    skipHours: texts('skiphours', 'hour'),
    skipDays: texts('skipdays', 'day'),
  }
}

const MAX_SKIPS = 24
