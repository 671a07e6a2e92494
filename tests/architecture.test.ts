import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** The levels of the house; a unit is a folder, or a file beside them. */
const LEVELS: Record<string, number> = {
  model: 0,
  ports: 0,
  errors: 0,
  config: 0,
  log: 0,
  metrics: 0,
  time: 0,
  text: 0,
  garbage: 0,
  groups: 0,
  source: 1,
  story: 1,
  query: 1,
  publish: 1,
  page: 2,
  db: 3,
  fetch: 3,
  workers: 3,
  actions: 4,
  http: 5,
  telegram: 5,
  cli: 5,
  schedule: 5,
  main: 6,
  app: 6,
}

/** Each library has one home. */
const HOMES: Record<string, string[]> = {
  'rss-parser': ['source'],
  'iconv-lite': ['source'],
  chardet: ['source'],
  htmlparser2: ['source', 'page'],
  linkedom: ['page'],
  tldts: ['story'],
  '@mozilla/readability': ['page'],
  feed: ['publish'],
  'sanitize-html': ['publish'],
  grammy: ['telegram'],
  'node-cron': ['schedule'],
  'drizzle-orm': ['db'],
  'better-sqlite3': ['db'],
  undici: ['fetch'],
  'ipaddr.js': ['fetch'],
  hono: ['http'],
  '@hono/node-server': ['http'],
  commander: ['cli'],
  zod: ['config'],
  pino: ['log'],
  'prom-client': ['metrics'],
  'opencc-js': ['text'],
}

interface SourceFile {
  path: string
  unit: string
  text: string
  /** Paths of our own files. */
  imports: string[]
  packages: string[]
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map(readSource)

function readSource(path: string): SourceFile {
  const text = readFileSync(join(SRC, path), 'utf8')
  const names = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'|(?:^|\n)import '([^']+)'/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
  const own = names.filter((name) => name.startsWith('.'))
  return {
    path,
    unit: path.split('/')[0]?.replace(/\.ts$/, '') ?? '',
    text,
    imports: own.map((name) => posix.normalize(posix.join(dirname(path), name))),
    packages: names
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  }
}

function unitOf(path: string): string {
  return path.split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

test('every file of src belongs to a unit of the map', () => {
  expect(files.filter((file) => LEVELS[file.unit] === undefined).map((file) => file.path)).toEqual([])
  expect(files.length).toBeGreaterThan(30)
})

test('the map in the manual shows every unit on its level, and names files that are there', () => {
  const manual = readFileSync(join(SRC, '../README.md'), 'utf8')
  const map = /\nsrc\/\n([\s\S]*?)\nmigrations\//.exec(manual)?.[1] ?? ''
  const shown: Record<string, number> = {}
  let level = Number.NaN
  for (const line of map.split('\n')) {
    // A line without a number goes on with the level above it.
    const [, names = '', number] = /^ {2}(\S+(?: \S+)*)(?: {2,}(\d) {2}.*)?$/.exec(line) ?? []
    if (number !== undefined) level = Number(number)
    for (const name of names.split(' ')) shown[name.replace(/\/$|\.ts$/, '')] = level
  }
  const named = [...manual.matchAll(/`(?:src\/)?((?:\w+\/)*[\w-]+\.ts)`/g)].map(([, path = '']) => path)

  expect(shown).toEqual(LEVELS)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((path) => !existsSync(join(SRC, path)))).toEqual([])
})

test('imports point downwards, and folders on one level do not know one another', () => {
  const wrong = files.flatMap((file) =>
    file.imports
      .filter((target) => {
        const from = LEVELS[file.unit] ?? -1
        const to = LEVELS[unitOf(target)] ?? 99
        if (unitOf(target) === file.unit) return false
        return to > from || (to === from && from !== 0 && from !== 6)
      })
      .map((target) => `${file.path} imports ${target}`),
  )

  expect(wrong).toEqual([])
})

test('no file reaches itself through its imports', () => {
  const imports = new Map(files.map((file) => [file.path, file.imports.filter((target) => target.endsWith('.ts'))]))
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: string[]) => {
    if (trail.includes(path)) return void circles.push([...trail.slice(trail.indexOf(path)), path].join(' > '))
    if (done.has(path)) return
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) visit(path, [])

  expect(circles).toEqual([])
})

test('below the entrances no folder reaches itself through what its files import: each can be read after those below it', () => {
  // A file beside the folders stands for itself.
  const roomOf = (path: string) => (dirname(path) === '.' ? path : dirname(path))
  const left = new Map<string, string[]>()
  for (const { path, unit, imports } of files) {
    if ((LEVELS[unit] ?? 0) > 4) continue
    const targets = imports.filter((target) => target.endsWith('.ts')).map(roomOf)
    left.set(roomOf(path), [...(left.get(roomOf(path)) ?? []), ...targets])
  }

  const isDone = ([room, targets]: [string, string[]]) =>
    targets.every((target) => target === room || !left.has(target))
  for (let done = [...left].filter(isDone); done.length > 0; done = [...left].filter(isDone)) {
    for (const [room] of done) left.delete(room)
  }
  expect([...left.keys()]).toEqual([])
})

test('to read a document loads no database: most of a small command’s time is start-up', () => {
  const loaded = new Set<string>()
  const load = (path: string) => {
    if (loaded.has(path)) return
    loaded.add(path)
    const text = files.find((file) => file.path === path)?.text ?? ''
    for (const [, target = ''] of text.matchAll(/^import (?!type\b)[^'"`;]*?\bfrom '(\.[^']+)'/gm)) {
      load(posix.normalize(posix.join(dirname(path), target)))
    }
  }
  load('cli/parse.ts')

  expect([...loaded]).toContain('source/parse.ts')
  expect([...loaded].filter((path) => /^db\/(?:open|store)|^story\//.test(path))).toEqual([])
})

test('each library has one home', () => {
  const astray = files.flatMap((file) =>
    file.packages.filter((name) => !HOMES[name]?.includes(file.unit)).map((name) => `${file.path} imports ${name}`),
  )

  expect(astray).toEqual([])
})

test('the SQLite binding is imported by db/sqlite/binding.ts alone', () => {
  const importers = files.filter((file) => /from 'better-sqlite3'/.test(file.text) && !/import type/.test(file.text))

  expect(importers.map((file) => file.path).filter((path) => path !== 'db/sqlite/binding.ts')).toEqual([])
})

describe('what only one place may do', () => {
  const rules: { name: string; pattern: RegExp; allowed: string[] }[] = [
    {
      name: 'ask the machine for the time',
      pattern: /\bDate\.now\(\)|\bnew Date\(\)|performance\.now\(/,
      allowed: ['time.ts'],
    },
    {
      name: 'touch the process',
      pattern: /\bprocess\.(?!memoryUsage|cpuUsage)/,
      // The reader of large documents is the main of a process of its own.
      allowed: ['main.ts', 'workers/parse-worker.ts'],
    },
    // Each iterator is an object of the SQLite binding, and none of those may be collected (db/sqlite/binding.ts).
    { name: 'iterate over rows of SQLite', pattern: /\.iterate\(/, allowed: [] },
    { name: 'write to the console', pattern: /\bconsole\./, allowed: [] },
  ]
  for (const rule of rules) {
    test(`${rule.name}: ${rule.allowed.join(', ') || 'nobody'}`, () => {
      const offenders = files.filter(
        (file) => rule.pattern.test(withoutComments(file.text)) && !rule.allowed.includes(file.path),
      )

      expect(offenders.map((file) => file.path)).toEqual([])
    })
  }
})

test('nobody below the entrances speaks the command line: an advice is data, which publish/advice.ts knows as a command', () => {
  const below = new Set(['actions', 'db', 'fetch', 'workers', 'page', 'source', 'story', 'query'])
  const command =
    /\bcrier (?:source|watch|import|export|poll|alerts|start|status)\b|\s--(?:auth|header|proxy|entry|page|feed|url)\b/
  const speakers = files.filter(({ unit, text }) => below.has(unit) && command.test(withoutComments(text)))

  expect(speakers.map(({ path }) => path)).toEqual([])
})

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

test('tests mirror src: a folder of tests has a folder of src', () => {
  const root = fileURLToPath(new URL('.', import.meta.url))
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const own = new Set(['support', 'fixtures', 'faults', 'bench', 'browser'])

  const strays = folders
    .map((entry) => relative(root, join(root, entry.name)))
    .filter((name) => !own.has(name) && LEVELS[name] === undefined)

  expect(strays).toEqual([])
})
