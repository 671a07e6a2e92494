import { Bot } from 'grammy'
import type { Actions } from '../actions/context.ts'
import { telegramGapMs } from '../actions/deliver.ts'
import { systemTimer, type Timer } from '../actions/hosts/gate.ts'
import type { Log } from '../log.ts'
import type { Notify, TelegramState } from '../ports.ts'
import { MINUTE_MS, SECOND_MS } from '../time.ts'
import { clientOptions, createApi } from './api.ts'
import { menuCommands } from './commands.ts'
import { createDialogue } from './dialogue.ts'
import { createPolling } from './polling.ts'
import { createSender } from './sender.ts'

export interface Telegram extends Notify {
  /** Returns at once; the connection is made, and made again, in the background. */
  start(): void
  /** Waits for the command in hand, and for no answer that Telegram wants later. May be called without `start`, and twice. */
  stop(): Promise<void>
  status(): TelegramState
}

export interface TelegramOptions {
  /** Secret: it is in no message, error or log line that leaves this folder. */
  token: string
  apiRoot: string
  /** A Telegram user id that needs no code. */
  owner: number | null
  actions: Actions
  log: Log
  timing?: Partial<typeof TIMING>
  timer?: Timer
}

const TIMING = {
  pollSeconds: 30,
  /** Long: the server holds a request until Telegram confirms, and an early end sends twice. */
  sendSeconds: 90,
  replySeconds: 20,
  /** As with alerts. */
  answerGapMs: telegramGapMs,
  retryMs: { first: 5 * SECOND_MS, most: MINUTE_MS, unauthorized: MINUTE_MS },
}

/**
 * The bot of one token: takes commands from owners, and carries alerts. A wrong token or no connection is a state and
 * a line in the log, never an error: everything else goes on.
 */
export function createTelegram(options: TelegramOptions): Telegram {
  const { token, apiRoot, actions, log } = options
  const timing = { ...TIMING, ...options.timing }
  const bot = new Bot(token, { client: clientOptions(apiRoot, timing.replySeconds) })
  let username: string | null = null
  let menuIsSet = false
  let starting: Promise<void> | null = null

  const dialogue = createDialogue({
    ...{ api: bot.api, actions, log, owner: options.owner, secret: token, timer: options.timer ?? systemTimer },
    gapMs: timing.answerGapMs,
  })
  bot.on('message:text', (ctx) => dialogue.onText(ctx.message, bot.botInfo))
  bot.on('edited_message:text', (ctx) => dialogue.onEdit(ctx.editedMessage, bot.botInfo))
  bot.on('message:file', (ctx) => dialogue.onFile(ctx.message, bot.botInfo))
  bot.on('message:forum_topic_reopened', (ctx) => dialogue.onTopicReopened(ctx.message))
  bot.on('message:migrate_to_chat_id', ({ message }) => dialogue.onMigration(message))
  bot.on('my_chat_member', (ctx) => dialogue.onMembership(ctx.myChatMember))
  bot.on('callback_query', (ctx) => dialogue.onButton(ctx.callbackQuery, bot.botInfo))

  const polling = createPolling({
    api: createApi(token, apiRoot, timing.pollSeconds + timing.replySeconds),
    log,
    pollSeconds: timing.pollSeconds,
    retryMs: timing.retryMs,
    async onConnected(me) {
      bot.botInfo = me
      username = me.username
      // The menu is a convenience: without it every command still works.
      if (!menuIsSet) await bot.api.setMyCommands(menuCommands()).catch(() => undefined)
      menuIsSet = true
    },
    onUpdate: (update) => bot.handleUpdate(update).catch((error: unknown) => dialogue.noteTrouble(error)),
  })
  const sender = createSender(createApi(token, apiRoot, timing.sendSeconds), bot.api, () => polling.noteUnauthorized())

  return {
    kind: 'telegram',
    ...sender,
    async send(message) {
      const outcome = await sender.send(message)
      dialogue.noteSent(message.chat.id)
      return outcome
    },
    // With a token that is refused every message would fail; without a connection each may be the one that passes.
    isOpen: () => polling.state() !== 'unauthorized',
    status: () => ({ state: polling.state(), username, code: dialogue.code() }),
    start() {
      starting ??= dialogue
        .readOwners()
        .catch((error: unknown) => dialogue.noteTrouble(error))
        .then(() => polling.start())
    },
    async stop() {
      await starting
      await polling.stop()
      await dialogue.finish()
    },
  }
}
