import { describe, expect, test } from 'vitest'
import { accessAt, describeAccess, mergeAccess, readAccess } from '../../src/actions/access.ts'
import { AppError, describeError } from '../../src/errors.ts'

const SECRET = 'CANARY'

describe('what goes with the requests to a source', () => {
  test('is a login, headers by their lower-case names, and a proxy', () => {
    expect(
      readAccess({
        auth: 'me:päss:word',
        headers: ['X-Key:  a b ', 'Cookie: a=1; b="2"'],
        proxy: 'http://p.example:3128',
      }),
    ).toEqual({
      headers: {
        'x-key': 'a b',
        cookie: 'a=1; b="2"',
        authorization: `Basic ${Buffer.from('me:päss:word').toString('base64')}`,
      },
      proxy: 'http://p.example:3128/',
    })
  })

  test('may have spaces around it', () => {
    const access = readAccess({ headers: [' X-Key : a '], proxy: ' http://p.example:3128 ' })
    expect(access).toEqual({ headers: { 'x-key': 'a' }, proxy: 'http://p.example:3128/' })
  })

  test('is nothing where nothing was said', () => {
    expect(readAccess({})).toBeNull()
    expect(readAccess({ headers: [] })).toBeNull()
  })

  test('may have any token for a name, also one that JavaScript knows', () => {
    expect(Object.entries(readAccess({ headers: ['__proto__: x', 'constructor: y'] })?.headers ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  const ours =
    'accept-encoding connection content-encoding content-length content-type expect host http2-settings if-match ' +
    'if-modified-since if-none-match if-range if-unmodified-since keep-alive proxy-authorization proxy-connection range te ' +
    'trailer transfer-encoding upgrade'
  test('has none of the headers that are Crier’s own: each poll would refuse them', () => {
    for (const name of ours.split(' ')) {
      expect(() => readAccess({ headers: [`${name.toUpperCase()}: x`] })).toThrow(`The header "${name}" is Crier’s own`)
    }
  })

  const refused: { name: string; wish: Parameters<typeof readAccess>[0]; says: RegExp }[] = [
    { name: 'a login without a colon', wish: { auth: SECRET }, says: /user and a password with a colon/ },
    { name: 'a login with a line break', wish: { auth: `me:${SECRET}\r\nX: y` }, says: /user and a password/ },
    { name: 'a header without a colon', wish: { headers: [SECRET] }, says: /a name, a colon and a value/ },
    { name: 'a header without a name', wish: { headers: [`: ${SECRET}`] }, says: /a name, a colon and a value/ },
    { name: 'a name with a space', wish: { headers: [`Bearer ${SECRET}: x`] }, says: /only letters, digits and -/ },
    { name: 'a name in another script', wish: { headers: [`头: ${SECRET}`] }, says: /only letters, digits and -/ },
    { name: 'no value', wish: { headers: ['X-Key: '] }, says: /"x-key" has no value/ },
    { name: 'a line break in a value', wish: { headers: [`X-Key: a\r\nHost: ${SECRET}`] }, says: /position 2/ },
    { name: 'a value beyond ASCII', wish: { headers: [`X-Key: ${SECRET}ü`] }, says: /position 7/ },
    { name: 'an endless value', wish: { headers: [`X-Key: ${SECRET.repeat(1_000)}`] }, says: /longer than 4096/ },
    {
      name: 'the same header twice',
      wish: { headers: [`X-Key: ${SECRET}`, 'x-key: b'] },
      says: /"x-key" was given twice\. Keep/,
    },
    {
      name: 'a login beside its header',
      wish: { auth: `me:${SECRET}`, headers: ['Authorization: Bearer x'] },
      says: /"authorization" was given twice.*user and password/,
    },
    {
      name: 'too many',
      wish: { headers: Array.from({ length: 21 }, (_, i) => `X-${i}: ${SECRET}`) },
      says: /At most 20/,
    },
    ...['Host', 'Content-Length', 'connection', 'Transfer-Encoding', 'If-None-Match', 'Accept-Encoding'].map(
      (name) => ({
        name: `${name}, which is ours`,
        wish: { headers: [`${name}: ${SECRET}`] },
        says: /is Crier’s own/,
      }),
    ),
    ...[
      `socks5://me:${SECRET}@p.example`,
      SECRET,
      `http://p.example/${SECRET}`,
      `http://p.example/?${SECRET}`,
      `http://p.example/#${SECRET}`,
      `ftp://me:${SECRET}@p.example`,
      '',
    ].map((proxy) => ({ name: `the proxy ${proxy}`, wish: { proxy }, says: /http or https address without a path/ })),
  ]
  for (const { name, wish, says } of refused) {
    test(`is refused for ${name}, and the refusal gives no secret away`, () => {
      let error: unknown
      try {
        readAccess(wish)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(AppError)
      expect(describeError(error)).toMatch(says)
      expect(describeError(error)).not.toContain(SECRET)
    })
  }
})

test('what is said later joins what was there, and counts where both say the same', () => {
  const before = readAccess({ headers: ['A: 1', 'B: 1'], proxy: 'http://p.example' })

  expect(mergeAccess(before, readAccess({ headers: ['b: 2'] }))).toEqual({
    headers: { a: '1', b: '2' },
    proxy: 'http://p.example/',
  })
  expect(mergeAccess(before, null)).toBe(before)
  expect(mergeAccess(null, before)).toBe(before)
})

describe('headers and login stay with the origin they were given for', () => {
  const access = { headers: { cookie: 'a=1' }, proxy: 'http://p.example/' }
  const rows: [name: string, given: string, target: string, all: boolean][] = [
    ['another path', 'https://a.example/x', 'https://a.example/y', true],
    ['from http to https', 'http://a.example/', 'https://a.example/', true],
    ['from http to https of another host', 'http://a.example/', 'https://b.example/', false],
    ['from http to another port of https', 'http://a.example/', 'https://a.example:8443/', false],
    ['from https to http', 'https://a.example/', 'http://a.example/', false],
    ['another port', 'https://a.example/', 'https://a.example:8443/', false],
    ['from another port of http', 'http://a.example:8080/', 'https://a.example/', false],
    ['a part of the host', 'https://a.example/', 'https://www.a.example/', false],
    ['another host', 'https://a.example/', 'https://b.example/', false],
  ]
  for (const [name, given, target, all] of rows) {
    test(`${name}: ${all ? 'all of it' : 'the proxy alone'}`, () => {
      expect(accessAt(access, given, target)).toEqual(all ? access : { headers: {}, proxy: 'http://p.example/' })
    })
  }

  test('and without a proxy nothing is left elsewhere', () => {
    expect(accessAt({ ...access, proxy: null }, 'https://a.example/', 'https://b.example/')).toBeNull()
    expect(accessAt(null, 'https://a.example/', 'https://a.example/')).toBeNull()
  })
})

test('it is described without a value', () => {
  const access = readAccess({
    auth: `me:${SECRET}`,
    headers: [`X-Key: ${SECRET}`, `Cookie: ${SECRET}`],
    proxy: `http://me:${SECRET}@p.example:3128`,
  })

  expect(describeAccess(access)).toBe('2 headers (x-key, cookie), basic auth, a proxy (p.example:3128)')
  expect(describeAccess(readAccess({ headers: [`Authorization: Bearer ${SECRET}`] }))).toBe('1 header (authorization)')
  expect(describeAccess(readAccess({ headers: [`Authorization: No-Basic ${SECRET}`] }))).toBe(
    '1 header (authorization)',
  )
  expect(describeAccess(readAccess({ auth: `me:${SECRET}` }))).toBe('basic auth')
  expect(describeAccess(null)).toBeNull()
})
