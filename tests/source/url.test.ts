import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalUrl, resolveUrl, urlAsPublished } from '../../src/source/url.ts'
import { workedMs } from '../support/work.ts'

describe('addresses of one page have one canonical spelling', () => {
  test.each([
    ['scheme', 'http://a.test/x', 'https://a.test/x'],
    ['host in capitals', 'HTTPS://A.Test/X', 'https://a.test/X'],
    ['default ports', 'http://a.test:80/', 'https://a.test/'],
    ['default port of https', 'https://a.test:443/', 'https://a.test/'],
    ['fragment', 'https://a.test/x#comments', 'https://a.test/x'],
    ['tracking', 'https://a.test/x?utm_source=rss&UTM_Medium=feed&fbclid=1&gclid=2', 'https://a.test/x'],
    [
      'tracking of the BBC',
      'https://a.test/x?at_medium=RSS&at_campaign=KARANGA&at_custom1=a&ns_mchannel=rss',
      'https://a.test/x',
    ],
    [
      'tracking of others',
      'https://a.test/x?mtm_kwd=1&pk_campaign=2&hsa_ad=3&cmpid=4&WT.mc_id=5&_ga=6',
      'https://a.test/x',
    ],
    [
      'what only begins so',
      'https://a.test/x?at_home=1&pk_id=2&ns_id=3&gaps=4',
      'https://a.test/x?at_home=1&pk_id=2&ns_id=3&gaps=4',
    ],
    ['tracking among others', 'https://a.test/x?b=2&utm_source=rss&a=1', 'https://a.test/x?b=2&a=1'],
    ['www', 'https://www.a.test/x', 'https://a.test/x'],
    ['a name that begins like www', 'https://www.test/x', 'https://www.test/x'],
    ['mobile', 'http://m.a.test/x?id=3', 'https://a.test/x?id=3'],
    ['mobile, written out', 'https://mobile.a.test/x', 'https://a.test/x'],
    ['mobile behind a language', 'https://en.m.wiki.test/wiki/X', 'https://en.wiki.test/wiki/X'],
    ['a short name that is no mobile one', 'https://m.test/x', 'https://m.test/x'],
    ['www before mobile', 'https://www.m.a.test/x', 'https://a.test/x'],
    ['AMP host', 'https://amp.a.test/x', 'https://a.test/x'],
    ['AMP path', 'https://a.test/x/amp', 'https://a.test/x'],
    ['AMP path with a slash', 'https://a.test/x/amp/', 'https://a.test/x/'],
    ['AMP ending', 'https://a.test/x.amp.html', 'https://a.test/x.html'],
    ['AMP parameters', 'https://a.test/x?amp=1&id=2&outputType=amp', 'https://a.test/x?id=2'],
    ['AMP parameter alone', 'https://a.test/x?amp', 'https://a.test/x'],
    ["Google's AMP viewer", 'https://www.google.com/amp/s/www.a.test/x/amp', 'https://a.test/x'],
    ["Google's AMP cache", 'https://www-a-test.cdn.ampproject.org/c/s/www.a.test/x?amp=1', 'https://a.test/x'],
    ['a word that only begins like AMP', 'https://a.test/amplifiers/amp-lab', 'https://a.test/amplifiers/amp-lab'],
    ['a session in the path', 'https://a.test/x;jsessionid=1A2B.node1?id=2', 'https://a.test/x?id=2'],
    ['a session in a path that needs the parser', 'https://a.test/ä;JSESSIONID=1A', 'https://a.test/%C3%A4'],
    ['session parameters', 'https://a.test/x?PHPSESSID=abc&id=2&jsessionid=1', 'https://a.test/x?id=2'],
    ['a session by its form', `https://a.test/x?sid=${'0a'.repeat(16)}&s=${'9f'.repeat(16)}`, 'https://a.test/x'],
    ['white space around', ' https://a.test/x\n', 'https://a.test/x'],
    ['no address at all', ' urn:x ', 'urn:x'],
  ])('%s', (_, url, canonical) => {
    expect(canonicalUrl(url)).toBe(canonical)
  })

  test.each([
    ['the order of parameters', 'https://a.test/?b=2&a=1', 'https://a.test/?a=1&b=2'],
    ['a slash at the end', 'https://a.test/x/', 'https://a.test/x'],
    ['the case of the path', 'https://a.test/X', 'https://a.test/x'],
    ['another port', 'https://a.test:8443/', 'https://a.test/'],
    ['a subdomain', 'https://news.a.test/', 'https://a.test/'],
    ['a short sid, which names a story', 'https://a.test/?sid=1234', 'https://a.test/?sid=1235'],
    ['other parameters in the path', 'https://a.test/x;page=1', 'https://a.test/x;page=2'],
    ['encoded characters', 'https://a.test/?q=a%2Bb', 'https://a.test/?q=a+b'],
  ])('servers tell these apart, and so do we: %s', (_, one, other) => {
    expect(canonicalUrl(one)).not.toBe(canonicalUrl(other))
  })

  test.each([
    'HTTP://A.test:80/x?utm_source=1&b=%7E#y',
    'https://www.m.a.test/x/amp?amp',
    'https://www.google.com/amp/s/m.a.test/amp/',
  ])('the canonical address of %s is its own canonical address', (url) => {
    const once = canonicalUrl(url)
    expect(canonicalUrl(once)).toBe(once)
  })
})

describe('addresses are resolved against where they stand', () => {
  test.each([
    ['/x', 'https://a.test/b/c', 'https://a.test/x'],
    ['feed:https://b.test/x', 'https://a.test/', 'https://b.test/x'],
    ['feed://b.test/x', 'https://a.test/', 'http://b.test/x'],
    ['\u200bhttps://b.test/x\u200b', 'https://a.test/', 'https://b.test/x'],
    ['x?y=1', 'https://a.test/b/c', 'https://a.test/b/x?y=1'],
    ['//b.test/x', 'https://a.test/', 'https://b.test/x'],
    ['https://b.test/大', null, 'https://b.test/%E5%A4%A7'],
    ['/x', null, null],
    ['https://b.test/x', '', 'https://b.test/x'],
    ['', 'https://a.test/', null],
    ['mailto:a@b.test', 'https://a.test/', null],
    ['javascript:alert(1)', 'https://a.test/', null],
    ['http://', 'https://a.test/', null],
  ])('%s at %s', (text, base, resolved) => {
    expect(resolveUrl(text, base)).toBe(resolved)
  })
})

test.each([
  ['http://b.test', 'http://b.test'],
  ['https://b.test:8080?x=/y', 'https://b.test:8080?x=/y'],
  ['http://b.test/', 'http://b.test/'],
  ['http://B.test', 'http://b.test/'],
  ['//b.test', 'https://b.test/'],
  ['mailto:b@b.test', null],
])('%s, as published, is %s, and one with its parsed form', (text, url) => {
  expect(urlAsPublished(text, 'https://a.test/')).toBe(url)
  expect(canonicalUrl(url ?? '')).toBe(canonicalUrl(resolveUrl(text, 'https://a.test/') ?? ''))
})

test('what is read without the URL parser is what the parser makes of it', () => {
  const piece = fc.constantFrom(...'abzA09-._~!$&()*+,;=:@/?#%xn'.split(''), '//', '/..', '/.', 'xn--', '.com', '%2e')
  const parsed = (text: string) => {
    try {
      return new URL(text).href
    } catch {
      return null
    }
  }
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = `https://a.test${pieces.join('')}`
      expect(resolveUrl(text, null)).toBe(parsed(text))
    }),
    { numRuns: 2_000, seed: 3 },
  )
})

test('a long address costs no more than its length', () => {
  const before = workedMs()
  for (const tail of ['a'.repeat(8_000), 'a/'.repeat(4_000), 'a-'.repeat(4_000), '?a='.repeat(2_500)]) {
    expect(resolveUrl(`https://a.test/${tail}%`, null)).toContain('a.test')
    expect(resolveUrl(`https://${tail}%`, null)).toBeDefined()
  }
  expect(workedMs() - before).toBeLessThan(1_000)
})
