/** Labelled wire copy, put through the story index as a window full of it would be. */
import { readFileSync } from 'node:fs'
import { type Signature, signatureOf } from '../../../src/story/signature.ts'
import { createStoryIndex, type StoryIndex } from '../../../src/story/story-index.ts'
import type { StoryMember, StoryStranger } from '../../../src/story/story-members.ts'
import { tokenStream } from '../../../src/text/tokens.ts'

export interface LabelledItem {
  id: string
  event: string
  language: string
  paper: string
  title: string
  text: string
  /** Hours after the event's first item. */
  hoursAfter: number
  /** The label: items of one story have the same. */
  story: string
  signature: Signature
}

interface Event {
  event: string
  language: string
  items: Omit<LabelledItem, 'event' | 'language' | 'signature'>[]
}

/**
 * 'short' has titles over a sentence, or none. 'd' to 'g' were each written by somebody who had seen neither the judgement
 * nor the other sets: brief copy; an agency's desk, most of it rewritten; for each event a light edit, a rewrite, a feature,
 * one sentence, a follow-up and a sibling; and original, two or three tellings further and further from it, follow-ups,
 * templates, speeches. 'h' and 'i' came later, from two more such authors: follow-ups of other papers within hours, market reports,
 * roundups. 'j' and 'k' are two more: follow-ups within hours by other papers, that tell the news before again; wire copy edited
 * and rewritten. The judgement is fitted to all of these by now, but not to 'l', nor to 'm', whose items are twice as long as those
 * of the others (80 to 250 words): wire copy edited, rewritten, told in features, by own reporters; follow-ups; templates; translations.
 * How much of a long Chinese item is kept was chosen by it. Nor to 'n': as short as a feed's summaries, two thirds of what belongs
 * together told by own reporters. How much likeness is enough was chosen with 'm' and 'n' among the others. Nor to 'o',
 * which came last: wire copy edited, rewritten, told live or by own reporters; templates, follow-ups, news that quotes a speech.
 * That hundreds in words are figures was tried with it among the others. 'p' is what somebody wrote who was told only what such
 * a set is for: copy, a rewrite or two, a brief, and follow-ups, templates, pieces that quote the same speech. How little two
 * items of words may share was tried with it among the others. 'far' shows what is not found: three in four of what belongs
 * together are told anew by another desk, or by a reporter on the spot, who shares a name and a figure with the others.
 */
export const SET_NAMES = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'g',
  'h',
  'i',
  'j',
  'k',
  'l',
  'm',
  'n',
  'o',
  'p',
  'short',
  'far',
] as const

export type SetName = (typeof SET_NAMES)[number]

export function readSets(): Record<SetName, LabelledItem[]> {
  // Each name has its entry.
  return Object.fromEntries(SET_NAMES.map((name) => [name, readSet(name)])) as Record<SetName, LabelledItem[]>
}

function readSet(name: SetName): LabelledItem[] {
  // The file is ours, and of this shape.
  const events = JSON.parse(readFileSync(new URL(`set-${name}.json`, import.meta.url), 'utf8')) as Event[]
  return events.flatMap(({ event, language, items }) =>
    items.map((item) => ({ ...item, event, language, signature: signatureFor(item.title, item.text) })),
  )
}

export function signatureFor(title: string, text: string): Signature {
  return signatureOf({ tokens: { title: tokenStream(title), text: tokenStream(text) }, text })
}

export const HOUR = 3_600_000
/** When the first event of a set begins. */
export const BEGIN = Date.UTC(2026, 9, 1)

export interface GroupOptions {
  /** What is in the window already; it must not be told of places below 0. */
  index?: StoryIndex
  /** Items of one paper come from one source; else each has a source of its own. */
  arePapersSources?: boolean
  /** Items come at most so many hours after the first: what is no story is then not told apart by the clock. */
  withinHours?: number
}

/** The story found for each item, in the order of the items. All events begin on the same day, so that one window holds them. */
export function groupItems(items: LabelledItem[], options: GroupOptions = {}): number[] {
  const index = options.index ?? createStoryIndex()
  const papers = [...new Set(items.map((item) => item.paper))]
  const within = options.withinHours ?? Number.POSITIVE_INFINITY
  const strangers = items.map((item, order): StoryStranger => {
    const sourceId = options.arePapersSources === false ? order : papers.indexOf(item.paper)
    const { language, signature, hoursAfter } = item
    return { at: BEGIN + Math.min(hoursAfter, within) * HOUR, sourceId: sourceId + 1, language, urlKey: 0, signature }
  })
  const stories: number[] = []
  const inOrder = [...strangers.keys()].sort((a, b) => (strangers[a]?.at ?? 0) - (strangers[b]?.at ?? 0))
  for (const order of inOrder) {
    const stranger = strangers[order]
    if (!stranger) continue
    const place = -1 - order
    const story = index.find(stranger) ?? place
    index.add({ ...stranger, place, story })
    stories[order] = story
  }
  for (const order of inOrder) index.remove(-1 - order)
  return stories
}

export interface Score {
  /** Pairs that belong together and are. */
  right: number
  /** Pairs that are together and should not be. */
  wrong: number
  /** Pairs that should be together and are not. */
  missed: number
  precision: number
  recall: number
}

/** Over all pairs of items of one language, within events and across. */
export function scoreStories(items: LabelledItem[], stories: number[], language?: string): Score {
  let [right, wrong, missed] = [0, 0, 0]
  items.forEach((a, i) => {
    items.slice(0, i).forEach((b, j) => {
      if (a.language !== b.language || (language !== undefined && a.language !== language)) return
      const isSame = a.story === b.story
      const isFound = stories[i] === stories[j]
      if (isSame && isFound) right += 1
      else if (isFound) wrong += 1
      else if (isSame) missed += 1
    })
  })
  return { right, wrong, missed, precision: right / Math.max(1, right + wrong), recall: right / (right + missed) }
}

/** Numbers from 0 to 1, the same in every run. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32
  }
}

const SYLLABLES = 'ba re mo lin ta ver kas dun ol pen ri sho mar tel go fen wick a ron su bel hav ni cor ost'.split(' ')
const HAN_NAMES = [...'林江河海城东西南北明华建国安平春秋云山石金玉文德永长宁青白大成志远方圆']

type Noise = Omit<StoryStranger, 'signature'> & Pick<LabelledItem, 'title' | 'text'>

/** A member that is a story of its own, of nothing but noise. */
export function noiseMember(items: LabelledItem[], random: () => number, place: number): StoryMember {
  const { title, text, ...member } = noise(items, random)
  return { ...member, place, story: place, signature: signatureFor(title, text) }
}

/**
 * Copy of no story: sentences taken from anywhere in the items, with invented names and other figures in them, so that it
 * has their words and fills their postings.
 */
export function noise(items: LabelledItem[], random: () => number): Noise {
  const pick = <Value>(values: Value[]): Value | undefined => values[Math.floor(random() * values.length)]
  const model = pick(items)
  const isHan = model?.language === 'zh'
  const name = () =>
    isHan
      ? `${pick(HAN_NAMES)}${pick(HAN_NAMES)}${pick(HAN_NAMES)}`
      : `${pick(SYLLABLES)}${pick(SYLLABLES)}${pick(SYLLABLES)}${pick(SYLLABLES)}`
  const peers = items.filter((item) => item.language === model?.language)
  const sentence = () => {
    const words = (pick(peers)?.text ?? '').split(isHan ? /(?<=[,，])/ : ' ')
    const start = Math.floor(random() * words.length)
    const cut = words.slice(start, start + (isHan ? 2 : 12))
    return `${name()}${cut.join(isHan ? '' : ' ')}`.replace(/\d/g, () => String(Math.floor(random() * 10)))
  }
  const text = Array.from({ length: isHan ? 6 : 8 }, sentence).join(isHan ? '。' : `. ${name()} `)
  return {
    title: `${name()} ${sentence()}`,
    text,
    at: BEGIN + random() * 72 * HOUR,
    sourceId: 1_000 + Math.floor(random() * 5_000),
    language: model?.language ?? 'en',
    urlKey: 1 + Math.floor(random() * 2 ** 50),
  }
}
