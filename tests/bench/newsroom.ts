import type { Matchable } from '../../src/model.ts'
import { fold } from '../../src/text/fold.ts'
import { createRandom } from '../support/random.ts'

/**
 * Invented news and what people watch for in it, the same for the same seed. Words are as frequent as in a language (Zipf:
 * the n-th one n times rarer than the first), some of them stand together often, and who watches looks for names and subjects,
 * never for what is everywhere: a watch is called by one item in some hundred, more often than people
 * would bear.
 */
export interface Newsroom {
  /** A title of a dozen words and a text of 2,000 bytes in UTF-8; one in ten is Chinese. */
  item(): Omit<Matchable, 'tokens'>
  /** Words, phrases, ANDs, ORs, negatives, fields, prefixes, Han, all of them. */
  query(): string
  /** A word or a phrase. */
  simpleQuery(): string
  word(): string
  /** In nearly every English item. */
  commonWords: string[]
}

const TEXT_BYTES = 2_000
/** So many of the most frequent words are no subject of anything. */
const EVERYDAY = 4_000

/** See `Newsroom`. */
export function createNewsroom(seed: number): Newsroom {
  const random = createRandom(seed)
  const pick = <Value>(values: Value[], rank: () => number): Value => {
    const value = values[Math.min(values.length - 1, rank())]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }
  const words = [...FREQUENT, ...inventWords(random, 40_000)]
  const han = inventHan(random, 12_000)
  const said = zipf(words.length, 1, random)
  const saidHan = zipf(han.length, 1, random)
  // Subjects are chosen more evenly than words are used, and "the" by nobody.
  const wanted = zipf(words.length - EVERYDAY, 0.2, random)
  const subject = () => pick(words, () => EVERYDAY + wanted())
  const wantedHan = zipf(han.length - EVERYDAY, 0.2, random)
  const subjectHan = () => pick(han, () => EVERYDAY + wantedHan())
  const phrases = Array.from({ length: 20_000 }, () => Array.from({ length: 2 + random(2) }, subject).join(' '))
  const phrased = zipf(phrases.length, 0.9, random)
  const phrase = () => pick(phrases, phrased)

  const sentence = () => Array.from({ length: 9 + random(6) }, () => (random(40) === 0 ? phrase() : pick(words, said)))
  const sentenceHan = () => Array.from({ length: 7 + random(6) }, () => pick(han, saidHan))
  const english = () => `${capitalize(sentence().join(' '))}.`
  const chinese = () => `${sentenceHan().join('')}${random(9) === 0 ? `${subject()}公司` : ''}。`

  const item = () => {
    const isHan = random(10) === 0
    const tell = isHan ? chinese : english
    const id = 1 + random(3_000)
    return {
      title: tell().slice(0, -1),
      text: ofLength(tell, isHan ? '' : ' '),
      url: `https://www.paper${id}.example/${2020 + random(7)}/${subject()}-${subject()}-${random(99_999)}.html`,
      authors: [`${capitalize(subject())} ${capitalize(subject())}`],
      categories: Array.from({ length: random(4) }, subject),
      enclosures: [],
      language: isHan ? 'zh' : 'en',
      publishedAt: Date.UTC(2026, 10, 25) - random(86_400_000),
      firstSeenAt: Date.UTC(2026, 10, 25),
      source: {
        id,
        title: `The ${capitalize(pick(words, () => 100 + (id % 900)))} Paper`,
        url: `https://feeds.paper${id}.example/rss.xml`,
        host: `feeds.paper${id}.example`,
        tags: ['news'],
        siteUrl: `https://www.paper${id}.example/`,
      },
    }
  }

  const some = (make: () => string, count: number) => Array.from({ length: count }, make)
  const simple = () => (random(2) === 0 ? subject() : `"${phrase()}"`)
  const forms: [number, () => string][] = [
    [34, subject],
    [20, () => `"${phrase()}"`],
    [16, () => some(subject, 2 + random(2)).join(' ')],
    [8, () => some(simple, 2 + random(4)).join(' OR ')],
    [3, () => some(simple, 3 + random(8)).join(', ')],
    [6, () => `${simple()} -${simple()}`],
    [2, () => `(${simple()} OR ${subjectHan()}) -${subject()} -"${phrase()}"`],
    [3, () => `title:${simple()}`],
    [1, () => `${subject()} site:paper${1 + random(3_000)}.example lang:en`],
    [1, () => `source:${1 + random(3_000)} ${subject()}`],
    [1, () => `author:${subject()} OR tag:${subject()} OR url:${subject()}`],
    [2, () => `${subject()}*`],
    [2, subjectHan],
    [1, () => some(subjectHan, 2).join(random(2) === 0 ? ' ' : '')],
  ]
  const deck = forms.flatMap(([weight, form]) => Array.from({ length: weight }, () => form))
  return {
    item,
    query: () => deck[random(deck.length)]?.() ?? subject(),
    simpleQuery: () => (random(10) === 0 ? subjectHan() : simple()),
    word: subject,
    commonWords: words.slice(0, 3),
  }

  function ofLength(tell: () => string, joint: string): string {
    let text = ''
    while (Buffer.byteLength(text) < TEXT_BYTES) text += joint + tell()
    return Buffer.from(text).subarray(0, TEXT_BYTES).toString().replace(/�+$/, '').trim()
  }
}

const FREQUENT = (
  'the to of and a in for is on that with it as was by are be at from has have this will its he said but not an they who ' +
  'more new their or which after been about his were one we all would can also up had other out than first when what she'
).split(' ')

const SYLLABLES =
  'ba re mo lin ta ver kas dun ol pen ri sho mar tel go fen wick ron su bel hav ni cor ost tri an ex con de pro ment al'.split(
    ' ',
  )

/** Frequent ones are short. */
function inventWords(random: (below: number) => number, count: number): string[] {
  const words = new Set<string>()
  while (words.size < count) {
    const length = 2 + Math.floor(Math.log10(1 + words.size / 80)) + random(2)
    const word = Array.from({ length }, () => SYLLABLES[random(SYLLABLES.length)]).join('')
    if (word.length > 3) words.add(word)
  }
  return [...words]
}

/** Of one to four characters, most of two. */
function inventHan(random: (below: number) => number, count: number): string[] {
  // A RegExp knows nothing of traditional forms: none are used.
  const characters = Array.from({ length: 4_000 }, (_, at) => String.fromCharCode(0x4e00 + at)).filter(
    (character) => fold(character) === character,
  )
  const character = zipf(2_500, 0.7, random)
  const words = new Set<string>()
  while (words.size < count) {
    const length = [1, 2, 2, 2, 2, 2, 3, 3, 4][random(9)] ?? 2
    const isSingle = length === 1 && words.size > 300
    if (isSingle) continue
    words.add(Array.from({ length }, () => characters[character()]).join(''))
  }
  return [...words]
}

/** Ranks from 0, the first the most frequent. */
function zipf(count: number, exponent: number, random: (below: number) => number): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank += 1) {
    sum += 1 / (rank + 2.7) ** exponent
    sums[rank] = sum
  }
  return () => {
    const wanted = (random(2 ** 30) / 2 ** 30) * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) <= wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
