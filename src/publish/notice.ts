import type { Advice } from '../errors.ts'
import type { Chat, RenderedMessage } from '../model.ts'
import { botCommandFor, commandFor } from './advice.ts'
import { exactText, inertText, telegramAddress, visibleUnits } from './alert.ts'

/** In UTF-16 units: a notice is a sentence or two, and may carry a command to copy. */
const LONGEST = 800

/** Prose, and what stands in it to be copied: an address, or the command of an advice. */
export type Said = (string | { address: string } | Advice)[]

/**
 * What an owner is told of a source, in Telegram's HTML: one paragraph, cut, inert and escaped whatever the prose holds.
 * Its sign tells it from an alert. In a chat an advice is the bot's command, where it has one. `openUrl` is for the Open button; an address Telegram refuses there is left out.
 */
export function renderNotice(said: Said, openUrl: string | null, where: Chat['kind']): RenderedMessage {
  let html = '🛠 '
  for (const part of said) {
    const room = LONGEST - visibleUnits(html)
    if (room <= 0) break
    html += typeof part === 'string' ? renderProse(part, room) : `<code>${exactText(exactly(part, where), room)}</code>`
  }
  return { html: html.trimEnd(), openUrl: telegramAddress(openUrl) }
}

/** In prose a sign is put where Telegram would make a command of "/feed": copied, it would break both. */
function exactly(part: Exclude<Said[number], string>, where: Chat['kind']): string {
  if ('address' in part) return part.address
  return (where === 'telegram' ? botCommandFor(part) : null) ?? commandFor(part)
}

function renderProse(text: string, room: number): string {
  const inert = inertText(text, room)
  // It trims, and what follows or goes before is a word of its own.
  const [before, after] = [/^\s+\S/.test(text) ? ' ' : '', /\S\s+$/.test(text) ? ' ' : '']
  return inert === '' ? '' : `${before}${inert}${after}`
}
