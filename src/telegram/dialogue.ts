import type { CallbackQuery, ChatMemberUpdated, Message, UserFromGetMe } from 'grammy/types'
import type { Actions } from '../actions/context.ts'
import type { Answer, Command } from './command.ts'
import { answerUnknown, backSince, findByPrompt, findCommand, greet } from './commands.ts'
import { createDoor, type Door } from './door.ts'
import { createHeard } from './heard.ts'
import { chatOf, type InTopic, linkIn, readCommand, repliedTo } from './message.ts'
import { createReplies, type Replies, type RepliesContext } from './replies.ts'
import { answerTo, noteTrouble } from './trouble.ts'

interface Dialogue extends Pick<Door, 'readOwners' | 'code'>, Pick<Replies, 'noteSent' | 'finish'> {
  onText(message: Message.TextMessage, me: UserFromGetMe): Promise<void>
  /** Somebody has corrected a text, or Telegram tells it again for reasons of its own. */
  onEdit(message: Message.TextMessage, me: UserFromGetMe): Promise<void>
  /** A document, a picture, a voice, a sticker. */
  onFile(message: Message, me: UserFromGetMe): Promise<void>
  onMembership(change: ChatMemberUpdated): Promise<void>
  onTopicReopened(message: InTopic): Promise<void>
  /** A group has become a supergroup, which has another id. */
  onMigration(message: Pick<Message, 'chat'> & { migrate_to_chat_id: number }): Promise<void>
  /** A button that calls back was pressed. */
  onButton(press: CallbackQuery, me: UserFromGetMe): Promise<void>
  /** Logs what went wrong, once, without the secret. */
  noteTrouble(error: unknown): void
}

interface DialogueContext extends Omit<RepliesContext, 'clock'> {
  actions: Actions
  /** A Telegram user id that needs no code. */
  owner: number | null
}

/**
 * Talks with people: owners are served, a stranger in private gets one polite no a day, everything else is not meant
 * for us. Each step may run twice, because an update may come twice.
 */
export function createDialogue(ctx: DialogueContext): Dialogue {
  const { actions } = ctx
  const door = createDoor(actions, ctx.owner, ctx.log)
  const replies = createReplies({ ...ctx, clock: actions.clock })
  const heard = createHeard()

  let lastFiles: string | null = null

  /** `more` is said below the answer. */
  async function serve(message: Message.TextMessage, me: UserFromGetMe, more?: string): Promise<void> {
    const answer = await answerOwner(message, me, ctx)
    if (!answer) return
    // A question is known by its text: nothing may stand beside it.
    const html = more === undefined || answer.asks !== undefined ? answer.html : `${answer.html}\n${more}`
    await replies.give(message, { ...answer, html })
  }

  async function hear(message: Message.TextMessage, me: UserFromGetMe, more?: string): Promise<void> {
    const { from, chat, text } = message
    if (!from || from.is_bot) return
    const isOwner = (await door.readOwners()).includes(from.id)
    // In a group a stranger's command is none of our business.
    if (!isOwner && chat.type !== 'private') return
    heard.note(message)
    if (isOwner) return serve(message, me, more)
    const met = await door.meet(from.id, text)
    const answer = met === 'owner' ? await welcome(message, actions) : met
    if (answer) await replies.give(message, answer)
  }

  return {
    readOwners: door.readOwners,
    code: door.code,
    noteSent: replies.noteSent,
    finish: replies.finish,
    noteTrouble: (error) => noteTrouble(error, ctx),

    onText: (message, me) => hear(message, me),

    /** As if it were said now: whoever mistyped a command expects the answer to the right one. */
    async onEdit(message, me) {
      const before = heard.before(message)
      if (before === undefined || before.trim() === message.text.trim()) return
      const first = commandIn({ ...message, text: before }, me)
      await hear(message, me, first?.lasts ? STAYS : undefined)
    },

    async onFile(message, me) {
      const { from, chat, media_group_id: files = null, caption, caption_entities: entities } = message
      if (chat.type !== 'private' || !from || !(await door.readOwners()).includes(from.id)) return
      // Those that were sent together come one by one; what is said of them all stands under the first.
      if (files !== null && files === lastFiles) return
      lastFiles = files
      // A post with a picture is its words. What is said of a document (Telegram calls a GIF one, too) is about it.
      const isDocument = message.document !== undefined && message.animation === undefined
      if (caption === undefined || isDocument) return replies.tell(String(chat.id), ONLY_TEXT)
      await serve({ ...message, chat, text: caption, ...(entities && { entities }) }, me)
    },

    async onButton({ id, from, data, message }, me) {
      // In a group anybody can press. To send the command again would be met with silence.
      if (!(await door.readOwners()).includes(from.id))
        return replies.endPress(id, 'Only the owner of this bot can press that.')
      const button = replies.findButton(data, message?.chat.id)
      if (!button) return replies.endPress(id, 'This button is out of date. Send its command again.')
      // What comes of it is said in the chat.
      await replies.endPress(id)
      await serve({ ...button.place, text: button.text }, me)
    },

    /** Blocked, thrown out, or let in again: known at once, not with the next alert. */
    async onMembership({ chat, new_chat_member: member }) {
      const ids = await actions.store.listPlaces(String(chat.id))
      if (member.status === 'kicked' || member.status === 'left') {
        const reason = chat.type === 'private' ? 'the bot was blocked' : 'the bot is no longer in the chat'
        for (const id of ids) await actions.store.markChatGone(id, reason, actions.clock())
        return
      }
      if (member.status === 'restricted' && !member.can_send_messages) return
      for (const id of ids) await welcomeBack(id, actions, replies)
    },

    async onTopicReopened(message) {
      const id = chatOf(message)
      if (await actions.store.findChat(id)) await welcomeBack(id, actions, replies)
    },

    /** Else its watches would be unknown there until the next alert is refused. */
    onMigration: ({ chat, migrate_to_chat_id: to }) => actions.store.moveChat(String(chat.id), String(to)),
  }
}

const ONLY_TEXT =
  'I read text alone: an address, words, a command (/help). A list of sources (OPML) comes in on the command line: <code>npx crier import FILE</code>'

const STAYS = 'I took your edit as a new message; what came of the first one stays.'

/** Null for what is not meant for us. */
async function answerOwner(
  message: Message.TextMessage,
  me: UserFromGetMe,
  ctx: DialogueContext,
): Promise<Answer | null> {
  const typed = readCommand(message.text)
  const isForUs = typed?.bot?.toLowerCase() === me.username.toLowerCase()
  if (typed?.bot && !isForUs) return null

  const replyTo = repliedTo(message, me)
  const command = commandIn(message, me)
  if (!command) {
    // In a group, talk is not meant for us, and an unknown command may be another bot's.
    return message.chat.type === 'private' || isForUs
      ? answerUnknown(typed?.name ?? null, message.text, linkIn(message))
      : null
  }
  const call = {
    actions: ctx.actions,
    chat: chatOf(message),
    args: typed ? typed.args : message.text.trim(),
    ...(replyTo && { replyTo: String(replyTo.message_id) }),
  }
  return command.run(call).catch((error: unknown) => answerTo(error, ctx))
}

function commandIn(message: Message.TextMessage, me: UserFromGetMe): Command | undefined {
  const typed = readCommand(message.text)
  // Our own question, to which this is the answer, names the command too.
  return typed ? findCommand(typed.name) : findByPrompt(repliedTo(message, me)?.text ?? '')
}

async function welcome(message: Message.TextMessage, actions: Actions): Promise<Answer> {
  const { html } = await greet({ actions, chat: chatOf(message), args: '' })
  return { html: `You are the owner of this service now.\n${html}` }
}

async function welcomeBack(id: string, { store }: Actions, replies: Replies): Promise<void> {
  const { goneSince } = await store.reviveChat(id)
  if (goneSince !== null) await replies.tell(id, backSince(goneSince))
}
