/** What reading a document costs in the caller's thread, without a service around it. */
import Parser from 'rss-parser'

// What is built, as others run it: tsx marks every function it makes with its name, which costs as much as reading does.
const built = (path: string) => import(new URL(`../../dist/${path}`, import.meta.url).href)
// They are what tsc makes of these modules.
const { parse } = (await built('source/parse.js')) as typeof import('../../src/source/parse.ts')
const { readPage } = (await built('page/read-page.js')) as typeof import('../../src/page/read-page.ts')

const ROUNDS = 30
const READS = 10
const WARM_UP = 30

/** CPU ms of `parse()` and of bare rss-parser for the feed at this address. By turns: what else the machine does then costs both alike. */
export async function measureParse(
  url: string,
): Promise<{ ours: number; theirs: number; ratio: number; bytes: number }> {
  const answer = await fetch(url)
  const contentType = answer.headers.get('content-type')
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  const bare = new Parser()
  const rounds: { ours: number; theirs: number }[] = []
  // The first rounds are the compiler's.
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const theirs = await cpuMs(() => bare.parseString(text))
    const ours = await cpuMs(() => parse(bytes, { contentType, url }))
    if (round >= 0) rounds.push({ ours, theirs })
  }
  return {
    ours: median(rounds.map(({ ours }) => ours)),
    theirs: median(rounds.map(({ theirs }) => theirs)),
    ratio: median(rounds.map(({ ours, theirs }) => ours / theirs)),
    bytes: bytes.byteLength,
  }
}

/** CPU ms to find the entries of the web page at this address, which has no feed. */
export async function measurePage(url: string): Promise<{ ours: number; bytes: number }> {
  const answer = await fetch(url)
  const page = {
    bytes: new Uint8Array(await answer.arrayBuffer()),
    contentType: answer.headers.get('content-type'),
    url,
  }
  const read = await readPage(page, null)
  if (read.kind !== 'read') throw new Error(`the bench's page has no list: ${read.detail}`)
  const times: number[] = []
  for (let round = -2; round < 5; round += 1) {
    const ours = await cpuMs(() => readPage(page, null), 3)
    if (round >= 0) times.push(ours)
  }
  return { ours: median(times), bytes: page.bytes.byteLength }
}

/** Of one run, the mean of several. */
async function cpuMs(run: () => Promise<unknown>, times = READS): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i += 1) await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / times
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
