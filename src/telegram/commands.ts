import { inertText, timeTag } from '../publish/alert.ts'
import { countOf } from '../publish/count.ts'
import { isQueryFor } from '../query/purpose.ts'
import { letterDistance } from '../text/letter-distance.ts'
import { formatAge } from '../time.ts'
import { type Answer, type Call, type Command, inLines } from './command.ts'
import { recentCommand, searchCommand } from './find-commands.ts'
import { addSourceCommand, removeSourceCommand, sourcesCommand } from './source-commands.ts'
import { muteCommand, tryCommand, unwatchCommand, watchCommand, watchesCommand } from './watch-commands.ts'
import { whyCommand, whyNotCommand } from './why-commands.ts'
import { inButton, LONGEST_OFFER, offer, whole } from './wording.ts'

const statusCommand: Command = {
  name: 'status',
  argument: '',
  description: 'How things are going',
  help: 'How much is read, kept, watched, queued and sent.',
  example: '/status',
  run: runStatus,
}

const helpCommand: Command = {
  name: 'help',
  argument: '[command]',
  description: 'All commands, or one of them',
  help: 'Lists the commands, or explains one.',
  example: '/help watch',
  run: async ({ args }) => help(args),
}

const startCommand: Command = {
  name: 'start',
  argument: '',
  description: 'Begin, or begin again',
  help: 'Greets, and takes up this chat again after it was out of reach.',
  example: '/start',
  run: greet,
}

/** In the order of the menu. */
export const COMMANDS: readonly Command[] = [
  watchCommand,
  tryCommand,
  watchesCommand,
  unwatchCommand,
  muteCommand,
  whyCommand,
  whyNotCommand,
  recentCommand,
  searchCommand,
  sourcesCommand,
  addSourceCommand,
  removeSourceCommand,
  statusCommand,
  helpCommand,
  startCommand,
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

/** For an owner's text that is no command of ours (`name` null: no command at all). `link`: an address that stands in it. */
export function answerUnknown(name: string | null, text: string, link: string | null): Answer {
  if (name !== null) {
    const near = nearest(name.toLowerCase())
    const guess = near === null ? '' : ` Did you mean /${near}?`
    return { html: `I don't know “/${inertText(name, 32)}”.${guess} See /help.` }
  }
  const words = text.trim()
  if (/^https?:\/\/\S+$/i.test(words)) return answerAddress(words)
  // A post with an address in it; its words are no query. A bare host may be one of the words.
  if (link !== null && link !== words && /^https?:/i.test(link)) return answerAddress(link)
  const meant = withItsSlash(words)
  const isWatch = isQueryFor('watch', text)
  const isTried = isWatch && !isQueryFor('search', text)
  const first = isTried ? `To try it, send ${offer('try', text)}` : `To find it, send ${offer('search', text)}`
  const read = link === null ? '' : `; to read it as a source, ${offer('addsource', link)}`
  return {
    html: `${meant === null ? '' : `Did you mean <code>${whole(meant)}</code>?\n`}${first}${isWatch ? `; to be told of it, ${offer('watch', text)}` : ''}${read}. See /help.`,
    choices: [
      ...(meant === null ? [] : [{ label: inButton(meant), text: meant }]),
      isTried ? { label: '🧪 Try it', text: `/try ${text}` } : { label: '🔎 Find it', text: `/search ${text}` },
      ...(isWatch ? [{ label: '👀 Watch for it', text: `/watch ${text}` }] : []),
      ...(link === null ? [] : [readIt(link)]),
    ],
  }
}

/** The command that somebody may have meant who forgot its slash: "help", "watch big data", "recent 5"; null for other words. */
function withItsSlash(words: string): string | null {
  const [, name = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(words) ?? []
  const command = findCommand(name)
  if (!command || words.length > LONGEST_OFFER || /[\r\n]/.test(words)) return null
  // What must follow is in capitals; a number follows no word by chance.
  const isMeant = rest === '' || /^[A-Z]/.test(command.argument) || (command.argument !== '' && /^\d/.test(rest))
  return isMeant ? `/${command.name} ${rest}`.trim() : null
}

/** It may be a source, or news that somebody missed here. */
function answerAddress(address: string): Answer {
  return {
    html: `To read it as a source, send ${offer('addsource', address)}; to learn why this chat was not told of it, ${offer('whynot', address)}`,
    choices: [readIt(address), { label: '❓ Why was I not told?', text: `/whynot ${address}` }],
  }
}

function readIt(address: string) {
  return { label: '➕ Read it as a source', text: `/addsource ${address}` }
}

/** For a chat that was out of reach. */
export function backSince(goneSince: number): string {
  return `This chat was out of reach since ${timeTag(goneSince)}. What waited for it is on its way; nothing new was matched for it meanwhile.`
}

/** Also the answer to a new owner: what to do first. */
export async function greet({ actions, chat }: Call): Promise<Answer> {
  const { goneSince } = await actions.store.reviveChat(chat)
  const { sources } = await actions.store.status()
  const own = await actions.store.listWatches(chat)
  return inLines([
    goneSince === null ? null : backSince(goneSince),
    'I read your sources and tell you here when something matches what you watch for.',
    sources.active === 0
      ? 'Begin with a source: <code>/addsource https://example.com/feed.xml</code>'
      : `${countOf(sources.active, 'source')} so far, and ${own.length === 0 ? 'no watch' : countOf(own.length, 'watch', 'watches')} in this chat. Try <code>/watch "big data"</code> or /recent.`,
    'All commands: /help',
  ])
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
  if (!command) return answerUnknown(name, args, null)
  const { argument, description, example } = command
  const usage = argument === '' ? `/${command.name}` : `/${command.name} <i>${argument}</i>`
  return { html: `${usage}\n${description}. ${command.help}\nExample: <code>${example}</code>` }
}

async function runStatus({ actions, chat }: Call): Promise<Answer> {
  const status = await actions.store.status()
  const own = await actions.store.listWatches(chat)
  const now = actions.clock()
  const { sources, alerts } = status
  const ago = (at: number | null) => (at === null ? 'never' : formatAge(at, now))
  return inLines([
    `Sources: ${sources.active} read, ${sources.failing} failing, ${sources.paused} paused${sources.failing === 0 ? '' : ' – see /sources'}`,
    `Items: ${status.items}`,
    // All numbers are the service's; /watches in the same chat may show none.
    `Watches: ${status.watches}${status.watches === 0 ? '' : `, ${own.length} of them in this chat`}`,
    `Alerts: ${alerts.sent} sent, ${alerts.queued} queued, ${alerts.parked} parked`,
    status.chatsGone === 0 ? null : `Chats out of reach: ${status.chatsGone}`,
    `Last poll: ${ago(status.lastPollAt)}`,
    `Last alert: ${ago(status.lastAlertAt)}`,
  ])
}

/** The command somebody may have meant: at most two letters differ. */
function nearest(name: string): string | null {
  const [best] = COMMANDS.map((command) => ({ name: command.name, distance: letterDistance(name, command.name) })).sort(
    (a, b) => a.distance - b.distance,
  )
  return best && best.distance <= 2 && best.distance < name.length ? best.name : null
}
