import type { Api } from 'grammy'
import type { Message } from 'grammy/types'
import type { Timer } from '../actions/hosts/gate.ts'
import { telegramPlace } from '../model.ts'
import type { Clock } from '../ports.ts'
import { plainText } from '../publish/plain.ts'
import { createAnswers } from './answers.ts'
import { readFailure } from './api.ts'
import { type Button, createButtons } from './buttons.ts'
import type { Answer } from './command.ts'
import { NO_PREVIEW, question, whereTo } from './message.ts'
import { answerTo, type Diary, noteTrouble } from './trouble.ts'

/** What people are told, in order and at a pace that Telegram takes. None of these throws: what cannot be given is logged. */
export interface Replies {
  /** Answers a message where it stands, and once more with what comes later. Resolves also when it must wait. */
  give(message: Message.TextMessage, answer: Answer): Promise<void>
  /** Says something in a chat, or a topic of it, that answers nobody. */
  tell(place: string, html: string): Promise<void>
  /** Ends the waiting that a pressed button shows. */
  endPress(id: string, said?: string): Promise<void>
  /** The button that was pressed; undefined for one that is out of date, or was not offered in this chat. */
  findButton(data: string | undefined, chat: number | undefined): Button<Message.TextMessage> | undefined
  /** A message went to this chat on another way: the next answer keeps its distance. */
  noteSent(chat: string): void
  /** Answers wait no longer. Resolves when those under way, and those of slow commands, have an end. */
  finish(): Promise<void>
}

export interface RepliesContext extends Diary {
  api: Api
  clock: Clock
  timer: Timer
  /** Between two messages to this chat. */
  gapMs: (chat: string) => number
}

/** So many slow commands (those that fetch) may be under way. */
const MOST_SLOW = 4

export function createReplies(ctx: RepliesContext): Replies {
  const { api, timer, gapMs } = ctx
  const buttons = createButtons<Message.TextMessage>(ctx.clock)
  const answers = createAnswers({ timer, gapMs, onTrouble: (error) => noteTrouble(error, ctx) })
  const slow = new Set<Promise<void>>()

  async function give(message: Message.TextMessage, answer: Answer): Promise<void> {
    const { later } = answer
    if (later && slow.size >= MOST_SLOW) {
      return reply(message, { html: 'I am still busy with other addresses. Please try again in a minute.' })
    }
    await reply(message, answer)
    if (!later) return
    const work: Promise<void> = later()
      .catch((error: unknown) => answerTo(error, ctx))
      .then((late) => reply(message, late))
      .finally(() => slow.delete(work))
    slow.add(work)
  }

  function reply(message: Message.TextMessage, answer: Answer): Promise<void> {
    const { id } = message.chat
    const other = { ...NO_PREVIEW, ...whereTo(message), ...markupFor(message, answer) }
    return answers.give(String(id), () => sendHtml(api, id, answer.html, other))
  }

  function markupFor(place: Message.TextMessage, { asks, choices }: Answer) {
    if (choices !== undefined) {
      const rows = choices.map(({ label, text }) => [{ text: label, callback_data: buttons.offer({ place, text }) }])
      return { reply_markup: { inline_keyboard: rows } }
    }
    return asks === undefined ? {} : question(asks)
  }

  return {
    give,
    tell(place, html) {
      const { chat, topic } = telegramPlace(place)
      const other = { ...NO_PREVIEW, ...(topic !== null && { message_thread_id: topic }) }
      return answers.give(chat, () => api.sendMessage(chat, html, { ...other, parse_mode: 'HTML' }))
    },
    endPress: (id, said) =>
      answers.giveAside(() => api.answerCallbackQuery(id, said === undefined ? {} : { text: said })),
    findButton(data, chat) {
      const button = buttons.find(data)
      return button?.place.chat.id === chat ? button : undefined
    },
    noteSent: (chat) => answers.noteSent(telegramPlace(chat).chat),
    async finish() {
      await answers.stop()
      await Promise.allSettled(slow)
      // Theirs.
      await answers.stop()
    },
  }
}

async function sendHtml(api: Api, chat: number, html: string, other: Parameters<Api['sendMessage']>[2]): Promise<void> {
  try {
    await api.sendMessage(chat, html, { ...other, parse_mode: 'HTML' })
  } catch (error) {
    if (readFailure(error).kind !== 'rejected') throw error
    // Better a plain answer than none.
    await api.sendMessage(chat, plainText({ html, openUrl: null }, { ansi: false }), other)
  }
}
