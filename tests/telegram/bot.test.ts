import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Actions } from '../../src/actions/context.ts'
import { settle, telegramGapMs } from '../../src/actions/deliver.ts'
import { planIngest } from '../../src/actions/ingest/ingest.ts'
import { openStore } from '../../src/db/open.ts'
import { type Advice, AppError } from '../../src/errors.ts'
import type { ReadDocument, ReadItem } from '../../src/model.ts'
import type { Fetched, Store, StoredItem } from '../../src/ports.ts'
import { botCommandFor } from '../../src/publish/advice.ts'
import { renderAlert } from '../../src/publish/alert.ts'
import { createTelegram, type Telegram, type TelegramOptions } from '../../src/telegram/bot.ts'
import { COMMANDS } from '../../src/telegram/commands.ts'
import { sayAdvice } from '../../src/telegram/wording.ts'
import { tokenStream } from '../../src/text/tokens.ts'
import {
  type FakeTelegram,
  liveParts,
  type PushedText,
  type SentMessage,
  startFakeTelegram,
} from '../support/fake-telegram.ts'
import { fakeTime } from '../support/fake-time.ts'
import { addTestSource } from '../support/store.ts'

const OWNER = 100
const STRANGER = 200
const GROUP = -1001
const HOUR = 3_600_000

const TIMING = {
  ...{ pollSeconds: 1, sendSeconds: 1, replySeconds: 1, retryMs: { first: 5, most: 20, unauthorized: 10 } },
  answerGapMs: () => 0,
}

let telegram: FakeTelegram
let store: Store
let actions: Actions
let now: number
let logged: { level: string; fields: object; message: string }[]
let bots: Telegram[]
let fetched: (url: string) => Promise<Fetched>
let document: ReadDocument

beforeEach(async () => {
  now = Date.UTC(2026, 10, 23, 9)
  logged = []
  bots = []
  const line = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message })
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  telegram = await startFakeTelegram()
  store = await openStore({ memory: true, log, clock: () => now, groupWaitMs: 0 })
  document = read([])
  fetched = async (url) => fresh(url)
  actions = {
    store,
    fetch: ({ url }) => fetched(url),
    post: async () => ({ kind: 'answered', status: 202 }),
    parse: async () => document,
    extract: async () => ({ kind: 'unreadable', reason: 'not_a_feed', detail: 'No text.' }),
    ownerChats: async () => [String(OWNER)],
    clock: () => now,
    log,
    random: () => 0.5,
    timezone: 'UTC',
  }
})

afterEach(async () => {
  await Promise.all(bots.map((bot) => bot.stop()))
  await telegram.close()
  await store.close()
  // Whatever a test did, the token stays where it belongs.
  expect(JSON.stringify([logged, telegram.sent])).not.toMatch(/CANARY|Q0FOQVJZ/)
})

// ---- Who is served ----

test('the one-time code makes its first sender the owner, and is then gone', async () => {
  const bot = start({ owner: null })
  await online(bot)
  const { code } = bot.status()
  expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/)

  const no = await say({ text: 'hello', from: STRANGER })
  expect(no.text).toContain('This bot has no owner yet')
  expect(no.text).toContain(String(STRANGER))
  expect((await say({ text: '/start WRONGONE', from: STRANGER })).text).toBe(
    'That is not the code. It is printed where the service runs.',
  )

  const welcome = await say({ text: `/start ${code?.toLowerCase()}` })
  expect(welcome.text).toContain('You are the owner of this service now.')
  expect(bot.status().code).toBeNull()
  expect(await store.listOwners()).toEqual([OWNER])
  // The same update once more, after a crash.
  expect((await say({ text: `/start ${code}` })).text).toContain('All commands: /help')
  await isIgnored({ text: `/start ${code}`, from: STRANGER })
})

test('after five wrong tries in an hour even the right code is met with silence', async () => {
  const bot = start({ owner: null })
  await online(bot)
  for (let i = 0; i < 5; i++) await say({ text: `/start WRONG${i}`, from: STRANGER })

  telegram.push({ text: `/start ${bot.status().code}`, from: STRANGER })
  // Somebody else is not punished for it.
  expect((await say({ text: '/start NOTTHIS', from: 300 })).chat).toBe('300')
  expect(telegram.sent).toHaveLength(6)
  expect(await store.listOwners()).toEqual([])

  now += HOUR
  expect((await say({ text: `/start ${bot.status().code}`, from: STRANGER })).text).toContain('You are the owner')
})

test('the code does nothing in a group', async () => {
  const bot = start({ owner: null })
  await online(bot)
  telegram.push({ text: `/start ${bot.status().code}`, chat: GROUP })
  await say({ text: 'hello', from: STRANGER })
  expect(telegram.sent).toHaveLength(1)
  expect(await store.listOwners()).toEqual([])
})

test('TELEGRAM_OWNER needs no code, and owners of the store are served beside it', async () => {
  await store.addOwner(300, now)
  const bot = start()
  await online(bot)
  expect(bot.status().code).toBeNull()
  expect((await say({ text: '/help' })).text).toContain('/watch')
  expect((await say({ text: '/help', from: 300 })).text).toContain('/watch')
})

test('before there is an owner a stranger hears how to become one; then a code is nothing any more', async () => {
  const bot = start({ owner: null })
  await online(bot)
  const alone = (await say({ text: '/start', from: STRANGER })).text
  expect(alone).toMatch(/^This bot has no owner yet\. If it is yours, send \/start CODE/)
  await isIgnored({ text: 'hello', from: STRANGER })
  await say({ text: `/START ${bot.status().code}` })
  expect(await store.listOwners()).toEqual([OWNER])
  expect((await say({ text: '/start ABCD2345', from: 300 })).text).toMatch(/^This is a private bot\./)
})

test('a stranger hears one polite no a day, with the id to give to the owner', async () => {
  await online(start())
  expect((await say({ text: '/watch x', from: STRANGER })).text).toBe(
    `This is a private bot. Your Telegram id is ${STRANGER}; give it to its owner.`,
  )
  await isIgnored({ text: '/watch x', from: STRANGER })
  now += 24 * HOUR + 1
  expect((await say({ text: '/sources', from: STRANGER })).text).toContain('private bot')
  expect(await store.listWatches()).toEqual([])
})

test.each<[string, PushedText]>([
  ['a stranger’s command', { text: '/recent', from: STRANGER, chat: GROUP }],
  ['another bot’s command', { text: '/recent@other_bot', chat: GROUP }],
  ['talk', { text: 'hello all', chat: GROUP }],
  ['an unknown command', { text: '/roll 6', chat: GROUP }],
  ['a bot', { text: '/recent', from: STRANGER, chat: GROUP, fromBot: true }],
])('in a group, %s is ignored silently', async (_, pushed) => {
  await online(start())
  await isIgnored(pushed)
})

test('in a group an owner’s command is answered as a reply, whatever the case of its name', async () => {
  await online(start())
  const answer = await say({ text: '/WATCH@Crier_Test_Bot Big Data', chat: GROUP })
  expect(answer.chat).toBe(String(GROUP))
  expect(answer.params.reply_parameters).toMatchObject({ allow_sending_without_reply: true })
  expect((await store.listWatches(String(GROUP))).map((watch) => watch.query)).toEqual(['Big Data'])
  expect((await say({ text: '/roll@crier_test_bot', chat: GROUP })).text).toContain("I don't know “/roll”")
})

// ---- Edits ----

test('a command that was refused is answered when its text is corrected, where it stands', async () => {
  await online(start())
  expect((await say({ text: '/watch "climate', chat: GROUP, topic: 5 })).text).toContain('is not closed')

  const answer = await edit('/watch "climate"')

  expect(answer.text).toContain('climate')
  expect(answer.params).toMatchObject({ message_thread_id: 5 })
  expect((await store.listWatches(`${GROUP}/5`)).map((watch) => watch.query)).toEqual(['"climate"'])
})

test('an edit takes nothing back, and says so where there is something to take back', async () => {
  await online(start())
  await say({ text: '/watch climat' })

  expect((await edit('/watch climate')).text).toMatch(/\n.*what came of the first one stays\.$/)
  expect((await store.listWatches(String(OWNER))).map((watch) => watch.query)).toEqual(['climat', 'climate'])

  await say({ text: '/recnt' })
  expect((await edit('/search climate')).text).not.toContain('stays')
})

test('a question that an edit asks is still one', async () => {
  await online(start())
  await say({ text: '/watch climat' })

  const question = await edit('/watch')

  expect((await say({ text: 'climate', replyTo: question })).text).toContain('climate')
  expect(await store.listWatches(String(OWNER))).toHaveLength(2)
})

test('the answer to a question of ours may be corrected, too', async () => {
  await online(start())
  const question = await say({ text: '/watch' })
  await say({ text: '"climate', replyTo: question })

  await edit('"climate"')

  expect((await store.listWatches(String(OWNER))).map((watch) => watch.query)).toEqual(['"climate"'])
})

test('what Telegram only tells again is not done again', async () => {
  await online(start())
  await say({ text: '/watch climate' })
  telegram.edit('/watch climate')
  await isIgnored({ text: 'hello', chat: GROUP })
})

test('an edit of what was said before a restart is ignored: nobody knows what was done then', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch climat' })
  await bot.stop()
  await online(start())

  telegram.edit('/watch climate')

  await isIgnored({ text: 'hello', chat: GROUP })
  expect(await store.listWatches(String(OWNER))).toHaveLength(1)
})

test('what a stranger corrects in a group is ignored', async () => {
  await online(start())
  telegram.push({ text: '/recnt', from: STRANGER, chat: GROUP })
  telegram.edit('/recent')
  await isIgnored({ text: 'hello', chat: GROUP })
})

// ---- Commands ----

test('every command of the menu is explained, answers without arguments, and is published once', async () => {
  const bot = start()
  await online(bot)
  const list = (await say({ text: '/help' })).text
  for (const { name, example } of COMMANDS) {
    expect(list).toContain(`/${name}`)
    expect((await say({ text: `/help ${name}` })).text).toContain(`Example: ${example}`)
    expect((await say({ text: `/${name}` })).text).not.toBe('')
    expect(example).toContain(`/${name}`)
  }
  expect((await say({ text: '/help watch' })).text).toContain(
    'sources>=3 waits until three publishers carry the story.',
  )
  const menus = telegram.calls.filter((call) => call.method === 'setMyCommands')
  expect(menus.map((call) => (call.params.commands as unknown[]).length)).toEqual([COMMANDS.length])
})

test('/watch saves the query as it was typed, says it back, and shows what it would have found', async () => {
  await addNews('Big data grows', 'Small data shrinks')
  await online(start())

  const answer = await say({ text: '/watch "big data" -hiring' })

  expect(answer.text).toContain('👀 Watch 1: ')
  expect(answer.text).toContain('It would have found, for example:\n1. Big data grows\nExample News')
  expect(answer.text).not.toContain('Small data')
  expect(answer.text).not.toContain('No source is called')
  expect(await store.listWatches(String(OWNER))).toMatchObject([{ number: 1, query: '"big data" -hiring' }])
  expect((await say({ text: '/watch lamps source:nobody' })).text).toContain('No source is called “nobody” so far.')
})

test('/watch that can match nothing promises nothing', async () => {
  await online(start())
  expect((await say({ text: '/watch data -data' })).text).toBe(
    [
      '👀 Watch 1: data without data. It can match nothing: the same is asked for and left out.',
      'To end it: /unwatch 1',
    ].join('\n'),
  )
})

test('/watch that waits for publishers shows no story that has fewer', async () => {
  await addNews('Big data grows')
  await online(start())

  const answer = await say({ text: '/watch "big data" sources>=2' })

  expect(answer.text).toContain(
    '\nNo story of the last 30 days that matches has 2 publishers; the first that does is told',
  )
  expect(answer.text).not.toContain('Big data grows')
})

test('/watch twice is one watch', async () => {
  await online(start())
  await say({ text: '/watch big data' })
  const again = await say({ text: '/watch big data' })
  expect(again.text).not.toContain('👀')
  expect(await store.listWatches()).toHaveLength(1)
})

test('/watch refuses what it cannot read, and says that nothing was saved', async () => {
  await online(start())
  const answer = await say({ text: '/watch "big data' })
  expect(answer.text).toContain('Nothing was saved.')
  expect(await store.listWatches()).toEqual([])
})

test('/watch alone asks, and the reply to its question is the query', async () => {
  await online(start())
  const question = await say({ text: '/watch' })
  expect(question.text).toBe('What should I watch for? Example: "big data" -hiring')
  expect(question.params.reply_markup).toMatchObject({ force_reply: true, input_field_placeholder: 'QUERY' })

  await say({ text: 'climate', replyTo: question })

  expect(await store.listWatches()).toMatchObject([{ query: 'climate' }])
})

test('/watch of what is watched for in other words says so', async () => {
  await addNews('A')
  await online(start())
  expect((await say({ text: '/watch 大数据、芯片' })).text).not.toContain('means the same')
  expect((await say({ text: '/watch 大数据\n芯片' })).text).toContain(
    '\nWatch 1 means the same; one of them is enough.\n',
  )
})

test('/unwatch of the wrong one is made good at a press', async () => {
  await addNews('A')
  await online(start())
  await say({ text: '/watch "big\nword"' })
  const gone = await say({ text: '/unwatch 1' })
  const before = telegram.sent.length

  await toast({ data: gone.buttons[0]?.split(' → ')[1] ?? '' })
  expect((await next(before)).text).toContain('👀 Watch 2: “big word”')
  expect((await store.listWatches(String(OWNER))).map(({ query }) => query)).toEqual(['"big\nword"'])
})

test.each([
  ['without a space', '/watch大数据'],
  ['with the slash of a Chinese keyboard', '／watch 大数据'],
  ['to this bot', '/watch@crier_test_bot大数据'],
  ['with its space', '/watch\u3000大数据'],
])('a command is one as it is typed in Chinese, too: %s', async (_, text) => {
  await addNews('A')
  await online(start())
  expect((await say({ text })).text).toMatch(/^👀 Watch 1: 大数据\n/)
})

test('what only looks like a command is words', async () => {
  await online(start())
  expect((await say({ text: '/usr/bin' })).text).toMatch(/^To find it/)
  expect((await say({ text: '/watch-jobs' })).text).toMatch(/^To find it/)
})

test('/watches and /unwatch know the numbers of this chat only', async () => {
  await online(start())
  expect((await say({ text: '/watches' })).text).toContain('watches for nothing yet')
  expect((await say({ text: '/unwatch' })).text).toContain('watches for nothing yet')
  await say({ text: '/watch climate' })
  await say({ text: '/watch <b> & @you', chat: GROUP })
  expect((await say({ text: '/watches' })).text).toBe('1 watch\n1. climate')
  expect((await say({ text: '/watches', chat: GROUP })).text).toBe('1 watch\n1. <b> & @\u2060you')

  expect((await say({ text: '/unwatch 7' })).text).toBe('There is no watch 7 in this chat. It has 1: /watches')
  expect((await say({ text: '/unwatch climate' })).text).toBe(
    '“climate” is not a number. Example: /unwatch 3. All of them: /watches',
  )
  expect((await say({ text: '/unwatch' })).text).toBe('Which watch should go? Send its number.')
  expect((await say({ text: '/unwatch №1' })).text).toBe('Watch 1 is gone: climate')
  expect((await say({ text: '/unwatch 1' })).text).toBe('There is no watch 1 in this chat. It has 0: /watches')
  expect(await store.listWatches()).toMatchObject([{ chat: String(GROUP) }])
})

test('/mute silences this chat or one of its watches, and says until when and how it is ended', async () => {
  await online(start())
  await say({ text: '/watch data' })
  await say({ text: '/watch <b>dogs' })

  const watch = await say({ text: '/mute 2h 2' })
  expect(watch.text).toBe(
    'Watch 2 is muted until 2026-11-23 11:00 UTC: <b>dogs\nWhat comes meanwhile is kept, and not told later either. To end it: /mute off 2',
  )
  // As a date and time: "until in 2 hours" is none.
  expect(watch.raw).toContain('format="dt"')
  await publishNews('Big data and B dogs')
  expect((await store.listAlerts({ limit: 9 })).flatMap(({ hits }) => hits.map((hit) => hit.watch.number))).toEqual([1])

  expect((await say({ text: '/mute@crier_test_bot 3D' })).text).toMatch(
    /^This chat is muted until 2026-11-26 09:00 UTC\.\n/,
  )
  expect((await say({ text: '/watches' })).text).toBe(
    '2 watches\n🔕 This chat is muted until 2026-11-26 09:00 UTC: /mute off\n1. data\n2. <b>dogs',
  )
  expect((await say({ text: '/mute off' })).text).toBe(
    'This chat is muted no more.\nWatch 2 is muted until 2026-11-23 11:00 UTC. To end it: /mute off 2',
  )
  expect((await say({ text: '/watches' })).text).toBe(
    '2 watches\n1. data\n2. <b>dogs 🔕 muted until 2026-11-23 11:00 UTC',
  )
  now += HOUR
  expect((await say({ text: '/mute off 2' })).text).toBe('Watch 2 is muted no more: <b>dogs')
  now += HOUR
  expect((await say({ text: '/whynot https://example.com/0' })).text.split('\n').at(-1)).toBe(
    'Watch 2, <b>dogs: it matches, but the watch was muted from 2026-11-23 09:00 UTC to 2026-11-23 10:00 UTC, when it came.',
  )
})

test('/mute asks how long; what it cannot read it refuses in words', async () => {
  await online(start())
  await say({ text: '/watch data' })

  const question = await say({ text: '/mute' })
  expect(question.text).toBe('How long? Use 30m, 2h, 3d or off.')
  expect(question.params.reply_markup).toMatchObject({ force_reply: true })
  const again = await say({ text: 'soon', replyTo: question })
  expect(again.text).toBe(question.text)
  expect((await say({ text: '30m', replyTo: again })).text).toMatch(/^This chat is muted until 2026-11-23 09:30 UTC\./)

  const refused = await say({ text: '/mute soon 1' })
  expect(refused.text).toBe('“soon 1” says no time. How long? Use 30m, 2h, 3d or off. Example: /mute 2h 3')
  expect(refused.params.reply_markup).toBeUndefined()
  // Else the answer, a time alone, would mute the whole chat.
  expect((await say({ text: '/mute 1' })).text).toBe(
    '“1” says no time. How long? Use 30m, 2h, 3d or off. Example: /mute 2h 3',
  )
  expect((await say({ text: '/mute 2h climate' })).text).toContain('"climate" is not the number of a watch.')
  expect((await say({ text: '/mute 400d' })).text).toContain('400d is too long. Use 365d at most.')
  expect((await say({ text: '/mute 2h 7' })).text).toBe('There is no watch 7 in this chat. It has 1: /watches')
})

test('/mute in a group is for the group, in a topic for the topic, and nothing for strangers', async () => {
  await online(start())
  for (const place of [{}, { topic: 5 }]) await say({ text: '/watch data', chat: GROUP, ...place })

  await say({ text: '/mute 1h', chat: GROUP, topic: 5 })
  await isIgnored({ text: '/mute 1h', chat: GROUP, from: STRANGER })
  await publishNews('Big data')

  expect((await store.listAlerts({ limit: 9 })).map(({ chat }) => chat)).toEqual([String(GROUP)])
})

test('a long list of watches ends where the message does, and says where the rest is', async () => {
  await online(start())
  for (let i = 0; i < 40; i++) await say({ text: `/watch word${i} ${'x'.repeat(180)}` })
  const { text } = await say({ text: '/watches' })
  expect(text.length).toBeLessThan(4_096)
  expect(text).toMatch(/\n… and \d+ more: npx crier watch list --chat 100 shows all\.$/)
  // What stands in the rest is found all the same.
  expect((await say({ text: '/watches WORD39' })).text).toMatch(/^1 watch\n40\. word39 x+$/)
  expect((await say({ text: '/watches <b>' })).text).toBe('None of 40 watches has “<b>” in it.')
})

test('/recent gives the newest as links, five unless told, and clamps the number with a word', async () => {
  await online(start())
  expect((await say({ text: '/recent' })).text).toContain('Nothing is stored yet.')
  await addNews(...Array.from({ length: 25 }, (_, i) => `News ${i}`))

  const answer = await say({ text: '/recent' })
  expect(answer.text.split('\n')).toHaveLength(11)
  expect(answer.text).toContain('5. ')
  expect(answer.entities.filter((entity) => entity.type === 'a')).toHaveLength(5)

  const many = await say({ text: '/recent 99' })
  expect(many.text).toContain('Showing 20 (the most I can).')
  expect(many.text).toContain('20. ')
  expect((await say({ text: '/recent 0' })).text).toContain('Showing 1 (the least I can).')
  expect((await say({ text: '/recent 99 "News 7"' })).text).not.toContain('Showing')
})

test('/recent and /search list each story once, and say who else carries it', async () => {
  await addNews('Older news about dogs')
  for (const paper of ['Reuters', 'BBC', 'Guardian', 'Times', 'Post']) {
    await publishIn(paper, 'Harbour strike ends after nine days as dock workers accept the new pay offer')
  }
  await online(start())
  const told = ['Harbour strike ends after nine days as dock workers accept the new pay offer', 'Older news about dogs']
  expect((await store.listItems({ limit: 9, now })).items).toHaveLength(6)
  expect(titles(await say({ text: '/recent' }))).toEqual(told)
  expect(titles(await say({ text: '/recent 1' }))).toEqual(told.slice(0, 1))
  const found = await say({ text: '/search harbour' })
  expect(titles(found)).toEqual(told.slice(0, 1))
  expect(found.text).toMatch(/\nReuters · .* UTC · \+4: BBC, Guardian and 2 more$/)
})

test('/recent takes a query after the number, and a year is not a number', async () => {
  await addNews('Elections 2026', 'Climate', 'Elections 2025')
  await online(start())
  expect(titles(await say({ text: '/recent 2 elections' }))).toEqual(['Elections 2025', 'Elections 2026'])
  expect(titles(await say({ text: '/recent 2026' }))).toEqual(['Elections 2026'])
  expect((await say({ text: '/recent 1 elections' })).text).toMatch(/\n… and more: \/recent takes a number/)
  expect((await say({ text: '/recent 2 elections' })).text).not.toContain('… and more')
  expect((await say({ text: '/recent 1' })).text).not.toContain('… and more')
  expect((await say({ text: '/recent title:elections' })).text).toMatch(/^Newest: elections in the title\n/)
  expect((await say({ text: '/recent 3 zebra' })).text).toContain('To be told when something comes: /watch zebra')
  expect((await say({ text: '/search zebra -zebra' })).text).toBe(
    'Nothing found: zebra without zebra. It can match nothing: the same is asked for and left out.',
  )
})

test('/search finds with the language of watches, and refuses with its words', async () => {
  await addNews('Big data grows', 'Big dogs bark')
  await online(start())
  expect(titles(await say({ text: '/search big -dogs' }))).toEqual(['Big data grows'])
  const refused = (await say({ text: '/search (big' })).text
  expect(refused).not.toContain('Something went wrong')
  expect(refused).not.toContain('/try')
  const question = await say({ text: '/search' })
  expect(titles(await say({ text: 'dogs', replyTo: question }))).toEqual(['Big dogs bark'])
})

test('/search of what waits for publishers leads to /try; what found nothing is offered as a watch only where it can be one', async () => {
  await addNews('Big data grows')
  await online(start())

  const refused = await say({ text: '/search data sources>=3' })
  const nothing = await say({ text: '/search -data' })

  expect(refused.text).toMatch(/^.*sources>=3.*\nAs a watch it can be tried: \/try data sources>=3$/)
  expect(refused.text).not.toContain('Something went wrong')
  expect(nothing.text).toBe('Nothing found: everything without data')
  expect((await say({ text: '/recent 3 data sources>=3' })).text).toContain('/try data sources>=3')
})

test('/addsource fetches without holding up others, and shows what it found', async () => {
  await online(start())
  document = read(['One', 'Two'])
  let letGo: (value: Fetched) => void = () => undefined
  fetched = () => new Promise((resolve) => (letGo = resolve))

  expect((await say({ text: '/addsource https://example.com/Feed' })).text).toBe('Looking at example.com …')
  expect((await say({ text: '/status' })).text).toContain('Sources: 0 read')
  const before = telegram.sent.length
  letGo(fresh('https://example.com/Feed'))
  const answer = await next(before)
  expect(answer.text).toContain('📰 Example News is read from now on (number 1).')
  expect(answer.text).toContain('RSS 2.0 · 2 items · newest 2026-11-23 09:00 UTC')
  expect(await store.listSources()).toMatchObject([{ url: 'https://example.com/Feed' }])

  expect((await say({ text: '/addsource https://example.com/Feed' })).text).toContain('is read already (number 1)')
})

test('/addsource says of a document that was cut off that it is not all of it', async () => {
  await online(start())
  document = { ...read(['One', 'Two']), truncated: true }
  const before = telegram.sent.length
  await say({ text: '/addsource https://example.com/feed' })

  expect((await next(before, 2)).text).toContain('RSS 2.0 · 2 items, and then the document was cut off · newest')
})

// ---- What it would send, why, and why not ----

test('/try counts what a watch would have sent, and a button saves it', async () => {
  await addNews('Big data grows', 'Small data shrinks', 'Dogs bark')
  await online(start())

  const answer = await say({ text: '/try data -small' })

  expect(answer.text.split('\n')).toEqual([
    '🧪 data without small',
    'Last 7 days 1, last 30 days 1; would have sent 1 alert, none folded as duplicates.',
    'Most from: Example News 1',
    'It would have sent, for example:',
    '1. Big data grows',
    'Example News · 2026-11-23 09:00 UTC',
  ])
  expect(await store.listWatches()).toEqual([])
  const [label, data = ''] = answer.buttons[0]?.split(' → ') ?? []
  expect(label).toBe('👀 Save as watch')

  const before = telegram.sent.length
  await toast({ data })
  expect((await next(before)).text).toContain('👀 Watch 1: data without small')
  expect(await store.listWatches()).toMatchObject([{ query: 'data -small' }])
})

test('/try of what this chat watches for already says so, and offers no button', async () => {
  await online(start())
  await say({ text: '/watch data' })
  await say({ text: '/watch dogs', chat: GROUP })

  const saved = await say({ text: '/try data' })
  expect(saved.text).toMatch(/\nYou have this watch already: number 1\.$/)
  expect(saved.buttons).toEqual([])
  expect((await say({ text: '/try dogs' })).buttons).toHaveLength(1)
})

test('/try alone asks; nothing found is said; what cannot be a watch is refused', async () => {
  await addNews('Big data grows')
  await online(start())
  const question = await say({ text: '/try' })
  expect((await say({ text: 'zebra', replyTo: question })).text).toBe(
    '🧪 zebra\nNothing that came in the last 30 days matches: it would have sent nothing.',
  )
  const refused = await say({ text: '/try -zebra' })
  expect(refused.text).not.toContain('Something went wrong')
  expect(refused.buttons).toEqual([])
})

test('/why as a reply to an alert shows what each clause hit; alone it is about the newest', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch data -jobs' })
  await publishNews('Harbour data lost')
  const alert = await deliver(bot)
  await publishNews('Bank buys data centre')

  expect((await say({ text: '/why', replyTo: alert })).text.split('\n')).toEqual([
    'Harbour data lost · Example News',
    'Alert 1: sent 2026-11-23 09:00 UTC.',
    'Watch 1: data -jobs',
    '  ✓ data: in the title',
    '  ✓ without jobs: not there',
  ])
  expect((await say({ text: '/why' })).text).toMatch(
    /^Bank buys data centre.*\nAlert 2: waiting in the outbox, the next/,
  )
  expect((await say({ text: '/why №1' })).text).toMatch(/^Harbour data lost/)
  expect((await say({ text: '/why@crier_test_bot #2' })).text).toMatch(/^Bank buys/)
})

test('/why as a reply to a message of many is about the newest, and shows how the others are asked about', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch data' })
  await publishNews(...TWELVE.map((town) => `${town} data`))
  const alert = await deliver(bot)

  const { text } = await say({ text: '/why', replyTo: alert })

  expect(text).toContain('\nThis is the newest that the message told. It told 11 more:\n')
  const [, number = '', title = ''] = /\n\/why (\d+) (\S+ data) · Example News\n/.exec(text) ?? []
  expect(text).toMatch(/\n… and 2 more$/)
  expect((await say({ text: `/why ${number}` })).text).toMatch(new RegExp(`^${title}`))
})

const TWELVE = 'Ankara Bergen Cairo Dresden Essen Fargo Geneva Havana Izmir Jakarta Turin Vienna'.split(' ')

test('/why knows no alert of another chat, no other message, and no word', async () => {
  const bot = start()
  await online(bot)
  const greeting = await say({ text: '/watch data' })
  await publishNews('Big data grows')

  expect((await say({ text: '/why', chat: GROUP })).text).toBe('Nothing was called out here yet.')
  expect((await say({ text: '/why 1', chat: GROUP })).text).toBe(
    'There is no alert 1 in this chat. Send /why as a reply to an alert, or alone for the newest.',
  )
  expect((await say({ text: '/why 99' })).text).toBe(
    'There is no alert 99 in this chat. Send /why as a reply to an alert, or alone for the newest.',
  )
  expect((await say({ text: '/why', replyTo: greeting })).text).toContain('That message is no alert')
  expect((await say({ text: '/why not' })).text).toBe('“not” is not the number of an alert. Example: /why 12')
})

test('/why in a topic is about the newest alert: there everything replies to the message that began it', async () => {
  await online(start())
  await say({ text: '/watch data', chat: GROUP, topic: 5 })
  await publishNews('Big data grows')
  const before = telegram.sent.length
  telegram.pushUpdate({
    message: {
      ...{ message_id: 900, date: 1, text: '/why', is_topic_message: true, message_thread_id: 5 },
      from: { id: OWNER, is_bot: false, first_name: 'P' },
      chat: { id: GROUP, type: 'supergroup' },
      reply_to_message: {
        ...{ message_id: 5, date: 1, chat: { id: GROUP, type: 'supergroup' } },
        from: { id: 4242, is_bot: true, first_name: 'Crier' },
        forum_topic_created: { name: 'News', icon_color: 0 },
      },
    },
  })
  const answer = await next(before)
  expect(answer.text).toMatch(/^Big data grows/)
  expect(answer.params.message_thread_id).toBe(5)
})

test('/whynot says which words were missing, and what was never fetched', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch "big data"' })
  await publishNews('Big dogs bark')

  expect((await say({ text: '/whynot https://example.com/0' })).text.split('\n')).toEqual([
    'Big dogs bark · Example News',
    'Stored 2026-11-23 09:00 UTC.',
    'Watch 1, "big data": it does not match.',
    '  ✗ “big data”: not there (“big” is, “data” is not)',
  ])
  expect((await say({ text: '/whynot post.example/x' })).text.replaceAll('\u2060', '')).toBe(
    'Nothing is stored from this address: https://post.example/x\nNo source belongs to post.example. To read it: /addsource https://post.example/',
  )
  const question = await say({ text: '/whynot' })
  expect((await say({ text: 'https://example.com/9', replyTo: question })).text).toContain('Source 1, Example News,')
  expect((await say({ text: '/whynot a.example b.example' })).text).toContain('One address at a time')
  expect((await say({ text: '/whynot hello' })).text).toContain('"hello" is not a web address.')
})

test('/whynot and a watch that waits: who carries the story so far, and where more is said in the bot', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch dogs sources>=2' })
  await publishNews('Big dogs bark')

  expect((await say({ text: '/whynot https://example.com/0/' })).text).toContain(
    'Watch 1, dogs sources>=2: it matches, and waits: 1 of 2 publishers (Example News).',
  )
  const elsewhere = await say({ text: '/whynot https://example.com/elsewhere' })
  expect(elsewhere.text).toMatch(/See \/sources \S*example\.com$/)
  await store.changeSource(1, { state: 'paused' }, now)
  const paused = await say({ text: '/whynot https://example.com/elsewhere' })
  expect(paused.text).toMatch(/is paused\. On the command line: npx crier source resume 1$/)
  expect(elsewhere.text).not.toContain('crier ')
  await say({ text: '/unwatch 1' })
  expect((await say({ text: '/whynot https://example.com/0' })).text).toMatch(
    /This chat watches for nothing\. To begin: \/watch climate$/,
  )
})

test('/whynot that is too long says how a shell shows all, whatever the address holds, or nothing where that is too long', async () => {
  const bot = start()
  await online(bot)
  for (let n = 0; n < 40; n += 1) await say({ text: `/watch news "${`word${n} `.repeat(20)}" ${'x'.repeat(150)}${n}` })
  const [first, second] = ["https://example.com/it's$(now)", `https://example.com/${'a'.repeat(600)}`]
  await publishNews('Big news of dogs')
  const { items } = await store.listItems({ limit: 1, now })
  const found = { ...items[0], quiet: false }
  // One item is all that any address finds.
  store.findItemsByUrl = async () => [found as StoredItem]

  const short = await say({ text: `/whynot ${first}` })
  const long = await say({ text: `/whynot ${second}` })

  expect(short.text).toMatch(
    /… and \d+ more: npx crier whynot 'https:\/\/example\.com\/it'\\''s\$\(now\)' --chat 100 shows all\.$/,
  )
  expect(long.text).toMatch(/… and \d+ more\.$/)
})

test.each(['/try data', '/why', '/why 1', '/whynot https://example.com/0'])(
  '%s is nothing for strangers',
  async (text) => {
    const bot = start()
    await online(bot)
    await say({ text: '/watch data' })
    await publishNews('Big data grows')
    await isIgnored({ text, from: STRANGER, chat: GROUP })
    expect((await say({ text, from: STRANGER })).text).toContain('This is a private bot.')
  },
)

test('/try, /why and /whynot stay inert and within a message, whatever queries and items hold', async () => {
  const bot = start()
  await online(bot)
  const loud = `<b>@everyone</b> /stop_all ${'\u{1F468}\u200D'.repeat(400)} `
  const query = Array.from({ length: 40 }, (_, n) => `"@all /w${n} <i>"`).join(' OR ')
  for (let n = 0; n < 12; n += 1) await say({ text: `/watch ${query} OR word${n} OR <i>` })
  await publishNews(...[0, 1, 2].map((n) => `${n} ${loud}<i>`.repeat(3)))
  await deliver(bot)

  for (const text of [
    `/try ${query} OR <i>`,
    '/why',
    '/whynot https://example.com/0',
    '/whynot https://x.example/@a/b',
  ]) {
    const answer = await say({ text })
    expect(answer.params.parse_mode).toBe('HTML')
    expect(answer.text.length).toBeLessThanOrEqual(4_096)
    // Ours stand in <code>, where nothing is live.
    const codes = answer.entities.filter(({ type }) => type === 'code')
    const others = codes.reduceRight(
      (text, { offset, length }) => text.slice(0, offset) + text.slice(offset + length),
      answer.text,
    )
    expect(liveParts(others)).toEqual([])
  }
})

// ---- A page without a feed ----

const BOARD = 'https://board.example/list'

/** A page that names nothing and has seven entries. */
function servePage() {
  const asked: string[] = []
  fetched = async (url) => {
    asked.push(url)
    return { ...fresh(url), bytes: new TextEncoder().encode('<html><p>Hello'), contentType: 'text/html' }
  }
  const rules = { entry: 'li', link: null, title: null, date: null, summary: null, auto: true }
  const { items, ...document } = read(Array.from({ length: 7 }, (_, n) => `@all <b>${n}`))
  // Of the first the page says the day alone.
  const entries = items.map((item, n) => (n === 0 ? { ...item, publishedAt: Date.UTC(2026, 10, 23) } : item))
  actions.parse = async ({ page }) =>
    page
      ? { ...document, items: entries, format: 'page', page: rules }
      : { kind: 'unreadable', reason: 'not_a_feed', detail: 'A web page.' }
  return asked
}

test('a page without a feed is shown as it would be watched, and a button watches it', async () => {
  await online(start())
  const asked = servePage()
  const before = telegram.sent.length
  telegram.push({ text: '/addsource https://me:pw@board.example/list' })
  const preview = await next(before, 2)

  expect(preview.text.replaceAll('\u2060', '')).toBe(
    [
      'There is no feed, but I can watch the page itself. It has 7 entries:',
      '• @all <b>0 · 2026-11-23',
      ...[1, 2, 3, 4].map((n) => `• @all <b>${n} · 2026-11-23 09:00 UTC`),
      '… and 2 more',
    ].join('\n'),
  )
  expect(links(preview)).toEqual([0, 1, 2, 3, 4].map((n) => `https://example.com/${n}`))
  expect(liveParts(preview.text)).toEqual([])
  expect(await store.listSources()).toEqual([])
  const [label = '', data = ''] = preview.buttons[0]?.split(' → ') ?? []
  expect(label).toBe('👀 Watch this page')

  expect(await toast({ data, from: STRANGER })).toBe('Only the owner of this bot can press that.')
  asked.length = 0
  await toast({ data })
  expect((await next(before, 4)).text).toContain('is read from now on (number 1)')
  expect(await store.listSources()).toMatchObject([
    {
      kind: 'page',
      url: BOARD,
      pageRules: { entry: 'li' },
      access: { headers: { authorization: `Basic ${btoa('me:pw')}` } },
    },
  ])
  expect(asked).toEqual([BOARD])
  expect(JSON.stringify(telegram.sent)).not.toContain('pw@')
})

test('/addsource page without an address asks for one', async () => {
  await online(start())
  const before = telegram.sent.length
  telegram.push({ text: '/addsource page' })

  expect((await next(before)).text).toContain('Which page?')
  expect((await next(before)).text).toContain('/addsource page https://example.com/news/')
})

test('/addsource page URL watches the page at once, whatever feeds it has', async () => {
  await online(start())
  servePage()
  const before = telegram.sent.length
  telegram.push({ text: '/addsource page board.example' })

  expect((await next(before, 2)).text).toContain('page · 7 items')
  expect(await store.listSources()).toMatchObject([{ kind: 'page', url: 'https://board.example/' }])
})

// ---- Several feeds ----

/** A site that names two feeds; what else is asked for is one. */
function serveSite() {
  fetched = async (url) => {
    const links = [1, 2].map(
      (n) => `<link rel=alternate type=application/rss+xml title="@all /n${n} &lt;b&gt;" href=/${n}>`,
    )
    return { ...fresh(url), bytes: new TextEncoder().encode(`<html>${links.join('')}`), contentType: 'text/html' }
  }
  actions.parse = async ({ url }) =>
    new URL(url).pathname === '/' ? { kind: 'unreadable', reason: 'not_a_feed', detail: 'A web page.' } : read(['One'])
}

async function offered(message: Partial<PushedText> = {}): Promise<SentMessage & { data: string[] }> {
  const before = telegram.sent.length
  telegram.push({ text: '/addsource https://example.com', ...message })
  const question = await next(before, 2)
  return { ...question, data: question.buttons.map((button) => button.split(' → ')[1] ?? '') }
}

/** What Telegram shows of a press. */
async function toast(press: { data: string; from?: number; chat?: number }): Promise<unknown> {
  const before = telegram.calls.length
  const toasts = () => telegram.calls.slice(before).filter(({ method }) => method === 'answerCallbackQuery')
  telegram.press(press)
  await until(() => toasts().length > 0)
  return toasts()[0]?.params.text
}

test('of several feeds the owner chooses with a button, and may choose another one after it', async () => {
  await online(start())
  serveSite()
  const question = await offered()
  expect(question.text.replaceAll('\u2060', '')).toBe(
    'I found 2 feeds. Which one?\n1. @all /n1 <b> · RSS\n   https://example.com/1\n2. @all /n2 <b> · RSS\n   https://example.com/2',
  )
  expect(liveParts(question.text)).toEqual([])
  // The addresses lead there: in the text itself they are inert.
  expect(links(question)).toEqual(['https://example.com/1', 'https://example.com/2'])
  expect(question.buttons.map((button) => button.split(' → ')[0])).toEqual([
    '1. @all /n1 <b> · RSS',
    '2. @all /n2 <b> · RSS',
  ])

  const before = telegram.sent.length
  expect(await toast({ data: question.data[1] ?? '' })).toBeUndefined()
  expect((await next(before, 2)).text).toContain('is read from now on (number 1)')
  await toast({ data: question.data[0] ?? '' })
  expect((await next(before, 4)).text).toContain('is read from now on (number 2)')
  await toast({ data: question.data[0] ?? '' })
  expect((await next(before, 5)).text).toContain('is read already (number 2)')
  expect((await offered()).text).toContain('<b> · RSS · read already (number 2)')
  expect((await store.listSources()).map(({ url }) => url).sort()).toEqual([
    'https://example.com/1',
    'https://example.com/2',
  ])
})

test('in a group the answer to a button goes where the question was', async () => {
  await online(start())
  serveSite()
  const { data } = await offered({ chat: GROUP })
  const before = telegram.sent.length
  await toast({ data: data[0] ?? '', chat: GROUP })
  expect((await next(before, 2)).chat).toBe(String(GROUP))
})

test.each([
  ['a stranger’s', { from: STRANGER, chat: GROUP }, 0, 'Only the owner of this bot can press that.'],
  ['one from another chat', { chat: OWNER }, 0, 'This button is out of date. Send its command again.'],
  ['one of yesterday', { chat: GROUP }, 24 * HOUR, 'This button is out of date. Send its command again.'],
])('a press does nothing, and is told why, when it is %s', async (_, press, later, why) => {
  await online(start())
  serveSite()
  const { data } = await offered({ chat: GROUP })
  now += later
  expect(await toast({ data: data[0] ?? '', ...press })).toBe(why)
  await say({ text: '/status' })
  expect(await store.listSources()).toEqual([])
})

test('a button from before a restart is out of date', async () => {
  const bot = start()
  await online(bot)
  serveSite()
  const { data } = await offered()
  await bot.stop()
  await online(start())
  expect(await toast({ data: data[0] ?? '' })).toBe('This button is out of date. Send its command again.')
})

test('twenty feeds with the longest names fit in one message', async () => {
  await online(start())
  serveSite()
  fetched = async (url) => {
    const link = (n: number) =>
      `<link rel=alternate type=application/rss+xml title="${'&amp;'.repeat(90)}" href="/${n}${'x'.repeat(200)}">`
    const html = Array.from({ length: 30 }, (_, n) => link(n)).join('')
    return { ...fresh(url), bytes: new TextEncoder().encode(`<html>${html}`), contentType: 'text/html' }
  }
  expect((await offered()).buttons).toHaveLength(20)
})

test.each([
  ['what is no address', '/addsource hello', '"hello" is not a web address.'],
  ['two at once', '/addsource https://a.example https://b.example', 'One address at a time'],
])('/addsource refuses %s at once', async (_, text, answer) => {
  await online(start())
  expect((await say({ text })).text).toContain(answer)
})

test('/addsource tells why an address is no source', async () => {
  await online(start())
  fetched = async () => ({
    kind: 'failed',
    reason: 'refused',
    detail: 'I read no private addresses.',
    status: null,
    retryAfterMs: null,
  })
  const before = telegram.sent.length
  telegram.push({ text: '/addsource http://10.0.0.1/feed' })
  expect((await next(before, 2)).text).toContain('I read no private addresses.')
})

test('/addsource says where that is given what a source needs', async () => {
  await online(start())
  const detail = 'It wants a name and a password.'
  fetched = async () => ({ kind: 'failed', reason: 'blocked', detail, status: 401, retryAfterMs: null, needs: 'login' })
  const before = telegram.sent.length
  telegram.push({ text: '/addsource https://example.com/feed' })
  expect((await next(before, 2)).text).toBe(
    'It wants a name and a password.\nOn the command line: npx crier source add https://example.com/feed --auth NAME:PASSWORD',
  )
})

test('/sources lists them with their troubles, or those with a text', async () => {
  await online(start())
  await addNews('A')
  const [source] = await store.listSources()
  await store.recordPoll(source?.id ?? 0, {
    ...{ polledAt: now, nextPollAt: now, validators: { etag: null, lastModified: null }, bodyHash: null },
    ...{ failures: 1, trouble: 'The server <answered> 401.', needs: 'login', succeeded: false },
  })
  expect((await say({ text: '/sources' })).text).toBe(
    '1 source\n1. Example News · example.com · 1 item\n   ⚠️ The server <answered> 401.\n   On the command line: npx crier source set 1 --auth NAME:PASSWORD',
  )
  expect((await say({ text: '/status' })).text).toContain('Sources: 1 read, 1 failing, 0 paused – see /sources\n')
  expect((await say({ text: '/sources EXAMPLE' })).text).toContain('1. Example News')
  expect((await say({ text: '/sources news' })).text).toContain('1. Example News')
  expect((await say({ text: '/sources zebra' })).text).toContain('None of 1 source has “zebra”')
  const fine = await addTestSource(store, { givenTitle: 'All fine' })
  expect((await say({ text: '/sources' })).text).toMatch(
    /^2 sources\n1\. Example News .*\n.*\n.*\n2\. All fine .* 0 items$/,
  )
  await store.changeSource(fine.id, { state: 'paused' }, now)
  expect((await say({ text: '/sources fine' })).text).toMatch(/ · 0 items · ⏸ paused$/)
})

test('what an advice names as a command of the bot is one, and does what is advised', async () => {
  await addNews('A')
  await online(start())
  const follow = (advice: Advice) => say({ text: botCommandFor(advice) ?? '' })
  expect(sayAdvice({ kind: 'remove', id: 1 })).toBe('Send <code>/removesource 1</code>')

  expect(titles(await follow({ kind: 'show', id: 1 }))).toEqual(['A'])
  expect((await follow({ kind: 'list' })).text).toContain('1. Example News')
  expect((await follow({ kind: 'add', url: 'https://example.com/feed' })).text).toContain('is read already (number 1)')
  expect((await follow({ kind: 'remove', id: 1 })).text).toContain('“Example News” is read no more.')
})

test('/removesource takes a source away by its number, and says how it comes back', async () => {
  await addNews('A')
  await online(start())
  const question = await say({ text: '/removesource' })
  expect((await say({ text: 'one', replyTo: question })).text).toMatch(/^“one” is not a number\. .*\/sources$/)
  expect((await say({ text: '/removesource 7' })).text).toBe('There is no source 7. All of them: /sources')
  expect((await say({ text: '/removesource 1', from: STRANGER })).text).toContain('private bot')

  expect((await say({ text: '/removesource #1' })).text).toBe(
    '“Example News” is read no more. Its items stay.\nTo take it up again: /addsource https://example.com/feed',
  )
  expect(await store.listSources()).toEqual([])
  expect(titles(await say({ text: '/recent' }))).toEqual(['A'])
})

test('/start and /status tell the watches of this chat from those of others', async () => {
  await addNews('A')
  await online(start())
  await say({ text: '/watch elsewhere', chat: GROUP })

  expect((await say({ text: '/start' })).text).toContain('1 source so far, and no watch in this chat.')
  expect((await say({ text: '/status' })).text).toContain('Watches: 1, 0 of them in this chat')
  await say({ text: '/watch here' })
  expect((await say({ text: '/start' })).text).toContain('1 source so far, and 1 watch in this chat.')
  expect((await say({ text: '/status' })).text).toContain('Watches: 2, 1 of them in this chat')
})

test('/status tells how things are going', async () => {
  await addNews('A', 'B')
  await online(start())
  expect((await say({ text: '/status' })).text.split('\n')).toEqual([
    'Sources: 1 read, 0 failing, 0 paused',
    'Items: 2',
    'Watches: 0',
    'Alerts: 0 sent, 0 queued, 0 parked',
    expect.stringMatching(/^Last poll: /),
    'Last alert: never',
  ])
})

test.each([
  ['an unknown command near one of ours', '/serch x', "I don't know “/serch”. Did you mean /search? See /help."],
  [
    'a name that is off by two letters, whatever its case',
    '/Serhc',
    "I don't know “/Serhc”. Did you mean /search? See /help.",
  ],
  ['a name that is hardly longer than what is off', '/xy', "I don't know “/xy”. See /help."],
  ['a far one', '/abracadabra', "I don't know “/abracadabra”. See /help."],
  [
    'an address',
    'https://example.com/feed',
    'To read it as a source, send /addsource https://example.com/feed; to learn why this chat was not told of it, /whynot https://example.com/feed',
  ],
  ['words', 'big <data>', 'To find it, send /search big <data>; to be told of it, /watch big <data>. See /help.'],
  ['what only leaves out', '-jobs', 'To find it, send /search -jobs. See /help.'],
  [
    'what waits for publishers',
    'big sources>=3',
    'To try it, send /try big sources>=3; to be told of it, /watch big sources>=3. See /help.',
  ],
  [
    'what is too long for copying',
    'big OR '.repeat(90).concat('data'),
    'To find it, send /search and then the same once more; to be told of it, /watch and then the same once more. See /help.',
  ],
  [
    'an address that is longer still',
    `https://example.com/${'a'.repeat(700)}`,
    'To read it as a source, send /addsource and then the same once more; to learn why this chat was not told of it, /whynot and then the same once more',
  ],
  [
    'a query of some length, whole',
    'big OR '.repeat(40).concat('data'),
    `To find it, send /search ${'big OR '.repeat(40)}data; to be told of it, /watch ${'big OR '.repeat(40)}data. See /help.`,
  ],
])('in private, %s gets a hint', async (_, text, answer) => {
  await online(start())
  expect((await say({ text })).text).toBe(answer)
})

test('in private, an address is read at a press, and words are looked for or watched', async () => {
  await addNews('Big data grows')
  await online(start())
  const labelsOf = (reply: SentMessage) => reply.buttons.map((button) => button.split(' → ')[0])

  const words = await say({ text: 'big data' })
  expect(labelsOf(words)).toEqual(['🔎 Find it', '👀 Watch for it'])
  const before = telegram.sent.length
  await toast({ data: words.buttons[1]?.split(' → ')[1] ?? '' })
  expect((await next(before)).text).toContain('👀 Watch 1: big and data')
  expect(labelsOf(await say({ text: 'big sources>=3' }))).toEqual(['🧪 Try it', '👀 Watch for it'])
  expect(labelsOf(await say({ text: '-jobs' }))).toEqual(['🔎 Find it'])
  expect(labelsOf(await say({ text: 'https://example.com/feed' }))).toEqual(ADDRESS_BUTTONS)
})

const ADDRESS_BUTTONS = ['➕ Read it as a source', '❓ Why was I not told?']

test.each<[string, string, object[], string | null, string[]]>([
  [
    'a post that ends with its address',
    'Chips are scarce, says the ministry. https://example.com/chips',
    [{ type: 'url', offset: 37, length: 25 }],
    'https://example.com/chips',
    ADDRESS_BUTTONS,
  ],
  [
    'a post whose address stands behind words, after that of its channel',
    'Channel: chips are scarce. More',
    [
      { type: 'text_link', offset: 0, length: 7, url: 'https://t.me/channel' },
      { type: 'text_link', offset: 27, length: 4, url: 'https://example.com/chips' },
    ],
    'https://example.com/chips',
    ADDRESS_BUTTONS,
  ],
  [
    'the name of a site',
    'example.com',
    [{ type: 'url', offset: 0, length: 11 }],
    'example.com',
    ['🔎 Find it', '👀 Watch for it', '➕ Read it as a source'],
  ],
  [
    'a query that names a site',
    'chips site:example.com',
    [{ type: 'url', offset: 11, length: 11 }],
    null,
    ['🔎 Find it', '👀 Watch for it'],
  ],
  [
    'a post with the address of its channel alone',
    'Chips are scarce. t.me/channel',
    [{ type: 'url', offset: 18, length: 12 }],
    null,
    ['🔎 Find it', '👀 Watch for it'],
  ],
])('in private, what can be done with an address in a text is a press away: %s', async (...row) => {
  const [, text, entities, address, buttons] = row
  await online(start())
  telegram.knowChat(OWNER)
  const before = telegram.sent.length
  telegram.pushUpdate({ message: { ...messageFrom(OWNER), text, entities } })
  const answer = await next(before)
  expect(answer.buttons.map((button) => button.split(' → ')[0])).toEqual(buttons)
  if (address === null) expect(answer.text).not.toContain('/addsource')
  else expect(answer.text).toContain(`/addsource ${address}`)
})

test.each<[string, string, string | null]>([
  ['a command alone', 'Help', '/help'],
  ['one with what it needs', 'watch big data', '/watch big data'],
  ['one with a number', 'recent 5 chips', '/recent 5 chips'],
  ['words that begin like one', 'recent floods', null],
  ['words after one that takes none', 'status of the harbour', null],
  ['other words', 'big data', null],
])('in private, a command without its slash is a press away: %s', async (_, text, meant) => {
  await addNews('A')
  await online(start())
  const answer = await say({ text })
  const labels = answer.buttons.map((button) => button.split(' → ')[0] ?? '')
  expect(labels.filter((label) => label.startsWith('/'))).toEqual(meant === null ? [] : [meant])
  expect(/^Did you mean (.*)\?$/m.exec(answer.text)?.[1] ?? null).toBe(meant)
  expect(answer.text).toContain(`/search ${text}`)
})

test('a file that its owner sends is told to be none of its business, and nobody else’s is', async () => {
  await online(start())
  const file = (from: number, chat: number, together = {}) =>
    telegram.pushUpdate({
      message: {
        ...{ message_id: 9_000 + from, date: 1, from: { id: from, is_bot: false, first_name: 'Kim' } },
        ...{ chat: { id: chat, type: chat < 0 ? 'supergroup' : 'private' } },
        document: { file_id: 'f', file_unique_id: 'u', file_name: 'feeds.opml' },
        ...together,
      },
    })
  const before = telegram.sent.length
  file(STRANGER, STRANGER)
  file(OWNER, GROUP)
  telegram.knowChat(OWNER)
  file(OWNER, OWNER)

  const answer = await next(before)
  expect(answer).toMatchObject({
    chat: String(OWNER),
    text: expect.stringMatching(/^I read text alone: .*crier import FILE$/),
  })
  for (let picture = 0; picture < 3; picture += 1) file(OWNER, OWNER, { media_group_id: 'album' })
  await next(before + 1)
  expect((await say({ text: '/help' })).text).toContain('/watch')
  expect(telegram.sent).toHaveLength(before + 3)
})

test('a post with a picture is the words under it, also of several that come together', async () => {
  await online(start())
  telegram.knowChat(OWNER)
  const photo = [{ file_id: 'f', file_unique_id: 'u', width: 1, height: 1 }]
  const post = (told: object) => telegram.pushUpdate({ message: { ...messageFrom(OWNER), photo, ...told } })
  const before = telegram.sent.length
  const caption_entities = [{ type: 'text_link', offset: 0, length: 5, url: 'https://example.com/chips' }]

  post({ caption: 'Chips are scarce.', caption_entities, media_group_id: 'album' })
  post({ media_group_id: 'album' })
  expect((await next(before)).text).toContain('/whynot https://example.com/chips')
  post({ caption: '/watch chips' })
  expect((await next(before + 1)).text).toContain('👀 Watch 1: chips')
  post({ caption: 'my feeds', document: { file_id: 'f', file_unique_id: 'u' }, photo: undefined })
  expect((await next(before + 2)).text).toMatch(/^I read text alone/)
  expect(telegram.sent).toHaveLength(before + 3)
})

test('hostile text comes back inert', async () => {
  await addNews('<b>@everyone</b> tap /unfollow_all')
  await online(start())
  const { text } = await say({ text: '/recent everyone' })
  expect(text.replaceAll('\u2060', '')).toContain('<b>@everyone</b> tap /unfollow_all')
  expect(liveParts(text)).toEqual([])
})

// ---- When things go wrong ----

test('our own fault is logged under a code, and the person hears only that', async () => {
  store.listSources = async () => {
    throw new Error(`disk gone near ${telegram.token}`)
  }
  await online(start())
  const { text } = await say({ text: '/sources' })
  const code = /^Something went wrong on my side \(code ([0-9a-f]{6})\)\. Nothing was changed\.$/.exec(text)?.[1]
  expect(code).toBeDefined()
  const line = logged.find(({ level }) => level === 'error')
  expect(line?.fields).toMatchObject({ code, err: expect.stringContaining('disk gone near (token)') })
})

test('a refusal of an action is told as it is', async () => {
  store.listSources = async () => {
    throw new AppError('unavailable', 'The file is busy.', { hint: 'Try again.' })
  }
  await online(start())
  expect((await say({ text: '/sources' })).text).toBe('The file is busy. Try again.')
})

test('an answer whose markup is refused is given without it', async () => {
  await online(start())
  telegram.fail({ status: 400, description: "Bad Request: can't parse entities: x" })
  const answer = await say({ text: '/help' })
  expect(answer.params).not.toHaveProperty('parse_mode')
  expect(answer.text).toContain('/watch QUERY')
})

test('an answer that cannot be given does not stop the next', async () => {
  await online(start())
  telegram.fail([{ html: 502 }, { cut: 'before' }])
  telegram.push({ text: '/help' })
  telegram.push({ text: '/help' })
  expect((await say({ text: '/status' })).text).toContain('Sources')
  expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(2)
})

test('an answer that Telegram wants later is given then, once, and holds up neither other chats nor commands', async () => {
  const time = fakeTime()
  await online(start({ timer: time.timer }))
  telegram.fail({ status: 429, description: 'Too Many Requests: retry after 7', parameters: { retry_after: 7 } })
  telegram.push({ text: '/watch climate' })
  telegram.push({ text: '/unwatch 1' })
  expect((await say({ text: '/status', chat: GROUP })).text).toContain('Sources')
  expect(telegram.sent).toHaveLength(1)
  expect(await store.listWatches()).toEqual([])

  await time.pass(7_500)
  await next(1, 2)
  expect(telegram.sent.map(({ text }) => text.split('\n')[0])).toEqual([
    'Sources: 0 read, 0 failing, 0 paused',
    '👀 Watch 1: climate',
    'Watch 1 is gone: climate',
  ])
  expect(troubles()).toEqual([])
})

test('answers keep the distance that Telegram asks for, from one another and from alerts', async () => {
  const time = fakeTime()
  await telegram.close()
  telegram = await startFakeTelegram({ perChatMs: 1_000, clock: time.clock })
  const bot = start({ timer: time.timer, timing: { ...TIMING, answerGapMs: telegramGapMs } })
  await online(bot)
  await say({ text: '/watch data' })
  await time.pass(1_100)
  await publishNews('Big data grows')
  await deliver(bot)
  telegram.push({ text: '/watches' })
  telegram.push({ text: '/unwatch 1' })
  await until(async () => (await store.listWatches()).length === 0)
  expect(telegram.sent).toHaveLength(2)

  for (const count of [1, 2]) {
    await time.pass(1_100)
    await next(2, count)
  }
  expect(telegram.sent.slice(2).map(({ text }) => text)).toEqual(['1 watch\n1. data', 'Watch 1 is gone: data'])
  expect(troubles()).toEqual([])
})

test('a stop does not wait for what Telegram wants later, and the command is not asked again', async () => {
  const time = fakeTime()
  const bot = start({ timer: time.timer })
  await online(bot)
  telegram.fail({ status: 429, description: 'Too Many Requests: retry after 30', parameters: { retry_after: 30 } })
  telegram.push({ text: '/watch climate' })
  await until(() => time.pending() === 1)

  await bot.stop()

  expect(logged.filter(({ level }) => level === 'warn')).toMatchObject([
    { message: expect.stringContaining('not be given') },
  ])
  expect(telegram.unconfirmed()).toBe(0)
  await online(start())
  expect((await say({ text: '/watches' })).text).toContain('climate')
  expect(telegram.sent).toHaveLength(1)
})

test('a wrong token is one line that says what to do, and mends itself when the token is right again', async () => {
  telegram.revoke()
  const bot = start()
  await state(bot, 'unauthorized')
  expect(bot.isOpen()).toBe(false)
  expect(troubles()).toEqual([expect.stringContaining('set TELEGRAM_BOT_TOKEN')])

  telegram.restore()
  await online(bot)
  expect(bot.isOpen()).toBe(true)
  expect((await say({ text: '/help' })).text).toContain('/watch')
})

test('a token that is revoked later is noticed by the polling', async () => {
  const bot = start()
  await online(bot)
  telegram.revoke()
  await state(bot, 'unauthorized')
})

test('no connection is one line, holds up nothing, and ends by itself', async () => {
  const port = Number(new URL(telegram.url).port)
  await telegram.close()
  const bot = start()
  await state(bot, 'offline')
  expect(troubles()).toEqual([expect.stringContaining('no connection to Telegram (ECONNREFUSED)')])

  telegram = await startFakeTelegram({ port })
  await online(bot)
  expect((await say({ text: '/help' })).text).toContain('/watch')
  expect(troubles()).toHaveLength(1)
})

test('another program with the same token is one line, and polling goes on', async () => {
  telegram.fail(
    Array.from({ length: 3 }, () => ({ status: 409, description: 'Conflict: terminated by other getUpdates request' })),
    'getUpdates',
  )
  const bot = start()
  await state(bot, 'conflict')
  expect(troubles()).toEqual([expect.stringContaining('another program polls with the same bot token')])
  await online(bot)
  expect((await say({ text: '/help' })).text).toContain('/watch')
})

test('a token that the sender finds refused closes the way at once', async () => {
  const bot = start({ timing: { ...TIMING, pollSeconds: 60 } })
  await online(bot)
  await until(() => telegram.calls.at(-1)?.params.timeout === 60)
  telegram.fail({ status: 401, description: 'Unauthorized' })
  telegram.knowChat(OWNER)
  const outcome = await bot.send({
    ...{ id: 1, rendered: { html: 'x', openUrl: null }, plain: false, attempts: 0, unknowns: 0, firstAttemptAt: now },
    edits: null,
    chat: { id: String(OWNER), kind: 'telegram', state: 'active', goneReason: null, goneAt: null },
  })
  expect(outcome.kind).toBe('unsent')
  expect(bot.isOpen()).toBe(false)
})

test('asked to wait, it waits', async () => {
  telegram.fail(
    { status: 429, description: 'Too Many Requests: retry after 0', parameters: { retry_after: 0 } },
    'getMe',
  )
  await online(start())
  expect(troubles()).toEqual([expect.stringContaining('asked to wait')])
})

test('updates that came while it was down are handled, and confirmed when it stops', async () => {
  telegram.push({ text: '/watch climate' })
  telegram.push({ text: '/help' })
  const bot = start()
  await until(() => telegram.sent.length === 2)
  await bot.stop()
  expect(telegram.unconfirmed()).toBe(0)

  await online(start())
  expect((await say({ text: '/watches' })).text).toContain('climate')
  expect(telegram.sent).toHaveLength(3)
})

test('it can be stopped before it was ever started, and while it cannot connect', async () => {
  const never = create()
  await never.stop()
  telegram.fail([{ hang: true }], 'getMe')
  const hanging = start()
  await until(() => telegram.calls.length === 1)
  await hanging.stop()
})

// ---- Chats that go and come ----

test('a chat that blocks the bot is gone at once, and told since when as it comes back', async () => {
  await online(start())
  await say({ text: '/watch climate' })
  membership(OWNER, 'private', 'kicked')
  await until(async () => (await store.findChat(String(OWNER)))?.state === 'gone')
  expect(await store.findChat(String(OWNER))).toMatchObject({ goneReason: 'the bot was blocked', goneAt: now })

  now += HOUR
  const before = telegram.sent.length
  membership(OWNER, 'private', 'member')
  expect((await next(before)).text).toContain('This chat was out of reach since 2026-11-23 09:00 UTC.')
  expect(await store.findChat(String(OWNER))).toMatchObject({ state: 'active' })
  // Once more, and there is nothing to tell.
  membership(OWNER, 'private', 'member')
  expect((await say({ text: '/watches' })).text).toContain('climate')
})

test('/start takes up a chat again that was out of reach', async () => {
  await online(start())
  await say({ text: '/watch climate' })
  await store.markChatGone(String(OWNER), 'blocked', now)
  expect((await say({ text: '/start' })).text).toContain('This chat was out of reach since 2026-11-23 09:00 UTC.')
  expect((await store.findChat(String(OWNER)))?.state).toBe('active')
})

test('a group that never watched is not remembered when it lets the bot in or out', async () => {
  await online(start())
  membership(GROUP, 'supergroup', 'member')
  membership(GROUP, 'supergroup', 'left')
  await say({ text: '/help' })
  expect(await store.findChat(String(GROUP))).toBeUndefined()
})

test('a group that becomes a supergroup keeps its watches, under its new id and at once', async () => {
  await online(start())
  await say({ text: '/watch climate', chat: -77 })
  const chat = { id: -77, type: 'group', title: 'G' }
  // Both ends of the move are told, each once more after a lost answer; one of a group that never watched is nothing to us.
  const moves = [
    { chat, migrate_to_chat_id: GROUP },
    { chat: { ...chat, id: GROUP, type: 'supergroup' }, migrate_from_chat_id: -77 },
    { chat, migrate_to_chat_id: GROUP },
    { chat: { ...chat, id: -78 }, migrate_to_chat_id: GROUP - 1 },
  ]
  for (const move of moves) telegram.pushUpdate({ message: { ...messageFrom(OWNER), ...move } })

  expect((await say({ text: '/watches', chat: GROUP })).text).toContain('1. climate')
  expect(await store.findChat('-77')).toBeUndefined()
  expect(await store.findChat(String(GROUP - 1))).toBeUndefined()
})

// ---- Topics ----

test('a topic has watches of its own, and their alerts come there', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch data', chat: GROUP, topic: 5 })
  await say({ text: '/watch climate', chat: GROUP })

  expect((await say({ text: '/watches', chat: GROUP, topic: 5 })).text).toContain('1. data')
  expect((await say({ text: '/watches', chat: GROUP, topic: 6 })).text).toContain('watches for nothing yet')
  expect((await say({ text: '/watches', chat: GROUP })).text).toContain('1. climate')

  await publishNews('Big data grows')
  const alert = await deliver(bot)
  expect([alert.chat, alert.params.message_thread_id]).toEqual([String(GROUP), 5])
  expect((await say({ text: '/why', chat: GROUP, topic: 5, replyTo: alert })).text).toContain('Watch 1: data')
  await publishNews('The climate warms')
  const general = await deliver(bot)
  expect([general.chat, general.params.message_thread_id]).toEqual([String(GROUP), undefined])
})

test('what a topic watched for is told in its group when the topic is deleted, beginning with what waited', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch climate', chat: GROUP })
  await say({ text: '/watch data', chat: GROUP, topic: 5 })
  telegram.turnTopic(GROUP, 5, 'deleted')
  await publishNews('Big data grows')

  const alert = await deliver(bot)

  expect(alert.text).toContain('Big data grows')
  expect([alert.chat, alert.params.message_thread_id]).toEqual([String(GROUP), undefined])
  expect((await say({ text: '/watches', chat: GROUP })).text).toMatch(/1\. climate\n2\. data/)
  expect(await store.findChat(`${GROUP}/5`)).toBeUndefined()
})

test('a topic that is closed keeps its queue, and is told of it when it is open again', async () => {
  const bot = start()
  await online(bot)
  await say({ text: '/watch data', chat: GROUP, topic: 5 })
  telegram.turnTopic(GROUP, 5, 'closed')
  await publishNews('Big data grows')
  const before = telegram.sent.length
  await sendAll(bot)
  expect(await store.findChat(`${GROUP}/5`)).toMatchObject({ state: 'gone', goneReason: 'Bad Request: TOPIC_CLOSED' })

  telegram.turnTopic(GROUP, 5, 'open')

  const back = await next(before)
  expect(back.text).toContain('This chat was out of reach since')
  expect(back.params.message_thread_id).toBe(5)
  const alert = await deliver(bot)
  expect([alert.text.includes('Big data grows'), alert.params.message_thread_id]).toEqual([true, 5])
  // One that nobody watches from is nothing to us.
  telegram.turnTopic(GROUP, 6, 'open')
  await say({ text: '/status' })
  expect(await store.findChat(`${GROUP}/6`)).toBeUndefined()
})

test('topics go and come back with their group', async () => {
  await online(start())
  await say({ text: '/watch data', chat: GROUP, topic: 5 })
  await say({ text: '/watch data', chat: GROUP - 1, topic: 5 })
  const stateOf = async (id: string) => (await store.findChat(id))?.state
  membership(GROUP, 'supergroup', 'left')
  await until(async () => (await stateOf(`${GROUP}/5`)) === 'gone')
  expect(await store.findChat(`${GROUP}/5`)).toMatchObject({ goneReason: 'the bot is no longer in the chat' })
  expect(await stateOf(`${GROUP - 1}/5`)).toBe('active')

  // Let in, but not to speak.
  membership(GROUP, 'supergroup', 'restricted', { can_send_messages: false })
  await say({ text: '/status' })
  expect(await stateOf(`${GROUP}/5`)).toBe('gone')

  const before = telegram.sent.length
  membership(GROUP, 'supergroup', 'restricted', { can_send_messages: true })

  expect((await next(before)).params.message_thread_id).toBe(5)
  expect(await stateOf(`${GROUP}/5`)).toBe('active')
  expect(await store.findChat(String(GROUP))).toBeUndefined()
})

test('a button that is not ours is out of date', async () => {
  await online(start())
  telegram.press({ data: 'a:1:forged' })
  await until(() => telegram.calls.some(({ method }) => method === 'answerCallbackQuery'))
  expect(telegram.calls.find(({ method }) => method === 'answerCallbackQuery')?.params.text).toBe(
    'This button is out of date. Send its command again.',
  )
})

// ---- Helpers ----

function create(options: Partial<TelegramOptions> = {}): Telegram {
  const bot = createTelegram({
    token: telegram.token,
    apiRoot: `${telegram.url}/`,
    owner: OWNER,
    actions,
    log: actions.log,
    timing: TIMING,
    ...options,
  })
  bots.push(bot)
  return bot
}

function start(options: Partial<TelegramOptions> = {}): Telegram {
  const bot = create(options)
  bot.start()
  return bot
}

function online(bot: Telegram) {
  return state(bot, 'online')
}

function state(bot: Telegram, wanted: string) {
  return until(() => bot.status().state === wanted)
}

function until(condition: () => boolean | Promise<boolean>) {
  return vi.waitFor(async () => expect(await condition()).toBe(true), { timeout: 10_000, interval: 2 })
}

/** Writes to the bot and gives its answer. */
async function say(message: PushedText): Promise<SentMessage> {
  const before = telegram.sent.length
  telegram.push(message)
  return next(before)
}

/** Corrects what was said last and gives the answer. */
async function edit(text: string): Promise<SentMessage> {
  const before = telegram.sent.length
  telegram.edit(text)
  return next(before)
}

async function next(before: number, count = 1): Promise<SentMessage> {
  await until(() => telegram.sent.length >= before + count)
  const answer = telegram.sent.at(-1)
  if (!answer) throw new Error('nothing was sent')
  return answer
}

/** What a message of this person in private says beside what it holds. */
function messageFrom(id: number) {
  return { message_id: 9_100, date: 1, from: { id, is_bot: false, first_name: 'Kim' }, chat: { id, type: 'private' } }
}

/** Updates are handled in order: what is answered after it proves that it was not. */
async function isIgnored(message: PushedText) {
  const before = telegram.sent.length
  telegram.push(message)
  // Where nobody is the owner yet, there is another answer.
  expect((await say({ text: '/status' })).text).toMatch(/^(?:Sources: |This bot has no owner yet)/)
  expect(telegram.sent).toHaveLength(before + 1)
}

function membership(id: number, type: string, status: string, rights = {}) {
  telegram.knowChat(id)
  const user = { id: 4242, is_bot: true, first_name: 'Crier' }
  telegram.pushUpdate({
    my_chat_member: {
      chat: { id, type },
      from: { id: OWNER, is_bot: false, first_name: 'P' },
      date: 1,
      old_chat_member: { user, status: 'member' },
      new_chat_member: { user, status, ...rights },
    },
  })
}

function troubles(): string[] {
  return logged.filter(({ level }) => level === 'warn').map(({ message }) => message)
}

function titles({ text, entities }: SentMessage): string[] {
  return entities
    .filter((entity) => entity.type === 'a')
    .map((entity) => text.slice(entity.offset, entity.offset + entity.length))
}

function links({ entities }: Pick<SentMessage, 'entities'>): (string | undefined)[] {
  return entities.filter((entity) => entity.type === 'a').map(({ url }) => url)
}

async function addNews(...names: string[]) {
  document = read(names)
  const { source } = await store.addSource(
    { url: 'https://example.com/feed', givenTitle: null, tags: [], everyMs: null, found: document },
    now,
  )
  await store.ingest(
    source.id,
    document,
    { polledAt: now, nextPollAt: now + HOUR, validators: { etag: null, lastModified: null }, bodyHash: null },
    () => ({ insert: document.items.map((item) => ({ item, placeMs: now })), edit: [], bind: [], messages: [] }),
  )
}

/** A poll of the source, which has had its baseline, finds these; watches are asked. */
async function publishNews(...names: string[]) {
  const listed = await store.listSources()
  const base = listed[0]?.items ?? 0
  document = read(names)
  const items = names.map((title, n) => readItem(title, base + n))
  const found = { ...document, items }
  const record = {
    polledAt: now,
    nextPollAt: now + HOUR,
    validators: { etag: null, lastModified: null },
    bodyHash: null,
  }
  const wish = { url: 'https://example.com/feed', givenTitle: null, tags: [], everyMs: null, found }
  const { source, added } = await store.addSource(wish, now)
  if (added) await store.ingest(source.id, read([]), record, (known) => planIngest(read([]), known, now))
  await store.ingest(source.id, found, record, (known) => planIngest(found, known, now))
}

/** Another source has had its baseline and publishes this. */
async function publishIn(title: string, ...names: string[]) {
  const name = title.toLowerCase()
  const items = names.map((each, n) => ({
    ...readItem(each, n),
    ...{
      url: `https://${name}.example/${n}`,
      keys: { id: hash(`${name} ${n}`), url: hash(`${name} url ${n}`), content: hash(each) },
    },
  }))
  const found = { ...read([]), title, link: `https://${name}.example/`, items }
  const wish = { url: `https://${name}.example/feed`, givenTitle: null, tags: [], everyMs: null }
  const { source } = await store.addSource({ ...wish, found }, now)
  const record = {
    ...{ polledAt: now, nextPollAt: now + HOUR, validators: { etag: null, lastModified: null }, bodyHash: null },
  }
  await store.ingest(source.id, read([]), record, (known) => planIngest(read([]), known, now))
  await store.ingest(source.id, found, record, (known) => planIngest(found, known, now))
}

/** Sends what is due, and gives the last message. */
async function deliver(bot: Telegram): Promise<SentMessage> {
  const before = telegram.sent.length
  await sendAll(bot)
  return next(before)
}

/** Sends what is due, until nothing is. */
async function sendAll(bot: Telegram): Promise<void> {
  for (;;) {
    const { messages } = await store.claimMessages({
      ...{ now, limit: 9, leaseMs: HOUR, kind: 'telegram', gapMs: () => 0, render: renderAlert },
    })
    for (const message of messages) {
      const settlement = settle(message, await bot.send(message), now, 0)
      await store.settleMessage(message.id, settlement, message.edits)
    }
    if (messages.length === 0) return
  }
}

function read(names: string[]): ReadDocument {
  return {
    kind: 'read',
    format: 'RSS 2.0',
    title: 'Example News',
    link: 'https://example.com/',
    language: 'en',
    items: names.map(readItem),
    truncated: false,
  }
}

function readItem(title: string, n: number): ReadItem {
  return {
    ...{ id: `id-${n}`, url: `https://example.com/${n}`, title, content: null, summary: null },
    ...{ publishedAt: now, updatedAt: null, authors: [], categories: [], enclosures: [], language: 'en', text: '' },
    tokens: { title: tokenStream(title), text: '' },
    keys: { id: hash(`id ${n}`), url: hash(`url ${n}`), content: hash(title) },
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function fresh(url: string): Fetched {
  return {
    kind: 'fresh',
    url,
    contentType: 'application/rss+xml',
    bytes: new Uint8Array(),
    validators: { etag: null, lastModified: null },
    bodyHash: 'hash',
    notBeforeMs: 0,
  }
}
