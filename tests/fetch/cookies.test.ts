import { describe, expect, test } from 'vitest'
import { createCookies } from '../../src/fetch/cookies.ts'

/** What is sent to `then` after `first` set these. */
function sent(fields: string[], first: string, then: string): string | null {
  const cookies = createCookies()
  cookies.take(new URL(first), { 'set-cookie': fields })
  return cookies.find(new URL(then))
}

describe('a cookie', () => {
  test.each<[string, string, string, string]>([
    ['to the same place', 'a=1', 'http://x.example/feed', 'http://x.example/feed'],
    ['to its neighbour', 'a=1', 'http://x.example/feed', 'http://x.example/b'],
    ['from http to https', 'a=1', 'http://x.example/', 'https://x.example/'],
    ['to the same port', 'a=1', 'http://x.example:81/', 'http://x.example:81/'],
    ['under its path', 'a=1; Path=/b', 'http://x.example/', 'http://x.example/b/c'],
    ['everywhere, by its path', 'a=1; Path=/', 'http://x.example/b/c', 'http://x.example/d'],
    ['everywhere, by a path that is none', 'a=1; Path=b', 'http://x.example/', 'http://x.example/d'],
    ['to its path, which is the whole of it', 'a=1; Path=/b ; HttpOnly', 'http://x.example/', 'http://x.example/b'],
    ['secure, to https', '__Host-a=1; Secure; Path=/', 'https://x.example/', 'https://x.example/'],
    ['of 1,024 signs', 'a='.padEnd(1_024, '1'), 'http://x.example/', 'http://x.example/'],
  ])('goes %s', (_, field, first, then) => {
    expect(sent([field], first, then)).toBe(field.replace(/;.*/, ''))
  })

  test.each<[string, string, string, string]>([
    ['to another host', 'a=1', 'http://x.example/', 'http://y.example/'],
    ['to a host below, whatever domain it names', 'a=1; Domain=x.example', 'http://x.example/', 'http://y.x.example/'],
    ['to the hosts of a whole suffix', 'a=1; Domain=example', 'http://x.example/', 'http://y.example/'],
    ['to another port', 'a=1', 'http://x.example/', 'http://x.example:81/'],
    ['from https to http', 'a=1', 'https://x.example/', 'http://x.example/'],
    ['beside its path', 'a=1; Path=/b', 'http://x.example/', 'http://x.example/bc'],
    ['out of the folder where it was set', 'a=1', 'http://x.example/b/feed', 'http://x.example/c/feed'],
    ['anywhere when it is secure and came by http', 'a=1; Secure', 'http://x.example/', 'https://x.example/'],
    ['anywhere when only its name is secure', '__Host-a=1', 'http://x.example/', 'http://x.example/'],
    ['anywhere when it is over', 'a=1; Max-Age=0', 'http://x.example/', 'http://x.example/'],
    ['anywhere when it was over before', 'a=1; max-age="-1"', 'http://x.example/', 'http://x.example/'],
    ['anywhere when its name is secure in another way', '__Secure-a=1', 'http://x.example/', 'http://x.example/'],
    ['anywhere when it is none', '; a=1', 'http://x.example/', 'http://x.example/'],
    ['anywhere when it is longer', 'a='.padEnd(1_025, '1'), 'http://x.example/', 'http://x.example/'],
  ])('does not go %s', (_, field, first, then) => {
    expect(sent([field], first, then)).toBeNull()
  })

  test.each(['a=2; Max-Age=0', 'a='.padEnd(1_025, '1')])('that is taken back is sent no more (%#)', (field) => {
    expect(sent(['a=1', 'b=1', field], 'http://x.example/', 'http://x.example/')).toBe('b=1')
  })

  test('that wants https and comes by http leaves the one before as it is', () => {
    expect(sent(['a=1', 'a=2; Secure; Path=/'], 'http://x.example/', 'http://x.example/')).toBe('a=1')
  })

  test('of the same name takes the place of the one before, and there are twenty at most', () => {
    const many = Array.from({ length: 30 }, (_, i) => `a${i}=1`)

    expect(sent(['a=1', 'a=2'], 'http://x.example/', 'http://x.example/')).toBe('a=2')
    expect(sent(many, 'http://x.example/', 'http://x.example/')?.split('; ')).toHaveLength(20)
  })
})
