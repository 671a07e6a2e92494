import type { Api } from 'grammy'
import { type OutboxMessage, telegramPlace } from '../model.ts'
import type { Notify, NotifyOutcome } from '../ports.ts'
import { plainText } from '../publish/plain.ts'
import { type Failure, readFailure } from './api.ts'
import { NO_PREVIEW } from './message.ts'

type Sender = Pick<Notify, 'send' | 'canEdit' | 'isReachable'>

/**
 * The way from the outbox to Telegram. `api` waits long for an answer, because an early end turns a slow success into
 * a message sent twice; `askApi` is for questions. Never throws. `onUnauthorized` hears of a token that is refused.
 * An edit takes the place of what was sent, in silence; one that is there already has arrived.
 */
export function createSender(api: Api, askApi: Api, onUnauthorized: () => void): Sender {
  return {
    canEdit: true,
    async send(message) {
      try {
        if (message.edits === null) {
          const sent = await sendMessage(api, message)
          return { kind: 'sent', messageId: String(sent.message_id) }
        }
        await editMessage(api, message, Number(message.edits))
        return { kind: 'sent', messageId: message.edits }
      } catch (error) {
        const failure = readFailure(error)
        if (message.edits !== null && isThereAlready(failure)) return { kind: 'sent', messageId: message.edits }
        if (failure.kind === 'unauthorized') onUnauthorized()
        return outcomeOf(failure, message.chat.id)
      }
    },
    async isReachable() {
      try {
        await askApi.getMe()
        return true
      } catch {
        return false
      }
    },
  }
}

function sendMessage(api: Api, message: OutboxMessage) {
  const { text, options } = textOf(message)
  const { chat, topic } = telegramPlace(message.chat.id)
  return api.sendMessage(chat, text, { ...options, ...(topic !== null && { message_thread_id: topic }) })
}

/** Without its buttons given again, a message would lose them. */
function editMessage(api: Api, message: OutboxMessage, messageId: number) {
  const { text, options } = textOf(message)
  return api.editMessageText(telegramPlace(message.chat.id).chat, messageId, text, options)
}

function textOf({ rendered, plain }: OutboxMessage) {
  if (plain) return { text: plainText(rendered, { ansi: false }), options: NO_PREVIEW }
  const button = rendered.openUrl === null ? null : [[{ text: '🔗 Open', url: rendered.openUrl }]]
  const options = {
    ...NO_PREVIEW,
    parse_mode: 'HTML' as const,
    ...(button && { reply_markup: { inline_keyboard: button } }),
  }
  return { text: rendered.html, options }
}

/** An edit that changes nothing is refused: it arrived before, and its answer was lost. */
function isThereAlready(failure: Failure): boolean {
  return failure.kind === 'rejected' && /message is not modified/i.test(failure.description)
}

function outcomeOf(failure: Failure, id: string): NotifyOutcome {
  switch (failure.kind) {
    case 'throttled':
      return { kind: 'wait', retryAfterMs: failure.retryAfterMs }
    case 'unauthorized':
      return { kind: 'unsent', reason: 'Telegram refuses the bot token' }
    case 'conflict':
      return { kind: 'unsent', reason: 'another program uses the same bot token' }
    case 'unsent':
    case 'unknown':
      return failure
    case 'rejected':
      return outcomeOfRejection(failure, id)
  }
}

/** Telegram has no codes for these: its words are matched, as its server's source has them. */
function outcomeOfRejection({ code, description, movedTo }: Failure & { kind: 'rejected' }, id: string): NotifyOutcome {
  if (movedTo !== null) return { kind: 'moved', chat: movedTo }
  const { chat, topic } = telegramPlace(id)
  // A topic that was deleted never comes back: what it watched for is told in its chat from then on.
  if (topic !== null && TOPIC_LOST.test(description)) return { kind: 'moved', chat }
  if (code === 403 || GONE.test(description)) return { kind: 'gone', reason: description }
  return { kind: 'refused', reason: description }
}

const TOPIC_LOST = /message thread not found|TOPIC_DELETED/i

/** Answers of 400 that are about the chat, not about the message. */
const GONE =
  /chat not found|not enough rights to send|need administrator rights|have no write access|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|TOPIC_CLOSED|TOPIC_DELETED|PEER_ID_INVALID|group chat was deactivated|bot was (blocked|kicked)/i
