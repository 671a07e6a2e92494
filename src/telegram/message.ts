import type { Message, UserFromGetMe } from 'grammy/types'
import { telegramPlace } from '../model.ts'

/** What says where a message stands. */
export type InTopic = Pick<Message, 'chat' | 'is_topic_message' | 'message_thread_id'>

/** With every message of ours: Telegram shows no picture of what it links to. */
export const NO_PREVIEW = { link_preview_options: { is_disabled: true } }

interface TypedCommand {
  name: string
  /** The bot it was addressed to ("/watch@this_bot"). */
  bot: string | undefined
  /** Ends trimmed, case kept. */
  args: string
}

/**
 * "/watch@this_bot climate"; null for what is no command. Also as it is typed in Chinese, "／watch 大数据" or "/watch大数据",
 * where Telegram itself sees none.
 */
export function readCommand(text: string): TypedCommand | null {
  const [, name, bot, args] =
    /^[/／](\w{1,32})(?:@(\w{1,32}))?(?:\s+|(?=\P{ASCII}|["(])|$)([\s\S]*)$/u.exec(text.trim()) ?? []
  return name === undefined ? null : { name, bot, args: args?.trim() ?? '' }
}

/**
 * The first address in a text that leads out of Telegram, as Telegram has marked it: "example.com/news" as well, and what
 * stands behind the words of a post. Null without one; what a field of a query names is none.
 */
export function linkIn({ text, entities = [] }: Message.TextMessage): string | null {
  const links = entities.map((entity) => {
    if (entity.type === 'text_link') return entity.url
    const { offset, length } = entity
    return entity.type === 'url' && !FIELD.test(text.slice(0, offset)) ? text.slice(offset, offset + length) : ''
  })
  return links.find((link) => WEB_LINK.test(link) && !TELEGRAM_LINK.test(link)) ?? null
}

const FIELD = /(?:site|url|source|feed):"?$/i
const WEB_LINK = /^(?:https?:\/\/\S+|[^\s/@:]+\.[^\s/@:]+(?:[:/]\S*)?)$/i
/** A channel ends its posts with its own address. */
const TELEGRAM_LINK = /^(?:https?:\/\/)?(?:t\.me|telegram\.me)(?:\/|$)/i

/** The message of ours that it replies to. In a topic everything replies to the one that began it, which is not ours, or tells nothing. */
export function repliedTo({ reply_to_message: other }: Message.TextMessage, me: UserFromGetMe) {
  return other?.from?.id === me.id && !other.forum_topic_created ? other : undefined
}

/** Its chat, as ours go by: a topic is one of its own. */
export function chatOf({ chat, is_topic_message: isInTopic, message_thread_id: topic }: InTopic): string {
  return isInTopic && topic !== undefined ? `${chat.id}/${topic}` : String(chat.id)
}

/** The same topic; in a group, as a reply, so that one sees whom it answers. */
export function whereTo(message: Message.TextMessage) {
  const { topic } = telegramPlace(chatOf(message))
  return {
    ...(topic !== null && { message_thread_id: topic }),
    ...(message.chat.type === 'private'
      ? {}
      : { reply_parameters: { message_id: message.message_id, allow_sending_without_reply: true } }),
  }
}

/** Opens the reply field; in a group for the one who asked only. */
export function question(placeholder: string) {
  return { reply_markup: { force_reply: true as const, selective: true, input_field_placeholder: placeholder } }
}
