import type { HostPace, Store } from '../ports.ts'
import { USUAL_SPACING_MS } from '../source/cadence.ts'
import type { Database } from './driver.ts'
import type { Group } from './group.ts'

export function createHostStore(
  { driver, clock }: Database,
  group: Group,
): Pick<Store, 'listHostPaces' | 'saveHostPace'> {
  const all = driver.prepare<HostPace>('SELECT host, spacing_ms AS spacingMs, until FROM hosts ORDER BY host')
  const write = driver.prepare('INSERT OR REPLACE INTO hosts (host, spacing_ms, until) VALUES (?, ?, ?)')
  const forget = driver.prepare('DELETE FROM hosts WHERE host = ?')

  return {
    listHostPaces: async () => all.all(),
    saveHostPace: ({ host, spacingMs, until }) =>
      group.run(() => {
        // What every host gets unasked is not worth a row.
        if (spacingMs <= USUAL_SPACING_MS && until <= clock()) forget.run(host)
        else write.run(host, spacingMs, until)
      }),
  }
}
