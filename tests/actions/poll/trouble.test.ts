import { describe, expect, test } from 'vitest'
import { newTrouble, noticesOf, recovery } from '../../../src/actions/poll/trouble.ts'
import type { Source, Unreadable } from '../../../src/model.ts'
import type { Said } from '../../../src/publish/notice.ts'
import { failed } from '../../support/actions.ts'
import { plainSource } from '../../support/items.ts'
import { NOW } from '../../support/store.ts'

const DAY = 86_400_000
const WIRE = plainSource({ id: 3, title: 'Wire', addedAt: NOW - 30 * DAY, succeededAt: NOW - 7.9 * DAY })
const BLOCKED = failed({ reason: 'blocked', detail: 'Its guard asks for a browser.' })
const LAYOUT: Unreadable = { kind: 'unreadable', reason: 'layout', detail: 'No entry is where they were.' }
const FRESH: Partial<Source> = { succeededAt: NOW }

describe('what the owner is told of a source', () => {
  const say = (given: Partial<Source>, fault: Parameters<typeof newTrouble>[1], polls = 3) =>
    newTrouble({ ...WIRE, ...given }, fault, { failures: polls, polls }, NOW)
  const remove = (asks: string) => [` Crier ${asks}; to remove it: `, { kind: 'remove' as const, id: 3 }]

  const rows: [name: string, given: Partial<Source>, fault: Parameters<typeof newTrouble>[1], said: Said][] = [
    [
      'that it has ended',
      FRESH,
      failed({ status: 410 }),
      ['Wire answers 410 Gone: its publisher has ended it.', ...remove('asks once a day')],
    ],
    [
      'that its layout is another',
      FRESH,
      LAYOUT,
      [
        'Wire has changed its layout. No entry is where they were.',
        ' To say what an entry is now: ',
        { kind: 'give', what: 'entry', id: 3 },
        ', or to look for it: ',
        { kind: 'give', what: 'page', id: 3 },
      ],
    ],
    [
      'that it does not let us in',
      FRESH,
      BLOCKED,
      ['Wire does not let Crier in. Its guard asks for a browser. Crier goes on asking.'],
    ],
    [
      'and what would let us in, where that is known',
      FRESH,
      { ...BLOCKED, needs: 'cookie' },
      [
        'Wire does not let Crier in. Its guard asks for a browser. Crier goes on asking.',
        ' On the command line: ',
        { kind: 'give', what: 'cookie', id: 3 },
      ],
    ],
    [
      'for how many days it could not be read',
      {},
      failed(),
      ['Wire could not be read for 7 days. The server answered 500.', ...remove('asks once a day')],
    ],
    [
      'since it was added, where it never could',
      { succeededAt: null },
      failed(),
      ['Wire could not be read for 30 days. The server answered 500.', ...remove('asks once a day')],
    ],
    [
      'or was asked to wait',
      {},
      failed({ reason: 'throttled', detail: 'It asks us to wait.' }),
      ['Wire could not be read for 7 days. It asks us to wait.', ...remove('goes on asking')],
    ],
  ]
  test.each(rows)('%s', (_, given, fault, said) => {
    const news = say(given, fault)

    expect(news?.said).toEqual(said)
    // Once, and of what has ended nothing else.
    expect(say({ ...given, told: news ? [news.trouble] : [] }, fault)).toBeNull()
    expect(say({ ...given, told: ['gone'] }, fault)).toBeNull()
  })

  test.each<[name: string, given: Partial<Source>, fault: Parameters<typeof newTrouble>[1], polls: number]>([
    ['a first failure', FRESH, failed(), 1],
    ['two walls', FRESH, BLOCKED, 2],
    ['two failures after a long night', {}, failed(), 2],
    ['six days and more without a success', { succeededAt: NOW - 7 * DAY + 1 }, failed(), 99],
  ])('not of %s', (_, given, fault, polls) => expect(say(given, fault, polls)).toBeNull())

  test('that it is back, after it was told to be dead or gone', () => {
    expect(recovery({ ...WIRE, told: ['dead'] })).toEqual(['Wire is back.'])
    expect(recovery({ ...WIRE, told: ['gone'] })).toEqual(['Wire is back.'])
    expect(recovery({ ...WIRE, told: ['layout', 'blocked'] })).toBeNull()
  })
})

test('a notice is written for each kind of chat there is, and opens the site, else the source', () => {
  const written = (chats: string[], source = WIRE) =>
    noticesOf(source, chats, [null, ['Wire is back.']]).map((notice) => [notice.chats, notice.message.openUrl])

  expect(written(['7', 'terminal', '9'], { ...WIRE, siteUrl: 'https://wire.example/' })).toEqual([
    [['7', '9'], 'https://wire.example/'],
    [['terminal'], 'https://wire.example/'],
  ])
  expect(written(['terminal'])).toEqual([[['terminal'], WIRE.url]])
  expect(written([])).toEqual([])
})
