import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { planIngest } from '../../../src/actions/ingest/ingest.ts'
import { createFullTexts } from '../../../src/actions/poll/full-text.ts'
import { createWebSub } from '../../../src/actions/websub/websub.ts'
import type { Hub, Read, ReadItem } from '../../../src/model.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { tokenStream } from '../../../src/text/tokens.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { createFakeHub, PUBLIC_URL } from '../../support/fake-hub.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { createRandom } from '../../support/random.ts'
import { addTestSource, NOW, openTestStore, pollRecord } from '../../support/store.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const SITE = 'https://wire.example'
const TOPIC = `${SITE}/feed`

/**
 * One source over weeks, polled and pushed to us, its pages read, by a service that dies again and again in the middle
 * of what it does; its hub hesitates, fails, moves and delivers late, twice or never.
 */
describe('whatever happens between us, a hub and the pages, each item is stored once, read whole, and told once', () => {
  for (let seed = 1; seed <= 4; seed += 1) {
    test(`history ${seed}`, async () => {
      const random = createRandom(seed)
      const world = await createWorld(random)
      await world.poll()

      let lastPoll = 0
      for (let step = 0; step < 40; step += 1) {
        world.work()
        if (random(6) === 0) world.moveHub()
        if (random(6) === 0) world.toggleHub()
        if (random(5) === 0) world.crash()
        world.wait([MINUTE, HOUR, DAY, 3 * DAY][random(4)] ?? 0)
        world.tick()
        if (random(2) === 0) await settled()
        if (random(3) > 0) await world.askBack()
        await world.publish()
        // The document shows its last 15 items: longer without a poll, and some would be missed.
        if (random(2) === 0 || step - lastPoll >= 4) {
          await world.poll()
          lastPoll = step
        }
        await settled()
        expect(new Set(await world.told()).size).toBe((await world.told()).length)
      }

      await world.calm()
      expect(await world.stored()).toEqual(world.published())
      expect(await world.told()).toEqual(world.toTell())
      expect(world.pushed()).toBeGreaterThan(10)
      expect(await world.sayAgain()).toEqual(['accepted'])
    })
  }
})

interface Piece {
  serial: number
  version: number
  updatedAt: number
  /** Its title says "data", its page does. */
  inTitle: boolean
  inPage: boolean
  isTold: boolean
}

async function createWorld(random: (below: number) => number) {
  let now = NOW
  const clock = () => now
  const hub = createFakeHub(clock)
  hub.leaseSeconds = (4 * DAY) / 1_000
  const store = await openTestStore({ clock })
  const base = await testActions({ store, clock, random: () => random(100) / 100 })
  const source = await addTestSource(store, { url: TOPIC, fullText: true })
  await store.addWatch('terminal', parseQuery('data', { timezone: 'UTC', for: 'watch' }), now)

  const pieces: Piece[] = []
  const stumbled = new Set<string>()
  const late: string[] = []
  let hubAt: Hub = { url: 'https://hub-0.example/', topic: TOPIC }
  let isBaseline = true
  let pushed = 0

  /** What dies never goes on: its questions are never answered. */
  function live() {
    const life = { isOver: false }
    const outside = <In, Out>(ask: (given: In) => Promise<Out>) => {
      return async (given: In): Promise<Out> => {
        const answer = await ask(given)
        return life.isOver ? new Promise<Out>(() => {}) : answer
      }
    }
    const actions: Actions = {
      ...base,
      post: outside(hub.post),
      parse: outside(async ({ bytes }: { bytes: Uint8Array }) => readBody(bytes)),
      fetch: outside(async ({ url }: { url: string }) => {
        if (stumbled.has(url) || random(4) > 0) return fresh({ url })
        stumbled.add(url)
        return failed()
      }),
      extract: outside(async ({ url }: { url: string }) => {
        const piece = pieces[Number(url.slice(SITE.length + 1))]
        const text = piece ? wholeText(piece) : ''
        return { kind: 'article' as const, content: `<p>${text}</p>`, text, tokens: tokenStream(text) }
      }),
    }
    const websub = createWebSub(actions, {
      publicUrl: PUBLIC_URL,
      wait: async () => () => {},
      onPush: (_, outcome) => {
        if (outcome.kind === 'new') pushed += outcome.inserted + outcome.edited
      },
    })
    const fullTexts = createFullTexts(actions, { gate: { wait: async () => () => {}, restMs: () => 0, hear() {} } })
    hub.connect(websub)
    return { life, websub, fullTexts }
  }
  let current = live()

  function shown(): Piece[] {
    return pieces.slice(-15).reverse()
  }

  function add(): void {
    const kind = random(5)
    const inTitle = kind === 0
    const inPage = kind === 1
    const isTold = (inTitle || inPage) && !isBaseline
    pieces.push({ serial: pieces.length, version: 0, updatedAt: now, inTitle, inPage, isTold })
  }

  function edit(piece: Piece | undefined): void {
    if (!piece) return
    Object.assign(piece, { version: piece.version + 1, updatedAt: now })
    if (!piece.inTitle && !piece.inPage && random(3) === 0) Object.assign(piece, { inTitle: true, isTold: true })
  }

  async function poll(): Promise<void> {
    now += MINUTE
    const [read, at] = [readDocument(shown().map(toItem)), now]
    const record = pollRecord({ polledAt: at, hub: hubAt })
    await store.ingest(source.id, read, record, (known) => planIngest(read, known, at))
    isBaseline = false
  }

  function tick(): void {
    current.websub.pump()
    current.fullTexts.pump()
  }

  for (let n = 0; n < 12; n += 1) add()
  return {
    poll,
    tick,
    work(): void {
      now += 1_000
      for (let n = random(3); n > 0; n -= 1) add()
      if (random(2) === 0) edit(pieces.at(-1 - random(5)))
    },
    wait(ms: number): void {
      now += ms
    },
    moveHub(): void {
      hubAt = { url: `https://hub-${random(3)}.example/`, topic: TOPIC }
    },
    toggleHub(): void {
      const isDown = hub.answer.kind === 'answered' && hub.answer.status === 503
      hub.answer = { kind: 'answered', status: isDown ? 202 : 503 }
      hub.asksAtOnce = random(2) === 0
    },
    crash(): void {
      current.life.isOver = true
      current = live()
    },
    askBack: () => hub.askBack(),
    /** Some now, some with the next ones, some twice; the service may die while it reads them. */
    async publish(): Promise<void> {
      const body = JSON.stringify(
        shown()
          .slice(0, 1 + random(4))
          .map(say),
      )
      const bodies = random(4) === 0 ? [] : [body, ...late.splice(0)]
      if (random(4) === 0) late.push(body)
      for (const each of random(3) === 0 ? [...bodies, body] : bodies) {
        const answers = hub.publish(TOPIC, each)
        if (random(8) === 0) {
          current.life.isOver = true
          current = live()
        } else await answers
      }
    },
    pushed: () => pushed,
    /** All is well for long enough, and the service lives. */
    async calm(): Promise<void> {
      hub.answer = { kind: 'answered', status: 202 }
      hub.asksAtOnce = false
      await poll()
      // A lease that somebody forgot to end runs out.
      for (let n = 0; n < 12; n += 1) {
        now += 12 * HOUR
        for (let turn = 0; turn < 6; turn += 1) {
          now += 10_000
          tick()
          await settled()
        }
        await hub.askBack()
      }
      for (let n = 0; n < 100 && (await store.listDueFullTexts(now, 1)).length > 0; n += 1) {
        tick()
        await settled()
      }
    },
    async stored(): Promise<string[]> {
      const { items } = await store.listItems({ limit: 9_999, now })
      return items.map(({ title, text }) => `${title}: ${text}`).sort()
    },
    published: () => pieces.map((piece) => `${titleOf(piece)}: ${wholeText(piece)}`).sort(),
    told: async () => (await store.listAlerts({ limit: 9_999 })).map(({ item }) => item.id ?? '').sort(),
    toTell: () =>
      pieces
        .filter(({ isTold }) => isTold)
        .map(({ serial }) => `${serial}`)
        .sort(),
    /** What a push of nothing new is answered with, by every address a hub still knows. */
    sayAgain: () => hub.publish(TOPIC, JSON.stringify(shown().slice(0, 1).map(say))),
  }
}

type Said = Pick<ReadItem, 'id' | 'url' | 'title' | 'content' | 'updatedAt'>

function say(piece: Piece): Said {
  const { serial, version, updatedAt } = piece
  const content = `Part ${version} …`
  return { id: `${serial}`, url: `${SITE}/${serial}`, title: titleOf(piece), content, updatedAt }
}

function toItem(piece: Piece): ReadItem {
  return readItem(say(piece))
}

function titleOf({ serial, version, inTitle }: Piece): string {
  return `${inTitle ? 'data ' : ''}${serial} v${version}`
}

function wholeText({ serial, version, inPage }: Piece): string {
  return `The whole of ${serial} in version ${version}${inPage ? ', with data' : ''}.`
}

function readBody(bytes: Uint8Array): Read {
  // Written by `publish`.
  return readDocument((JSON.parse(Buffer.from(bytes).toString()) as Said[]).map((item) => readItem(item)))
}

/** What was started without being waited for has ended: nothing here waits for the clock or the network. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
