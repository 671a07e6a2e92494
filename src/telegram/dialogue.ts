import { randomBytes } from 'node:crypto'
import { type Api, BotError, GrammyError, HttpError } from 'grammy'
import type { CallbackQuery, ChatMemberUpdated, Message, UserFromGetMe } from 'grammy/types'
import type { Actions } from '../actions/context.ts'
import type { Timer } from '../actions/hosts/gate.ts'
import { listOwners } from '../actions/owners.ts'
import { AppError, describeError, isCode } from '../errors.ts'
import type { Log } from '../log.ts'
import { telegramPlace } from '../model.ts'
import { inertText } from '../publish/alert.ts'
import { plainText } from '../publish/plain.ts'
import { createAnswers } from './answers.ts'
import { readFailure } from './api.ts'
import { createButtons } from './buttons.ts'
import type { Answer } from './command.ts'
import { answerUnknown, backSince, findByPrompt, findCommand, greet } from './commands.ts'
import { chatOf, type InTopic, NO_PREVIEW, question, readCommand, repliedTo, whereTo } from './message.ts'
import { createOwnerCode } from './owner-code.ts'
import { sayAdvice } from './wording.ts'

interface Dialogue {
  onText(message: Message.TextMessage, me: UserFromGetMe): Promise<void>
  onMembership(change: ChatMemberUpdated): Promise<void>
  onTopicReopened(message: InTopic): Promise<void>
  /** A button that calls back was pressed. */
  onButton(press: CallbackQuery, me: UserFromGetMe): Promise<void>
  /** Whether there is an owner decides whether there is a code. */
  readOwners(): Promise<unknown>
  /** The one-time code, while there is no owner; null before `readOwners`. */
  code(): string | null
  /** Logs what went wrong, once, without the secret. */
  noteTrouble(error: unknown): void
  /** A message went to this chat on another way: the next answer keeps its distance. */
  noteSent(chat: string): void
  /** Answers wait no longer. Resolves when those under way, and those of slow commands, have an end. */
  finish(): Promise<void>
}

interface DialogueContext {
  api: Api
  actions: Actions
  log: Log
  owner: number | null
  /** Never to be said. */
  secret: string
  timer: Timer
  /** Between two messages to this chat. */
  gapMs: (chat: string) => number
}

/** So many slow commands (those that fetch) may be under way. */
const MOST_SLOW = 4

/**
 * Talks with people: owners are served, a stranger in private gets one polite no a day, everything else is not meant
 * for us. Each step may run twice, because an update may come twice.
 */
export function createDialogue(ctx: DialogueContext): Dialogue {
  const { api, actions, log, owner } = ctx
  const { store, clock } = actions
  const code = createOwnerCode()
  const buttons = createButtons<Message.TextMessage>(clock)
  const answers = createAnswers({ timer: ctx.timer, gapMs: ctx.gapMs, onTrouble: (error) => noteTrouble(error, ctx) })
  const slow = new Set<Promise<void>>()
  const refuse = (error: unknown) => answerTo(error, ctx)
  let ownerless = false

  async function readOwners(): Promise<number[]> {
    const owners = await listOwners(store, owner)
    ownerless = owners.length === 0
    return owners
  }

  async function answerOwner(message: Message.TextMessage, me: UserFromGetMe): Promise<Answer | null> {
    const typed = readCommand(message.text)
    const isForUs = typed?.bot?.toLowerCase() === me.username.toLowerCase()
    if (typed?.bot && !isForUs) return null

    const replyTo = repliedTo(message, me)
    // Our own question, to which this is the answer, names the command too.
    const command = typed ? findCommand(typed.name) : findByPrompt(replyTo?.text ?? '')
    if (!command) {
      // In a group, talk is not meant for us, and an unknown command may be another bot's.
      return message.chat.type === 'private' || isForUs ? answerUnknown(typed?.name ?? null, message.text) : null
    }
    const args = typed ? typed.args : message.text.trim()
    const call = {
      actions,
      chat: chatOf(message),
      args,
      ...(replyTo && { replyTo: String(replyTo.message_id) }),
    }
    return command.run(call).catch(refuse)
  }

  async function give(message: Message.TextMessage, answer: Answer): Promise<void> {
    const { later } = answer
    if (later && slow.size >= MOST_SLOW) {
      return reply(message, { html: 'I am still busy with other addresses. Please try again in a minute.' })
    }
    await reply(message, answer)
    if (!later) return
    const work: Promise<void> = later()
      .catch(refuse)
      .then((late) => reply(message, late))
      .finally(() => slow.delete(work))
    slow.add(work)
  }

  /** Never throws: an answer that cannot be given is logged. Resolves also when it must wait. */
  function reply(message: Message.TextMessage, answer: Answer): Promise<void> {
    const { id } = message.chat
    const other = { ...NO_PREVIEW, ...whereTo(message), ...markupFor(message, answer) }
    return answers.give(String(id), async () => {
      try {
        await api.sendMessage(id, answer.html, { ...other, parse_mode: 'HTML' })
      } catch (error) {
        if (readFailure(error).kind !== 'rejected') throw error
        // Better a plain answer than none.
        await api.sendMessage(id, plainText({ html: answer.html, openUrl: null }, { ansi: false }), other)
      }
    })
  }

  function markupFor(place: Message.TextMessage, { asks, choices }: Answer) {
    if (choices !== undefined) {
      const rows = choices.map(({ label, text }) => [{ text: label, callback_data: buttons.offer({ place, text }) }])
      return { reply_markup: { inline_keyboard: rows } }
    }
    return asks === undefined ? {} : question(asks)
  }

  async function meetStranger(message: Message.TextMessage, userId: number): Promise<void> {
    const now = clock()
    const typed = readCommand(message.text)
    if (ownerless && typed?.name.toLowerCase() === 'start' && typed.args !== '') {
      const result = code.redeem(userId, typed.args, now)
      if (result === 'right') return welcomeOwner(message, userId, now)
      if (result === 'wrong') return reply(message, { html: WRONG_CODE })
      return
    }
    if (await store.noteStranger(userId, now)) await reply(message, { html: politeNo(userId, ownerless) })
  }

  async function welcomeOwner(message: Message.TextMessage, userId: number, now: number): Promise<void> {
    await store.addOwner(userId, now)
    ownerless = false
    log.info({ user: userId }, 'Telegram: this service has an owner now')
    const greeting = await greet({ actions, chat: chatOf(message), args: '' })
    await reply(message, { html: `You are the owner of this service now.\n${greeting.html}` })
  }

  async function welcomeBack(id: string): Promise<void> {
    const { goneSince } = await store.reviveChat(id)
    if (goneSince === null) return
    const { chat, topic } = telegramPlace(id)
    const other = { ...NO_PREVIEW, ...(topic !== null && { message_thread_id: topic }) }
    await answers.give(chat, () => api.sendMessage(chat, backSince(goneSince), { ...other, parse_mode: 'HTML' }))
  }

  return {
    readOwners,
    noteTrouble: (error) => noteTrouble(error, ctx),
    code: () => (ownerless ? code.current() : null),
    noteSent: (chat) => answers.noteSent(telegramPlace(chat).chat),
    async finish() {
      await answers.stop()
      await Promise.allSettled(slow)
      // Theirs.
      await answers.stop()
    },

    async onText(message, me) {
      const { from, chat } = message
      if (!from || from.is_bot) return
      const owners = await readOwners()
      if (owners.includes(from.id)) {
        const answer = await answerOwner(message, me)
        if (answer) await give(message, answer)
        return
      }
      // In a group a stranger's command is none of our business.
      if (chat.type === 'private') await meetStranger(message, from.id)
    },

    async onButton({ id, from, data, message }, me) {
      const button = buttons.find(data)
      const isMeant = button !== undefined && message?.chat.id === button.place.chat.id
      if (!isMeant || !(await readOwners()).includes(from.id)) {
        return answers.giveAside(() =>
          api.answerCallbackQuery(id, { text: 'This button is out of date. Send its command again.' }),
        )
      }
      // Ends the waiting that the button shows; what comes of it is said in the chat.
      await answers.giveAside(() => api.answerCallbackQuery(id))
      const typed = { ...button.place, text: button.text }
      const answer = await answerOwner(typed, me)
      if (answer) await give(typed, answer)
    },

    /** Blocked, thrown out, or let in again: known at once, not with the next alert. */
    async onMembership({ chat, new_chat_member: member }) {
      const ids = await store.listPlaces(String(chat.id))
      if (member.status === 'kicked' || member.status === 'left') {
        const reason = chat.type === 'private' ? 'the bot was blocked' : 'the bot is no longer in the chat'
        for (const id of ids) await store.markChatGone(id, reason, clock())
        return
      }
      if (member.status === 'restricted' && !member.can_send_messages) return
      for (const id of ids) await welcomeBack(id)
    },

    async onTopicReopened(message) {
      const id = chatOf(message)
      if (await store.findChat(id)) await welcomeBack(id)
    },
  }
}

/** What a person is told of an error. Ours are logged, and named by a code that finds the line. */
function answerTo(error: unknown, { log, secret }: DialogueContext): Answer {
  if (error instanceof AppError && error.code !== 'internal') return { html: explain(error) }
  const trouble = randomBytes(3).toString('hex')
  log.error({ code: trouble, err: withoutSecret(error, secret) }, 'a Telegram command failed')
  return { html: `Something went wrong on my side (code ${trouble}). Nothing was changed.` }
}

function explain(error: AppError): string {
  const text = inertText(describeError(error), 900)
  return error.advice === null ? text : `${text}\n${sayAdvice(error.advice)}`
}

function noteTrouble(error: unknown, { log, secret }: DialogueContext): void {
  const cause = error instanceof BotError ? error.error : error
  if (cause instanceof GrammyError || cause instanceof HttpError) {
    const failure = readFailure(cause)
    const reason = 'description' in failure ? failure.description : 'reason' in failure ? failure.reason : failure.kind
    log.warn({ reason }, NOT_GIVEN)
  } else if (isCode(cause, 'unavailable')) log.warn({ reason: cause.message }, NOT_GIVEN)
  else log.error({ err: withoutSecret(cause, secret) }, 'Telegram: an update could not be handled')
}

const NOT_GIVEN = 'Telegram: an answer could not be given'

/** Message and place of a bug of ours; whatever it came through, the token is not in it. */
function withoutSecret(error: unknown, secret: string): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return text.replaceAll(secret, '(token)').replaceAll(encodeURIComponent(secret), '(token)').slice(0, 2_000)
}

const WRONG_CODE = 'That is not the code. It is printed where the service runs.'

function politeNo(userId: number, ownerless: boolean): string {
  const id = `Your Telegram id is <code>${userId}</code>`
  if (!ownerless) return `This is a private bot. ${id}; give it to its owner.`
  return `This bot has no owner yet. If it is yours, send <code>/start CODE</code> with the code that is printed where the service runs. ${id}.`
}
