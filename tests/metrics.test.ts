import { expect, test } from 'vitest'
import { createMetrics } from '../src/metrics.ts'

test('counts what happened, by outcome', async () => {
  const metrics = createMetrics()

  metrics.polled('unchanged')
  metrics.polled('unchanged')
  metrics.polled('failed')
  metrics.fetched(1_000)
  metrics.ingested({ inserted: 3, edited: 1, alerts: 2 })
  metrics.messageSettled('sent')
  metrics.answered('/feed.atom', 304)

  const lines = (await metrics.render()).split('\n')
  for (const line of [
    'crier_polls_total{outcome="unchanged"} 2',
    'crier_polls_total{outcome="failed"} 1',
    'crier_fetched_bytes_total 1000',
    'crier_items_total{change="inserted"} 3',
    'crier_items_total{change="edited"} 1',
    'crier_alerts_total 2',
    'crier_messages_total{outcome="sent"} 1',
    'crier_http_requests_total{route="/feed.atom",status="304"} 1',
  ]) {
    expect(lines).toContain(line)
  }
})

test('shows what is there, and the process', async () => {
  const metrics = createMetrics()

  metrics.setStatus({
    sources: { active: 5, paused: 1, failing: 2 },
    items: 100,
    watches: 7,
    alerts: { queued: 3, sent: 40, parked: 1 },
    chatsGone: 1,
    lastPollAt: null,
    lastAlertAt: null,
  })

  const text = await metrics.render()
  expect(text).toContain('crier_sources{state="active"} 5\n')
  expect(text).toContain('crier_stored_alerts{state="queued"} 3\n')
  expect(text).toContain('process_resident_memory_bytes')
  expect(metrics.contentType).toMatch(/^text\/plain/)
})

test('two services in one process do not add up', async () => {
  const one = createMetrics()
  const two = createMetrics()

  one.polled('failed')

  expect(await two.render()).not.toContain('crier_polls_total{outcome="failed"}')
})
