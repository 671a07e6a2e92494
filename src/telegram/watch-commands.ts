import type { Actions } from '../actions/context.ts'
import { HOW_LONG, type MuteWish, mute, muteAt, parseMute, sayMute } from '../actions/watch/mute.ts'
import { sayTrial } from '../actions/watch/say-why.ts'
import { tryQuery } from '../actions/watch/try.ts'
import { addWatch, findSameWatch, removeWatch, sayNoSuchSource } from '../actions/watch/watch.ts'
import { describeError, isCode } from '../errors.ts'
import { type Item, type Query, readNumber } from '../model.ts'
import { inertText, renderItems } from '../publish/alert.ts'
import { countOf } from '../publish/count.ts'
import { findContradiction } from '../query/contradictions.ts'
import { type Answer, ask, type Call, type Command, inLines } from './command.ts'
import { asFits, momentTag, notANumber, voice } from './wording.ts'

export const watchCommand: Command = {
  name: 'watch',
  argument: 'QUERY',
  description: 'Tell me here when something matches',
  help: 'Words must all be there; "a phrase" in a row; OR for either; -word for without; title: and source: narrow it; sources&gt;=3 waits until three publishers carry the story.',
  example: '/watch "big data" -hiring',
  prompt: 'What should I watch for? Example: "big data" -hiring',
  lasts: true,
  run: runWatch,
}

export const tryCommand: Command = {
  name: 'try',
  argument: 'QUERY',
  description: 'What a watch would have sent',
  help: 'Looks through the last 30 days, in the language of /watch, and saves nothing: how many items match, how many alerts they would have been, from which sources, and three of them.',
  example: '/try "big data" -hiring',
  prompt: 'What should I try? Example: "big data" -hiring',
  run: runTry,
}

export const watchesCommand: Command = {
  name: 'watches',
  argument: '[text]',
  description: 'What this chat watches for',
  help: 'Lists the watches of this chat with their numbers, all or those with that text, and until when they are muted.',
  example: '/watches climate',
  run: ({ actions, chat, args }) => listWatches(actions, chat, args),
}

export const unwatchCommand: Command = {
  name: 'unwatch',
  argument: 'N',
  description: 'Remove a watch by its number',
  help: 'Removes the watch with that number; what it had found and not yet sent is taken back.',
  example: '/unwatch 3',
  prompt: 'Which watch should go? Send its number.',
  lasts: true,
  run: runUnwatch,
}

export const muteCommand: Command = {
  name: 'mute',
  argument: '[30m|2h|3d|off] [N]',
  description: 'Silence for a while',
  help: 'Mutes this chat, or only its watch N. What comes meanwhile is kept, but not told later either; what was found before is still told. <code>/mute off</code> ends it at once.',
  example: '/mute 2h 3',
  prompt: HOW_LONG,
  lasts: true,
  run: runMute,
}

async function runWatch({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') return ask(watchCommand)
  try {
    const added = await addWatch(actions, chat, args)
    const { watch, query, echo } = added
    const same = await findSameWatch(actions, added)
    const sample = renderItems(await listSamples(actions, query))
    const missing = await sayNoSuchSource(actions, query)
    return inLines([
      `👀 Watch ${watch.number}: ${inertText(echo, 600)}`,
      missing === null ? '' : inertText(missing, 300),
      same === null ? '' : `Watch ${same} means the same; one of them is enough.`,
      sample.shown === 0 ? await describeNoSample(actions, query) : 'It would have found, for example:',
      sample.html,
      `To end it: <code>/unwatch ${watch.number}</code>`,
    ])
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

async function describeNoSample({ store }: Actions, { publishers, root }: Query): Promise<string> {
  // The echo says so.
  if (findContradiction(root) !== null) return ''
  const { sources } = await store.status()
  if (sources.active > 0 && publishers !== undefined)
    return `No story of the last 30 days that matches has ${publishers} publishers; the first that does is told here.`
  if (sources.active > 0) return 'Nothing that is stored matches yet; new items are told here.'
  return 'There are no sources yet. Add one: <code>/addsource https://example.com/feed.xml</code>'
}

async function runTry({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') return ask(tryCommand)
  const trial = await tryQuery(actions, args)
  const saved = (await actions.store.listWatches(chat)).find(({ query }) => query === trial.query.text)
  const sources = trial.sources.map(({ title, count }) => `${inertText(title, 40)} ${count}`)
  const sample = renderItems(trial.samples)
  const answer = inLines([
    `🧪 ${inertText(trial.echo, 600)}`,
    ...sayTrial(trial, voice),
    sources.length === 0 ? '' : `Most from: ${sources.join(' · ')}`,
    sample.shown === 0 ? '' : 'It would have sent, for example:',
    sample.html,
    saved === undefined ? '' : `You have this watch already: number ${saved.number}.`,
  ])
  return saved === undefined ? { ...answer, choices: [{ label: '👀 Save as watch', text: `/watch ${args}` }] } : answer
}

async function listWatches(actions: Actions, chat: string, text = ''): Promise<Answer> {
  const all = await actions.store.listWatches(chat)
  const watches = all.filter(({ query }) => query.toLowerCase().includes(text.toLowerCase()))
  const mutes = await actions.store.listMutes(chat)
  const now = actions.clock()
  const whole = muteAt(mutes, null, now)
  const muted = whole === null ? '' : `\n🔕 This chat is muted until ${momentTag(whole.until)}: <code>/mute off</code>`
  if (all.length === 0) {
    return { html: `This chat watches for nothing yet. Example: <code>/watch "big data" -hiring</code>${muted}` }
  }
  if (watches.length === 0) {
    return { html: `None of ${countOf(all.length, 'watch', 'watches')} has “${inertText(text, 64)}” in it.${muted}` }
  }
  const lines = watches.map((watch) => {
    const own = muteAt(mutes, watch, now)
    const until = own === null || own.watchId === null ? '' : ` 🔕 muted until ${momentTag(own.until)}`
    return `${watch.number}. ${inertText(watch.query, 200)}${until}`
  })
  return {
    html: `<b>${countOf(watches.length, 'watch', 'watches')}</b>${muted}\n${asFits(lines, `npx crier watch list --chat ${chat}`)}`,
  }
}

async function runUnwatch({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') {
    const watches = await actions.store.listWatches(chat)
    return watches.length === 0 ? listWatches(actions, chat) : ask(unwatchCommand)
  }
  const number = readNumber(args)
  if (number === null) return notANumber(args, { example: '/unwatch 3', list: '/watches' })
  try {
    const { query, number: gone } = await removeWatch(actions, chat, number)
    const choices = [{ label: '↩️ Watch for it again', text: `/watch ${query}` }]
    return { html: `Watch ${gone} is gone: ${inertText(query, 200)}`, choices }
  } catch (error) {
    return noSuchWatch(error, actions, chat, number)
  }
}

async function runMute({ actions, chat, args }: Call): Promise<Answer> {
  const words = args.split(/\s+/)
  let wish: MuteWish
  try {
    wish = parseMute(words)
  } catch (error) {
    if (!isCode(error, 'invalid') || error.message !== HOW_LONG) throw error
    // The reply is taken for the whole argument: the number of a watch would be lost.
    const isOfWatch = words.length > 1 || /\d/.test(args)
    if (!isOfWatch) return ask(muteCommand)
    return { html: `“${inertText(args, 64)}” says no time. ${HOW_LONG} Example: <code>/mute 2h 3</code>` }
  }
  const off = (number: number | null) => `<code>/mute off${number === null ? '' : ` ${number}`}</code>`
  try {
    const outcome = await mute(actions, chat, wish)
    return { html: sayMute(outcome, { ...voice, chat: 'This chat', off }).join('\n') }
  } catch (error) {
    return noSuchWatch(error, actions, chat, wish.number)
  }
}

/** For `not_found` only; all else is thrown again. */
async function noSuchWatch(error: unknown, { store }: Actions, chat: string, number: number | null): Promise<Answer> {
  if (!isCode(error, 'not_found')) throw error
  const { length } = await store.listWatches(chat)
  return { html: `There is no watch ${number} in this chat. It has ${length}: /watches` }
}
