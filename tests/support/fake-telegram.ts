import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A Bot API over HTTP on loopback that is stricter than Telegram: it refuses what Telegram refuses, with Telegram's own
 * words (tdlib/telegram-bot-api, tdlib/td), and beyond that every parameter a method does not have.
 */
export interface FakeTelegram {
  /** For TELEGRAM_API_ROOT. */
  url: string
  token: string
  username: string
  /** What people would see, oldest first. */
  sent: SentMessage[]
  /** Every call that was understood, oldest first. */
  calls: { method: string; params: Params }[]
  /** Somebody writes a text; gives the update's id. Their chat is known from then on. */
  push(message: PushedText): number
  /** Somebody corrects the last text that was pushed; or, with the same one, Telegram tells it again. */
  edit(text: string): number
  /** Any other update, without its id. The bot hears of it if it asks for its kind. */
  pushUpdate(update: Record<string, unknown>): number
  /** Somebody deletes a message. */
  remove(message: SentMessage): void
  /** Somebody presses a button that calls back. */
  press(press: { data: string; from?: number; chat?: number }): number
  /** The next calls of `method` (sendMessage unless told) end like this, one each. */
  fail(answers: FakeAnswer | FakeAnswer[], method?: string): void
  /** Takes back every failure that has not happened yet. */
  heal(): void
  /** The bot may write to it. A private chat is known once its person has written. */
  knowChat(id: number): void
  /** A topic in which somebody has written is closed for all but admins, open again (which its members are told), or deleted for good. */
  turnTopic(chat: number, topic: number, state: 'closed' | 'open' | 'deleted'): void
  /** Everything is refused with 401 until it is given back. */
  revoke(token?: string): void
  restore(): void
  /** Updates nobody has confirmed. */
  unconfirmed(): number
  close(): Promise<void>
}

export type FakeAnswer =
  | { status: number; description: string; parameters?: Record<string, unknown> }
  /** An answer of a proxy. */
  | { html: number }
  /** No answer at all. `delivered`: the message arrived all the same. */
  | { hang: true; delivered?: boolean }
  /** The connection ends: in the middle of the answer (the message arrived), or before it. */
  | { cut: 'middle' | 'before' }

export interface SentMessage {
  id: number
  chat: string
  /** What is read, after parsing. */
  text: string
  /** What was sent. */
  raw: string
  entities: Entity[]
  /** "label → url" of each button. */
  buttons: string[]
  params: Params
  /** How often it was edited; what it is and how it was asked for is that of the last time. */
  edits: number
}

export interface PushedText {
  text: string
  /** The person; 100 unless told. */
  from?: number
  /** The chat: negative for groups; the person's own unless told. */
  chat?: number
  /** The topic of the chat; General, or none, unless told. */
  topic?: number
  /** A reply to this message of the bot. */
  replyTo?: SentMessage
  fromBot?: boolean
}

export interface Entity {
  type: string
  /** In UTF-16 units of the text. */
  offset: number
  length: number
  url?: string
}

type Params = Partial<Record<ParameterName, unknown>>
type Answer =
  | { ok: true; result: unknown }
  | { ok: false; error_code: number; description: string; parameters?: object }

const BOT_ID = 4242

/** Starts one on a free port of 127.0.0.1. `perChatMs`: a second message to a chat within it is answered with 429. */
export async function startFakeTelegram(
  options: { token?: string; port?: number; perChatMs?: number; clock?: () => number } = {},
): Promise<FakeTelegram> {
  const token = options.token ?? '4242:CANARY-token'
  const username = 'crier_test_bot'
  const sent: SentMessage[] = []
  const calls: FakeTelegram['calls'] = []
  const chats = new Set<number>()
  /** "chat topic" */
  const topics = new Map<string, 'closed' | 'open' | 'deleted'>()
  /** Messages of people, which no bot may edit: "chat message". */
  const foreign = new Set<string>()
  const failures = new Map<string, FakeAnswer[]>()
  const updates: { update_id: number }[] = []
  const lastSent = new Map<string, number>()
  let revoked = false
  let nextUpdate = 1_000
  let nextMessage = 1
  let allowedUpdates: string[] | null = null
  let lastPushed: { id: number; message: PushedText; from: number; chat: number } | null = null
  let waiting: { answer: (answer: Answer) => void; offset: number } | null = null

  const me = { id: BOT_ID, is_bot: true, first_name: 'Crier', username, can_join_groups: true }

  const methods: Record<string, (params: Params) => Answer> = {
    getMe: () => done({ ...me, can_read_all_group_messages: false, supports_inline_queries: false }),
    deleteWebhook: () => done(true),
    setMyCommands: (params) => setMyCommands(params),
    sendMessage: (params) => sendMessage(params),
    editMessageText: (params) => editMessageText(params),
    sendChatAction: (params) => (isKnown(params.chat_id) ? done(true) : refused('Bad Request: chat not found')),
    answerCallbackQuery: () => done(true),
  }

  function sendMessage(params: Params): Answer {
    const chat = String(params.chat_id)
    if (!isKnown(params.chat_id)) return refused('Bad Request: chat not found')
    const topic = params.message_thread_id === undefined ? 'open' : topics.get(`${chat} ${params.message_thread_id}`)
    if (topic === undefined || topic === 'deleted') return refused('Bad Request: message thread not found')
    if (topic === 'closed') return refused('Bad Request: TOPIC_CLOSED')
    const checked = readMessage(params)
    if ('problem' in checked) return refused(checked.problem)
    const flood = complaintAboutPace(chat)
    if (flood) return flood
    const id = nextMessage++
    const message = { id, chat, ...checked, params, edits: 0 }
    sent.push(message)
    return done(shown(message))
  }

  /** Telegram reads what it is given before it looks for the message, and counts the edit before it looks what has changed. */
  function editMessageText(params: Params): Answer {
    const chat = String(params.chat_id)
    if (params.inline_message_id !== undefined) return refused('Bad Request: MESSAGE_ID_INVALID')
    if (!isKnown(params.chat_id)) return refused('Bad Request: chat not found')
    if (!Number.isSafeInteger(Number(params.message_id)) || Number(params.message_id) <= 0) {
      return refused('Bad Request: message identifier is not specified')
    }
    const checked = readMessage(params)
    if ('problem' in checked) return refused(checked.problem)
    // Only buttons can be changed; a question stands where it was asked.
    if (Object(params.reply_markup).force_reply) return refused('Bad Request: inline keyboard expected')
    if (foreign.has(`${chat} ${params.message_id}`)) return refused("Bad Request: message can't be edited")
    const message = sent.find(({ id, chat: own }) => own === chat && id === Number(params.message_id))
    if (!message) return refused('Bad Request: message to edit not found')
    const flood = complaintAboutPace(chat)
    if (flood) return flood
    if (isSame(message, checked)) return refused(NOT_MODIFIED)
    Object.assign(message, checked, { params, edits: message.edits + 1 })
    return done({ ...shown(message), edit_date: 1 })
  }

  /** Edits count like messages. */
  function complaintAboutPace(chat: string): Answer | null {
    const now = options.clock?.() ?? performance.now()
    const last = lastSent.get(chat)
    if (options.perChatMs && last !== undefined && now - last < options.perChatMs) {
      const description = 'Too Many Requests: retry after 1'
      return { ok: false, error_code: 429, description, parameters: { retry_after: 1 } }
    }
    lastSent.set(chat, now)
    return null
  }

  function shown({ id, chat, text }: SentMessage) {
    return { message_id: id, date: 1, chat: { id: Number(chat), type: chatType(Number(chat)) }, text }
  }

  function isKnown(chat: unknown): boolean {
    return chats.has(Number(chat))
  }

  function getUpdates(params: Params, response: ServerResponse): void {
    const offset = Number(params.offset ?? 0)
    // A question with an offset confirms everything before it.
    while (updates[0] && updates[0].update_id < offset) updates.shift()
    const stranger = waiting
    waiting = null
    stranger?.answer({
      ok: false,
      error_code: 409,
      description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    })
    // Telegram keeps to it until it is said anew.
    if (Array.isArray(params.allowed_updates)) allowedUpdates = params.allowed_updates.map(String)
    const limit = Number(params.limit ?? 100)
    const seconds = Number(params.timeout ?? 0)
    if (updates.length > 0 || seconds === 0) {
      give(response, done(updates.slice(0, limit)))
      return
    }

    const timer = setTimeout(() => self.answer(done([])), seconds * 1_000)
    const self = {
      offset,
      answer(answer: Answer) {
        clearTimeout(timer)
        if (waiting === self) waiting = null
        give(response, answer)
      },
    }
    response.on('close', () => {
      clearTimeout(timer)
      if (waiting === self) waiting = null
    })
    waiting = self
  }

  function pushUpdate(update: Record<string, unknown>): number {
    const id = nextUpdate++
    if (allowedUpdates && !allowedUpdates.some((kind) => kind in update)) return id
    updates.push({ update_id: id, ...update })
    waiting?.answer(done([...updates]))
    return id
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, given = '', method = ''] = /^\/bot([^/]*)\/(\w+)$/.exec(decodeURI(request.url ?? '')) ?? []
    const params = await readParams(request)
    if (!/^\d+:/.test(given)) return give(response, failed(404, 'Not Found'))
    if (given !== token || revoked) return give(response, failed(401, 'Unauthorized'))
    const allowed = METHODS[method]
    if (!allowed) return give(response, failed(404, 'Not Found: method not found'))
    const unknown = Object.keys(params).find((name) => !allowed.includes(name))
    if (unknown) return give(response, refused(`Bad Request: unknown parameter "${unknown}"`))
    calls.push({ method, params })

    const failure = failures.get(method)?.shift()
    if (failure) return misbehave(failure, () => methods[method]?.(params), response)
    if (method === 'getUpdates') return getUpdates(params, response)
    give(response, methods[method]?.(params) ?? failed(404, 'Not Found: method not found'))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => give(response, failed(400, `Bad Request: ${String(error)}`)))
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    token,
    username,
    sent,
    calls,
    push(message) {
      const from = message.from ?? 100
      const chat = message.chat ?? from
      chats.add(chat)
      if (message.topic !== undefined) topics.set(`${chat} ${message.topic}`, 'open')
      const id = nextMessage++
      foreign.add(`${chat} ${id}`)
      lastPushed = { id, message, from, chat }
      return pushUpdate({ message: textMessage(id, message, from, chat, me) })
    },
    edit(text) {
      if (!lastPushed) throw new Error('nothing was pushed')
      const { id, message, from, chat } = lastPushed
      return pushUpdate({ edited_message: { ...textMessage(id, { ...message, text }, from, chat, me), edit_date: 2 } })
    },
    pushUpdate,
    remove(message) {
      const at = sent.indexOf(message)
      if (at >= 0) sent.splice(at, 1)
    },
    press({ data, from = 100, chat = from }) {
      const message = { message_id: 1, date: 1, chat: { id: chat, type: chatType(chat) } }
      return pushUpdate({
        callback_query: { id: String(nextUpdate), from: person(from), message, chat_instance: '1', data },
      })
    },
    fail(answers, method = 'sendMessage') {
      failures.set(method, [...(failures.get(method) ?? []), ...[answers].flat()])
    },
    heal: () => failures.clear(),
    knowChat: (id) => void chats.add(id),
    turnTopic(chat, topic, state) {
      topics.set(`${chat} ${topic}`, state)
      if (state !== 'open') return
      const where = { chat: { id: chat, type: chatType(chat) }, is_topic_message: true, message_thread_id: topic }
      pushUpdate({
        message: { message_id: nextMessage++, date: 1, from: person(100), ...where, forum_topic_reopened: {} },
      })
    },
    revoke: () => {
      revoked = true
      waiting?.answer(failed(401, 'Unauthorized'))
    },
    restore: () => {
      revoked = false
    },
    unconfirmed: () => updates.length,
    async close() {
      waiting?.answer(failed(500, 'Internal Server Error: restart'))
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

// ---- HTTP ----

async function readParams(request: IncomingMessage): Promise<Params> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = Buffer.concat(chunks).toString('utf8')
  const query = Object.fromEntries(new URLSearchParams((request.url ?? '').split('?')[1] ?? ''))
  if (body === '') return query
  if (request.headers['content-type']?.startsWith('application/json')) return { ...query, ...JSON.parse(body) }
  // In a form, what is no string is JSON.
  const form = [...new URLSearchParams(body)].map(([name, value]) => [
    name,
    AS_JSON.has(name) ? JSON.parse(value) : value,
  ])
  return { ...query, ...Object.fromEntries(form) }
}

const AS_JSON = new Set([
  ...['reply_markup', 'link_preview_options', 'reply_parameters', 'entities', 'commands', 'allowed_updates'],
])

function give(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(answer.ok ? 200 : answer.error_code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer))
}

function misbehave(failure: FakeAnswer, deliver: () => unknown, response: ServerResponse): void {
  if ('status' in failure) {
    const { status, description, parameters } = failure
    give(response, { ok: false, error_code: status, description, ...(parameters && { parameters }) })
    return
  }
  if ('html' in failure) {
    response.writeHead(failure.html, { 'content-type': 'text/html' })
    response.end('<html><head><title>502 Bad Gateway</title></head></html>')
    return
  }
  if ('hang' in failure) {
    if (failure.delivered) deliver()
    return
  }
  if (failure.cut === 'before') {
    response.destroy()
    return
  }
  deliver()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' })
  response.write('{"ok":true,"result":{"message', () => response.destroy())
}

function done(result: unknown): Answer {
  return { ok: true, result }
}

function refused(description: string): Answer {
  return failed(400, description)
}

function failed(error_code: number, description: string): Answer {
  return { ok: false, error_code, description }
}

// ---- What people send ----

function person(id: number, isBot = false) {
  return { id, is_bot: isBot, first_name: `Person ${id}` }
}

function chatType(id: number): string {
  return id < 0 ? 'supergroup' : 'private'
}

function textMessage(id: number, message: PushedText, from: number, chat: number, me: object) {
  const command = /^\/\w+(@\w+)?/.exec(message.text)
  return {
    message_id: id,
    date: 1,
    chat: chat < 0 ? { id: chat, type: 'supergroup', title: 'Group' } : { id: chat, type: 'private', first_name: 'P' },
    from: person(from, message.fromBot),
    text: message.text,
    ...(message.topic !== undefined && { is_topic_message: true, message_thread_id: message.topic }),
    ...(command && { entities: [{ type: 'bot_command', offset: 0, length: command[0].length }] }),
    ...(message.replyTo && {
      reply_to_message: {
        message_id: message.replyTo.id,
        date: 1,
        chat: { id: chat, type: chatType(chat) },
        from: me,
        text: message.replyTo.text,
      },
    }),
  }
}

// ---- What Telegram refuses ----

/** Bot API 10.3, all there are. */
const PARAMETERS = {
  getMe: [],
  getUpdates: ['offset', 'limit', 'timeout', 'allowed_updates'],
  deleteWebhook: ['drop_pending_updates'],
  setMyCommands: ['commands', 'scope', 'language_code'],
  sendChatAction: ['business_connection_id', 'chat_id', 'message_thread_id', 'action'],
  answerCallbackQuery: ['callback_query_id', 'text', 'show_alert', 'url', 'cache_time'],
  sendMessage: [
    'business_connection_id',
    'chat_id',
    'message_thread_id',
    'direct_messages_topic_id',
    'text',
    'parse_mode',
    'entities',
    'link_preview_options',
    'disable_notification',
    'protect_content',
    'allow_paid_broadcast',
    'message_effect_id',
    'suggested_post_parameters',
    'reply_parameters',
    'reply_markup',
  ],
  editMessageText: [
    'business_connection_id',
    'chat_id',
    'message_id',
    'inline_message_id',
    'text',
    'parse_mode',
    'entities',
    'link_preview_options',
    'rich_message',
    'reply_markup',
  ],
} as const

const METHODS: Record<string, readonly string[]> = PARAMETERS

type ParameterName = (typeof PARAMETERS)[keyof typeof PARAMETERS][number]

const NESTED = {
  link_preview_options: ['is_disabled', 'url', 'prefer_small_media', 'prefer_large_media', 'show_above_text'],
  reply_parameters: [
    'message_id',
    'chat_id',
    'allow_sending_without_reply',
    'quote',
    'quote_parse_mode',
    'quote_entities',
    'quote_position',
  ],
  reply_markup: ['inline_keyboard', 'force_reply', 'selective', 'input_field_placeholder'],
  button: ['text', 'url', 'callback_data', 'copy_text', 'style'],
}

function setMyCommands(params: Params): Answer {
  const commands = params.commands
  if (!Array.isArray(commands) || commands.length > 100) return refused("Bad Request: can't parse BotCommand")
  for (const { command, description } of commands) {
    if (!/^[a-z0-9_]{1,32}$/.test(command)) return refused('Bad Request: BOT_COMMAND_INVALID')
    if (!description || description.length > 256) return refused('Bad Request: BOT_COMMAND_DESCRIPTION_INVALID')
  }
  return done(true)
}

const NOT_MODIFIED =
  'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'

/** What is read and pressed, not how it was written. */
function isSame(message: SentMessage, checked: Checked): boolean {
  const look = ({ text, entities, buttons }: Checked) => JSON.stringify([text, entities, buttons])
  return look(message) === look(checked)
}

type Checked = Pick<SentMessage, 'text' | 'raw' | 'entities' | 'buttons'>

function readMessage(params: Params): Checked | { problem: string } {
  const raw = params.text
  if (typeof raw !== 'string' || raw.trim() === '') return { problem: 'Bad Request: message text is empty' }
  if (Buffer.byteLength(raw) > 32_768) return { problem: 'Bad Request: text is too long' }
  for (const name of ['link_preview_options', 'reply_parameters', 'reply_markup'] as const) {
    const unknown = Object.keys(Object(params[name])).find((key) => !NESTED[name].includes(key))
    if (unknown) return { problem: `Bad Request: unknown field "${unknown}" of ${name}` }
  }
  const mode = params.parse_mode
  if (mode !== undefined && mode !== 'HTML') return { problem: 'Bad Request: unsupported parse_mode' }
  try {
    const parsed = mode === 'HTML' ? parseTelegramHtml(raw) : { text: raw, entities: [] }
    if (parsed.text.trim() === '') return { problem: 'Bad Request: text must be non-empty' }
    // Code points, not units.
    if (Array.from(parsed.text).length > 4096) return { problem: 'Bad Request: message is too long' }
    const buttons = readButtons(params.reply_markup)
    return 'problem' in buttons ? buttons : { ...parsed, raw, buttons: buttons.buttons }
  } catch (error) {
    if (error instanceof HtmlError) return { problem: `Bad Request: can't parse entities: ${error.message}` }
    throw error
  }
}

function readButtons(markup: unknown): { buttons: string[] } | { problem: string } {
  if (markup === undefined) return { buttons: [] }
  const { inline_keyboard: rows, force_reply: asks, input_field_placeholder: placeholder } = Object(markup)
  if (asks === true) {
    const fits = placeholder === undefined || (placeholder.length >= 1 && placeholder.length <= 64)
    return fits ? { buttons: [] } : { problem: 'Bad Request: input field placeholder is invalid' }
  }
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
    return { problem: "Bad Request: can't parse reply keyboard markup JSON object" }
  }
  const buttons: string[] = []
  for (const button of rows.flat()) {
    const unknown = Object.keys(button).find((key) => !NESTED.button.includes(key))
    if (unknown) return { problem: `Bad Request: unknown field "${unknown}" of a button` }
    if (!button.text) return { problem: 'Bad Request: button text must be non-empty' }
    if (button.callback_data !== undefined && !isBetween(Buffer.byteLength(button.callback_data), 1, 64)) {
      return { problem: 'Bad Request: BUTTON_DATA_INVALID' }
    }
    const complaint = button.url === undefined ? null : complaintAboutUrl(button.url)
    if (complaint) {
      return { problem: `Bad Request: inline keyboard button URL '${button.url}' is invalid: ${complaint}` }
    }
    buttons.push(`${button.text} → ${button.url ?? button.callback_data}`)
  }
  return { buttons }
}

function isBetween(n: number, least: number, most: number): boolean {
  return n >= least && n <= most
}

function complaintAboutUrl(url: string): string | null {
  if (!URL.canParse(url) || /[\s\p{Cc}]/u.test(url)) return 'Wrong HTTP URL'
  const { protocol, hostname, port, username } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:' && protocol !== 'tg:') return 'Unsupported URL protocol'
  if (protocol !== 'tg:' && !/[^.]\.[^.]/.test(hostname)) return 'Wrong HTTP URL'
  if (port === '0') return 'Wrong port number specified in the URL'
  if (username !== '') return 'Wrong HTTP URL'
  return url.length > 2048 ? 'URL is too long' : null
}

// ---- Telegram's HTML (tdlib/td MessageEntity.cpp, parse_html) ----

class HtmlError extends Error {}

const TAGS = new Set([
  ...['a', 'b', 'strong', 'i', 'em', 's', 'strike', 'del', 'u', 'ins', 'span', 'tg-spoiler'],
  ...['tg-emoji', 'tg-time', 'pre', 'code', 'blockquote'],
])

/** Reads it as Telegram does, or throws with Telegram's complaint. Links that Telegram would drop in silence are refused too. */
export function parseTelegramHtml(html: string): { text: string; entities: Entity[] } {
  const entities: Entity[] = []
  const open: { tag: string; offset: number; url?: string }[] = []
  let text = ''
  let at = 0
  while (at < html.length) {
    const sign = html.charAt(at)
    if (sign === '&') {
      const entity = /^&(?:#x([0-9a-f]{1,8})|#(\d{1,8})|(lt|gt|amp|quot));/i.exec(html.slice(at, at + 16))
      if (entity) {
        text += decode(entity)
        at += entity[0].length
        continue
      }
    }
    if (sign !== '<') {
      text += sign
      at += 1
      continue
    }
    const offset = Buffer.byteLength(html.slice(0, at))
    const end = html.indexOf('>', at)
    if (html.charAt(at + 1) === '/') {
      if (end < 0) throw new HtmlError(`Unclosed end tag at byte offset ${offset}`)
      const name = html
        .slice(at + 2, end)
        .trim()
        .toLowerCase()
      const last = open.pop()
      if (!last) throw new HtmlError(`Unexpected end tag at byte offset ${offset}`)
      if (name !== '' && name !== last.tag) {
        throw new HtmlError(`Unmatched end tag at byte offset ${offset}, expected "</${last.tag}>", found "</${name}>"`)
      }
      if (text.length > last.offset) {
        entities.push({
          type: last.tag,
          offset: last.offset,
          length: text.length - last.offset,
          ...(last.url !== undefined && { url: last.url }),
        })
      }
      at = end + 1
      continue
    }
    const start = /^<([a-z][a-z-]*)((?:\s+[a-z-]+(?:="[^"]*"|='[^']*'|=[^\s>"']+)?)*)\s*>/i.exec(html.slice(at))
    if (!start) {
      const name = /^<([^\s>]*)/.exec(html.slice(at))?.[1]?.toLowerCase() ?? ''
      if (end < 0) throw new HtmlError(`Unclosed start tag at byte offset ${offset}`)
      throw new HtmlError(`Unsupported start tag "${name}" at byte offset ${offset}`)
    }
    const tag = (start[1] ?? '').toLowerCase()
    if (!TAGS.has(tag)) throw new HtmlError(`Unsupported start tag "${tag}" at byte offset ${offset}`)
    const value = (name: string) => new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(start[2] ?? '')?.[1]
    if (tag === 'span' && value('class') !== 'tg-spoiler') {
      throw new HtmlError(`Tag "span" must have class "tg-spoiler" at byte offset ${offset}`)
    }
    if (tag === 'tg-time' && !/^\d{1,10}$/.test(value('unix') ?? '')) {
      throw new HtmlError(`Tag "tg-time" must have attribute "unix" at byte offset ${offset}`)
    }
    const url = tag === 'a' ? (value('href') ?? '').replace(ENTITY, (...entity) => decode(entity)) : undefined
    if (url !== undefined && complaintAboutUrl(url)) throw new HtmlError(`The link to "${url}" would be lost`)
    open.push({ tag, offset: text.length, ...(url !== undefined && { url }) })
    at += start[0].length
  }
  const last = open.pop()
  if (last) throw new HtmlError(`Can't find end tag corresponding to start tag "${last.tag}"`)
  return { text, entities }
}

const ENTITY = /&(?:#x([0-9a-f]{1,8})|#(\d{1,8})|(lt|gt|amp|quot));/gi

function decode([all, hex, decimal, name]: readonly (string | undefined)[] | RegExpExecArray): string {
  const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' }
  if (name) return named[name.toLowerCase()] ?? ''
  const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : (all ?? '')
}

/** What Telegram would make live in a text without being told: mentions and commands, links aside. */
export function liveParts(text: string): string[] {
  const mentions = text.match(/(?<![\w@])@\w{2,32}\b/g) ?? []
  const commands = text.match(/(?<![\w/<>])\/\w{1,64}(?:@\w{3,32})?(?![\w/<>])/g) ?? []
  return [...mentions, ...commands]
}
