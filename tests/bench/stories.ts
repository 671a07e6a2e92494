/** How well items of one story are found (labelled sets), and what it costs. `npx tsx tests/bench/stories.ts` */
import { collectGarbage } from '../../src/garbage.ts'
import { signatureOf } from '../../src/story/signature.ts'
import { createStoryIndex, type StoryIndex } from '../../src/story/story-index.ts'
import { tokenStream } from '../../src/text/tokens.ts'
import { cpuMs, wallMs } from './measure.ts'
import {
  createRandom,
  groupItems,
  type LabelledItem,
  noise,
  noiseMember,
  readSets,
  scoreStories,
} from './stories/labelled.ts'

const WINDOW = 100_000
const QUESTIONS = 5_000

const sets = readSets()
printScores()
printCost()

function printScores(): void {
  console.log('set    language  sources      hours  precision  recall  right/wrong/missed')
  for (const [name, items] of Object.entries(sets)) {
    for (const arePapersSources of [true, false]) {
      for (const withinHours of [Number.POSITIVE_INFINITY, 3]) {
        const stories = groupItems(items, { arePapersSources, withinHours })
        for (const language of ['en', 'zh', undefined]) {
          const { precision, recall, right, wrong, missed } = scoreStories(items, stories, language)
          const sources = arePapersSources ? 'papers' : 'one an item'
          const hours = withinHours === 3 ? 'of 3' : 'all'
          const shown = [name.padEnd(5), (language ?? 'both').padEnd(8), sources.padEnd(11), hours.padEnd(4)]
          console.log(
            shown.join('  '),
            ` ${precision.toFixed(3)}      ${recall.toFixed(3)}   ${right}/${wrong}/${missed}`,
          )
        }
      }
    }
  }
}

function printCost(): void {
  const random = createRandom(7)
  const read = [...sets.a, ...sets.b].map(({ title }) => {
    const texts = Array.from({ length: 12 }, () => noise(sets.a, random).text)
    const text = texts.join(' ').slice(0, 2_000)
    return { tokens: { title: tokenStream(title), text: tokenStream(text) }, text }
  })
  const signatures = () =>
    cpuMs(() => {
      for (const item of read) signatureOf(item)
    })
  const costs = Array.from({ length: 10 }, signatures).sort((a, b) => a - b)
  console.log(`\nsignature of 2,000 characters: ${micro((costs[5] ?? 0) / read.length)}`)
  // Its names are those of the other set's items: they are as rare in it as names are in a window of news.
  const windows = [printWindow('b', sets.a, random), printWindow('a', sets.b, random)]
  // Both stay in memory until here: what one takes is not hidden by what the other leaves.
  console.log(`${windows.length} windows of ${WINDOW} items`)
}

function printWindow(name: 'a' | 'b', others: LabelledItem[], random: () => number): StoryIndex {
  const before = memoryMb()
  const index = createStoryIndex()
  let addMs = 0
  for (let from = 1; from <= WINDOW; from += 1_000) {
    const members = Array.from({ length: 1_000 }, (_, at) => noiseMember(others, random, from + at))
    addMs += cpuMs(() => {
      for (const member of members) index.add(member)
    })
  }
  console.log(`${index.size} members: ${(memoryMb() - before).toFixed(1)} MB; add ${micro(addMs / WINDOW)}`)

  const questions = Array.from({ length: QUESTIONS }, (_, at) => noiseMember(others, random, WINDOW + 1 + at))
  const costs = questions.map((question) => wallMs(() => index.find(question))).sort((a, b) => a - b)
  const mean =
    cpuMs(() => {
      for (const question of questions) index.find(question)
    }) / QUESTIONS
  const at = (part: number) => micro(costs[Math.floor(QUESTIONS * part)] ?? 0)
  console.log(`find: ${at(0.5)} median, ${micro(mean)} mean of CPU, ${at(0.99)} at most for 99 %`)
  const joined = questions.filter((question) => index.find(question) !== null).length
  console.log(`${joined} of ${QUESTIONS} items of no story are put into one`)

  const { precision, recall } = scoreStories(sets[name], groupItems(sets[name], { index }))
  console.log(`set ${name} among them: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`)
  return index
}

function micro(ms: number): string {
  return `${(ms * 1_000).toFixed(1)} µs`
}

function memoryMb(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 1e6
}
