import { AppError } from '../errors.ts'
import { type Chat, chatKind, TERMINAL, type Watch } from '../model.ts'
import { formatLocal } from '../time.ts'
import type { Input } from './io.ts'
import { printable } from './terminal-text.ts'

/** The option --chat; undefined when it was not given. Throws `invalid` for what can be no chat. */
export function readChat(input: Input): string | undefined {
  const chat = input.text('chat')
  if (chat === undefined || chatKind(chat) !== null) return chat
  throw new AppError('invalid', `--chat must be "terminal" or the number of a Telegram chat, not "${chat}".`, {
    hint: 'Example: --chat -1001234567890, or --chat -1001234567890/5 for a topic of it',
  })
}

/** A chat within a sentence. */
export function nameOf(chat: string): string {
  return chat === TERMINAL ? 'the terminal' : `chat ${chat}`
}

/** The same at the beginning of one. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

/** What is put after a command that is meant for this chat. */
export function optionOf(chat: string): string {
  return chat === TERMINAL ? '' : ` --chat ${chat}`
}

/** Where a number is not that of a watch. */
export function watchesOf(chat: string): string {
  return `npx crier watch list${optionOf(chat)} shows what it has.`
}

/** The chats of these watches but this one, each once. */
export function otherChatsOf(watches: Watch[], chat: string): string[] {
  return [...new Set(watches.map((watch) => watch.chat).filter((other) => other !== chat))]
}

/** How the watches of these chats are asked for, and which of them are out of reach; '' where there are none. */
export function sayOtherChats(others: string[], gone: ReadonlySet<string> = new Set()): string {
  if (others.length === 0) return ''
  const rest = others.length > MOST_CHATS ? ` and ${others.length - MOST_CHATS} more` : ''
  // Those that need a look must not be what is missing.
  const inOrder = [...others.filter((other) => gone.has(other)), ...others.filter((other) => !gone.has(other))]
  const named = inOrder
    .slice(0, MOST_CHATS)
    .map((other) => `--chat ${other}${gone.has(other) ? ' (out of reach)' : ''}`)
  return `Other chats have watches: ${named.join(', ')}${rest}`
}

/** A line for a chat that the bot cannot reach; '' for any other. */
export function sayGone(chat: Chat | undefined, timezone: string): string {
  if (chat?.state !== 'gone') return ''
  const { goneReason: reason, goneAt: since } = chat
  const why = reason === null ? '' : ` (${printable(reason)})`
  const when = since === null ? '' : ` since ${formatLocal(since, timezone)}`
  return `${capital(nameOf(chat.id))} is out of reach of the bot${when}${why}: what waits for it is kept, and nothing new is matched for it.\n`
}

const MOST_CHATS = 10
