import type { Alert, OutboxMessage, RenderedMessage, Watch } from '../../src/model.ts'
import type { IngestResult, Store } from '../../src/ports.ts'
import { readItem } from './items.ts'
import { addTestSource, claimBoth, ingestPlan, NOW, openTestStore, watchQuery } from './store.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const LEASE_MS = 150 * SECOND
export const GAP_MS = SECOND
/** What comes within it is one edit. */
export const DELAY_MS = 20 * SECOND

/** The same words in every paper: one story each. */
export const WIRE = {
  storm: {
    title: 'Storm closes the harbour of Port Alder for a second day',
    text: `Gusts of up to 130 kilometres an hour kept the ferries at their moorings on Monday, the harbour master said, and the
      chain across the inner basin stays closed until the wind turns west. Some two hundred lorries wait on the coast road.`,
  },
  bakers: {
    title: 'Bakers in Lindow vote to strike over night shifts',
    text: `Three out of four members of the union refused an offer of four per cent, their secretary Ada Moss announced after the
      count, so that the ovens of eleven factories will be cold from Thursday unless both sides meet again.`,
  },
  comet: {
    title: 'Comet Halvorsen will be seen with the naked eye in March',
    text: `Observers on both hemispheres may look for it low above the western horizon an hour after sunset, astronomers write;
      its tail of dust and ice has grown to nine degrees since it passed the orbit of Jupiter in spring.`,
  },
}
export type Story = keyof typeof WIRE

interface Told {
  watch?: Watch
  words?: string[]
  waitsFor?: number
}

/** A store over which papers tell the same stories, and chats are told of them. */
export interface StoryDesk {
  store: Store
  watch: (text: string, chat?: string) => Promise<Watch>
  /** A paper prints a story, and these hits are called to their chats. */
  print: (paper: string, stories: Story | Story[], hits?: Told[], options?: PrintOptions) => Promise<IngestResult>
  claim: (now?: number, options?: { edits?: number; limit?: number }) => Promise<OutboxMessage[]>
  /** Sends what is due, news and edits, as the other side would: gives "news" or "edit of 7" with what was said. */
  send: (now?: number) => Promise<string[]>
  /** When something is due. */
  next: (now: number) => Promise<number | null>
  /** When the next edit is due, where no news wait. */
  nextAt: (now?: number) => Promise<number | null>
  states: () => Promise<string[]>
}

interface PrintOptions {
  now?: number
  singly?: number
  quiet?: true
  site?: string
  publishedAt?: number
}

export async function openDesk(options: { dataDir?: string } = {}): Promise<StoryDesk> {
  const store = await openTestStore(options)
  let serial = 0
  const look = (now: number, given: { edits?: number; limit?: number } = {}) =>
    claimBoth(store, {
      now,
      leaseMs: LEASE_MS,
      gapMs: () => GAP_MS,
      render,
      limit: 10,
      edits: 10,
      ...given,
    })
  const claim: StoryDesk['claim'] = async (now = NOW, given = {}) => (await look(now, given)).messages
  return {
    store,
    watch: (text, chat = '12') => store.addWatch(chat, watchQuery(text), NOW),
    async print(paper, given, hits = [], { now = NOW, singly = 10, quiet, site, publishedAt = NOW } = {}) {
      const stories = [given].flat()
      const url = `https://${paper}.example/feed`
      const source = (await store.findSource(url)) ?? (await addTestSource(store, { url, givenTitle: paper }))
      const alerts = stories.map((_, inserted) => ({
        item: { inserted },
        hits: hits.flatMap(({ watch, words = ['w'], ...waits }) => (watch ? [{ watch, words, ...waits }] : [])),
      }))
      const chats = [...new Set(hits.flatMap(({ watch }) => watch?.chat ?? []))]
      return ingestPlan(
        store,
        source.id,
        {
          insert: stories.map((story) => ({
            item: readItem({
              ...WIRE[story],
              url: `https://${site ?? paper}.example/${story}/${serial++}`,
              publishedAt,
            }),
            placeMs: now,
            ...(quiet && { quiet }),
          })),
          messages: chats.map((chat) => ({
            chat,
            singly,
            alerts: alerts.map((alert) => ({ ...alert, hits: alert.hits.filter(({ watch }) => watch.chat === chat) })),
          })),
        },
        { polledAt: now },
      )
    },
    claim,
    async send(now = NOW) {
      const said: string[] = []
      for (let messages = await claim(now); messages.length > 0; messages = await claim(now)) {
        for (const { id, rendered, edits } of messages) {
          said.push(`${edits === null ? 'news' : `edit of ${edits}`}: ${rendered.html}`)
          await store.settleMessage(id, { kind: 'sent', at: now, messageId: edits ?? String(70 + id) }, edits)
        }
      }
      return said
    },
    next: async (now) => (await look(now, { limit: 0 })).nextAt,
    async nextAt(now = NOW) {
      // A chat rests when its queue was found empty.
      await look(now + GAP_MS, { edits: 0 })
      return (await look(now, { limit: 0 })).nextAt
    },
    states: async () =>
      (await store.listAlerts({ limit: 99 })).map(({ item, state }) => `${item.source.title} ${state}`),
  }
}

/** Who tells it, who carries it too, and the watches by name. */
export function render(alerts: Alert[], total: number): RenderedMessage {
  const texts = alerts.map(({ item, hits }) => {
    const others = item.related.map(({ source }) => ` +${source.title}`).join('')
    return `${item.source.title}${others} (${hits.map(({ watch, words }) => `${watch.query}=${words.join('|')}`).join()})`
  })
  return { html: total === 1 ? texts.join() : `${total}: ${texts.join(', ')}`, openUrl: null }
}
