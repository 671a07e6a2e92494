/**
 * Search over a million stored items, each query as people wait for it: the newest twenty, the newest twenty stories, and
 * how many items there are.
 * `npx tsx tests/bench/search.ts`; `CRIER_BENCH_DIR` names a folder where the store is kept for the next run (3.6 GB; it
 * takes some minutes to make), `BENCH_ITEMS` makes it smaller. LIKE stands beside.
 */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { openFile } from '../../src/db/file.ts'
import { openStore } from '../../src/db/open.ts'
import type { Driver } from '../../src/db/sqlite/driver.ts'
import { silentLog } from '../../src/log.ts'
import type { Store } from '../../src/ports.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { COMMON, ITEMS, makeMillion, NOW, RARE } from './million.ts'

const ROUNDS = 9
const LIMIT = 20
const COUNTED = 10_000

/** The newest twenty in 5 ms: words and phrases, however common. */
const SIMPLE = [
  ['the commonest word', 'the'],
  ['a common word', 'data'],
  ['a rare word', RARE],
  ['a word that is nowhere', 'qqqqxyz'],
  ['two words', 'big data'],
  ['a phrase', '"big data"'],
  ['a phrase of common words', '"of the"'],
  ['Chinese', '大数据'],
  ['a Chinese phrase', '"大数据 芯片"'],
  ['either', 'big OR data'],
] as const

/** 50 ms at worst. */
const HARD = [
  ['common words that never meet', 'title:the title:of title:and title:to title:in title:a title:is'],
  ['a common word, and one that is rare', `the ${RARE}`],
  ['two halves that never meet', 'lang:zh minister court'],
  ['words of two languages', '大数据 police'],
  ['without a common word', '-the'],
  ['a word without a common one', 'police -the'],
  ['without three', '-the -of -大数据'],
  ['a word without three', 'company -the -of -a'],
  ['two and fifty without three', `(police OR court) (${fifty()}) -the -of -and`],
  ['a rare word without a common one', `${RARE} -the`],
  ['title', 'title:police'],
  ['body', 'body:police'],
  ['author', 'author:ann'],
  ['author, elsewhere common', 'author:the'],
  ['author, full name', 'author:"ann police"'],
  ['tag', 'tag:sport'],
  ['tag, elsewhere common', 'tag:company'],
  ['tag of sources', 'tag:wire'],
  ['tag of few sources, and a word', 'tag:kitchen police'],
  ['url', 'url:politics'],
  ['url, a phrase', 'url:blog8.example.com/tech'],
  ['site', 'site:blog8.example.com'],
  ['site of many', 'site:example.com'],
  ['site of many, with a word', 'site:example.com police'],
  ['site of none', 'site:nowhere.example.org'],
  ['source, by number', 'source:7'],
  ['source that has little', 'source:990'],
  ['source, by word', 'source:times'],
  ['source and a word', 'source:990 minister'],
  ['source and a rare word', `source:7 ${RARE}`],
  ['prefix of two letters', 'st*'],
  ['rare prefix of two letters', 'xq*'],
  ['prefix of three letters', 'pol*'],
  ['prefix of four letters', 'mini*'],
  ['two prefixes', 'st* pr*'],
  ['prefix and a rare word', `th* ${RARE}`],
  ['prefix and a common word', 'th* police'],
  ['rare prefix and a common word', 'xq* the'],
  ['phrase with a prefix', '"big da*"'],
  ['prefix in a title', 'title:st*'],
  ['one Han character', '数'],
  ['one rare Han character', '龘'],
  ['one Han character and a word', '数 police'],
  ['without one Han character', 'police -数'],
  ['the last hour', 'within:1h'],
  ['the last week, a word', 'within:7d police'],
  ['the last week, a rare word', `within:7d ${RARE}`],
  ['after a day', 'after:2026-11-01 minister'],
  ['before a day', 'before:2026-11-01'],
  ['long before', 'before:2025-06-01'],
  ['long before, a word', 'before:2025-06-01 police'],
  ['a day long ago', 'after:2025-06-01 before:2025-06-02'],
  ['before all', 'before:2020-01-01'],
  ['language', 'lang:zh'],
  ['rare language', 'lang:de'],
  ['language of none', 'lang:fi'],
  ['rare language, a word', 'lang:de police'],
  ['with a file', 'has:enclosure'],
  ['with a file, a word', 'has:enclosure police'],
  ['with a file, a rare word', `has:enclosure ${RARE}`],
  ['without a file', '-has:enclosure'],
  ['a list of fifty', fifty()],
  ['fifty and one more', `police (${fifty()})`],
  ['common words that never stand together', '"the the the the"'],
  ['the the', '"the the"'],
  ['rare among common', '"police the minister"'],
  ['brackets', '(big OR small OR police) (data OR court) -(minister OR bank)'],
  ['a negative branch', '(police OR -the) minister'],
  ['source and a phrase of common words', 'source:7 "of the"'],
  ['with a file, a phrase of common words', 'has:enclosure "of the"'],
  ['with a file, one Han character', 'has:enclosure 数'],
  ['rare language, one Han character', 'lang:de 数'],
  ['one Han character of many words', '国'],
  ['prefix of two letters, of many words', 'ki*'],
  ['a long run of Han', '大数据人工智能芯片市场经济政府公司新闻'],
  ['a phrase of a word and common ones', '"police the of and"'],
  ['one of some phrases', '"big data", "police report", "court bank", "market company"'],
] as const

/** Whatever is asked, there is an answer: it says how far it looked. */
const ABSURD = [
  ['forty of the commonest', 'the of and to in a is that for it as was with be by on he his but at are'],
  [
    'forty negatives',
    `-${'the of and to in a is that for it as was with be by on he his but at are'.split(' ').join(' -')}`,
  ],
  ['prefixes all over', '(st* OR pr* OR th*) (co* OR re*) (数 OR 国)'],
  ['a long phrase of the commonest', '"the of and to in a is that for it as was"'],
  ['tags of words that are common elsewhere', 'tag:the OR tag:of OR tag:and OR tag:to'],
  ['what never is, either way', '(police OR source:7) ("of the the of" OR lang:fi)'],
  ['fifty in titles, fifty in authors', `title:(${fifty()}) author:(${fifty()})`],
  ['not a phrase of the commonest', '-"of the the of"'],
  ['nothing at all', 'the -the'],
  ['one of ninety of the commonest', common(0, 90).join(' OR ')],
  ['one of forty, and one of fifty others', `(${common(0, 40)}) (${common(90, 140)})`],
  ['a word without one of ninety', `police -(${common(0, 90)})`],
  ['with a file, one of sixty', `has:enclosure (${common(90, 150)})`],
  ['nested', '((the OR of) (and OR to)) -((in a) OR (is that)) ((for OR it) (as OR was))'],
] as const

/** Words of these ranks, but for the one that stands beside them. */
function common(from: number, to: number): string[] {
  return COMMON.slice(from, to).filter((word) => word !== 'police')
}

function fifty(): string {
  return 'government police report minister court bank company market great work long between life day same another know while last might great old year off come since against go came right used take three big data make world still own see men get here both being under never seldom'
    .split(' ')
    .join(', ')
}

const place = await makeMillion()
try {
  await bench()
} finally {
  place.remove()
}

async function bench(): Promise<void> {
  const store = await openStore({ dataDir: place.dataDir, log: silentLog, clock: cpuClock })
  const driver = openFile(join(place.dataDir, 'crier.db'))
  console.log(
    `\nThe newest ${LIMIT} of ${ITEMS} items, milliseconds of CPU (wait: as the clock has it); counts up to ${COUNTED}\n`,
  )
  console.log(row('', 'p50', 'worst', 'wait', 'found', 'stories', 'count', 'p50', 'worst', 'target'))
  const groups = [
    [SIMPLE, 5],
    [HARD, 50],
    [ABSURD, 50],
  ] as const
  const only = process.argv[2]
  for (const [queries, target] of groups) {
    for (const [name, text] of queries) if (!only || name.includes(only)) await measure(store, name, text, target)
    console.log()
  }
  await measureAll(store)
  await measureAddresses(store)
  await compareLike(store, driver)
  await store.close()
  driver.close()
}

async function measureAll(store: Store): Promise<void> {
  for (const stories of [false, true]) {
    const options = { limit: LIMIT, now: NOW, ...(stories && { stories: true as const }) }
    const { cpu, cpuWorst, wait, result } = await timed(ROUNDS, () => store.listItems(options))
    const name = stories ? 'all stories' : 'all items'
    console.log(row(name, ms(cpu), ms(cpuWorst), ms(wait), `${result.items.length}`, '', '', '', '', '≤ 5'))
  }
}

async function measure(store: Store, name: string, text: string, target: number): Promise<void> {
  const query = parseQuery(text, { timezone: 'UTC', for: 'search' })
  const pages = await timed(ROUNDS, () => store.listItems({ query, limit: LIMIT, now: NOW }))
  const told = await timed(5, () => store.listItems({ query, limit: LIMIT, now: NOW, stories: true }))
  const counts = await timed(5, () => store.countItems({ query, now: NOW, most: COUNTED }))
  const { items, lookedBackTo } = pages.result
  const { count, isMore } = counts.result
  const figures = [ms(pages.cpu), ms(pages.cpuWorst), ms(pages.wait), `${items.length}`, ms(told.cpu)]
  const counted = [`${count}${isMore ? '+' : ''}`, ms(counts.cpu), ms(counts.cpuWorst), `≤ ${target}`]
  const marks = [
    pages.cpu > target ? 'SLOW' : '',
    told.cpu > target ? 'STORIES SLOW' : '',
    counts.cpu > 20 ? 'COUNT SLOW' : '',
    lookedBackTo === null ? '' : `looked back ${Math.round((NOW - lookedBackTo) / 86_400_000)} d`,
  ]
  console.log(row(name, ...figures, ...counted), marks.filter(Boolean).join(', '))
}

async function measureAddresses(store: Store): Promise<void> {
  const newest = await store.listItems({ limit: 1, now: NOW })
  const early = await store.listItems({ limit: 3, now: NOW, before: (NOW - 500 * 86_400_000) * 1000 })
  const known = [...newest.items, ...early.items].map(
    ({ url }) => `${url?.replace('https', 'http')}?utm_source=bench#top`,
  )
  const strange = [
    'https://blog8.example.com/news/2026/11/25/nothing',
    'https://blog8.example.com/',
    'https://news.org/news',
  ]
  for (const url of [...known, ...strange]) {
    const { cpu, cpuWorst, wait, result } = await timed(5, () => store.findItemsByUrl(url))
    const name = known.includes(url) ? 'an address' : 'an address of none'
    console.log(row(name, ms(cpu), ms(cpuWorst), ms(wait), `${result.length}`), cpu > 50 ? 'SLOW' : '')
  }
}

async function compareLike(store: Store, driver: Driver): Promise<void> {
  const like = driver
    .prepare<number>(
      `SELECT place FROM items WHERE ' ' || title || ' ' LIKE :word OR ' ' || text || ' ' LIKE :word
       ORDER BY place DESC LIMIT 20`,
    )
    .pluck()
  console.log(
    '\nThe newest twenty by LIKE (no folding; a blank at each end of the word), beside the newest 2,000 of ours, ms',
  )
  for (const word of ['police', 'minister', 'qqqqxyz']) {
    const query = parseQuery(word, { timezone: 'UTC', for: 'search' })
    const theirs = await timed(1, async () => like.all({ word: `% ${word} %` }))
    const ours = await timed(1, () => store.listItems({ query, limit: 2_000, now: NOW }))
    const places = new Set(ours.result.items.map((item) => item.place))
    // A word beside a full stop is not found by LIKE; what LIKE finds, we find.
    const agree = theirs.result.every((place) => places.has(place))
    if (!agree) throw new Error(`LIKE finds items of "${word}" that search does not`)
    console.log(row(word, ms(theirs.cpu), ms(ours.cpu), `${theirs.result.length}`))
  }
}

/** What else the machine does shall not end a search early. */
function cpuClock(): number {
  const { user, system } = process.cpuUsage()
  return NOW + (user + system) / 1_000
}

/** Milliseconds of CPU, and as people wait. */
async function timed<T>(rounds: number, work: () => Promise<T>) {
  const cpus: number[] = []
  const waits: number[] = []
  let result = await work()
  for (let i = 0; i < rounds; i += 1) {
    const begun = performance.now()
    const before = cpuClock()
    result = await work()
    cpus.push(cpuClock() - before)
    waits.push(performance.now() - begun)
  }
  return { result, cpu: median(cpus), cpuWorst: Math.max(...cpus), wait: median(waits) }
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0)
}

function row(name: string, ...figures: string[]): string {
  return `${name.padEnd(40)}${figures.map((figure) => figure.padStart(8)).join('')}`
}
