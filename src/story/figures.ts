/**
 * Figures in a token stream, as fingerprints that are the same however a figure is written: 4.8万, 48,000 and 四万八千多;
 * 7 and seven; 40% and 四成. Two bits of a fingerprint say how much it tells that two texts have it.
 */
import { hashesOf, hashPart, mix } from './word-hash.ts'

export interface Figure {
  /** The fingerprint. */
  number: number
  /** Where the next token begins. */
  next: number
}

/** By the class in a fingerprint's two highest bits: the longer a figure, the less it is met by chance. */
const WEIGHTS = new Float64Array([0.5, 1, 2.5, 4.5])
type Weight = 0 | 1 | 2 | 3
/** A date says little: all news of a day has it. */
const DATE: Weight = 0

export function weightOfNumber(number: number): number {
  return WEIGHTS[number >>> 14] ?? 0
}

/** Whether it is a day of the month: those are known from their fingerprints. */
export function isDayOfMonth(number: number): boolean {
  return number <= LAST_DAY
}

/** For a word that is to be found among the figures and tells as little as a date. */
export function numberOfDay(hash: number): number {
  return withWeight(hash, DATE)
}

function withWeight(hash: number, weight: Weight): number {
  return (weight << 14) | (hash & 0x3fff)
}

/**
 * The figure in digits that begins at `start`, in a token that ends at `firstEnd`. 58.7 is two tokens and one figure, and so is
 * 48,217; the letters of "7.4bn" and "80mph" are not of it, as they are not of "80 miles".
 */
export function readDigits(stream: string, start: number, firstEnd: number, into: Figure): void {
  let stop = firstEnd
  let groups = 1
  let areThousands = firstEnd - start <= 3
  let groupAt = start
  while (stop - start < FIGURE_UNITS && isDigit(stream.charCodeAt(stop - 1)) && isDigit(stream.charCodeAt(stop + 1))) {
    groupAt = stop + 1
    stop = endOfToken(stream, groupAt)
    groups += 1
    areThousands &&= endOfDigits(stream, groupAt) - groupAt === 3
  }
  const end = endOfDigits(stream, groupAt)
  into.next = stop + 1

  let digits = 0
  let length = 0
  for (let at = start; at < end; at += 1) {
    const unit = stream.charCodeAt(at)
    if (!isDigit(unit)) continue
    digits = digits * 10 + unit - ZERO
    length += 1
  }
  const isPlain = groups === 1 || areThousands
  // 3.0.1, or a row of figures.
  if (length > LONGEST || (groups > 2 && !isPlain)) {
    into.number = withWeight(hashPart(stream, start, end), 3)
    return
  }
  const decimals = isPlain ? 0 : end - groupAt
  if (end < stop) {
    into.number = isPlain ? ofCount(digits, length, 0) : ofDecimal(digits, decimals)
    return
  }
  readUnit(stream, stop + 1, digits, decimals, length, into)
}

/** What is counted, and by how many: 41万, 6时. The stream has no signs: in "3.75%,为" another sentence follows. */
function readUnit(stream: string, from: number, digits: number, decimals: number, length: number, into: Figure): void {
  let at = from
  if (isApproximate(stream.charCodeAt(at))) at += 3
  const char = HAN[stream.charCodeAt(at)] ?? 0
  const power = char >= FIRST_POWER ? (POWERS[char - FIRST_POWER] ?? 0) : 0
  if (power > 0) {
    const rest = power === 4 && decimals === 0 ? endOfRest(stream, at) : 0
    // Singapore and Hong Kong write 2万5000.
    if (rest > 0) into.next = rest + 1
    const thousands = rest > 0 ? Number(stream.slice(at + 2, rest)) : 0
    const exponent = stream.charCodeAt(at + 1) === HUNDRED_MILLION ? 8 : 0
    into.number = ofValue(digits * 10 ** power + thousands * 10 ** decimals, exponent - decimals)
    return
  }
  if (decimals > 0) {
    into.number = ofDecimal(digits, decimals)
    return
  }
  const unit = UNITS[stream.charCodeAt(at)] ?? 0
  into.number = ofCount(digits, length, unit)
}

/** Where the four digits end that follow a lone 万; 0 without them. */
function endOfRest(stream: string, at: number): number {
  if (stream.charCodeAt(at + 1) !== SPACE) return 0
  const end = endOfDigits(stream, at + 2)
  return end === at + 6 ? end : 0
}

/**
 * 十三年 as 13年: a figure in Han before what is counted, or a large one. False where there is no such figure at `start`: 一 is
 * "a" more often than 1, and 十分 is "very".
 */
export function readHan(stream: string, start: number, into: Figure): boolean {
  let [all, section, digit, power] = [0, 0, 0, 10]
  let at = start
  let isLast = false
  for (; at - start < HAN_UNITS; at += 3) {
    const char = HAN[stream.charCodeAt(at)] ?? 0
    if (char === 0) break
    const value = HAN_VALUES[char] ?? 0
    isLast = stream.charCodeAt(at + 1) === SPACE || at + 1 >= stream.length
    if (char === NOUGHT) {
      power = 10
    } else if (value < 10) {
      if (digit !== 0) return false
      digit = value
    } else if (value < 10_000) {
      if (digit === 0 && value > 10) return false
      section += Math.max(1, digit) * value
      digit = 0
      power = value
    } else {
      if (section + digit === 0) return false
      all = (all + section + digit) * value
      section = 0
      digit = 0
      power = value
    }
    if (isLast) break
  }
  // 三万五 is 35,000.
  const figure = all + section + digit * (power > 10 ? power / 10 : 1)
  if (isLast) {
    into.next = at + 2
    into.number = ofCount(figure, 0, 0)
    return figure >= LONG
  }
  into.next = at
  const next = stream.charCodeAt(isApproximate(stream.charCodeAt(at)) ? at + 3 : at)
  const unit = UNITS[next] ?? 0
  if (figure < LONG && (unit === 0 || figure < 2 || (figure === 10 && next === MINUTE))) return false
  if (unit === TENTH && figure < 10) {
    into.number = ofCount(figure * 10, 2, 0)
    return true
  }
  into.number = ofCount(figure, 0, unit)
  return true
}

/** Papers write small and round numbers as words: "seven" is 7, "eight hundred" 800. False for other words. */
export function readNumberWord(hash: number, stream: string, start: number, end: number, into: Figure): boolean {
  const count = WORDS.has(hash) ? (NUMBER_WORDS.get(stream.slice(start, end)) ?? 0) : 0
  if (count === 0) return false
  const stop = endOfToken(stream, end + 1)
  const times = TIMES.get(stream.slice(end + 1, stop)) ?? 1
  into.next = (times > 1 ? stop : end) + 1
  const figure = count * times
  into.number = ofCount(figure, String(figure).length, 0)
  return true
}

/** So many of what is counted, which belongs to a figure that is short enough to be met by chance. */
function ofCount(figure: number, length: number, unit: number): number {
  if (unit === DAY && figure <= LAST_DAY) return figure
  if (unit !== 0 && DATE_UNITS.has(unit)) return withWeight(hashOf(figure, 0, unit), DATE)
  if (figure < LONG) return withWeight(hashOf(figure, 0, unit), figure < 10 && length < 2 ? 1 : 2)
  if (length === 4 && figure >= 1_900 && figure < 2_100) return withWeight(hashOf(figure, 0, 0), DATE)
  return ofValue(figure, 0)
}

function ofDecimal(digits: number, decimals: number): number {
  return withWeight(hashOf(digits, -decimals, 0), 3)
}

/** A round figure tells less. */
function ofValue(figure: number, exponent: number): number {
  let [digits, power] = [figure, exponent]
  while (digits !== 0 && digits % 10 === 0) {
    digits /= 10
    power += 1
  }
  return withWeight(hashOf(digits, power, 0), digits < 10 ? ROUND : 3)
}
const ROUND: Weight = 2

function hashOf(digits: number, exponent: number, unit: number): number {
  const low = Math.imul((digits % 2 ** 32) | 0, 0x9e3779b1)
  const high = Math.imul(Math.floor(digits / 2 ** 32), 0x85ebca6b)
  return mix(low ^ high ^ Math.imul(exponent, 0x27d4eb2f) ^ Math.imul(unit, 0x165667b1))
}

function endOfToken(stream: string, from: number): number {
  let end = from + 1
  while (end < stream.length && stream.charCodeAt(end) !== SPACE) end += 1
  return end
}

function endOfDigits(stream: string, from: number): number {
  let end = from
  while (isDigit(stream.charCodeAt(end))) end += 1
  return end
}

export function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= 0x39
}

/** Whether a figure in Han may begin with it. */
export function isHanDigit(unit: number): boolean {
  return (HAN[unit] ?? 0) > 0
}

const SPACE = 0x20
const ZERO = 0x30
/** A row of figures is no number. */
const FIGURE_UNITS = 24
/** More digits than a number holds. */
const LONGEST = 15
/** From here on it is known without what it counts. */
const LONG = 100
/** 九千九百九十九万 is eight characters, each in a token of its own. */
const HAN_UNITS = 30

const LAST_DAY = 31
/** 1.27万亿 is twelve zeros. */
const HUNDRED_MILLION = '亿'.charCodeAt(0)
const DATE_UNITS = new Set([...'年月日'].map((char) => char.charCodeAt(0)))
const DAY = '日'.charCodeAt(0)
const MINUTE = '分'.charCodeAt(0)
const TENTH = '成'.charCodeAt(0)

/** What stands behind a figure and says what it counts; those of a word count the same. */
const UNITS = new Uint16Array(0x10000)
for (const row of '年 月 日 人名位死伤 元块 天 时 分 秒 点 周 季 岁 级 度 倍 成 吨 斤 克 米 公 层 个 家 户 辆 台 架 艘 所 座 处 例 起 件 宗 项 条 次 场 届 期 套 枚 只 头 张 票 站 号'.split(
  ' ',
)) {
  for (const char of row) UNITS[char.charCodeAt(0)] = row.charCodeAt(0)
}

/** What a character of a figure in Han stands for, by the number of it in this row from 1; one byte each stay in the cache. */
const HAN_CHARS = '一二三四五六七八九十百千万亿两零'
const HAN_VALUES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 1_000, 10_000, 100_000_000, 2, 0]
const HAN = new Uint8Array(0x10000)
for (const [index, char] of [...HAN_CHARS].entries()) HAN[char.charCodeAt(0)] = index + 1
const NOUGHT = HAN_CHARS.length
/** Those of 百, 千, 万 and 亿 are powers of ten. */
const FIRST_POWER = HAN_CHARS.indexOf('百') + 1
const POWERS = [2, 3, 4, 8]

/** "More than", where it stands behind the figure. */
function isApproximate(unit: number): boolean {
  return unit === MANY || unit === OVER || unit === SOME || unit === ABOUT
}
const [MANY = 0, OVER = 0, SOME = 0, ABOUT = 0] = [...'多余几来'].map((char) => char.charCodeAt(0))

const NUMBER_WORDS = new Map<string, number>([
  ...'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, index) => [word, index + 2] as const),
  ...'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, (index + 2) * 10] as const),
])
const TIMES = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
])
const WORDS = hashesOf(NUMBER_WORDS.keys())
