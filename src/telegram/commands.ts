import type { Actions } from '../actions/context.ts'
import { sayTrial, sayWhy, sayWhyNot, type Voice } from '../actions/say-why.ts'
import { search } from '../actions/search.ts'
import { addSource, newestDate, parseAddress } from '../actions/subscribe.ts'
import { tryQuery } from '../actions/try.ts'
import { addWatch, removeWatch } from '../actions/watch.ts'
import { whyAlert } from '../actions/why.ts'
import { whyNot } from '../actions/why-not.ts'
import { type Advice, AppError, describeError, isCode } from '../errors.ts'
import type { Item, Query, ReadDocument, Source } from '../model.ts'
import { webAddress } from '../publish/address.ts'
import { adviceOn, commandFor } from '../publish/advice.ts'
import { exactText, inertText, renderItems, telegramAddress, timeTag, visibleUnits } from '../publish/alert.ts'
import { countOf } from '../publish/count.ts'
import { shellQuote } from '../publish/shell.ts'
import { escapeXml } from '../publish/xml.ts'
import { echoQuery } from '../query/echo.ts'
import { isQueryFor } from '../query/purpose.ts'
import type { FeedCandidate } from '../source/discover.ts'
import { letterDistance } from '../text/letter-distance.ts'
import { formatAge } from '../time.ts'

export interface Call {
  actions: Actions
  /** The chat it came from. */
  chat: string
  /** What was typed after the command, ends trimmed, case kept. */
  args: string
  /** What Telegram calls the message of ours that it replies to. */
  replyTo?: string
}

export interface Answer {
  /** Telegram's HTML, at most 4096 units. */
  html: string
  /** It is a question: what to show in the empty input field. The reply runs the same command. */
  asks?: string
  /** Buttons, at most 20: pressed by an owner, each does what `text`, typed in the same place, would do. */
  choices?: { label: string; text: string }[]
  /** More comes, after slow work that must not hold up the next command. */
  later?: () => Promise<Answer>
}

export interface Command {
  name: string
  /** As help shows it: "QUERY", "[n] [query]". */
  argument: string
  /** For the menu: one line. */
  description: string
  /** A sentence or two more. These texts are Telegram's HTML as they stand. */
  help: string
  example: string
  /** The question for the argument, when the command came without one. Without markup: its reply is known by it. */
  prompt?: string
  run: (call: Call) => Promise<Answer>
}

/** Room for a list under its header. */
const LIST_ROOM = 3_500
/** Telegram: 32768 bytes with markup; an answer names some items. */
const LONGEST_ADDRESS = 600
/** What is longer is not offered for copying: cut, it would be something else. */
const LONGEST_OFFER = 600
const MOST_RECENT = 20
const FOUND = 10

/** In the order of the menu. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'watch',
    argument: 'QUERY',
    description: 'Tell me here when something matches',
    help: 'Words must all be there; "a phrase" in a row; OR for either; -word for without; title: and source: narrow it; sources&gt;=3 waits until three publishers carry the story.',
    example: '/watch "big data" -hiring',
    prompt: 'What should I watch for? Example: "big data" -hiring',
    run: runWatch,
  },
  {
    name: 'try',
    argument: 'QUERY',
    description: 'What a watch would have sent',
    help: 'Looks through the last 30 days, in the language of /watch, and saves nothing: how many items match, how many alerts they would have been, from which sources, and three of them.',
    example: '/try "big data" -hiring',
    prompt: 'What should I try? Example: "big data" -hiring',
    run: runTry,
  },
  {
    name: 'watches',
    argument: '',
    description: 'What this chat watches for',
    help: 'Lists the watches of this chat with their numbers.',
    example: '/watches',
    run: ({ actions, chat }) => listWatches(actions, chat),
  },
  {
    name: 'unwatch',
    argument: 'N',
    description: 'Remove a watch by its number',
    help: 'Removes the watch with that number; what it had found and not yet sent is taken back.',
    example: '/unwatch 3',
    prompt: 'Which watch should go? Send its number.',
    run: runUnwatch,
  },
  {
    name: 'why',
    argument: '[N]',
    description: 'Why an alert came',
    help: 'Shows what each word of the watch hit. Send it as a reply to the alert, or with the alert’s number; alone it is about the newest alert of this chat.',
    example: '/why 12',
    run: runWhy,
  },
  {
    name: 'whynot',
    argument: 'URL',
    description: 'Why something did not come',
    help: 'Says what became of the news at that address in this chat: never fetched, stored quietly, folded into another alert, still waiting, or which words were missing.',
    example: '/whynot https://example.com/news/1',
    prompt: 'Which address should have been told? Example: https://example.com/news/1',
    run: runWhyNot,
  },
  {
    name: 'recent',
    argument: '[n] [query]',
    description: 'The newest items',
    help: `The newest items, each story once, 5 unless you say how many (1 to ${MOST_RECENT}), all or those that match.`,
    example: '/recent 10 climate',
    run: runRecent,
  },
  {
    name: 'search',
    argument: 'QUERY',
    description: 'Search everything that was kept',
    help: `The newest ${FOUND} items that match, each story once, in the language of /watch.`,
    example: '/search title:"interest rate"',
    prompt: 'What are you looking for? Example: "interest rate"',
    run: runSearch,
  },
  {
    name: 'sources',
    argument: '[text]',
    description: 'What is read',
    help: 'Lists the sources with their numbers, all or those with that text in title or address.',
    example: '/sources example.com',
    run: runSources,
  },
  {
    name: 'addsource',
    argument: 'URL',
    description: 'Read one more feed or page',
    help: 'Fetches the feed once, shows what was found, and reads it from now on. The address of a site finds its feeds; of a page without any it shows what could be watched. <code>/addsource page URL</code> watches the page in any case.',
    example: '/addsource https://example.com/feed.xml',
    prompt: 'Send me the address of a feed or a site. Example: https://example.com/feed.xml',
    run: runAddSource,
  },
  {
    name: 'status',
    argument: '',
    description: 'How things are going',
    help: 'How much is read, kept, watched, queued and sent.',
    example: '/status',
    run: runStatus,
  },
  {
    name: 'help',
    argument: '[command]',
    description: 'All commands, or one of them',
    help: 'Lists the commands, or explains one.',
    example: '/help watch',
    run: async ({ args }) => help(args),
  },
  {
    name: 'start',
    argument: '',
    description: 'Begin, or begin again',
    help: 'Greets, and takes up this chat again after it was out of reach.',
    example: '/start',
    run: greet,
  },
]

/** For setMyCommands. */
export function menuCommands(): { command: string; description: string }[] {
  return COMMANDS.map(({ name, description }) => ({ command: name, description }))
}

/** Names ignore case. */
export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name.toLowerCase())
}

/** The command whose question this text is: a reply to it is the argument. Kept in Telegram's own thread, so a restart forgets nothing. */
export function findByPrompt(text: string): Command | undefined {
  return COMMANDS.find((command) => command.prompt === text)
}

/** For an owner's text that is no command of ours (`name` null: no command at all). */
export function answerUnknown(name: string | null, text: string): Answer {
  if (name !== null) {
    const near = nearest(name.toLowerCase())
    const guess = near === null ? '' : ` Did you mean /${near}?`
    return { html: `I don't know “/${inertText(name, 32)}”.${guess} See /help.` }
  }
  if (/^https?:\/\/\S+$/i.test(text.trim())) {
    return { html: `To read it as a source, send ${offer('addsource', text)}` }
  }
  const isWatch = isQueryFor('watch', text)
  const first =
    isWatch && !isQueryFor('search', text)
      ? `To try it, send ${offer('try', text)}`
      : `To find it, send ${offer('search', text)}`
  return { html: `${first}${isWatch ? `; to be told of it, ${offer('watch', text)}` : ''}. See /help.` }
}

/** For a chat that was out of reach. */
export function backSince(goneSince: number): string {
  return `This chat was out of reach since ${timeTag(goneSince)}. What waited for it is on its way; nothing new was matched for it meanwhile.`
}

// ---- The commands ----

/** Also the answer to a new owner: what to do first. */
export async function greet({ actions, chat }: Call): Promise<Answer> {
  const { goneSince } = await actions.store.reviveChat(chat)
  const { sources, watches } = await actions.store.status()
  const lines = [
    goneSince === null ? null : backSince(goneSince),
    'I read your sources and tell you here when something matches what you watch for.',
    sources.active === 0
      ? 'Begin with a source: <code>/addsource https://example.com/feed.xml</code>'
      : `${countOf(sources.active, 'source')}, ${countOf(watches, 'watch', 'watches')} so far. Try <code>/watch "big data"</code> or /recent.`,
    'All commands: /help',
  ]
  return { html: lines.filter((line) => line !== null).join('\n') }
}

function help(args: string): Answer {
  const name = args.replace(/^\//, '')
  if (name === '') {
    const lines = COMMANDS.map(({ name, argument, description }) =>
      [`/${name}`, argument && ` <i>${argument}</i>`, ` — ${description}`].join(''),
    )
    return { html: `${lines.join('\n')}\n\n<code>/help watch</code> explains one of them.` }
  }
  const command = findCommand(name)
  if (!command) return answerUnknown(name, args)
  const { argument, description, example } = command
  const usage = argument === '' ? `/${command.name}` : `/${command.name} <i>${argument}</i>`
  return { html: `${usage}\n${description}. ${command.help}\nExample: <code>${example}</code>` }
}

async function runWatch({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') return ask('watch')
  try {
    const { watch, query, echo } = await addWatch(actions, chat, args)
    const sample = renderItems(await listSamples(actions, query))
    const lines = [
      `👀 Watch ${watch.number}: ${inertText(echo, 600)}`,
      sample.shown === 0 ? await describeNoSample(actions, query) : 'It would have found, for example:',
      sample.html,
      `To end it: <code>/unwatch ${watch.number}</code>`,
    ]
    return { html: lines.filter((line) => line !== '').join('\n') }
  } catch (error) {
    if (!isCode(error, 'invalid')) throw error
    return { html: `${inertText(describeError(error), 900)}\nNothing was saved.` }
  }
}

const MOST_SAMPLES = 2

/** What is stored that it would have told. */
async function listSamples(actions: Actions, query: Query): Promise<Item[]> {
  // Who carries a story is seen story by story.
  if (query.publishers !== undefined) return (await tryQuery(actions, query.text)).samples.slice(0, MOST_SAMPLES)
  const page = await actions.store.listItems({ limit: MOST_SAMPLES, query, now: actions.clock(), stories: true })
  return page.items
}

async function describeNoSample({ store }: Actions, { publishers }: Query): Promise<string> {
  const { sources } = await store.status()
  if (sources.active > 0 && publishers !== undefined)
    return `No story of the last 30 days that matches has ${publishers} publishers; the first that does is told here.`
  if (sources.active > 0) return 'Nothing that is stored matches yet; new items are told here.'
  return 'There are no sources yet. Add one: <code>/addsource https://example.com/feed.xml</code>'
}

async function runTry({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') return ask('try')
  const trial = await tryQuery(actions, args)
  const saved = (await actions.store.listWatches(chat)).find(({ query }) => query === trial.query.text)
  const sources = trial.sources.map(({ title, count }) => `${inertText(title, 40)} ${count}`)
  const sample = renderItems(trial.samples)
  const lines = [
    `🧪 ${inertText(trial.echo, 600)}`,
    ...sayTrial(trial, voice),
    sources.length === 0 ? '' : `Most from: ${sources.join(' · ')}`,
    sample.shown === 0 ? '' : 'It would have sent, for example:',
    sample.html,
    saved === undefined ? '' : `You have this watch already: number ${saved.number}.`,
  ]
  const html = lines.filter((line) => line !== '').join('\n')
  return saved === undefined ? { html, choices: [{ label: '👀 Save as watch', text: `/watch ${args}` }] } : { html }
}

async function runWhy({ actions, chat, args, replyTo }: Call): Promise<Answer> {
  const number = /^[№#]?\s*(\d{1,15})$/.exec(args)?.[1]
  if (args !== '' && number === undefined) {
    return { html: `“${inertText(args, 64)}” is not the number of an alert. Example: <code>/why 12</code>` }
  }
  const spoken = replyTo === undefined ? { newestOf: chat } : { chat, messageId: replyTo }
  const why = await whyAlert(actions, number === undefined ? spoken : { id: Number(number), in: chat })
  return { html: asFits(sayWhy(why, voice), `npx crier why ${why.alert.id}`) }
}

async function runWhyNot({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') return ask('whynot')
  if (/\s/.test(args)) {
    return { html: 'One address at a time, please. Example: <code>/whynot https://example.com/news/1</code>' }
  }
  const found = await whyNot(actions, chat, args)
  const command = `npx crier whynot ${shellQuote(found.url)} --chat ${chat}`
  return { html: asFits(sayWhyNot(found, voice), command.length > LONGEST_OFFER ? null : whole(command)) }
}

async function listWatches(actions: Actions, chat: string): Promise<Answer> {
  const watches = await actions.store.listWatches(chat)
  if (watches.length === 0) {
    return { html: 'This chat watches for nothing yet. Example: <code>/watch "big data" -hiring</code>' }
  }
  const lines = watches.map((watch) => `${watch.number}. ${inertText(watch.query, 200)}`)
  return {
    html: `<b>${countOf(watches.length, 'watch', 'watches')}</b>\n${asFits(lines, `npx crier watch list --chat ${chat}`)}`,
  }
}

async function runUnwatch({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') {
    const watches = await actions.store.listWatches(chat)
    return watches.length === 0 ? listWatches(actions, chat) : ask('unwatch')
  }
  const number = /^[№#]?\s*(\d{1,9})$/.exec(args)?.[1]
  if (number === undefined) {
    return { html: `“${inertText(args, 64)}” is not a number. Example: <code>/unwatch 3</code>. Yours: /watches` }
  }
  try {
    const watch = await removeWatch(actions, chat, Number(number))
    return { html: `Watch ${watch.number} is gone: ${inertText(watch.query, 200)}` }
  } catch (error) {
    if (!isCode(error, 'not_found')) throw error
    const { length } = await actions.store.listWatches(chat)
    return { html: `There is no watch ${Number(number)} in this chat. It has ${length}: /watches` }
  }
}

async function runRecent({ actions, args }: Call): Promise<Answer> {
  // More digits are a year, or something else to look for.
  const [, digits, rest = ''] = /^(?:(\d{1,3})(?:\s+|$))?([\s\S]*)$/.exec(args) ?? []
  const wanted = digits === undefined ? 5 : Number(digits)
  const limit = Math.min(MOST_RECENT, Math.max(1, wanted))
  const note =
    wanted > limit
      ? `Showing ${limit} (the most I can).`
      : wanted < limit
        ? `Showing ${limit} (the least I can).`
        : null
  return find(actions, rest, limit, note)
}

async function runSearch({ actions, args }: Call): Promise<Answer> {
  return args === '' ? ask('search') : find(actions, args, FOUND, null)
}

async function find(actions: Actions, text: string, limit: number, note: string | null): Promise<Answer> {
  const found = await search(actions, text, { limit, stories: true }).catch((error: unknown) => {
    if (!isCode(error, 'invalid') || !isQueryFor('watch', text)) throw error
    return error
  })
  if (found instanceof AppError) {
    return { html: `${inertText(describeError(found), 900)}\nAs a watch it can be tried: ${offer('try', text)}` }
  }
  const { items, query, next, lookedBackTo } = found
  const what = query === null ? null : inertText(echoQuery(query), 300)
  const looked = lookedBackTo === null ? null : `I looked back to ${timeTag(lookedBackTo)} only.`
  if (items.length === 0 && what === null) {
    return {
      html: 'Nothing is stored yet. A source brings items: <code>/addsource https://example.com/feed.xml</code>',
    }
  }
  if (items.length === 0) {
    const again = isQueryFor('watch', text) ? `To be told when something comes: ${offer('watch', text)}` : null
    return { html: [`Nothing found for ${what}`, looked, again].filter((line) => line !== null).join('\n') }
  }
  const list = renderItems(items, LIST_ROOM)
  const more = list.shown < items.length || next !== null
  const lines = [
    note,
    what === null ? '<b>Newest</b>' : `<b>Newest</b> about ${what}`,
    list.html,
    looked,
    more && what !== null && list.shown < MOST_RECENT ? '… and more: /recent takes a number and the same query.' : null,
  ]
  return { html: lines.filter((line) => line !== null).join('\n') }
}

async function runSources({ actions, args }: Call): Promise<Answer> {
  const all = await actions.store.listSources()
  const wanted = args.toLowerCase()
  const sources = all.filter(({ title, url }) => `${title} ${url}`.toLowerCase().includes(wanted))
  if (all.length === 0) return { html: 'No sources yet. Add one: <code>/addsource https://example.com/feed.xml</code>' }
  if (sources.length === 0) {
    return { html: `None of ${countOf(all.length, 'source')} has “${inertText(args, 64)}” in its title or address.` }
  }
  const lines = sources.map((source) => {
    const advice = adviceOn(source)
    const how = advice === null ? '' : `\n   ${sayAdvice(advice)}`
    const trouble = source.trouble === null ? '' : `\n   ⚠️ ${inertText(source.trouble, 120)}${how}`
    const paused = source.state === 'paused' ? ' · ⏸ paused' : ''
    return `${source.id}. ${inertText(source.title, 64)} · <i>${inertText(source.host, 40)}</i> · ${countOf(source.items, 'item')}${paused}${trouble}`
  })
  return { html: `<b>${countOf(sources.length, 'source')}</b>\n${asFits(lines, 'npx crier source list')}` }
}

async function runAddSource({ actions, args }: Call): Promise<Answer> {
  if (args === '') return ask('addsource')
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

/** Nothing was added: shows what would be watched. */
function offerPage(page: string, { items }: ReadDocument): Answer {
  const lines = items.slice(0, 5).map(({ title, url, publishedAt }) => {
    const when = publishedAt === null || publishedAt <= 0 ? '' : ` · ${timeTag(publishedAt)}`
    const where = webAddress(url)
    return `• ${inertText(title, 120)}${when}${where === null ? '' : `\n   <i>${inertText(where, 90)}</i>`}`
  })
  const more = items.length > lines.length ? [`… and ${items.length - lines.length} more`] : []
  const head = `There is no feed, but I can watch the page itself. It has ${countOf(items.length, 'entry', 'entries')}:`
  return {
    html: [head, ...lines, ...more].join('\n'),
    choices: [{ label: '👀 Watch this page', text: `/addsource page ${page}` }],
  }
}

function offerChoice(candidates: FeedCandidate[]): Answer {
  const lines = candidates.map(({ url, title, format }, i) => {
    const name = [title && inertText(title, 60), format].filter(Boolean).join(' · ')
    return `${i + 1}. ${name === '' ? '' : `${name}\n   `}<i>${inertText(webAddress(url) ?? '', 90)}</i>`
  })
  return {
    html: `I found ${candidates.length} feeds. Which one?\n${lines.join('\n')}`,
    choices: candidates.map(({ url, title, format }, i) => {
      const name =
        title
          ?.replace(/[\p{Cc}\p{Cf}]/gu, '')
          .slice(0, 40)
          .toWellFormed() || new URL(url).pathname.slice(0, 40)
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
    countOf(document.items.length, 'item'),
    newest === null || newest <= 0 ? null : `newest ${timeTag(newest)}`,
  ].filter((fact) => fact !== null)
  return [
    `📰 <b>${inertText(source.title, 100)}</b> is read from now on (number ${source.id}).`,
    facts.join(' · '),
    `What it holds today is stored quietly. To be told of everything new: <code>/watch source:${source.id}</code>`,
  ].join('\n')
}

async function runStatus({ actions }: Call): Promise<Answer> {
  const status = await actions.store.status()
  const now = actions.clock()
  const { sources, alerts } = status
  const ago = (at: number | null) => (at === null ? 'never' : formatAge(at, now))
  const lines = [
    `Sources: ${sources.active} read, ${sources.failing} failing, ${sources.paused} paused`,
    `Items: ${status.items}`,
    `Watches: ${status.watches}`,
    `Alerts: ${alerts.sent} sent, ${alerts.queued} queued, ${alerts.parked} parked`,
    status.chatsGone === 0 ? null : `Chats out of reach: ${status.chatsGone}`,
    `Last poll: ${ago(status.lastPollAt)}`,
    `Last alert: ${ago(status.lastAlertAt)}`,
  ]
  return { html: lines.filter((line) => line !== null).join('\n') }
}

// ---- Parts of answers ----

const voice: Voice = {
  text: (text) => inertText(text, 200),
  time: timeTag,
  item: nameItem,
  command: (name, argument) => `<code>${COMMAND_LINES[name]}${whole(argument)}</code>`,
  showSource: ({ host }) => `See <code>/sources ${whole(host)}</code>`,
  resumeSource: ({ id }) => sayAdvice({ kind: 'resume', id }),
  noWatches: () => 'This chat watches for nothing. To begin: <code>/watch climate</code>',
}

const COMMAND_LINES = {
  addSource: '/addsource ',
  why: '/why ',
} satisfies Record<Parameters<Voice['command']>[0], string>

/** What would help: in the chat where that can be done here. */
export function sayAdvice(advice: Advice): string {
  if (advice.kind === 'add') return `To read it as a source, send ${offer('addsource', advice.url)}`
  return `On the command line: <code>${whole(commandFor(advice))}</code>`
}

function nameItem({ title, text, url, source }: Item): string {
  const name = inertText(title.slice(0, 5_000), 120) || inertText(text.slice(0, 5_000), 80) || '(untitled)'
  const href = escapeXml(telegramAddress(url) ?? '')
  const linked = href === '' || href.length > LONGEST_ADDRESS ? name : `<a href="${href}">${name}</a>`
  return `<b>${linked}</b> · <i>${inertText(source.title, 40)}</i>`
}

function ask(name: string): Answer {
  const { prompt, argument } = findCommand(name) ?? {}
  return { html: prompt ?? '', asks: argument ?? '' }
}

/** A command of ours to be copied. Where it is too long for that, or has several lines: the command alone, which asks for the rest. */
function offer(name: string, text: string): string {
  const argument = text.trim()
  if (argument.length > LONGEST_OFFER || /[\r\n]/.test(argument)) return `/${name} and then the same once more`
  return `<code>/${name} ${whole(argument)}</code>`
}

/** For inside `<code>`, whatever its length. */
function whole(text: string): string {
  return exactText(text, Number.MAX_SAFE_INTEGER)
}

/** As many lines as a message holds, and the command that shows all, if there is one. */
function asFits(lines: string[], command: string | null): string {
  let units = 0
  const end = lines.findIndex((line) => {
    units += visibleUnits(line) + 1
    return units > LIST_ROOM
  })
  if (end < 0) return lines.join('\n')
  const where = command === null ? '.' : `: <code>${command}</code> shows all.`
  return `${lines.slice(0, end).join('\n')}\n… and ${lines.length - end} more${where}`
}

/** The command somebody may have meant: at most two letters differ. */
function nearest(name: string): string | null {
  if (name.length > 32) return null
  const [best] = COMMANDS.map((command) => ({ name: command.name, distance: letterDistance(name, command.name) })).sort(
    (a, b) => a.distance - b.distance,
  )
  return best && best.distance <= 2 && best.distance < name.length ? best.name : null
}
