import { describe, expect, test } from 'vitest'
import { ownHeaders } from '../../src/fetch/access.ts'

const of = (headers: Record<string, string>) => ({ headers, proxy: null })

describe('ownHeaders', () => {
  test('of a source without any are none', () => {
    expect(ownHeaders(null, null)).toEqual({ headers: {}, isSecret: false })
  })

  test('take the credentials of the address, unless there is an authorization', () => {
    expect(ownHeaders(of({ 'x-key': 'k' }), 'Basic a')).toEqual({
      headers: { authorization: 'Basic a', 'x-key': 'k' },
      isSecret: true,
    })
    expect(ownHeaders(of({ Authorization: 'Bearer b' }), 'Basic a')).toEqual({
      headers: { authorization: 'Bearer b' },
      isSecret: true,
    })
  })

  test('are no secret when they only say what reads and what it takes', () => {
    const headers = { 'user-agent': 'Firefox', 'accept-language': 'de', accept: 'text/html' }

    expect(ownHeaders(of(headers), null)).toEqual({ headers, isSecret: false })
  })

  test.each([
    'Host',
    'content-length',
    'Connection',
    'transfer-encoding',
    'accept-encoding',
    'if-none-match',
    'range',
    'proxy-authorization',
    'upgrade',
    'expect',
    'te',
  ])('%s is ours', (name) => {
    expect(ownHeaders(of({ [name]: 's3cret' }), null)).toBe(
      `The header "${name.toLowerCase()}" is ours to set. Take it out of this source's headers.`,
    )
  })

  test.each([
    ['x-a', 's3cret\r\nx-b: c'],
    ['x-a', 's3cret\n'],
    ['x-a', 's3cret\0'],
    ['x-a', 's3cret\x7f'],
    ['x-a', 's3cret 大'],
    ['x s3cret', 'a'],
    ['s3cret:', 'a'],
    ['s3cret\r\nx', 'a'],
    ['', 's3cret'],
  ])('%j: %j cannot be sent, and the refusal tells nothing of it', (name, value) => {
    const refusal = ownHeaders(of({ 'x-fine': 'ok', [name]: value }), null)

    expect(refusal).toEqual(expect.stringContaining('header 2 of this source'))
    expect(refusal).not.toContain('s3cret')
  })
})
