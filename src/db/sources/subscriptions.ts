import { and, eq, sql } from 'drizzle-orm'
import type { Store } from '../../ports.ts'
import { DAY_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'
import { lazily } from '../sqlite/lazily.ts'
import { sources, subscriptions } from '../sqlite/schema.ts'
import { toHub, toSource } from './source-rows.ts'

type SubscriptionStore = Pick<
  Store,
  'listDueSubscriptions' | 'findSubscription' | 'saveSubscription' | 'removeSubscription'
>

/**
 * Our subscriptions at hubs. A source that is paused, removed or given another address is not pushed to us any more from
 * that moment (`sources.ts`); its subscription stays until the hub was told.
 */
export function createSubscriptionStore({ orm, driver }: Database, group: Group): SubscriptionStore {
  const due = lazily(() =>
    orm
      .select(BOTH)
      .from(sources)
      .leftJoin(subscriptions, eq(subscriptions.sourceId, sources.id))
      .where(
        and(
          // As the index of them says it.
          sql`${sources.state} = 'active' AND ${sources.hub} IS NOT NULL`,
          sql`(${subscriptions.nextAt} IS NULL OR ${subscriptions.nextAt} <= ${sql.placeholder('now')}
          OR ${subscriptions.hub} <> ${sources.hub} OR ${subscriptions.nextAt} > ${sql.placeholder('now')} + ${sql.raw(String(FURTHEST_MS))})`,
        ),
      )
      .orderBy(sql`coalesce(${subscriptions.nextAt}, 0)`, sources.id)
      .limit(sql.placeholder('limit'))
      .prepare(),
  )
  const ofSources = () =>
    orm.select(BOTH).from(subscriptions).innerJoin(sources, eq(subscriptions.sourceId, sources.id))
  const needless = lazily(() =>
    ofSources()
      .where(sql`${sources.state} <> 'active' OR ${sources.hub} IS NULL`)
      .limit(sql.placeholder('limit'))
      .prepare(),
  )
  const byToken = lazily(() =>
    ofSources()
      .where(eq(subscriptions.token, sql.placeholder('token')))
      .prepare(),
  )
  const isActive = driver.prepare("SELECT 1 FROM sources WHERE id = ? AND state = 'active'")
  const remove = driver.prepare('DELETE FROM subscriptions WHERE source_id = ?')
  const push = driver.prepare('UPDATE sources SET pushed_until = ? WHERE id = ? AND pushed_until IS NOT ?')

  return {
    async listDueSubscriptions(now, limit) {
      const rows = [...due().all({ now, limit }), ...needless().all({ limit })].slice(0, limit)
      return rows.map(({ source, subscription }) => ({ source: toSource(source), subscription }))
    },
    async findSubscription(token) {
      const found = byToken().get({ token })
      return found && { source: toSource(found.source), subscription: found.subscription }
    },
    saveSubscription: (subscription) =>
      group.run(() => {
        const { sourceId, state, leaseUntil } = subscription
        // It may have been paused while the hub was asked: then what the hub sends is not wanted any more.
        if (!isActive.get(sourceId)) return
        const row = { ...subscription, hub: toHub(subscription.hub) }
        orm.insert(subscriptions).values(row).onConflictDoUpdate({ target: subscriptions.sourceId, set: row }).run()
        setPushed(sourceId, state === 'active' ? leaseUntil : null)
      }),
    removeSubscription: (sourceId) =>
      group.run(() => {
        remove.run(sourceId)
        setPushed(sourceId, null)
      }),
  }

  function setPushed(sourceId: number, until: number | null): void {
    push.run(until, sourceId, until)
  }
}

/** No lease is believed to be longer, so that what lies beyond was planned by a clock that was ahead. */
const FURTHEST_MS = 30 * DAY_MS

const BOTH = { source: sources, subscription: subscriptions }
