import { describe, expect, test } from 'vitest'
import {
  type Figure,
  isDayOfMonth,
  isDigit,
  isHanDigit,
  numberOfDay,
  readDigits,
  readHan,
  readNumberWord,
  weightOfNumber,
} from '../../src/story/figures.ts'
import { hashText } from '../../src/story/word-hash.ts'
import { tokenStream } from '../../src/text/tokens.ts'

/** All figures of a text, in its order. */
function figuresOf(text: string): number[] {
  const stream = tokenStream(text)
  const figures: number[] = []
  const into: Figure = { number: 0, next: 0 }
  let at = 0
  while (at < stream.length) {
    const space = stream.indexOf(' ', at)
    const end = space < 0 ? stream.length : space
    if (isDigit(stream.charCodeAt(at))) readDigits(stream, at, end, into)
    else if (isHanDigit(stream.charCodeAt(at)) ? !readHan(stream, at, into) : !isNumberWord(stream, at, end, into)) {
      at = end + 1
      continue
    }
    figures.push(into.number)
    at = into.next
  }
  return figures
}

function isNumberWord(stream: string, start: number, end: number, into: Figure): boolean {
  return readNumberWord(hashText(stream.slice(start, end)), stream, start, end, into)
}

describe('a figure', () => {
  test.each([
    ['its thousands with commas or without', '21,846 people', '21846 people'],
    ['letters behind it', 'a $7.4bn deal, 80mph winds', 'a $7.4 billion deal, 80 mph winds'],
    ['a word', 'seven of forty', '7 of 40'],
    ['hundreds in words', 'eight hundred tonnes, two hundred', '800 tonnes, 200'],
    ['thousands in words', 'three thousand people', '3,000 people'],
    ['ten thousands', '召回48000辆', '召回4.8万辆'],
    ['ten thousands in Han', '四万八千多辆', '4.8万辆'],
    ['ten thousands and five', '三万五千人', '3.5万人'],
    ['five thousands left out', '三万五', '35000'],
    ['thousands behind ten thousands', '2万5000名球迷', '2.5万名球迷'],
    ['trillions', '1.27万亿元,2万亿元', '12700亿元,20000亿元'],
    ['hundreds of millions', '五亿元', '500,000,000元'],
    ['hundreds and more in Han', '出土八百多件', '出土800余件'],
    ['hundreds with a nought', '一百零五件', '105件'],
    ['hundreds at the end of a sentence', '增至二百三十。', '增至230。'],
    ['thousands at the end of the text', '已有三千', '已有3000'],
    ['a line of the underground', '地铁九号线', '地铁9号线'],
    ['tenths', '占四成', '占40%'],
    ['years in Han', '有期徒刑十三年', '有期徒刑13年'],
    ['people, whatever they are called', '二十三名乘客', '23人'],
    ['a sign behind it', '降至3.75%,为近年来最低', '降至3.75%'],
  ])('is the same with %s', (_, here, there) => {
    expect(figuresOf(here).length).toBeGreaterThan(0)
    expect(figuresOf(here)).toEqual(figuresOf(there))
  })

  test.each([
    ['another figure', '7.4bn', '7.5bn'],
    ['ten times as much', '4.8万', '48万'],
    ['the same digits, ten times as much', '800件', '8000件'],
    ['another thing counted', '12级', '12人'],
    ['a day and people', '7日', '7人'],
    ['a day and a month', '7日', '7月'],
    ['a version and the next', '3.0.1', '3.0.2'],
    ['a row of figures and another', '1 2 3 4 5 6', '1 2 3 4 5 7'],
    ['more figures than a number holds', '12345678901234567', '12345678901234568'],
  ])('is another where it is %s', (_, here, there) => {
    expect(figuresOf(here)).toHaveLength(1)
    expect(figuresOf(here)).not.toEqual(figuresOf(there))
  })

  test.each(['十分重要', '一名男子', '张三丰', '四川大地', '万一', '数百', '千万不要', '零下', '二三十'])(
    'is none in %s',
    (text) => {
      expect(figuresOf(text)).toEqual([])
    },
  )

  test.each([
    ['a date', '2026', 0.5],
    ['a day', '7日', 0.5],
    ['one digit', '7', 1],
    ['two', '23', 2.5],
    ['a round one', '3000人', 2.5],
    ['three', '312', 4.5],
    ['a decimal', '5.1', 4.5],
  ])('that is %s tells as much as it is seldom met by chance', (_, text, weight) => {
    expect(figuresOf(text).map(weightOfNumber)).toEqual([weight])
  })

  test('that is a day of the month is known as one', () => {
    expect(figuresOf('10月27日').map(isDayOfMonth)).toEqual([false, true])
    expect(figuresOf('二十七日').map(isDayOfMonth)).toEqual([true])
    expect(figuresOf('41日').map(isDayOfMonth)).toEqual([false])
    expect(weightOfNumber(numberOfDay(hashText('monday')))).toBe(0.5)
  })
})
