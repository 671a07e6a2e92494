import type { Actions } from '../actions/context.ts'
import { muteAt } from '../actions/watch/mute.ts'
import {
  type AddedWatch,
  addWatch,
  findSameWatch,
  removeWatch as removeIt,
  sayNoSuchSource,
} from '../actions/watch/watch.ts'
import { AppError, describeError } from '../errors.ts'
import { readNumber, TERMINAL, type Watch } from '../model.ts'
import { formatIso, formatLocal } from '../time.ts'
import { hintWhereNotFound, readQuery } from './arguments.ts'
import { capital, nameOf, optionOf, otherChatsOf, readChat, sayGone, sayOtherChats, watchesOf } from './chat.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson, watchAsJson } from './json.ts'
import { readGivenFile } from './read-file.ts'
import { styleFor } from './style.ts'
import { type Column, renderTable } from './table.ts'
import { printable } from './terminal-text.ts'
import { noteNoService, withActions } from './workplace.ts'

/** Saves one query, or each line of a file that is one. */
export async function addWatches(cli: Cli, input: Input): Promise<number> {
  const path = input.text('from')
  if (path !== undefined && input.args.join('') !== '') {
    throw new AppError('invalid', 'A query and --from were both given.', { hint: 'Keep one of them.' })
  }
  const chat = readChat(input) ?? TERMINAL
  const given = path === undefined ? readQuery(input, 'watch add') : readLines(await readGivenFile(cli.io, path), path)

  return withActions(cli, async (actions, { dataDir, timezone }) => {
    const known = await actions.store.findChat(chat)
    const isMet = chat === TERMINAL || known !== undefined
    const code =
      typeof given === 'string'
        ? await addOne(cli, input, actions, chat, given)
        : await addLines(cli, input, actions, chat, given)
    if (!isMet && (await actions.store.findChat(chat)) !== undefined) cli.io.err(sayNotMet(chat))
    cli.io.err(sayGone(known, timezone))
    noteNoService(cli, dataDir)
    return code
  })
}

/** It may be a wrong number, and Telegram lets no bot begin a chat. */
function sayNotMet(chat: string): string {
  const how = 'Somebody must send it /start there, or make it an admin if that is a channel; else nothing can be told.'
  return `The bot has not met chat ${chat} yet. ${how}\n`
}

/** Throws `invalid` for what is no text: every line of a picture would become a watch, or a refusal. */
function readLines(bytes: Uint8Array, path: string): string[] {
  try {
    if (!bytes.includes(0)) return new TextDecoder('utf-8', { fatal: true }).decode(bytes).split(/\r?\n/)
  } catch {
    // Not UTF-8, as below.
  }
  throw new AppError('invalid', `The file ${path} is not text in UTF-8.`, { hint: 'Write one query on each line.' })
}

async function addOne(cli: Cli, input: Input, actions: Actions, chat: string, query: string): Promise<number> {
  const added = await addWatch(actions, chat, query)
  if (input.flag('json')) printJson(cli.io, addedAsJson(added))
  else cli.io.out(sayAdded(cli, added))
  const missing = await sayNoSuchSource(actions, added.query)
  if (missing !== null) cli.note(`${printable(missing)}\n`)
  const same = await findSameWatch(actions, added)
  if (same !== null) cli.note(`Watch ${same} of ${nameOf(chat)} means the same; one of them is enough.\n`)
  return EXIT.done
}

async function addLines(cli: Cli, input: Input, actions: Actions, chat: string, lines: string[]): Promise<number> {
  const queries = lines
    .map((text, i) => ({ text: text.replace(REMARK, '$1').trim(), line: i + 1 }))
    .filter(({ text }) => text !== '')
  const addLine = async ({ text, line }: (typeof queries)[number]) => {
    try {
      return { added: await addWatch(actions, chat, text) }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { line, text, error }
    }
  }
  const outcomes: Awaited<ReturnType<typeof addLine>>[] = []
  // Together, so that they share commits.
  for (let start = 0; start < queries.length; start += 50) {
    outcomes.push(...(await Promise.all(queries.slice(start, start + 50).map(addLine))))
  }

  const added = outcomes.flatMap((outcome) => outcome.added ?? [])
  if (input.flag('json')) printJson(cli.io, added.map(addedAsJson))
  else for (const one of added) cli.io.out(sayAdded(cli, one))
  const refused = outcomes.flatMap((outcome) => (outcome.added ? [] : outcome))
  const bad = refused.filter(({ error }) => error.code !== 'conflict')
  for (const { line, text, error } of bad) {
    cli.io.err(`line ${line}: ${printable(text)}\n  ${printable(describeError(error))}\n`)
  }
  cli.note(`${added.length} added, ${refused.length - bad.length} already there, ${bad.length} refused.\n`)
  return bad.length === 0 ? EXIT.done : EXIT.askedWrongly
}

/** From a "#" that stands alone, outside of quotes, to the end of the line; "#ai" looks for a tag. */
const REMARK = /^((?:[^"]|"[^"]*")*?)(?<!\S)#+(?:\s.*)?$/

interface ListedWatch extends Watch {
  /** By itself or with its chat; null where it is not. */
  mutedUntil: number | null
}

/** Those of one chat, and which are muted; of others it says that they are there. */
export async function listWatches(cli: Cli, input: Input): Promise<number> {
  const chat = readChat(input) ?? TERMINAL
  return withActions(cli, async ({ store, clock }, { timezone }) => {
    const all = await store.listWatches()
    const [mutes, now] = [await store.listMutes(chat), clock()]
    const mutedUntil = (watch: Watch | null) => muteAt(mutes, watch, now)?.until ?? null
    const own = all.filter((watch) => watch.chat === chat)
    const watches = own.map((watch) => ({ ...watch, mutedUntil: mutedUntil(watch) }))
    if (input.flag('json')) printJson(cli.io, watches.map(listedAsJson))
    else cli.io.out(tableOf(cli, watches, timezone))
    const until = mutedUntil(null)
    if (until !== null) cli.note(`${capital(nameOf(chat))} is muted until ${formatLocal(until, timezone)}.\n`)
    cli.note(sayGone(await store.findChat(chat), timezone))
    if (watches.length === 0)
      cli.note(`Nothing is watched in ${nameOf(chat)}. Example: npx crier watch add '"big data"'${optionOf(chat)}\n`)
    const others = otherChatsOf(all, chat)
    if (others.length > 0) cli.note(`${sayOtherChats(others, await listGone(store, others))}\n`)
    return EXIT.done
  })
}

/** Which of these chats the bot cannot reach. */
async function listGone(store: Actions['store'], chats: string[]): Promise<Set<string>> {
  // Seldom any: then no chat is looked up.
  if ((await store.status()).chatsGone === 0) return new Set()
  const known = await Promise.all(chats.map((chat) => store.findChat(chat)))
  return new Set(known.flatMap((chat) => (chat?.state === 'gone' ? [chat.id] : [])))
}

function tableOf(cli: Cli, watches: ListedWatch[], timezone: string): string {
  const time = (ms: number | null) => (ms === null ? '' : formatLocal(ms, timezone))
  const columns: Column<ListedWatch>[] = [
    { title: 'N', value: ({ number }) => String(number), align: 'right' },
    { title: 'QUERY', value: ({ query }) => query, shrinksTo: 20 },
    { title: 'SINCE', value: ({ createdAt }) => time(createdAt) },
  ]
  const isAnyMuted = watches.some(({ mutedUntil }) => mutedUntil !== null)
  if (isAnyMuted) columns.push({ title: 'MUTED UNTIL', value: ({ mutedUntil }) => time(mutedUntil) })
  return renderTable(watches, columns, cli.io)
}

function listedAsJson(watch: ListedWatch) {
  return { ...watchAsJson(watch), mutedUntil: formatIso(watch.mutedUntil) }
}

export async function removeWatch(cli: Cli, input: Input): Promise<number> {
  const given = input.args[0] ?? ''
  const number = readNumber(given)
  const chat = readChat(input) ?? TERMINAL
  if (number === null) {
    throw new AppError('invalid', `"${given}" is not the number of a watch.`, {
      hint: 'npx crier watch list shows them.',
    })
  }
  return withActions(cli, async (actions) => {
    const watch = await removeIt(actions, chat, number).catch(hintWhereNotFound(watchesOf(chat)))
    cli.io.out(`Removed watch ${watch.number} from ${nameOf(chat)}: ${printable(watch.query)}\n`)
    return EXIT.done
  })
}

function sayAdded(cli: Cli, { watch, echo }: AddedWatch): string {
  const style = styleFor(cli.io)
  return `${style.good('Watch')} ${watch.number} in ${nameOf(watch.chat)}: ${style.bold(printable(watch.query))}\n  ${printable(echo)}\n`
}

function addedAsJson({ watch, echo }: AddedWatch) {
  return { ...watchAsJson(watch), understood: echo }
}
