import { AppError, isCode } from '../errors.ts'
import type { Input } from './io.ts'

const LIMIT = { standard: 20, most: 10_000 }

/** The option --limit. Throws `invalid` for anything but a whole number from 1 to 10,000. */
export function readLimit(input: Input): number {
  const text = input.text('limit')
  if (text === undefined) return LIMIT.standard
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= LIMIT.most) return limit
  throw new AppError('invalid', `--limit must be a whole number from 1 to ${LIMIT.most}, not "${text}".`)
}

/** The QUERY of a command that needs one. Throws `invalid` where there is none. */
export function readQuery({ args }: Input, command: 'watch add' | 'watch try'): string {
  const query = args.join(' ')
  if (query.trim() !== '') return query
  throw new AppError('invalid', 'There is no query.', { hint: `Example: npx crier ${command} '"big data" OR 大数据'` })
}

/** Sources by their numbers or addresses, as they were given. Throws `invalid` for an empty one, as a script's unset variable is. */
export function readRefs({ args }: Input): string[] {
  if (args.every((ref) => ref.trim() !== '')) return args
  throw new AppError('invalid', 'REF is empty.', {
    hint: 'A source goes by its number or its address.',
    advice: { kind: 'list' },
  })
}

/** The one REF of a command; throws likewise. */
export function readRef(input: Input): string {
  return readRefs(input)[0] ?? ''
}

/** For `catch`: what is not there is refused with what lists the others; all else is thrown as it is. */
export function hintWhereNotFound(hint: string): (error: unknown) => never {
  return (error) => {
    if (!isCode(error, 'not_found')) throw error
    throw new AppError('not_found', error.message, { hint, cause: error })
  }
}
