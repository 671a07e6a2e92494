/** One of two items that are compared: what it says by itself. */
import { isDayOfMonth, weightOfNumber } from './figures.ts'
import { HEAD, isMatter, leadOf, type Signature } from './signature.ts'
import { listedWeights } from './word-weights.ts'

/**
 * What a number that may have a fraction is at first. Not 0: where a fraction comes after integers only, V8 throws away the code
 * that it compiled for integers.
 */
export const UNKNOWN = Number.NaN
/** Names of this file: an imported one would be looked up for every word. */
const { titleWords: TITLE_WORDS, words: WORDS, matter: MATTER, names: NAMES, size: BEGIN } = HEAD

/** Kept and measured again, for one item after the other. */
export interface Side {
  signature: Signature
  /** How many of the words stand in the title, in the lead, and in all. */
  titleEnd: number
  leadEnd: number
  end: number
  /** The weights of its words are by this. */
  weightOf: Float32Array
  title: number
  lead: number
  words: number
  /** Weight of what its title says and its text again. By the lists, also where words have other weights; so is `rare`. */
  matter: number
  /** How many words of its title are not common. */
  rare: number
  numbers: Numbers
  /** How many of the words are names. */
  names: number
}

/** Some of the numbers of an item: their weight, that of those which are no dates, and the days of the month. */
export interface Numbers {
  weight: number
  counts: number
  days: number
  /** 0 for none. */
  firstDay: number
}

export function newSide(): Side {
  return {
    signature: new Uint16Array(BEGIN),
    titleEnd: 0,
    leadEnd: 0,
    end: 0,
    weightOf: listedWeights().words,
    title: UNKNOWN,
    lead: UNKNOWN,
    words: UNKNOWN,
    matter: UNKNOWN,
    rare: 0,
    numbers: noNumbers(),
    names: 0,
  }
}

export function noNumbers(): Numbers {
  return { weight: UNKNOWN, counts: UNKNOWN, days: 0, firstDay: 0 }
}

export function measure(side: Side, signature: Signature, weightOf: Float32Array, listed: Float32Array): void {
  side.signature = signature
  side.titleEnd = signature[TITLE_WORDS] ?? 0
  side.leadEnd = leadOf(signature)
  side.end = signature[WORDS] ?? 0
  side.names = namesOf(signature)
  measureWords(side, weightOf)
  measureTitle(side, listed)
  measureNumbers(side.numbers, signature, EVERY)
}

export function measureWords(side: Side, weightOf: Float32Array): void {
  const { signature, titleEnd, leadEnd, end } = side
  side.weightOf = weightOf
  side.title = sum(signature, weightOf, 0, titleEnd)
  side.lead = side.title + sum(signature, weightOf, titleEnd, leadEnd)
  side.words = side.lead + sum(signature, weightOf, leadEnd, end)
}

function sum(signature: Signature, weightOf: Float32Array, from: number, to: number): number {
  let all = 0
  for (let at = from; at < to; at += 1) all += weightOf[signature[BEGIN + at] ?? 0] ?? 1
  return all
}

function measureTitle(side: Side, listed: Float32Array): void {
  const bits = side.signature[MATTER] ?? 0
  let matter = 0
  let rare = 0
  for (let at = 0; at < side.titleEnd; at += 1) {
    const weight = listed[side.signature[BEGIN + at] ?? 0] ?? 1
    if (isRare(weight)) rare += 1
    if (isMatter(bits, at)) matter += weightOfMatter(weight)
  }
  side.matter = matter
  side.rare = rare
}

export function isRare(weight: number): boolean {
  return weight === 1
}

export function weightOfMatter(weight: number): number {
  return Math.max(LEAST_MATTER, weight)
}

/** Also a common word is one that the other lacks. */
const LEAST_MATTER = 0.5

/** Of the numbers that are marked with 1. */
export function measureNumbers(into: Numbers, signature: Signature, marked: Uint8Array): void {
  let weight = 0
  let counts = 0
  let days = 0
  let firstDay = 0
  for (let at = BEGIN + (signature[WORDS] ?? 0); at < signature.length; at += 1) {
    const number = signature[at] ?? 0
    if (marked[number] !== 1) continue
    const its = weightOfNumber(number)
    weight += its
    if (its >= COUNT) counts += its
    if (!isDayOfMonth(number)) continue
    firstDay ||= number
    days += 1
  }
  into.weight = weight
  into.counts = counts
  into.days = days
  into.firstDay = firstDay
}

const EVERY = new Uint8Array(0x10000).fill(1)
/** From this weight on a number is no date. */
const COUNT = 1

function namesOf(signature: Signature): number {
  let count = 0
  for (let at = NAMES; at < BEGIN; at += 1) count += bitsOf(signature[at] ?? 0)
  return count
}

export function bitsOf(bits: number): number {
  let count = 0
  for (let left = bits; left !== 0; left &= left - 1) count += 1
  return count
}
