/** A store of a million invented items, one in six Chinese, words as common as their rank says (Zipf). */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFile } from '../../src/db/file.ts'
import { openStore } from '../../src/db/open.ts'
import { createTextTable } from '../../src/db/search/text-table.ts'
import type { Database, Driver } from '../../src/db/sqlite/driver.ts'
import { readMigrations } from '../../src/db/sqlite/migrate.ts'
import { silentLog } from '../../src/log.ts'
import { itemKeys } from '../../src/source/identity.ts'
import { tokenStream } from '../../src/text/tokens.ts'

export const ITEMS = Number(process.env.BENCH_ITEMS ?? 1_000_000)
export const SOURCES = 1_000
/** The newest item came a minute before. */
export const NOW = Date.UTC(2026, 10, 25, 12)
/** They came over two years. */
const SPAN_MS = 2 * 365 * 86_400_000
const BATCH = 20_000

export interface Place {
  dataDir: string
  remove(): void
}

/** Makes the store in a folder of its own, or finds it in `CRIER_BENCH_DIR`, where it stays. */
export async function makeMillion(): Promise<Place> {
  const kept = process.env.CRIER_BENCH_DIR
  if (kept) mkdirSync(kept, { recursive: true })
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'crier-bench-'))
  const remove = () => (kept ? undefined : rmSync(dataDir, { recursive: true, force: true }))
  // A store of another version is none of this one's, and nobody's data is touched.
  const mark = join(dataDir, `bench-${ITEMS}-${readMigrations().at(-1)?.hash.slice(0, 12)}`)
  if (existsSync(mark)) return { dataDir, remove }
  if (existsSync(join(dataDir, 'crier.db'))) {
    throw new Error(`${dataDir} holds another store: empty it, or name another folder in CRIER_BENCH_DIR`)
  }

  const store = await openStore({ dataDir, log: silentLog })
  for (let i = 0; i < SOURCES; i += 1) await store.addSource(newSource(i), NOW - SPAN_MS)
  await store.close()
  const driver = openFile(join(dataDir, 'crier.db'))
  driver.pragma('synchronous = OFF')
  driver.pragma('cache_size = -200000')
  fill(driver)
  driver.close()
  writeFileSync(mark, '')
  return { dataDir, remove }
}

function newSource(i: number) {
  return {
    url: `https://${hostOf(i)}/feed.xml`,
    givenTitle: `${capital(WORDS[300 + i] ?? '')} ${['News', 'Times', 'Daily', 'Blog', '日报'][i % 5]}`,
    tags: i % 20 === 0 ? ['wire'] : i % 97 === 0 ? ['kitchen'] : [],
    everyMs: null,
    found: null,
  }
}

function hostOf(i: number): string {
  return i % 4 === 0 ? `blog${i}.example.com` : `www.${WORDS[300 + i]}${i}.${['com', 'org', 'net', 'cn'][i % 4]}`
}

function fill(driver: Driver): void {
  // The text table asks for the driver only.
  const table = createTextTable({ driver } as Database)
  const insert = driver.prepare(
    `INSERT INTO items (place, story, source_id, id, url, title, published_at, updated_at, authors, categories, enclosures,
       language, first_seen_at, content_key, content, summary, text)
     VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, NULL, ?, ?)`,
  )
  const keys: { sourceId: number; key: Buffer; place: number }[] = []
  const begun = Date.now()
  for (let from = 0; from < ITEMS; from += BATCH) {
    driver.exec('BEGIN')
    for (let i = from; i < Math.min(ITEMS, from + BATCH); i += 1) {
      const item = makeItem(i)
      const { place, story, sourceId, id, url, title, publishedAt, authors, categories, enclosures, language } = item
      const lists = [authors, categories, enclosures].map((list) => JSON.stringify(list))
      const head = [place, story, sourceId, id, url, title, publishedAt, ...lists, language, Math.floor(place / 1000)]
      insert.run(...head, item.keys.content, item.summary, item.text)
      table.insert(place, item)
      if (item.keys.url) keys.push({ sourceId, key: Buffer.from(item.keys.url, 'hex'), place })
    }
    driver.exec('COMMIT')
    if (from % 200_000 === 0) console.log(`  ${from} items, ${Math.round((Date.now() - begun) / 1_000)} s`)
  }
  driver.exec('BEGIN')
  const bind = driver.prepare('INSERT OR REPLACE INTO identities (source_id, key, place) VALUES (?, ?, ?)')
  keys.sort((a, b) => a.sourceId - b.sourceId || Buffer.compare(a.key, b.key))
  for (const { sourceId, key, place } of keys) bind.run(sourceId, key, place)
  driver.exec('UPDATE sources SET items = (SELECT count(*) FROM items WHERE source_id = sources.id)')
  driver.exec('COMMIT')
}

/** Places of the latest items, for those that join a story. */
const recent: number[] = []

function makeItem(i: number) {
  const place = Math.floor(NOW - 60_000 - SPAN_MS + (i / ITEMS) * SPAN_MS) * 1000 + (i % 1000)
  const isChinese = chance(1 / 6)
  const sourceId = 1 + Math.floor(random() * random() * SOURCES)
  const title = isChinese ? chinese(6 + below(8)) : capital(english(6 + below(8)))
  const text = isChinese ? chinese(40 + below(120)) : sentences(30 + below(110))
  const slug = title.slice(0, 60).toLowerCase().replace(/\s+/g, '-')
  const seenAt = Math.floor(place / 1000)
  const day = new Date(seenAt).toISOString().slice(0, 10).replaceAll('-', '/')
  const item = {
    id: `${sourceId}-${i}`,
    url: `https://${hostOf(sourceId - 1)}/${pick(SECTIONS)}/${day}/${encodeURIComponent(slug)}-${i}`,
    title,
    content: null,
    summary: text,
    publishedAt: chance(0.05) ? null : seenAt - below(7_200_000),
    updatedAt: null,
    authors: chance(0.6) ? [`${capital(pick(FIRST))} ${capital(zipfWord(2_000) ?? '')}`] : [],
    categories: chance(0.5) ? [pick(SECTIONS), ...(chance(0.3) ? [zipfWord(500) ?? ''] : [])] : [],
    enclosures: chance(0.01) ? [{ url: `https://cdn.example.com/${i}.mp3`, type: 'audio/mpeg', length: 1 }] : [],
    language: isChinese ? 'zh' : chance(0.002) ? 'de' : chance(0.7) ? 'en' : null,
  }
  const story = recent.length > 0 && chance(0.08) ? (recent[below(recent.length)] ?? place) : place
  if (story === place) {
    recent.push(place)
    if (recent.length > 3_000) recent.shift()
  }
  const tokens = { title: tokenStream(title), text: tokenStream(text) }
  return { ...item, place, story, sourceId, text, tokens, keys: itemKeys(item) }
}

// ---- Words ----

let state = 20_261_125
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const below = (count: number) => Math.floor(random() * count)
const chance = (share: number) => random() < share
const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
function pick<T>(list: T[]): T {
  // None of the lists is empty.
  return list[below(list.length)] as T
}

const SECTIONS = 'news politics business tech sport world science culture health opinion travel markets'.split(' ')
const FIRST = 'ann ben carla david eve frank grace henry irene jack kate liam mia noah olga paul rita sam tina'.split(
  ' ',
)
/** The commonest first. */
export const COMMON =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were her all she there would their we him been has when who will more no if out so said what up its about into than them can only other new some could time these two may then do first any my now such like our over man me even most made after also did many before must through years where much your way well down should because each just those people how too little state good very make world still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three data big market company government police report minister court bank ai'.split(
    ' ',
  )
const VOCABULARY = 120_000
const HAN_WORDS = 40_000

const ONSETS = 'b c d f g h j k l m n p r s t v w z br ch cl cr dr fr gr pl pr sc sh sl sp st str th tr'.split(' ')
const NUCLEI = 'a e i o u ai ea ee ie oo ou'.split(' ')
const CODAS = ['', '', '', 'n', 'r', 's', 't', 'l', 'm', 'ck', 'nd', 'st', 'ng']
const WORDS = [...COMMON, ...made(VOCABULARY - COMMON.length, () => syllables(1 + below(2) + below(3)))]
const HAN_CHARS = Array.from({ length: 3_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000)))
const CHINESE = [
  ...'大数据 人工智能 芯片 市场 经济 政府 公司 新闻 中国 北京 发布 今天 记者 研究 企业 国家'.split(' '),
  ...made(HAN_WORDS, () => Array.from({ length: 1 + below(2) + below(2) }, () => HAN_CHARS[rank(3_000)]).join('')),
]

/** It stands in some dozens of the million. */
export const RARE = WORDS[100_000] ?? ''

function syllables(count: number): string {
  return Array.from({ length: count }, () => pick(ONSETS) + pick(NUCLEI) + pick(CODAS)).join('')
}

function made(count: number, make: () => string): string[] {
  const words = new Set<string>()
  while (words.size < count) words.add(make())
  return [...words]
}

/** A rank below `count`, each as likely as one through it says. */
function rank(count: number): number {
  return Math.floor((count + 1) ** random()) - 1
}

function zipfWord(count = VOCABULARY): string | undefined {
  return WORDS[rank(count)]
}

function english(words: number): string {
  return Array.from({ length: words }, () => zipfWord()).join(' ')
}

function sentences(words: number): string {
  const parts: string[] = []
  for (let left = words; left > 0; left -= 12) parts.push(`${capital(english(Math.min(left, 12)))}.`)
  return parts.join(' ')
}

function chinese(words: number): string {
  return Array.from(
    { length: words },
    (_, i) => (CHINESE[rank(CHINESE.length)] ?? '') + (i % 9 === 8 ? '，' : ''),
  ).join('')
}
