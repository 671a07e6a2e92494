import type { HostPace, Store } from '../../ports.ts'
import { USUAL_SPACING_MS } from '../../source/cadence.ts'
import { DAY_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'

export function createHostStore(
  { driver, clock }: Database,
  group: Group,
): Pick<Store, 'listHostPaces' | 'findPacesVersion' | 'saveHostPace'> {
  const all = driver.prepare<HostPace>('SELECT host, spacing_ms AS spacingMs, until FROM hosts ORDER BY host')
  // SQLite: moves with the commits of all other connections, and ours is the only one of this process.
  const version = driver.prepare<number>('PRAGMA data_version').pluck()
  // The longest wait that any process was asked for holds for all, unless it is so long that a clock that was ahead planned it.
  const write = driver.prepare(
    `INSERT INTO hosts (host, spacing_ms, until) VALUES (:host, :spacingMs, :until)
     ON CONFLICT (host) DO UPDATE SET spacing_ms = :spacingMs, until = iif(until > :most, :until, max(until, :until))`,
  )
  // What every host gets unasked is not worth a row.
  const forget = driver.prepare('DELETE FROM hosts WHERE host = :host AND spacing_ms <= :usual AND until <= :now')

  return {
    listHostPaces: async () => all.all(),
    findPacesVersion: async () => version.get() ?? 0,
    saveHostPace: (pace) =>
      group.run(() => {
        const now = clock()
        write.run({ ...pace, most: now + DAY_MS })
        forget.run({ host: pace.host, usual: USUAL_SPACING_MS, now })
      }),
  }
}
