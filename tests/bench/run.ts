/**
 * `npm run bench`: what a poll costs, in CPU milliseconds per source (user and system time of the service with all its
 * threads, after start-up and a warm-up poll), beside the naive composition in the same run. Ratios hold on any
 * machine; the milliseconds are this one's. `BENCH_SOURCES` makes it larger or smaller (1000): unchanged has its target at
 * 5000 too. Then what reading one document costs in the caller's thread, beside bare rss-parser.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openStore } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import { measurePage, measureParse } from './reading.ts'

/** That nothing comes any more is seen so much later. */
const SETTLE_MS = 500
const SOURCES = Number(process.env.BENCH_SOURCES ?? 1000)
const WATCHES = 1000
const PHASE_MS = 120_000
const here = (path: string) => new URL(path, import.meta.url).pathname
const run = promisify(execFile)

const folder = mkdtempSync(join(tmpdir(), 'crier-bench-'))
const children: ChildProcess[] = []
try {
  await bench()
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const farm = `http://127.0.0.1:${await firstLine(start(['--import', import.meta.resolve('tsx'), here('farm.ts'), String(SOURCES)]), /^(\d+)$/m)}`
  const env = {
    ...process.env,
    CRIER_DATA: folder,
    PORT: '0',
    CRIER_ALLOW_HOSTS: '127.0.0.1',
    LOG_LEVEL: 'info',
    TELEGRAM_BOT_TOKEN: '',
  }
  const crier = (...args: string[]) =>
    run(process.execPath, [here('../../dist/main.js'), ...args], { env, cwd: folder })

  writeFileSync(join(folder, 'watches.txt'), watchQueries().join('\n'))
  writeFileSync(join(folder, 'sources.opml'), opml(farm))
  await crier('source', 'add', `${farm}/warm/0`)
  await crier('watch', 'add', '--from', join(folder, 'watches.txt'))

  const service = start([here('../../dist/main.js'), 'start'], env)
  const url = await firstLine(service, /(http:\/\/127\.0\.0\.1:\d+)/)
  await warmUp(url, farm)

  const startedAt = performance.now()
  const cold = await phase(
    url,
    farm,
    'as_before',
    async () => void (await crier('import', join(folder, 'sources.opml'))),
  )
  const coldSeconds = (performance.now() - startedAt - SETTLE_MS) / 1_000
  const unchanged = await phase(url, farm, 'as_before', pollAgain)
  const buildDate = await phase(url, farm, 'build_date', pollAgain)
  const oneNew = await phase(url, farm, 'one_new', pollAgain)
  const items = (await status(url)).items
  if (items < SOURCES * 31) throw new Error(`expected ${SOURCES * 31} items, the service has ${items}`)

  await fetch(`${farm}/mode/as_before`)
  const { stdout } = await run(process.execPath, [
    '--import',
    'tsx',
    here('naive.ts'),
    farm,
    String(Math.min(SOURCES, 300)),
    join(folder, 'naive.db'),
  ])
  // Printed by naive.ts.
  const naive = JSON.parse(stdout) as { cold: number; unchanged: number }

  console.log(`\nA poll of one source (${SOURCES} sources of 30 items, 58 KB, gzip; ${WATCHES} watches), CPU ms\n`)
  console.log(line('', 'Crier', 'target', 'naive', 'ratio'))
  const rows: [string, number, number, number][] = [
    ['cold: all 30 items new', cold, 9, naive.cold],
    ['unchanged: 304', unchanged, 0.3, naive.unchanged],
    ['only the build date', buildDate, 0.9, naive.unchanged],
    ['one new item', oneNew, 1.5, naive.unchanged],
  ]
  for (const [name, ours, target, theirs] of rows) {
    console.log(line(name, ours.toFixed(3), `≤ ${target}`, theirs.toFixed(3), (ours / theirs).toFixed(2)))
  }
  const perThousand = (coldSeconds * 1_000) / SOURCES
  console.log(
    `\nthe first ${SOURCES} sources are searchable after ${coldSeconds.toFixed(1)} s, import included (1,000: ${perThousand.toFixed(1)} s, ≤ 15 s)`,
  )
  console.log('\nnaive: rss-parser.parseURL and one insert an item, without search, watches, limits or 304.')
  await benchReading(farm)
}

async function benchReading(farm: string): Promise<void> {
  console.log('\nReading one document in the caller’s thread, CPU ms\n')
  console.log(line('', 'Crier', 'bare', 'ratio', 'target'))
  for (const [name, path] of [
    ['parse(), RSS', '/feed/0'],
    ['parse(), Atom', '/feed/1'],
  ] as const) {
    const { ours, theirs, ratio, bytes } = await measureParse(`${farm}${path}`)
    console.log(line(`${name}, ${kilobytes(bytes)}`, ours.toFixed(3), theirs.toFixed(3), ratio.toFixed(2), '≤ 1.3'))
  }
  const page = await measurePage(`${farm}/list`)
  console.log(line(`page, ${kilobytes(page.bytes)}`, page.ours.toFixed(1)))
  console.log('\nbare: rss-parser.parseString of the decoded text, without charsets, mending, dates or absolute links.')
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1_000)} KB`
}

function line(name: string, ...figures: string[]): string {
  return `${name.padEnd(26)}${figures.map((figure) => figure.padStart(9)).join('')}`
}

/** One round over all sources; CPU ms per source. */
async function phase(url: string, farm: string, mode: string, begin: () => Promise<void>): Promise<number> {
  await fetch(`${farm}/mode/${mode}`)
  const before = await cpuSeconds(url)
  await begin()
  await until(async () => Number(await text(`${farm}/served`)) >= SOURCES)
  await settled(url)
  return (((await cpuSeconds(url)) - before) * 1_000) / SOURCES
}

/** Makes every source due, from outside, as `crier source set` would. */
async function pollAgain(): Promise<void> {
  const store = await openStore({ dataDir: folder, log: silentLog })
  const sources = await store.listSources()
  const now = Date.now()
  await Promise.all(
    sources
      .filter((source) => source.url.includes('/feed/'))
      .map((source) => store.changeSource(source.id, { nextPollAt: now }, now)),
  )
  await store.close()
}

/** The first changed document starts the worker and its compiler; that is start-up, not a poll. */
async function warmUp(url: string, farm: string): Promise<void> {
  await run(process.execPath, [here('../../dist/main.js'), 'source', 'set', '1', '--every', '1s'], {
    env: { ...process.env, CRIER_DATA: folder },
    cwd: folder,
  })
  await until(async () => Number(await text(`${farm}/served`)) >= 0)
  await settled(url)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  await run(process.execPath, [here('../../dist/main.js'), 'source', 'pause', '1'], {
    env: { ...process.env, CRIER_DATA: folder },
    cwd: folder,
  })
}

async function settled(url: string): Promise<void> {
  let last = -1
  await until(async () => {
    const { items } = await status(url)
    const still = items === last
    last = items
    return still
  }, SETTLE_MS)
}

async function status(url: string): Promise<{ items: number }> {
  return (await (await fetch(`${url}/api/v1/status`)).json()) as { items: number }
}

async function cpuSeconds(url: string): Promise<number> {
  const metrics = await text(`${url}/metrics`)
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1])
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text()
}

async function until(done: () => Promise<boolean>, everyMs = 50): Promise<void> {
  const end = Date.now() + PHASE_MS
  while (!(await done())) {
    if (Date.now() > end) throw new Error('the phase did not end in time')
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

function start(args: string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  const child = spawn(process.execPath, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  children.push(child)
  return child
}

function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      const match = pattern.exec(seen)?.[1]
      if (match) resolve(match)
    })
    child.on('exit', (code) => reject(new Error(`a child ended with ${code}: ${seen}`)))
  })
}

/** Words of the farm's own making, so that every watch is looked for; about one item in ten is called. */
function watchQueries(): string[] {
  const syllables = 'ba de fi go lu ma ne pi ro su ta ve wi xo zu'.split(' ')
  const word = (n: number) =>
    `${syllables[n % 15]}${syllables[Math.floor(n / 15) % 15]}${syllables[Math.floor(n / 225) % 15]}`
  const forms = [
    (n: number) => `"${word(n)} ${word(n * 7)}"`,
    (n: number) => `${word(n)} ${word(n * 11)} -${word(n + 3)}`,
    (n: number) => `title:"${word(n)} ${word(n * 13)}" OR 芯片${word(n)}`,
  ]
  return Array.from({ length: WATCHES }, (_, n) => forms[n % 3]?.(n) ?? '')
}

function opml(farm: string): string {
  const outlines = Array.from(
    { length: SOURCES },
    (_, i) => `<outline type="rss" text="Wire ${i}" xmlUrl="${farm}/feed/${i}"/>`,
  )
  return `<?xml version="1.0"?><opml version="2.0"><head><title>Farm</title></head><body>${outlines.join('\n')}</body></opml>`
}
