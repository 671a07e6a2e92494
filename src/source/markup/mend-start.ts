import { noteHead } from './mend-lost.ts'
import { FIELDS, OF_PEOPLE } from './mend-names.ts'
import { endTagEnd, ITEMS, isRoot, type Mender, mendText, plainEnd } from './mender.ts'
import { spell } from './names.ts'
import { behindRawText, createFinder, RAW_TEXT, readTag, skipName, type Tag } from './scan.ts'

// Start tags as people and programs break them, and what is passed over at once.

/** Deeper ones are taken out, their text stays. */
export const MAX_DEPTH = 64

/**
 * Behind the end tag of a field of an item that needs no more than its text mended, as most do: `<name>`, a text or a
 * CDATA section, `</name>`. -1 for everything else. It does what the long way does, told by fewer looks.
 */
export function passPlainField(mender: Mender, lt: number): number {
  const { text, open } = mender
  // Within an item or the channel: no container is to be opened or put in, nothing was left open or ended before.
  const isWithin = open.length > 1 && open.length < MAX_DEPTH
  if (!isWithin || mender.endedAt !== null || mender.unclosed.size > 0) return -1
  const start = skipName(text, lt + 1) + 1
  if (text.charCodeAt(start - 1) !== 62) return -1
  const name = text.slice(lt + 1, start - 1)
  const isPlain = spell(mender.names, name) === name && !ITEMS.has(name) && !isRoot(name)
  const end = isPlain ? plainEnd(mender, start, name) : -1
  if (end === -1) return -1
  noteHead(mender, lt, name)
  if (text.charCodeAt(start) !== 60) mendText(mender, start, end)
  return end + name.length + 3
}

/** `<titleStorm closes</title>`, `<guid isPermaLink="false"tag:1</guid>`: the ">" was forgotten. And HTML's space between attributes is none of XML's. */
export function mendStart({ text }: Mender, tag: Tag, lt: number): Tag {
  if (tag.clean && !tag.name.includes(NBSP) && !tag.name.includes('=')) return tag
  const together = TOGETHER.exec(text.slice(lt, lt + MAX_TAG))?.[0]
  if (together !== undefined) {
    const parted = readTag(createFinder(`${together} ${text.slice(lt + together.length, lt + MAX_TAG)}`), 0)
    return { ...parted, end: lt + parted.end - 1, clean: false }
  }
  const written = text.slice(lt, tag.end)
  const isWhole = text.charCodeAt(tag.end - 1) === 62
  if (isWhole && written.includes(NBSP))
    return { ...readTag(createFinder(written.replaceAll(NBSP, ' ')), 0), end: tag.end, clean: false }
  if (isWhole || !text.startsWith('</', tag.end)) return tag
  const name = text.slice(tag.end + 2, skipName(text, tag.end + 2))
  if (!(FIELDS.has(name) || OF_PEOPLE.has(name) || name.includes(':')) || !tag.name.startsWith(name)) return tag
  if (tag.name === name) {
    const start = WITH_VALUES.exec(written)?.[0]
    return start === undefined
      ? tag
      : { ...readTag(createFinder(`${start}>`), 0), end: lt + start.length, clean: false }
  }
  const end = lt + 1 + name.length
  const behind = text.startsWith('&gt;', end) ? end + 4 : end
  return { ...tag, name, attributes: [], end: behind, selfClosing: false, whole: true }
}

/** `<itemrdf:about="…">`: no space between the name and its first attribute. */
const TOGETHER =
  /^<(?:[\w-]+:)?(?:item|entry|title|link|guid|category|enclosure|summary|content)(?=(?:rdf:about|xml:\w+|xmlns|type|href|rel|isPermaLink|term|domain|url|length)=["'])/
const MAX_TAG = 4_000
const NBSP = '\u00a0'
const WITH_VALUES = /^<[\w:]+(?:\s+[\w:]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*/

/** What a provider or a page put between fields and items, with all that looks like tags in it; -1 for everything else. */
export function behindScript({ ahead, text }: Mender, { name, end, selfClosing }: Tag): number {
  if (selfClosing || !RAW_TEXT.has(name.toLowerCase())) return -1
  const close = behindRawText(ahead, name, end)
  // One that never ends is a tag too many.
  if (!text.startsWith(`</${name}`, close)) return end
  const inner = text.indexOf('<', end)
  return inner !== -1 && inner < close ? endTagEnd(ahead, close + 2) : -1
}

/** `<content type="multipart/alternative"><content type="text/plain">…` (Atom 0.3, 3.1). */
export function isMultipart({ text }: Mender, tag: Tag, name: string): boolean {
  if (name !== 'content' || !tag.attributes.some(isOfParts)) return false
  const start = COMMENTS.exec(text.slice(tag.end, tag.end + MAX_TAG))?.[0].length ?? 0
  return text.startsWith(`<${tag.name}`, tag.end + start)
}

function isOfParts({ name, value }: Tag['attributes'][number]): boolean {
  return name === 'type' && value.startsWith('multipart/')
}

const COMMENTS = /^(?:\s|<!--[^<>]*-->)*/
