/** Dates in calendars other than the Gregorian, or in scripts whose letters carry signs, as lists of their countries write them. */
import { monthOf } from '../source/months.ts'
import { DAY_MS, formatIso } from '../time.ts'

/** How one of them is written, and the day it is, as "2018-05-11"; '' for none. */
export interface ForeignForm {
  pattern: RegExp
  write: (match: RegExpMatchArray) => string
}

/** Persian keyboards and Arabic ones write other letters for the same. */
const PERSIAN = [
  'فروردین فروردين',
  'اردیبهشت ارديبهشت',
  'خرداد',
  'تیر تير',
  'مرداد',
  'شهریور شهريور',
  'مهر',
  'آبان ابان',
  'آذر اذر',
  'دی دي',
  'بهمن',
  'اسفند',
]

/** Years of the Buddhist era are counted from here. */
const BUDDHIST = 543

/** Of Hindi and Marathi, whose vowels are signs. */
const INDIAN_WORD = '[\\u0900-\\u0963]{2,12}'

export const FOREIGN_FORMS: ForeignForm[] = [
  // 11 พฤษภาคม 2561, 11 พ.ค. 61
  {
    pattern: /(?<!\d)(\d{1,2}) ?([ก-๎.]{2,14}?) ?(?:พ\.ศ\. ?)?(?:25)?([3-9]\d)(?!\d)/g,
    write: ([, day, name = '', year]) =>
      `${2_500 + Number(year) - BUDDHIST}-${monthOf(name.replaceAll('.', '')) ?? 0}-${day}`,
  },
  // 11 मई 2018, ११ मई, २०१८, 11-मई-2018
  {
    pattern: new RegExp(`(?<!\\d)(\\d{1,2})[ -](${INDIAN_WORD}),?[ -]((?:19|20)\\d\\d)(?!\\d)`, 'gu'),
    write: ([, day, name = '', year]) => `${year}-${monthOf(name) ?? 0}-${day}`,
  },
  // मई 11, 2018
  {
    pattern: new RegExp(`(${INDIAN_WORD}) (\\d{1,2}),? ((?:19|20)\\d\\d)(?!\\d)`, 'gu'),
    write: ([, name = '', day, year]) => `${year}-${monthOf(name) ?? 0}-${day}`,
  },
  // 11/05/2561
  {
    pattern: /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(25[3-9]\d)(?!\d)/g,
    write: ([, day, month, year]) => `${Number(year) - BUDDHIST}-${month}-${day}`,
  },
  // 1397/02/21, 1397-02-21; 1415-1-2 is the number of a standard
  {
    pattern: /(?<![\d/-])(1(?:3[7-9]|4[01])\d)(?:\/(\d{1,2})\/(\d{1,2})|-(\d\d)-(\d\d))(?!\d|[-/]\d)/g,
    write: ([, year, month, day, month2, day2]) =>
      ofPersian(Number(year), Number(month ?? month2), Number(day ?? day2)),
  },
  // 21 اردیبهشت 1397
  {
    pattern: new RegExp(
      `(?<!\\d)(\\d{1,2}) (${PERSIAN.join('|').replaceAll(' ', '|')}) ?(?:ماه )?,?(1[34]\\d\\d)(?!\\d)`,
      'g',
    ),
    write: ([, day, name = '', year]) =>
      ofPersian(Number(year), PERSIAN.findIndex((names) => names.split(' ').includes(name)) + 1, Number(day)),
  },
]

/** Six months of 31 days and six of 30, the last a day shorter but in eight years of 33: right from 1206 to 1498. */
function ofPersian(year: number, month: number, day: number): string {
  if (month < 1 || month > 12 || day < 1 || day > (month < 7 ? 31 : 30)) return ''
  const since = year + 1_595
  const before = 365 * since + Math.floor(since / 33) * 8 + Math.floor(((since % 33) + 3) / 4)
  const ofYear = (month < 7 ? (month - 1) * 31 : (month - 7) * 30 + 186) + day
  // Days since the first of January of year 0, which is so many before that of 2000.
  return formatIso(Date.UTC(2_000, 0, 1) + (before + ofYear - 355_668 - 730_485) * DAY_MS)?.slice(0, 10) ?? ''
}
