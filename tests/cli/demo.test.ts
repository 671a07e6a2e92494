import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startApp } from '../../src/app.ts'
import { DESKS } from '../../src/cli/demo/desks.ts'
import { encodeGbk } from '../../src/cli/demo/gbk.ts'
import { type Newsroom, startNewsroom } from '../../src/cli/demo/newsroom.ts'
import { BACKLOG, FILLINGS, STORIES } from '../../src/cli/demo/stories.ts'
import { AppError } from '../../src/errors.ts'
import { parse } from '../../src/source/parse.ts'
import { systemClock } from '../../src/time.ts'
import { testTerminal } from './terminal.ts'

async function until<T>(find: () => T | undefined | false | null, what: string): Promise<T> {
  const end = Date.now() + 100_000
  while (Date.now() < end) {
    const found = find()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${what} did not come`)
}

describe('crier demo', () => {
  let folder: string
  // Where the system's temporary folder is: other tests leave theirs in the common one.
  const before = process.env.TMPDIR

  const leftovers = () => readdirSync(folder).filter((name) => name.startsWith('crier-demo-'))

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crier-test-'))
    process.env.TMPDIR = folder
  })

  afterEach(() => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    rmSync(folder, { recursive: true, force: true })
  })

  test('shows an alert within seconds, through the real service, and leaves nothing behind', async () => {
    const terminal = testTerminal(
      { env: { TELEGRAM_BOT_TOKEN: 'not a token', CRIER_DATA: 'mine', LOG_LEVEL: 'nonsense' } },
      { startApp },
    )
    writeFileSync(join(terminal.folder, '.env'), 'TELEGRAM_BOT_TOKEN=987654:CANARY-abcdefghijklmnopqrstuvwxyz0123\n')
    const running = terminal.crier('demo')

    const [, page] = await until(() => /Page +(http:\/\/127\.0\.0\.1:\d+\/)/.exec(terminal.said.out), 'the page')
    await until(() => /big data · "big data" OR 大数据/.test(terminal.said.out), 'an alert')
    await until(() => /大数据 · "big data" OR 大数据/.test(terminal.said.out), 'a Chinese one')

    // Whichever paper was polled first.
    expect(terminal.said.out).toMatch(/│ (?:Estmere opens a big data exchange|Big data exchange opens at)/)
    expect(terminal.said.out).not.toContain('tide stations')
    expect(terminal.said.out).toMatch(/Database +\S+crier-demo-\S+ \(temporary/)
    // On a busy machine the last desk is read after the first alert.
    const hasAllDesks = async () => {
      const feed = await (await fetch(`${page}feed.atom`)).text()
      for (const { title } of DESKS) expect(feed).toContain(title.replace('&', '&amp;'))
    }
    await vi.waitFor(hasAllDesks, { timeout: 60_000, interval: 100 })
    expect(leftovers()).toHaveLength(1)

    terminal.signal()
    expect((await running).code).toBe(0)
    expect(leftovers()).toEqual([])
    expect(existsSync(join(terminal.folder, 'mine'))).toBe(false)
    await expect(fetch(String(page))).rejects.toThrow()
  })

  test('leaves nothing behind where it cannot start, and at a second signal', async () => {
    const refused = testTerminal({}, { startApp: () => Promise.reject(new AppError('invalid', 'Port 80 is taken.')) })
    expect(await refused.crier('demo')).toMatchObject({ code: 2, err: expect.stringContaining('Port 80') })
    expect(leftovers()).toEqual([])
    expect(refused.handlers()).toBe(0)

    expect((await testTerminal({ env: { PORT: 'x' } }).crier('demo')).code).toBe(2)
    expect(leftovers()).toEqual([])

    const impatient = testTerminal(
      {},
      {
        startApp: () => {
          impatient.signal()
          impatient.signal()
          expect(leftovers()).toEqual([])
          return Promise.reject(new AppError('internal', 'The process had ended.'))
        },
      },
    )
    await impatient.crier('demo')
    expect(impatient.said.exits).toEqual([130])
  })
})

describe('the newsroom', () => {
  let newsroom: Newsroom | null = null
  afterEach(() => newsroom?.stop())

  test('each desk speaks its own format, and Crier reads them all', async () => {
    newsroom = await startNewsroom({ clock: systemClock, everyMs: 60_000 })
    for (const [i, { url, title }] of newsroom.sources.entries()) {
      const response = await fetch(url)
      const feed = await parse(new Uint8Array(await response.arrayBuffer()), {
        contentType: response.headers.get('content-type'),
        url,
      })

      expect(feed.title).toBe(title)
      expect(feed.items).toHaveLength(BACKLOG.length)
      expect(feed.items[0]?.title).not.toBe('')
      expect(Date.parse(feed.items[0]?.published ?? '')).toBeLessThan(Date.now())
      expect(feed.items[0]?.url, DESKS[i]?.name).toMatch(new RegExp(`^${newsroom.url}/`))
      expect(await (await fetch(feed.items[0]?.url ?? '')).text()).toContain('<h1>')
    }
    const gbk = await (await fetch(`${newsroom.url}/river/rss.xml`)).arrayBuffer()
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(gbk)).toThrow()
  })

  test('answers 304 to who has it, publishes once all desks were read, and never runs dry', async () => {
    const published: { path: string; title: string }[] = []
    newsroom = await startNewsroom({ clock: systemClock, everyMs: 1, onPublished: (_, piece) => published.push(piece) })
    const { sources } = newsroom
    const first = await fetch(sources[0]?.url ?? '')
    const again = { headers: { 'if-none-match': first.headers.get('etag') ?? '' } }
    expect((await fetch(sources[0]?.url ?? '', again)).status).toBe(304)
    expect(published).toEqual([])

    for (const { url } of sources) await fetch(url)
    await until(() => published.length > 300, 'many stories')

    expect((await fetch(sources[0]?.url ?? '', again)).status).toBe(200)
    expect(new Set(published.map(({ path }) => path)).size).toBe(published.length)
    const one = STORIES.flatMap((story) => story.takes).length
    expect(published[one]?.title).not.toBe(published[0]?.title)
    expect(published.every(({ title }) => !title.includes('{'))).toBe(true)
  })

  test('a third of the stories concern the two watches, and some are told by several desks', () => {
    const takes = STORIES.flatMap((story) => story.takes)
    const hits = takes.filter(([, title, text]) => /big data|大数据|\bchip|芯片/i.test(title + text))

    expect(takes.length).toBeGreaterThanOrEqual(60)
    expect(hits.length / takes.length).toBeGreaterThan(0.3)
    expect(hits.length / takes.length).toBeLessThan(0.6)
    expect(STORIES.filter((story) => story.takes.length > 1).length).toBeGreaterThan(5)
  })
})

test('what is encoded in GBK is what the platform decodes', () => {
  const text = '江城日报：大数据平台上线，首批12家企业入驻。ABC “引号” ——'

  expect(new TextDecoder('gbk').decode(encodeGbk(text))).toBe(text)
  // What the desk in GBK can ever publish: a letter it lacks would end the demo.
  const takes = [...BACKLOG, ...STORIES].flatMap((story) => story.takes).filter(([desk]) => desk === 'river')
  const all = [...takes.flat(), ...Object.values(FILLINGS).flat()].join('')
  expect(new TextDecoder('gbk').decode(encodeGbk(all))).toBe(all)
  expect(() => encodeGbk('👨‍👩‍👧')).toThrow('GBK has no')
})
