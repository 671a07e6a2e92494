import { addSource, newestDate, type OfferedFeed, removeSource } from '../actions/sources/subscribe.ts'
import { parseAddress } from '../actions/typed-address.ts'
import { isCode } from '../errors.ts'
import { type ReadDocument, readNumber, type Source } from '../model.ts'
import { shownAddress, webAddress } from '../publish/address.ts'
import { adviceOn } from '../publish/advice.ts'
import { dateTag, inertText, linked } from '../publish/alert.ts'
import { countOf, whyNotAll } from '../publish/count.ts'
import { MAX_ITEMS } from '../source/oldest-first.ts'
import { type Answer, ask, type Call, type Command } from './command.ts'
import { asFits, inButton, notANumber, offer, sayAdvice } from './wording.ts'

export const sourcesCommand: Command = {
  name: 'sources',
  argument: '[text]',
  description: 'What is read',
  help: 'Lists the sources with their numbers, those in trouble first, all or those with that text in title or address.',
  example: '/sources example.com',
  run: runSources,
}

export const addSourceCommand: Command = {
  name: 'addsource',
  argument: 'URL',
  description: 'Read one more feed or page',
  help: 'Fetches the feed once, shows what was found, and reads it from now on. The address of a site finds its feeds; of a page without any it shows what could be watched. <code>/addsource page URL</code> watches the page in any case.',
  example: '/addsource https://example.com/feed.xml',
  prompt: 'Send me the address of a feed or a site. Example: https://example.com/feed.xml',
  lasts: true,
  run: runAddSource,
}

export const removeSourceCommand: Command = {
  name: 'removesource',
  argument: 'N',
  description: 'Read a source no more',
  help: 'Its items stay, and /addsource with its address takes it up again.',
  example: '/removesource 3',
  prompt: 'Which source should go? Send its number.',
  lasts: true,
  run: runRemoveSource,
}

async function runSources({ actions, args }: Call): Promise<Answer> {
  const all = await actions.store.listSources()
  const wanted = args.toLowerCase()
  const sources = all.filter(({ title, url }) => `${title} ${url}`.toLowerCase().includes(wanted))
  if (all.length === 0) return { html: 'No sources yet. Add one: <code>/addsource https://example.com/feed.xml</code>' }
  if (sources.length === 0) {
    return { html: `None of ${countOf(all.length, 'source')} has “${inertText(args, 64)}” in its title or address.` }
  }
  // A long list is cut: what needs a look must not be what is missing.
  const inOrder = [false, true].flatMap((isFine) => sources.filter(({ trouble }) => (trouble === null) === isFine))
  const lines = inOrder.map((source) => {
    const advice = adviceOn(source)
    const how = advice === null ? '' : `\n   ${sayAdvice(advice)}`
    const trouble = source.trouble === null ? '' : `\n   ⚠️ ${inertText(source.trouble, 120)}${how}`
    const paused = source.state === 'paused' ? ' · ⏸ paused' : ''
    return `${source.id}. ${inertText(source.title, 64)} · <i>${inertText(source.host, 40)}</i> · ${countOf(source.items, 'item')}${paused}${trouble}`
  })
  return { html: `<b>${countOf(sources.length, 'source')}</b>\n${asFits(lines, 'npx crier source list')}` }
}

async function runAddSource({ actions, args }: Call): Promise<Answer> {
  if (args === '') return ask(addSourceCommand)
  if (/^page$/i.test(args))
    return { html: 'Which page? Example: <code>/addsource page https://example.com/news/</code>' }
  const [, asPage, address = ''] = /^(page\s+)?(\S+)$/i.exec(args) ?? []
  if (address === '')
    return { html: `One address at a time, please. Example: <code>/addsource https://example.com/feed.xml</code>` }
  const url = parseAddress(address)
  const known = await actions.store.findSource(url)
  if (known) return { html: alreadyThere(known) }
  return {
    html: `Looking at ${inertText(new URL(url).host, 100)} …`,
    later: async () => {
      const found = await addSource(actions, { url, page: asPage === undefined ? undefined : { rules: null } })
      if (found.kind === 'choose') return offerChoice(found.candidates)
      if (found.kind === 'page') return offerPage(found.page, found.document)
      return { html: found.kind === 'added' ? describeAdded(found.source, found.document) : alreadyThere(found.source) }
    },
  }
}

async function runRemoveSource({ actions, args }: Call): Promise<Answer> {
  if (args === '') return ask(removeSourceCommand)
  const number = readNumber(args)
  if (number === null) return notANumber(args, { example: '/removesource 3', list: '/sources' })
  try {
    const { title, url } = await removeSource(actions, String(number))
    const again = `To take it up again: ${offer('addsource', shownAddress(url))}`
    return { html: `“${inertText(title, 100)}” is read no more. Its items stay.\n${again}` }
  } catch (error) {
    if (!isCode(error, 'not_found')) throw error
    return { html: `There is no source ${number}. All of them: /sources` }
  }
}

/** Nothing was added: shows what would be watched. */
function offerPage(page: string, { items }: ReadDocument): Answer {
  const lines = items.slice(0, 5).map(({ title, url, publishedAt }) => {
    const when = publishedAt === null || publishedAt <= 0 ? '' : ` · ${dateTag(publishedAt)}`
    return `• ${linked(inertText(title, 120), webAddress(url))}${when}`
  })
  const more = items.length > lines.length ? [`… and ${items.length - lines.length} more`] : []
  const head = `There is no feed, but I can watch the page itself. It has ${countOf(items.length, 'entry', 'entries')}:`
  return {
    html: [head, ...lines, ...more].join('\n'),
    choices: [{ label: '👀 Watch this page', text: `/addsource page ${page}` }],
  }
}

function offerChoice(candidates: OfferedFeed[]): Answer {
  const lines = candidates.map(({ url, title, format, readAs }, i) => {
    const already = readAs === null ? null : `read already (number ${readAs})`
    const name = [title && inertText(title, 60), format, already].filter(Boolean).join(' · ')
    const address = webAddress(url) ?? ''
    return `${i + 1}. ${name === '' ? '' : `${name}\n   `}<i>${linked(inertText(address, 90), address)}</i>`
  })
  return {
    html: `I found ${candidates.length} feeds. Which one?\n${lines.join('\n')}`,
    choices: candidates.map(({ url, title, format }, i) => {
      const name = inButton(title ?? '') || inButton(new URL(url).pathname)
      return { label: `${i + 1}. ${name}${format === null ? '' : ` · ${format}`}`, text: `/addsource ${url}` }
    }),
  }
}

function alreadyThere(source: Source): string {
  return `“${inertText(source.title, 100)}” is read already (number ${source.id}).`
}

function describeAdded(source: Source, document: ReadDocument): string {
  const newest = newestDate(document)
  const facts = [
    document.format,
    countOf(document.items.length, 'item') + whyNotAll(document, MAX_ITEMS),
    newest === null || newest <= 0 ? null : `newest ${dateTag(newest)}`,
  ].filter((fact) => fact !== null)
  return [
    `📰 <b>${inertText(source.title, 100)}</b> is read from now on (number ${source.id}).`,
    facts.join(' · '),
    `What it holds today is stored quietly. To be told of everything new: <code>/watch source:${source.id}</code>`,
  ].join('\n')
}
