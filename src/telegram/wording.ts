import type { Voice } from '../actions/watch/say-why.ts'
import type { Advice } from '../errors.ts'
import { botCommandFor, commandFor } from '../publish/advice.ts'
import { exactText, inertText, nameItem, timeTag, visibleUnits } from '../publish/alert.ts'
import { formatLocal } from '../time.ts'
import type { Answer } from './command.ts'

/** Room for a list under its header. */
export const LIST_ROOM = 3_500
/** What is longer is not offered for copying: cut, it would be something else. */
export const LONGEST_OFFER = 600

/** What would help: in the chat where that can be done here. */
export function sayAdvice(advice: Advice): string {
  if (advice.kind === 'add') return `To read it as a source, send ${offer('addsource', advice.url)}`
  const command = botCommandFor(advice)
  if (command !== null) return `Send <code>${whole(command)}</code>`
  return `On the command line: <code>${whole(commandFor(advice))}</code>`
}

/** Why an alert came or did not, and what a watch would have sent, as a chat says it. */
export const voice: Voice = {
  text: (text) => inertText(text, 200),
  time: timeTag,
  moment: momentTag,
  item: nameItem,
  // Of other chats nothing is told.
  where: () => '',
  command: (name, argument) => `<code>${COMMAND_LINES[name]}${whole(argument)}</code>`,
  showSource: ({ host }) => `See <code>/sources ${whole(host)}</code>`,
  resumeSource: ({ id }) => sayAdvice({ kind: 'resume', id }),
  noWatches: () => 'This chat watches for nothing. To begin: <code>/watch climate</code>',
}

const COMMAND_LINES = {
  addSource: '/addsource ',
  why: '/why ',
} satisfies Record<Parameters<Voice['command']>[0], string>

/** A moment as date and time, in the reader's own time zone; older apps show UTC. */
export function momentTag(ms: number): string {
  // Bot API, "date-time entity formatting": a short date and a short time.
  return `<tg-time unix="${Math.floor(ms / 1_000)}" format="dt">${formatLocal(ms, 'UTC')} UTC</tg-time>`
}

/** A command of ours to be copied. Where it is too long for that, or has several lines: the command alone, which asks for the rest. */
export function offer(name: string, text: string): string {
  const argument = text.trim()
  if (argument.length > LONGEST_OFFER || /[\r\n]/.test(argument)) return `/${name} and then the same once more`
  return `<code>/${name} ${whole(argument)}</code>`
}

/** As much of a text as a button shows. */
export function inButton(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .slice(0, 40)
    .toWellFormed()
}

/** For what should be a number; `list` is the command that shows them all. */
export function notANumber(text: string, { example, list }: { example: string; list: string }): Answer {
  return { html: `“${inertText(text, 64)}” is not a number. Example: <code>${example}</code>. All of them: ${list}` }
}

/** For inside `<code>`, whatever its length. */
export function whole(text: string): string {
  return exactText(text, Number.MAX_SAFE_INTEGER)
}

/** As many lines as a message holds, and the command that shows all, if there is one. */
export function asFits(lines: string[], command: string | null): string {
  let units = 0
  const end = lines.findIndex((line) => {
    units += visibleUnits(line) + 1
    return units > LIST_ROOM
  })
  if (end < 0) return lines.join('\n')
  const where = command === null ? '.' : `: <code>${command}</code> shows all.`
  return `${lines.slice(0, end).join('\n')}\n… and ${lines.length - end} more${where}`
}
