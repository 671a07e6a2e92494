import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Status } from './model.ts'

/** The service's own numbers, in the text format of Prometheus. */
export interface Metrics {
  /** One look at a source, by what came of it. */
  polled(outcome: string): void
  /** Decompressed bytes of documents. */
  fetched(bytes: number): void
  /** What an ingest changed. */
  ingested(counts: { inserted: number; edited: number; alerts: number }): void
  /** One message of the outbox, by what became of it. */
  messageSettled(outcome: string): void
  /** One request to our HTTP side; `route` is the pattern, never the path: paths would make a series each. */
  answered(route: string, status: number): void
  /** What is there now; asked for right before `render`. */
  setStatus(status: Status): void
  render(): Promise<string>
  /** The media type of what `render` gives. */
  contentType: string
}

/** A registry of its own: two services in one process (tests) do not add up. No timer keeps the process alive. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `crier_${name}`, help, labelNames, registers })
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `crier_${name}`, help, labelNames, registers })

  const polls = counter('polls_total', 'Looks at a source, by outcome.', ['outcome'])
  const bytes = counter('fetched_bytes_total', 'Bytes of fetched documents, decompressed.')
  const items = counter('items_total', 'Items stored, by change.', ['change'])
  const alerts = counter('alerts_total', 'Alerts written to the outbox.')
  const messages = counter('messages_total', 'Messages of the outbox, by what became of them.', ['outcome'])
  const requests = counter('http_requests_total', 'Requests answered, by route and status.', ['route', 'status'])
  const sources = gauge('sources', 'Sources, by state.', ['state'])
  const storedItems = gauge('stored_items', 'Items in the database.')
  const watches = gauge('watches', 'Watches.')
  const alertStates = gauge('stored_alerts', 'Alerts in the database, by state.', ['state'])
  const chatsGone = gauge('chats_gone', 'Chats that cannot be reached.')
  // Every 100 ms instead of 10: the event loop's delay is not worth a hundred wake-ups a second on an idle machine.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })

  return {
    polled: (outcome) => polls.inc({ outcome }),
    fetched: (count) => bytes.inc(count),
    ingested(counts) {
      items.inc({ change: 'inserted' }, counts.inserted)
      items.inc({ change: 'edited' }, counts.edited)
      alerts.inc(counts.alerts)
    },
    messageSettled: (outcome) => messages.inc({ outcome }),
    answered: (route, status) => requests.inc({ route, status: String(status) }),
    setStatus(status) {
      for (const [state, count] of Object.entries(status.sources)) sources.set({ state }, count)
      storedItems.set(status.items)
      watches.set(status.watches)
      for (const [state, count] of Object.entries(status.alerts)) alertStates.set({ state }, count)
      chatsGone.set(status.chatsGone)
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
