import { eq } from 'drizzle-orm'
import type { Store } from '../../ports.ts'
import { DAY_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'
import { people } from '../sqlite/schema.ts'

type PeopleStore = Pick<Store, 'listOwners' | 'addOwner' | 'noteStranger'>

export function createPeopleStore({ orm, driver }: Database, group: Group): PeopleStore {
  const forget = driver.prepare("DELETE FROM people WHERE role = 'stranger' AND since <= ?")
  const note = driver.prepare("INSERT INTO people (id, role, since) VALUES (?, 'stranger', ?) ON CONFLICT DO NOTHING")

  return {
    async listOwners() {
      const rows = orm.select().from(people).where(eq(people.role, 'owner')).orderBy(people.since, people.id).all()
      return rows.map(({ id }) => id)
    },
    addOwner: (id, now) =>
      group.run(() => {
        const owner = { id, role: 'owner', since: now } as const
        const set = { role: owner.role, since: now }
        orm
          .insert(people)
          .values(owner)
          .onConflictDoUpdate({ target: people.id, set, setWhere: eq(people.role, 'stranger') })
          .run()
      }),
    noteStranger: (id, now) =>
      group.run(() => {
        // Anybody may write to a bot: only those of the last day are kept.
        forget.run(now - DAY_MS)
        return note.run(id, now).changes === 1
      }),
  }
}
