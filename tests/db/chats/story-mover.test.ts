import { expect, onTestFinished, test } from 'vitest'
import { createStoryMover } from '../../../src/db/chats/story-mover.ts'
import { openDriver } from '../../../src/db/sqlite/binding.ts'
import type { Database } from '../../../src/db/sqlite/driver.ts'
import { migrate, readMigrations } from '../../../src/db/sqlite/migrate.ts'
import { NOW } from '../../support/store.ts'

type State = 'waiting' | 'parked' | 'queued' | 'sent'

/** Alerts of one chat, each with a message of its own unless it waits; its id is that of its message, too. */
function openBoard() {
  const driver = openDriver(':memory:')
  onTestFinished(() => void driver.close())
  migrate(driver, readMigrations(), ':memory:', NOW)
  driver.exec(`INSERT INTO chats (id, kind) VALUES ('7', 'telegram');
    INSERT INTO watches (id, chat, number, query, created_at) VALUES (1, '7', 1, 'a', 0), (2, '7', 2, 'b', 0)`)
  const edited: number[] = []
  const edits = { wantOfMessage: (id: number) => void edited.push(id) }
  // It asks for the driver only.
  const move = createStoryMover({ driver } as Database, edits)
  const rows = (sql: string) => driver.prepare(sql).raw().all()
  return {
    edited,
    /** `hits` as "watch", "watch waits for" or "watch cancelled". */
    alert(id: number, story: number, state: State, hits: string[], total = 1) {
      const isSent = state === 'sent'
      if (state !== 'waiting') {
        driver.exec(`INSERT INTO messages (id, chat, total, state, html, created_at)
          VALUES (${id}, '7', ${total}, '${state}', ${isSent ? "'text'" : 'NULL'}, 0)`)
      }
      driver.exec(`INSERT INTO alerts (id, chat, story, place, message_id, created_at)
        VALUES (${id}, '7', ${story}, ${id}, ${state === 'waiting' ? 'NULL' : id}, 0)`)
      for (const [watch, more] of hits.map((hit) => hit.split(' '))) {
        driver.exec(`INSERT INTO hits (alert_id, watch_id, words, cancelled, waits_for) VALUES (${id}, ${watch}, '[]',
          ${more === 'cancelled' ? 1 : 0}, ${more === undefined || more === 'cancelled' ? 'NULL' : more})`)
      }
    },
    move: () => move(100, 200, NOW),
    /** Of what stands "alert of story", of its hits "alert: watch" and what each waits for. */
    left: () => ({
      alerts: rows("SELECT id || ' of ' || story FROM alerts WHERE cancelled_at IS NULL ORDER BY id").flat(),
      hits: rows(`SELECT alert_id || ': ' || watch_id || coalesce(' waits for ' || waits_for, '') FROM hits
        JOIN alerts ON alerts.id = alert_id AND cancelled_at IS NULL WHERE NOT cancelled ORDER BY 1`).flat(),
    }),
    messages: () => rows("SELECT id || ' ' || state || ' of ' || total FROM messages ORDER BY id").flat(),
  }
}

test('an alert that is alone in its chat tells the other story from now on', () => {
  const { alert, move, left, edited } = openBoard()
  alert(1, 100, 'sent', ['1', '2 3'])

  move()

  expect(left()).toEqual({ alerts: ['1 of 200'], hits: ['1: 1', '1: 2 waits for 3'] })
  expect(edited).toEqual([])
})

test.each<[State, State, number]>([
  ['sent', 'queued', 1],
  ['sent', 'waiting', 1],
  ['queued', 'parked', 1],
  ['parked', 'waiting', 1],
  ['queued', 'sent', 2],
  ['waiting', 'sent', 2],
  ['parked', 'queued', 2],
  ['waiting', 'waiting', 2],
])(
  'of one that is %s and one there that is %s the one that has come further is left, with the hits of both',
  (moved, there, stays) => {
    const { alert, move, left } = openBoard()
    alert(1, 100, moved, ['1'])
    alert(2, 200, there, ['2'])

    move()

    expect(left()).toEqual({ alerts: [`${stays} of 200`], hits: [`${stays}: 1`, `${stays}: 2`] })
  },
)

test('two that were told stay both, and what waits goes to the story that is left, whose message shows it', () => {
  const { alert, move, left, edited } = openBoard()
  alert(1, 100, 'sent', ['1', '2 3'])
  alert(2, 200, 'sent', ['1', '2 cancelled'])

  move()

  expect(left()).toEqual({ alerts: ['1 of 100', '2 of 200'], hits: ['1: 1', '2: 1', '2: 2 waits for 3'] })
  expect(edited).toEqual([2])
})

test('two that were told, of which nothing waits, are not edited', () => {
  const { alert, move, edited } = openBoard()
  alert(1, 100, 'sent', ['1'])
  alert(2, 200, 'sent', ['2'])

  move()

  expect(edited).toEqual([])
})

test('a watch that stands in one of them waits in neither', () => {
  const { alert, move, left, edited } = openBoard()
  alert(1, 100, 'parked', ['1'])
  alert(2, 200, 'queued', ['1 3', '2'])

  move()

  expect(left().hits).toEqual(['2: 1', '2: 2'])
  expect(edited).toEqual([2])
})

test('the message of the one that is gone tells the others, and is taken back where it told none', () => {
  const { alert, move, messages } = openBoard()
  alert(1, 100, 'queued', ['1'])
  alert(2, 200, 'sent', ['2'])
  move()
  expect(messages()).toEqual(['1 cancelled of 0', '2 sent of 1'])

  alert(3, 100, 'queued', ['1'], 3)
  move()
  expect(messages().at(-1)).toBe('3 queued of 2')
})
