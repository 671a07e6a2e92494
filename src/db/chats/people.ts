import type { Store } from '../../ports.ts'
import { DAY_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'

type PeopleStore = Pick<Store, 'listOwners' | 'addOwner' | 'noteStranger'>

export function createPeopleStore({ driver }: Database, group: Group): PeopleStore {
  const owners = driver.prepare<number>("SELECT id FROM people WHERE role = 'owner' ORDER BY since, id").pluck()
  const add = driver.prepare(
    `INSERT INTO people (id, role, since) VALUES (?, 'owner', ?)
     ON CONFLICT (id) DO UPDATE SET role = excluded.role, since = excluded.since WHERE people.role = 'stranger'`,
  )
  const forget = driver.prepare("DELETE FROM people WHERE role = 'stranger' AND since <= ?")
  const note = driver.prepare("INSERT INTO people (id, role, since) VALUES (?, 'stranger', ?) ON CONFLICT DO NOTHING")

  return {
    listOwners: async () => owners.all(),
    addOwner: (id, now) => group.run(() => void add.run(id, now)),
    noteStranger: (id, now) =>
      group.run(() => {
        // Anybody may write to a bot: only those of the last day are kept.
        forget.run(now - DAY_MS)
        return note.run(id, now).changes === 1
      }),
  }
}
