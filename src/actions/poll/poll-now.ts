import { AppError } from '../../errors.ts'
import type { Source } from '../../model.ts'
import type { DueSource } from '../../ports.ts'
import { formatLocal, MINUTE_MS, SECOND_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import { getSource } from '../get-source.ts'
import { createHostGate, systemTimer } from '../hosts/gate.ts'
import type { PollOutcome } from './poll.ts'
import { createPool, type Poller, type PollLimits } from './pool.ts'

/** Who polls now, and is watched at it, does not wait longer than this for one host's turn. */
const MOST_PATIENCE_MS = 2 * MINUTE_MS
/** For what is under way when it is to stop. */
const STOP_MS = 10 * SECOND_MS

export interface PollSummary {
  polled: { source: Source; outcome: PollOutcome }[]
  /** Being polled by the service at this moment. */
  skipped: Source[]
}

/**
 * Polls these sources (numbers or addresses), or all active ones, once and now, due or not, as their hosts become free.
 * A host that asked us to stay away for long is not asked: its sources come back as throttled. Throws `not_found` for a
 * source that is not there, before anything is polled. With `until` it stops, within 10 s, and gives what it has by then.
 */
export async function pollNow(
  ctx: Actions,
  limits: PollLimits,
  refs: string[] | 'all',
  onProgress: (done: number, total: number) => void,
  until: Promise<void> = new Promise(() => {}),
): Promise<PollSummary> {
  const { concurrency, gate = createHostGate(ctx, limits), timer = systemTimer } = limits
  const queues = new Map<string, Map<number, Source>>()
  const summary: PollSummary = { polled: [], skipped: [] }
  const add = (source: Source) => {
    queues.set(source.host, (queues.get(source.host) ?? new Map()).set(source.id, source))
  }
  for (const source of await chooseSources(ctx, refs)) add(source)
  const total = [...queues.values()].reduce((sum, queue) => sum + queue.size, 0)

  let cancelTimer = () => {}
  let cancelDeadline = () => {}
  let isStuck = false

  const take = (source: DueSource): Source | undefined => {
    const queue = queues.get(source.host)
    const taken = queue?.get(source.id)
    queue?.delete(source.id)
    if (queue?.size === 0) queues.delete(source.host)
    return taken
  }
  const finish = (source: Source, outcome: PollOutcome) => {
    take(source)
    summary.polled.push({ source, outcome })
    onProgress(summary.polled.length + summary.skipped.length, total)
  }

  /** What may be asked now; of one host the pool takes one at a time, unless it is ours. */
  const list = (now: number): Source[] => {
    isStuck = true
    const candidates: Source[] = []
    let wakeAt = Number.POSITIVE_INFINITY
    for (const [host, queue] of queues) {
      const freeAt = gate.freeAt(host)
      if (freeAt > now + MOST_PATIENCE_MS) {
        for (const source of [...queue.values()]) finish(source, putOff(host, freeAt, now))
      } else if (freeAt > now) wakeAt = Math.min(wakeAt, freeAt)
      else candidates.push(...queue.values())
    }
    cancelTimer()
    cancelTimer = wakeAt === Number.POSITIVE_INFINITY ? () => {} : timer(() => pool.pump(), wakeAt - now)
    return candidates
  }

  let pool: Poller
  await new Promise<void>((resolve, reject) => {
    pool = createPool(
      ctx,
      { concurrency, gate, timer },
      {
        list: async (now) => new Set(list(now)),
        force: true,
        onOutcome: finish,
        onSkipped: (candidate) => {
          isStuck = false
          const source = take(candidate)
          if (source) summary.skipped.push(source)
        },
        onMoved: (candidate, source) => {
          isStuck = false
          take(candidate)
          add(source)
        },
        onIdle: () => {
          if (queues.size === 0) resolve()
          else if (!isStuck) pool.pump()
        },
        onBroken: reject,
      },
    )
    pool.pump()
    until
      .then(() => {
        cancelDeadline = timer(resolve, STOP_MS)
        gate.close()
        return pool.stop()
      })
      .then(resolve, reject)
  }).finally(() => {
    cancelTimer()
    cancelDeadline()
  })
  return summary
}

function putOff(host: string, until: number, now: number): PollOutcome {
  const reason = `${host} is to be left alone until ${formatLocal(until, 'UTC')} UTC: it has complained of too many requests.`
  return { kind: 'throttled', reason, retryAfterMs: until - now }
}

async function chooseSources(ctx: Actions, refs: string[] | 'all'): Promise<Source[]> {
  if (refs === 'all') return (await ctx.store.listSources()).filter((source) => source.state === 'active')
  const chosen: Source[] = []
  for (const ref of refs) chosen.push(await getSource(ctx, ref))
  const paused = chosen.find((source) => source.state === 'paused')
  if (!paused) return chosen
  throw new AppError('conflict', `${paused.title} is paused.`, { advice: { kind: 'resume', id: paused.id } })
}
