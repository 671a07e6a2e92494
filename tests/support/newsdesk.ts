import type { Actions } from '../../src/actions/context.ts'
import { planIngest } from '../../src/actions/ingest/ingest.ts'
import { addWatch } from '../../src/actions/watch/watch.ts'
import type { OutboxMessage, ReadItem, Source, Watch } from '../../src/model.ts'
import type { Settlement, Store } from '../../src/ports.ts'
import { renderAlert } from '../../src/publish/alert.ts'
import { testActions } from './actions.ts'
import { readDocument, readItem } from './items.ts'
import { addTestSource, claimBoth, NOW, pollRecord } from './store.ts'

/** A store with sources that publish, watches that are saved, and alerts that are sent, as the service does it. */
export interface Newsdesk {
  actions: Actions
  store: Store
  now(): number
  pass(ms: number): void
  /** A source of its own host whose baseline is over; `name` is its title. */
  source(name: string): Promise<Source>
  /** A poll that finds these. */
  publish(source: Source, ...items: ReadItem[]): Promise<void>
  watch(text: string, chat?: string): Promise<Watch>
  /** Claims the head of each chat's queue, and edits that are due, and settles each so. */
  settle(settlement: (message: OutboxMessage) => Settlement): Promise<void>
  /** Everything that is due is sent, or edited, and heard; each message's id on the other side is "m" and its own. */
  sendAll(hear?: (message: OutboxMessage) => void): Promise<void>
}

export async function newsdesk(): Promise<Newsdesk> {
  let now = NOW
  const actions = await testActions({ clock: () => now })
  const { store } = actions

  async function poll(source: Source, items: ReadItem[]): Promise<void> {
    const read = readDocument(items)
    await store.ingest(source.id, read, pollRecord({ polledAt: now }), (known) => planIngest(read, known, now))
  }

  async function claim(): Promise<OutboxMessage[]> {
    const options = { now, limit: 20, leaseMs: 60_000, edits: 20, gapMs: () => 0, render: renderAlert }
    return (await claimBoth(store, options)).messages
  }

  async function settle(settlement: (message: OutboxMessage) => Settlement): Promise<number> {
    const messages = await claim()
    for (const message of messages) await store.settleMessage(message.id, settlement(message), message.edits)
    return messages.length
  }

  return {
    actions,
    store,
    now: () => now,
    pass(ms) {
      now += ms
    },
    async source(name) {
      const source = await addTestSource(store, { url: `https://${name}.test/feed`, givenTitle: name })
      await poll(source, [])
      return source
    },
    publish: (source, ...items) => poll(source, items),
    watch: async (text, chat = 'terminal') => (await addWatch(actions, chat, text)).watch,
    async settle(settlement) {
      await settle(settlement)
    },
    async sendAll(hear) {
      const send = (message: OutboxMessage): Settlement => {
        hear?.(message)
        return { kind: 'sent', at: now, messageId: `m${message.id}` }
      }
      while ((await settle(send)) > 0);
    },
  }
}

/** A desk, and a source of each of these names. */
export async function deskOf<Name extends string>(
  ...names: Name[]
): Promise<{ desk: Newsdesk } & Record<Name, Source>> {
  const desk = await newsdesk()
  const sources: [string, Source][] = []
  for (const name of names) sources.push([name, await desk.source(name)])
  // One for each name.
  return { desk, ...(Object.fromEntries(sources) as Record<Name, Source>) }
}

export const URL_A = 'https://wire.test/a'

/** News in English. */
export function news(title: string, url = URL_A, content = ''): ReadItem {
  return readItem({ id: url, url, title, content, language: 'en' })
}

/** News that several papers carry; this one says `more`. */
export function ferry(paper: string, more = ''): ReadItem {
  return news('Norwegian ferry Aurelia runs aground off Tromsø', `https://${paper}.test/a`, FERRY + more)
}

const FERRY =
  'The ferry Aurelia ran aground near Tromsø early on Sunday with 214 passengers aboard, the coast guard said. Captain Ingrid Solheim ' +
  'reported damage to the hull below the car deck. Two helicopters and four lifeboats took everybody to Skjervøy.'
