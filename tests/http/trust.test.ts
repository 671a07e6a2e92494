import { describe, expect, test } from 'vitest'
import { isLoopback } from '../../src/config.ts'
import { createTrust, misdirection, type Reach } from '../../src/http/trust.ts'

const LOCAL: Reach = { host: '127.0.0.1', publicUrl: null }
const PUBLIC: Reach = { host: '127.0.0.1', publicUrl: 'https://news.example' }
const OPEN: Reach = { host: '0.0.0.0', publicUrl: null }
const OPEN_PUBLIC: Reach = { host: '0.0.0.0', publicUrl: 'https://news.example' }

interface Case {
  reach: Reach
  url: string
  peer?: string | null
  origin?: string
  site?: string
  /** By a proxy. */
  via?: string
}

function refusalOf({ reach, url, peer = '127.0.0.1', origin, site, via }: Case): string | null {
  const headers = {
    ...(origin !== undefined && { origin }),
    ...(site !== undefined && { 'sec-fetch-site': site }),
    ...(via !== undefined && { 'x-forwarded-for': via }),
  }
  return createTrust(reach).refusal(new Request(url, { method: 'POST', headers }), { address: peer })
}

const HOME = 'http://127.0.0.1:8080/sources'
const OWN = { origin: 'http://127.0.0.1:8080', site: 'same-origin' }

describe('a form is taken', () => {
  test.each<[string, Case]>([
    ['on this machine', { reach: LOCAL, url: HOME, ...OWN }],
    [
      'on this machine, by its name',
      { reach: LOCAL, url: 'http://localhost:8080/sources', origin: 'http://localhost:8080', site: 'same-origin' },
    ],
    [
      'on this machine, over IPv6',
      { reach: LOCAL, url: 'http://[::1]:8080/sources', peer: '::1', origin: 'http://[::1]:8080', site: 'same-origin' },
    ],
    [
      'through a tunnel, whose port is another',
      { reach: LOCAL, url: 'http://localhost:9000/sources', origin: 'http://localhost:9000', site: 'same-origin' },
    ],
    ['from a browser that sends no Sec-Fetch-Site', { reach: LOCAL, url: HOME, origin: OWN.origin }],
    ['from a browser that sends no Origin', { reach: LOCAL, url: HOME, site: 'same-origin' }],
    ['whose Origin a proxy’s policy has made null', { reach: LOCAL, url: HOME, origin: 'null', site: 'same-origin' }],
    [
      'at the public address',
      { reach: PUBLIC, url: 'http://news.example/sources', origin: 'https://news.example', site: 'same-origin' },
    ],
    [
      'at the public address, by a proxy on another machine',
      {
        reach: OPEN_PUBLIC,
        url: 'http://news.example/sources',
        peer: '172.17.0.1',
        origin: 'https://news.example',
        site: 'same-origin',
      },
    ],
    [
      'by a proxy that names this machine instead of the public host',
      { via: '203.0.113.9', reach: PUBLIC, url: HOME, origin: 'https://news.example', site: 'same-origin' },
    ],
    ['on the machine itself, with a public address too', { reach: OPEN_PUBLIC, url: HOME, ...OWN }],
  ])('%s', (_, given) => {
    expect(refusalOf(given)).toBeNull()
  })
})

describe('a form is refused', () => {
  const OTHER = /^This form was sent by something that is not a page of Crier\./
  const ELSEWHERE =
    /^Sources are added on the machine itself, as localhost or 127.0.0.1, (?:or at https:\/\/news.example, )?and/
  const OFF = /^Sources cannot be added here\.$/

  test.each<[string, Case, RegExp]>([
    ['of another site', { reach: LOCAL, url: HOME, origin: 'https://evil.example', site: 'cross-site' }, OTHER],
    [
      'of another port of this machine',
      { reach: LOCAL, url: HOME, origin: 'http://127.0.0.1:3000', site: 'same-site' },
      OTHER,
    ],
    [
      'of a sister of the public host',
      { reach: PUBLIC, url: 'http://news.example/sources', origin: 'https://blog.news.example', site: 'same-site' },
      OTHER,
    ],
    ['that no page sent', { reach: LOCAL, url: HOME, ...OWN, site: 'none' }, OTHER],
    ['of something that says neither', { reach: LOCAL, url: HOME }, OTHER],
    ['of something that says "null" alone: a frame, a file', { reach: LOCAL, url: HOME, origin: 'null' }, OTHER],
    ['of another site, by an old browser', { reach: LOCAL, url: HOME, origin: 'https://evil.example' }, ELSEWHERE],
    ['of another port, by an old browser', { reach: LOCAL, url: HOME, origin: 'http://127.0.0.1:3000' }, ELSEWHERE],
    ['whose Origin is none', { reach: LOCAL, url: HOME, origin: 'evil', site: 'same-origin' }, ELSEWHERE],
    [
      'of a name that was pointed at us',
      {
        reach: LOCAL,
        url: 'http://evil.example:8080/sources',
        origin: 'http://evil.example:8080',
        site: 'same-origin',
      },
      ELSEWHERE,
    ],
    [
      'of a name that was pointed at us, without Origin',
      { reach: PUBLIC, url: 'http://evil.example/sources', site: 'same-origin' },
      ELSEWHERE,
    ],
    [
      'of a name that begins like ours',
      {
        reach: PUBLIC,
        url: 'http://news.example.evil.example/sources',
        origin: 'https://news.example',
        site: 'same-origin',
      },
      ELSEWHERE,
    ],
    [
      'of a name that begins like this machine',
      {
        reach: LOCAL,
        url: 'http://127.0.0.1.evil.example:8080/sources',
        origin: 'http://127.0.0.1.evil.example:8080',
        site: 'same-origin',
      },
      ELSEWHERE,
    ],
    [
      'of the public host over http',
      { reach: PUBLIC, url: 'http://news.example/sources', origin: 'http://news.example', site: 'same-origin' },
      ELSEWHERE,
    ],
    [
      'of the network, in this machine’s name',
      { reach: OPEN_PUBLIC, url: HOME, peer: '192.168.1.7', ...OWN },
      ELSEWHERE,
    ],
    [
      'of the network, by our address in it',
      {
        reach: OPEN_PUBLIC,
        url: 'http://192.168.1.2:8080/sources',
        peer: '192.168.1.7',
        origin: 'http://192.168.1.2:8080',
        site: 'same-origin',
      },
      ELSEWHERE,
    ],
    [
      'of somebody behind a proxy here, in this machine’s name',
      { reach: LOCAL, url: HOME, ...OWN, via: '203.0.113.9' },
      ELSEWHERE,
    ],
    ['of nobody', { reach: LOCAL, url: HOME, peer: null, ...OWN }, ELSEWHERE],
    ['where the network reaches us and no proxy is named', { reach: OPEN, url: HOME, ...OWN }, OFF],
    ['where one network reaches us', { reach: { ...OPEN, host: '192.168.1.2' }, url: HOME, ...OWN }, OFF],
    ['where every network does, over IPv6', { reach: { ...OPEN, host: '::' }, url: HOME, ...OWN }, OFF],
  ])('%s', (_, given, reason) => {
    expect(refusalOf(given)).toMatch(reason)
  })
})

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.nip.example', false],
  ['localhost.evil.example', false],
  ['10.0.0.1', false],
  [null, false],
])('%s is this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test.each<[string, Reach, string, boolean]>([
  ['this machine', LOCAL, 'http://127.0.0.1:8080/', true],
  ['this machine by its name', LOCAL, 'http://localhost:9000/', true],
  ['this machine over IPv6', LOCAL, 'http://[::1]:8080/', true],
  ['a name that no DNS leads elsewhere', LOCAL, 'http://crier.localhost/', true],
  ['the public address, through a proxy', PUBLIC, 'http://news.example/', true],
  ['a name that somebody pointed at us', LOCAL, 'http://rebound.example:8080/', false],
  ['such a name, where there is a public one', PUBLIC, 'http://rebound.example:8080/', false],
  ['such a name that begins like ours', LOCAL, 'http://localhost.evil.example/', false],
  ['an address of the network, where we listen to none', LOCAL, 'http://192.168.1.2:8080/', false],
  ['any name, where we listen to a network', OPEN, 'http://nas.local:8080/', true],
  ['any name, where we listen to a network and are public', OPEN_PUBLIC, 'http://nas.local:8080/', true],
])('a request to %s is for us or not', (_, reach, url, isForUs) => {
  const said = misdirection(new Request(url), reach, 'http://127.0.0.1:8080')

  if (isForUs) expect(said).toBeNull()
  else expect(said).toMatch(/^Crier is not at \S+: open http:\/\/127\.0\.0\.1:8080, or set CRIER_PUBLIC_URL/)
})
