/**
 * What a developer writes in an evening, as the measure beside ours: rss-parser's parseURL, one insert an item.
 * Prints the CPU milliseconds per source of a cold round and of an unchanged one, as JSON.
 */
import Database from 'better-sqlite3'
import Parser from 'rss-parser'

const [base = '', count = '0', file = ''] = process.argv.slice(2)
const urls = Array.from({ length: Number(count) }, (_, i) => `${base}/naive/${i}`)

const db = new Database(file)
db.pragma('journal_mode = WAL')
db.exec('create table items (guid text primary key, source text, title text, link text, content text, at text)')
const insert = db.prepare('insert or ignore into items values (?, ?, ?, ?, ?, ?)')
const parser = new Parser()

async function round(): Promise<number> {
  const before = process.cpuUsage()
  const queue = [...urls]
  const worker = async () => {
    for (let url = queue.pop(); url; url = queue.pop()) {
      const feed = await parser.parseURL(url)
      for (const item of feed.items) {
        insert.run(
          item.guid ?? item.id,
          url,
          item.title,
          item.link,
          item['content:encoded'] ?? item.content,
          item.isoDate,
        )
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / urls.length
}

const cold = await round()
const unchanged = await round()
console.log(JSON.stringify({ cold, unchanged }))
process.exit(0)
