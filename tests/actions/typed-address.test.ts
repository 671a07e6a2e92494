import { describe, expect, test } from 'vitest'
import { parseAddress, readAddress, withoutLogin } from '../../src/actions/typed-address.ts'

describe('an address as people type it', () => {
  test.each([
    ['whole', 'http://a.example/feed', 'http://a.example/feed'],
    ['without a scheme', 'a.example/feed', 'https://a.example/feed'],
    ['in capitals', 'HTTPS://A.example/Feed', 'https://a.example/Feed'],
    ['with a fragment', 'https://a.example/feed#top', 'https://a.example/feed'],
    ['in angle brackets', ' <https://a.example/feed> ', 'https://a.example/feed'],
    ['in quotes', '" a.example/feed "', 'https://a.example/feed'],
    ['with what cannot be seen', '\u200ba.example/feed\u2060', 'https://a.example/feed'],
    ['as a number', '[2001:db8::1]/feed', 'https://[2001:db8::1]/feed'],
    ['as this machine', 'localhost/feed', 'https://localhost/feed'],
    ['as a host without a dot, written out', 'http://feeds/x', 'http://feeds/x'],
    ['as a profile', '@me@social.example', 'https://social.example/@me'],
    ['from a button for readers', 'feed:https://a.example/feed', 'https://a.example/feed'],
    ['from another', 'FEED://a.example/feed', 'https://a.example/feed'],
    ['from a button of iTunes', 'itpc://a.example/feed', 'https://a.example/feed'],
    ['from a button of its followers', 'pcast://a.example/feed', 'https://a.example/feed'],
    ['from a button for podcasts', 'podcast://a.example/feed', 'https://a.example/feed'],
    ['with another address within', 'https://a.example/?u=feed:b', 'https://a.example/?u=feed:b'],
    ['with a mailbox within', 'a.example/?to=mailto:me', 'https://a.example/?to=mailto:me'],
    ['with a whole one within', 'a.example/?u=http://b.example/', 'https://a.example/?u=http://b.example/'],
  ])('%s', (_, text, url) => expect(readAddress(text)).toBe(url))

  test.each([
    ['', 'news', 'notlocalhost', 'two words', 'ftp://a.example/', 'httpx://a.example/', 'javascript://a.example/'],
    ['mailto:me@a.example', 'MAILTO:me@a.example', 'xmpp:me@a.example', 'sip:me@a.example', 'acct:me@a.example'],
  ])('is not %j', (...texts) => {
    for (const text of texts) expect(readAddress(text)).toBeNull()
  })
})

test('what is none is said back in short, without a login', () => {
  expect(() => parseAddress(' ftp://me:secret@a.example/ ')).toThrow('"ftp://a.example/" is not a web address.')
  expect(() => parseAddress(`${'x'.repeat(200)} and more`)).toThrow(`"${'x'.repeat(200)}" is not a web address.`)
})

test('a login is what stands before the host, and nothing else', () => {
  expect(withoutLogin('https://me:se@cret@a.example/@me')).toBe('https://a.example/@me')
  expect(withoutLogin('https://a.example/?to=me@b.example')).toBe('https://a.example/?to=me@b.example')
})
