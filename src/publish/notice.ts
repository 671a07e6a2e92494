import type { RenderedMessage } from '../model.ts'
import { exactText, inertText, telegramAddress, visibleUnits } from './alert.ts'

/** In UTF-16 units: a notice is a sentence or two, and may carry a command to copy. */
const LONGEST = 800

/**
 * What an owner is told of a source, in Telegram's HTML: one paragraph, cut, inert and escaped whatever the text holds;
 * addresses and commands of ours stand in it to be copied. Its sign tells it from an alert. `openUrl` is for the Open
 * button; an address Telegram refuses there is left out.
 */
export function renderNotice(text: string, openUrl: string | null): RenderedMessage {
  let html = '🛠 '
  let done = 0
  for (const { 0: exact, index } of text.matchAll(TO_BE_COPIED)) {
    html += renderProse(text.slice(done, index), roomAfter(html))
    if (roomAfter(html) > 0) html += `<code>${exactText(exact, roomAfter(html))}</code>`
    done = index + exact.length
  }
  html += renderProse(text.slice(done), roomAfter(html))
  return { html: html.trimEnd(), openUrl: telegramAddress(openUrl) }
}

/** Elsewhere a sign is put where Telegram would make a command of "/feed": copied, it would break both. */
const TO_BE_COPIED = /\bcrier source [a-z]+ \d+(?: --[a-z-]+ [^\s<>"]+)*|\bhttps?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g

function roomAfter(html: string): number {
  return Math.max(0, LONGEST - visibleUnits(html))
}

function renderProse(text: string, room: number): string {
  const inert = room > 0 ? inertText(text, room) : ''
  // It trims, and what follows or goes before is a word of its own.
  const [before, after] = [/^\s+\S/.test(text) ? ' ' : '', /\S\s+$/.test(text) ? ' ' : '']
  return inert === '' ? '' : `${before}${inert}${after}`
}
