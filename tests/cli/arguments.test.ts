import { expect, test } from 'vitest'
import { hintWhereNotFound, readLimit } from '../../src/cli/arguments.ts'
import type { Input } from '../../src/cli/io.ts'
import { AppError } from '../../src/errors.ts'

/** What was typed behind --limit. */
function limitOf(text: string | undefined): number {
  const input: Input = { args: [], text: () => text, list: () => [], flag: () => false, choice: () => undefined }
  return readLimit(input)
}

test('--limit is a whole number from 1 to 10,000, and 20 where nothing was said', () => {
  expect([limitOf(undefined), limitOf('1'), limitOf('10000')]).toEqual([20, 1, 10_000])
  for (const text of ['0', '10001', '5x', 'x5', ' 5', '1e2', '5.0', '']) {
    expect(() => limitOf(text)).toThrow(`--limit must be a whole number from 1 to 10000, not "${text}".`)
  }
})

test('only what is not there gets the hint that lists the others', () => {
  const missing = new AppError('not_found', 'There is no watch 7.')
  expect(() => hintWhereNotFound('Look here.')(missing)).toThrow(
    expect.objectContaining({ code: 'not_found', message: missing.message, hint: 'Look here.', cause: missing }),
  )
  for (const error of [new AppError('unavailable', 'Busy.'), new TypeError('x')]) {
    expect(() => hintWhereNotFound('Look here.')(error)).toThrow(error)
  }
})
