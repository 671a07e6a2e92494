import { describe, expect, test } from 'vitest'
import { languageOfScript, languageTag } from '../../src/source/language.ts'

describe('a declared language is kept in lower case', () => {
  test.each([
    ['en-US', 'en-us'],
    ['zh_TW', 'zh-tw'],
    [' ZH ', 'zh'],
    ['zh-Hant-HK', 'zh-hant-hk'],
    ['English', null],
    ['und', null],
    ['', null],
    [null, null],
  ])('%s', (declared, tag) => {
    expect(languageTag(declared)).toBe(tag)
  })
})

describe('what is not declared is told by the script', () => {
  test.each([
    ['大数据与芯片', 'zh'],
    ['データ分析の話', 'ja'],
    ['빅데이터 뉴스', 'ko'],
    ['Большие данные, новый выпуск', 'ru'],
    ['Великі дані', 'uk'],
    ['Μεγάλα δεδομένα', 'el'],
    ['البيانات الكبيرة', 'ar'],
    ['داده‌های بزرگ و چند خبر', 'fa'],
    ['נתוני עתק', 'he'],
    ['ข้อมูลขนาดใหญ่', 'th'],
    ['बिग डेटा', 'hi'],
    ['Big data', null],
    ['Café, naïve', null],
    ['A long English sentence about the word 数 and nothing else at all', null],
    ['使用 Kubernetes 部署大数据平台的实践', 'zh'],
    ['12:30 😀', null],
  ])('%s', (text, language) => {
    expect(languageOfScript(text)).toBe(language)
  })
})
