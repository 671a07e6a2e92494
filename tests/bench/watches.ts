/**
 * What matching one item costs with 100,000 watches, beside one RegExp for each watch in the same run; whether both find the
 * same; and what the index takes of memory and time. `npx tsx tests/bench/watches.ts`
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Matchable, Query, Watch } from '../../src/model.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { createWatchIndex } from '../../src/query/watch-index.ts'
import { tokenStream } from '../../src/text/tokens.ts'
import { cpuMs, wallMs } from './measure.ts'
import { createNewsroom } from './newsroom.ts'

const WATCHES = 100_000
const ITEMS = 2_000
const NOW = Date.UTC(2026, 10, 25)
type Index = ReturnType<typeof createWatchIndex>

setFlagsFromString('--expose-gc')
// A function of V8, there since the flag is set.
const collectGarbage = runInNewContext('gc') as () => void

const newsroom = createNewsroom(5)
const items = Array.from({ length: ITEMS }, () => matchable(newsroom.item()))
// As bytes: the strings are made while memory is measured, as they are when the rows of a database are read.
const rows = Array.from({ length: WATCHES }, () => Buffer.from(newsroom.query()))

console.log(`${ITEMS} items of a title and 2 KB, one in ten Chinese; times are CPU times\n`)
console.log(line('', 'figure', 'target'))
const full = printBuilding()
printChanges(full)
printItems()
printCrowd()
printRegExps()

function printBuilding(): Index {
  // What is compiled and learnt once is no part of it.
  buildIndex(rows.slice(0, 2_000))
  const before = heapMb()
  const watches = rows.map((bytes, id) => newWatch(id, bytes.toString()))
  const index = createWatchIndex()
  const building = cpuMs(() => {
    for (const watch of watches) index.add(watch, parse(watch.query))
  })
  const reading = cpuMs(() => {
    for (const { query } of watches) parse(query)
  })
  console.log(line('building the index', `${building.toFixed(0)} ms`, '≤ 1,000 ms'))
  console.log(line('  of it, reading the queries', `${reading.toFixed(0)} ms`))
  console.log(line('memory, with its watches', `${(heapMb() - before).toFixed(1)} MB`, '≤ 40 MB'))
  return index
}

function printChanges(index: Index): void {
  const watches = Array.from({ length: 2_000 }, (_, at) => newWatch(WATCHES + at, newsroom.query()))
  const adding = watches.map((watch) => wallMs(() => index.add(watch, parse(watch.query))))
  const removing = watches.map(({ id }) => wallMs(() => index.remove(id)))
  for (const [name, times] of Object.entries({ adding, removing })) {
    times.sort((a, b) => a - b)
    const [usual = 0, most = 0] = [0.5, 0.99].map((part) => times[Math.floor(times.length * part)])
    console.log(line(`${name} one, 50 % and 99 %`, `${micro(usual)} ${micro(most)}`, '≤ 1 ms'))
  }
}

function printItems(): void {
  console.log(`\n${line('one item', 'figure', 'target', 'hits', 'a hit')}`)
  for (const count of [1_000, 10_000, WATCHES]) {
    const index = count === WATCHES ? full : buildIndex(rows.slice(0, count))
    const { us, hits } = measure(index, items)
    const target = count === WATCHES ? '≤ 250 µs' : ''
    console.log(line(`${count} watches`, `${us.toFixed(0)} µs`, target, hits.toFixed(0), nano(us / hits)))
  }
  for (const [name, some] of [
    ['English', items.filter(({ language }) => language === 'en')],
    ['Chinese', items.filter(({ language }) => language === 'zh')],
  ] as const) {
    const { us, hits } = measure(full, some)
    console.log(line(`  those in ${name}`, `${us.toFixed(0)} µs`, '', hits.toFixed(0)))
  }
  const tokens = cpuMs(() => {
    for (const item of items) matchable(item)
  })
  console.log(line('making its tokens, when it is read', micro(tokens / ITEMS)))
}

/** The worst there is: very many watch for what nearly every item has. */
function printCrowd(): void {
  console.log(`\n${line('one item, when 10,000 more watch', 'figure', '', 'hits', 'a hit')}`)
  const [common = '', other = ''] = newsroom.commonWords
  const crowds: Record<string, (at: number) => string> = {
    'for one word that is everywhere': () => common,
    'for that and a word of their own': (at) => `${common} ${newsroom.word()}${at}`,
    'for two words that are everywhere': () => `${common} ${other}`,
    'for one of two, without a third': (at) => `${common} OR ${other} -x${at}`,
  }
  for (const [name, query] of Object.entries(crowds)) {
    const extra = Array.from({ length: 10_000 }, (_, at) => newWatch(WATCHES + at, query(at)))
    for (const watch of extra) full.add(watch, parse(watch.query))
    const { us, hits } = measure(full, items)
    for (const { id } of extra) full.remove(id)
    console.log(line(name, `${us.toFixed(0)} µs`, '', hits.toFixed(0), nano(us / hits)))
  }
}

/** Both must find the same: single words and phrases of Latin letters and of Han, which a RegExp can say too. */
function printRegExps(): void {
  console.log(`\n${line('words and phrases only', 'Crier', 'RegExp', 'ratio', 'hits')}`)
  for (const [count, looks] of [
    [1_000, 300],
    [10_000, 30],
  ] as const) {
    const texts = Array.from({ length: count }, () => newsroom.simpleQuery())
    const index = buildIndex(texts.map((text) => Buffer.from(text)))
    const patterns = texts.map(regExpOf)
    const some = items.slice(0, looks)
    const found = some.map((item) => patterns.flatMap((pattern, id) => (isIn(item, pattern) ? [id] : [])))
    const ours = some.map((item) => index.match(item, NOW).map(({ watch }) => watch.id))
    checkSame(ours, found)
    const { us, hits } = measure(index, items)
    const theirs = (cpuMs(() => some.map((item) => patterns.filter((pattern) => isIn(item, pattern)))) / looks) * 1_000
    const figures = [us.toFixed(0), theirs.toFixed(0), (us / theirs).toFixed(4), hits.toFixed(0)]
    console.log(line(`${count} watches, µs`, ...figures))
  }
  console.log('\nRegExp: one for each watch, compiled before; 100,000 of them need more than 6 GB.')
}

/** One form of this text: case is nothing, words are whole, in Han they are not. */
function regExpOf(text: string): RegExp {
  const words = text.replaceAll('"', '').split(' ').join('[ .]+')
  return /\p{Script=Han}/u.test(words)
    ? new RegExp(words, 'u')
    : new RegExp(`(?<![\\p{Script=Latin}\\p{N}])${words}(?![\\p{Script=Latin}\\p{N}])`, 'iu')
}

function isIn({ title, text }: Matchable, pattern: RegExp): boolean {
  return pattern.test(title) || pattern.test(text)
}

function checkSame(ours: number[][], theirs: number[][]): void {
  for (const [at, found] of ours.entries()) {
    const [one, other] = [found, theirs[at] ?? []].map((ids) => ids.sort((a, b) => a - b).join(' '))
    if (one !== other) throw new Error(`item ${at}: the index finds ${one}, the RegExps find ${other}`)
  }
}

/** The median over batches, after a warm-up. */
function measure(index: Index, asked: Matchable[]): { us: number; hits: number } {
  for (const item of asked.slice(0, 500)) index.match(item, NOW)
  const batch = Math.max(10, Math.min(100, Math.floor(asked.length / 10)))
  let hits = 0
  const times: number[] = []
  for (let from = 0; from < asked.length; from += batch) {
    const some = asked.slice(from, from + batch)
    times.push(
      cpuMs(() => {
        for (const item of some) hits += index.match(item, NOW).length
      }) / some.length,
    )
  }
  times.sort((a, b) => a - b)
  return { us: (times[Math.floor(times.length / 2)] ?? 0) * 1_000, hits: hits / asked.length }
}

function buildIndex(queries: Buffer[]): Index {
  const index = createWatchIndex()
  for (const [id, bytes] of queries.entries()) index.add(newWatch(id, bytes.toString()), parse(bytes.toString()))
  return index
}

function parse(text: string): Query {
  return parseQuery(text, { timezone: 'Etc/UTC', for: 'watch' })
}

function newWatch(id: number, query: string): Watch {
  return { id, chat: `${1_000_000 + (id % 20_000)}`, number: Math.floor(id / 20_000) + 1, query, createdAt: NOW }
}

function matchable(item: Omit<Matchable, 'tokens'>): Matchable {
  return { ...item, tokens: { title: tokenStream(item.title), text: tokenStream(item.text) } }
}

function heapMb(): number {
  // What the first run finds unused may be freed by the second only.
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 1e6
}

function micro(milliseconds: number): string {
  return `${(milliseconds * 1_000).toFixed(0)} µs`
}

function nano(microseconds: number): string {
  return `${(microseconds * 1_000).toFixed(0)} ns`
}

function line(name: string, ...figures: string[]): string {
  return `${name.padEnd(36)}${figures.map((figure) => figure.padStart(13)).join('')}`.trimEnd()
}
