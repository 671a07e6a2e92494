import { expect, test } from 'vitest'
import { publisherOf } from '../../src/story/publisher.ts'

function publisher(url: string | null, source: { siteUrl?: string | null; url?: string; host?: string } = {}): string {
  const feed = {
    siteUrl: 'https://www.site.example.org/',
    url: 'https://feeds.feed-host.com/rss',
    host: 'feed-host.com',
  }
  return publisherOf({ url, source: { ...feed, ...source } })
}

test.each([
  ['a host under a domain', 'https://news.bbc.co.uk/a', 'bbc.co.uk'],
  ['the domain itself', 'http://bbc.co.uk', 'bbc.co.uk'],
  ['capitals, a port and a final dot', 'https://WWW.Example.COM.:8443/a', 'example.com'],
  ['one blog of many', 'https://ada.blogspot.com/2026/11/a.html', 'ada.blogspot.com'],
  ['another blog', 'https://bob.blogspot.com/2026/11/a.html', 'bob.blogspot.com'],
  ['a page of a code host', 'https://ada.github.io/blog/1', 'ada.github.io'],
  ['another script', 'https://www.пример.рф/а', 'xn--e1afmkfd.xn--p1ai'],
  ['an IP address', 'http://192.0.2.7:8080/a', '192.0.2.7'],
  ['an IPv6 address', 'http://[2001:db8::1]/a', '[2001:db8::1]'],
  ['a host without a domain', 'http://localhost:3000/a', 'localhost'],
  ['a public suffix', 'https://blogspot.com/about', 'blogspot.com'],
])('the publisher of %s is its registered domain, else its host', (_name, url, expected) => {
  expect(publisher(url)).toBe(expected)
})

test.each([
  ['a link shortener', 'https://t.co/abc'],
  ['FeedBurner', 'http://feedproxy.google.com/~r/site/~3/abc/'],
  ['a host below a carrier', 'https://feeds2.feedburner.com/~r/site/1'],
  ['Google News', 'https://news.google.com/rss/articles/abc?oc=5'],
  ['the link of a Google Alert', 'https://www.google.com/url?rct=j&url=https://example.com/'],
  ['no web address', 'mailto:desk@example.com'],
  ['no address at all', 'tag:example.com,2026:1'],
  ['nothing', null],
])('%s says nothing, the site of the source does', (_name, url) => {
  expect(publisher(url)).toBe('example.org')
  expect(publisher(url, { siteUrl: null })).toBe('feed-host.com')
  expect(publisher(url, { siteUrl: 'https://feeds.feedburner.com/site' })).toBe('feed-host.com')
})

test('where nobody but the carrier is known, the carrier is the publisher', () => {
  const url = 'https://news.google.com/rss/search?q=data'
  expect(publisher('https://news.google.com/rss/articles/1', { siteUrl: url, url, host: 'news.google.com' })).toBe(
    'google.com',
  )
  expect(publisher(null, { siteUrl: null, url: 'none', host: 'localhost:3000' })).toBe('localhost')
})

test('a host that only looks like a carrier is a publisher', () => {
  expect(publisher('https://notfeedburner.com/a')).toBe('notfeedburner.com')
  expect(publisher('https://blog.google.com/a')).toBe('google.com')
})
