import { sayWhy, sayWhyNot, type Voice } from '../actions/watch/say-why.ts'
import { type Situation, type Why, whyAlert } from '../actions/watch/why.ts'
import { type ItemVerdicts, type Verdict, type WhyNot, whyNot } from '../actions/watch/why-not.ts'
import { AppError } from '../errors.ts'
import { readNumber, TERMINAL } from '../model.ts'
import { itemAddress, webAddress } from '../publish/address.ts'
import { commandFor } from '../publish/advice.ts'
import { itemAsJson } from '../publish/json.ts'
import { shellWord } from '../publish/shell.ts'
import { formatIso, formatLocal } from '../time.ts'
import { hintWhereNotFound } from './arguments.ts'
import { capital, nameOf, otherChatsOf, readChat, sayOtherChats } from './chat.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { nameItem } from './items.ts'
import { alertAsJson, printJson, watchAsJson } from './json.ts'
import { styleFor } from './style.ts'
import { asLines, printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** Why an alert came, and where it is now. Throws `invalid` for what is no number, `not_found`. */
export async function showWhy(cli: Cli, input: Input): Promise<number> {
  const given = input.args[0] ?? ''
  const number = readNumber(given)
  if (number === null) {
    throw new AppError('invalid', `"${given}" is not the number of an alert.`, { hint: 'npx crier alerts shows them.' })
  }
  return withActions(cli, async (actions, { timezone }) => {
    const why = await whyAlert(actions, { id: number }).catch(hintWhereNotFound('npx crier alerts shows them.'))
    if (input.flag('json')) printJson(cli.io, whyAsJson(why))
    else cli.io.out(asLines(sayWhy(why, voiceFor(cli, timezone))))
    return EXIT.done
  })
}

/** Why a chat was not told of what stands at an address. Throws `invalid` for what is no address. */
export async function showWhyNot(cli: Cli, input: Input): Promise<number> {
  const chat = readChat(input) ?? TERMINAL
  return withActions(cli, async (actions, { timezone }) => {
    const found = await whyNot(actions, chat, input.args[0] ?? '')
    // Whoever asks here may read them all, and may have forgotten which chat it was.
    const otherChats = found.watches > 0 ? [] : otherChatsOf(await actions.store.listWatches(), chat)
    if (input.flag('json')) printJson(cli.io, whyNotAsJson(chat, found, otherChats))
    else cli.io.out(asLines(sayWhyNot(found, voiceFor(cli, timezone, otherChats))))
    return EXIT.done
  })
}

function voiceFor(cli: Cli, timezone: string, otherChats: string[] = []): Voice {
  const style = styleFor(cli.io)
  return {
    text: printable,
    time: (ms) => formatLocal(ms, timezone),
    moment: (ms) => formatLocal(ms, timezone),
    item(item) {
      const address = itemAddress(item)
      const where = address === null ? '' : ` ${style.accent(printable(address))}`
      return `${style.bold(nameItem(item))} · ${printable(item.source.title)}${where}`
    },
    // A watch has its number in its chat only.
    where: (chat) => (chat === TERMINAL ? '' : ` in ${nameOf(chat)}`),
    command: (name, argument) => `npx crier ${COMMAND_LINES[name]} ${shellWord(printable(argument))}`,
    showSource: ({ id }) => `See npx crier source show ${id}`,
    resumeSource: ({ id }) => `To go on: ${commandFor({ kind: 'resume', id })}`,
    noWatches({ chatId, chat }) {
      const isTerminal = chatId === TERMINAL
      const none =
        chat === null && !isTerminal
          ? `Chat ${chatId} is not known here.`
          : `${capital(nameOf(chatId))} watches for nothing.`
      const others = sayOtherChats(otherChats)
      if (others !== '') return `${none} ${others}`
      return isTerminal ? `${none} To begin: npx crier watch add climate` : none
    },
  }
}

const COMMAND_LINES = {
  addSource: 'source add',
  why: 'why',
} satisfies Record<Parameters<Voice['command']>[0], string>

function whyAsJson({ alert, situation, reasons, left, carriers }: Why) {
  return {
    ...alertAsJson(alert),
    situation: situationAsJson(situation),
    reasons: reasons.map(({ hit, item, clause, isSure, publishers, wait }) => ({
      watch: watchAsJson(hit.watch),
      words: hit.words,
      publishers,
      waitsFor: wait?.wanted ?? null,
      waitIsOver: wait?.isOver ?? false,
      item: item.url,
      clause,
      sure: isSure,
    })),
    left,
    publishers: carriers,
  }
}

function whyNotAsJson(chat: string, found: WhyNot, otherChats: string[]) {
  return {
    url: found.url,
    chat,
    known: found.chat !== null,
    watches: found.watches,
    otherChats,
    items: found.items.map(verdictsAsJson),
    sources: found.sources.map(({ id: number, title, url, state, trouble }) => {
      return { number, title, url: webAddress(url), state, trouble }
    }),
    moreSources: found.moreSources,
  }
}

function verdictsAsJson({ item, told, carriers, verdicts, left }: ItemVerdicts) {
  return {
    item: itemAsJson(item),
    quiet: item.quiet,
    firstSeen: formatIso(item.firstSeenAt),
    told: told && { alert: told.alert.id, item: told.alert.item.url, situation: situationAsJson(told.situation) },
    verdicts: verdicts.map(({ watch, verdict }) => ({ watch: watchAsJson(watch), ...verdictAsJson(verdict) })),
    publishers: carriers,
    left: left.near + left.far,
    nearLeft: left.near,
  }
}

function verdictAsJson(verdict: Verdict) {
  if (verdict.kind === 'failed') return { verdict: verdict.kind, clause: verdict.clause }
  if (verdict.kind === 'waiting') {
    return { verdict: verdict.kind, waitsFor: verdict.wanted, waitIsOver: verdict.isOver }
  }
  if (verdict.kind === 'called') {
    const { kind, matched, wait } = verdict
    return { verdict: kind, matched, waitsFor: wait?.wanted ?? null, waitIsOver: wait?.isOver ?? false }
  }
  if (verdict.kind === 'muted') {
    const { mute, when } = verdict
    const muted = mute.watchId === null ? 'chat' : 'watch'
    return { verdict: verdict.kind, muted, since: formatIso(mute.since), until: formatIso(mute.until), when }
  }
  if (verdict.kind === 'edited') return { verdict: verdict.kind, at: formatIso(verdict.at), told: verdict.isTold }
  return { verdict: verdict.kind }
}

function situationAsJson(situation: Situation) {
  switch (situation.kind) {
    case 'sent':
      return { ...situation, at: formatIso(situation.at) }
    case 'unreachable':
      return { ...situation, since: formatIso(situation.since) }
    case 'queued':
      return { ...situation, ahead: situation.ahead.count, more: situation.ahead.isMore }
    default:
      return situation
  }
}
