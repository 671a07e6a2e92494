import { AppError } from '../errors.ts'
import { chatKind, TERMINAL, type Watch } from '../model.ts'
import type { Input } from './io.ts'

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

/** How the watches of these chats are asked for; '' where there are none. */
export function sayOtherChats(others: string[]): string {
  if (others.length === 0) return ''
  const rest = others.length > MOST_CHATS ? ` and ${others.length - MOST_CHATS} more` : ''
  const named = others.slice(0, MOST_CHATS).map((other) => `--chat ${other}`)
  return `Other chats have watches: ${named.join(', ')}${rest}`
}

const MOST_CHATS = 10
