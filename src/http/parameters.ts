import { AppError } from '../errors.ts'

/** `limit` of the address, a whole number from 1 to `max`; `usual` when it is not given. Throws `invalid`. */
export function readLimit(address: URL, { usual, max }: { usual: number; max: number }): number {
  const text = address.searchParams.get('limit')
  if (text === null) return usual
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= max) return limit
  throw new AppError('invalid', `limit must be a whole number from 1 to ${max}, not "${text.slice(0, 40)}".`)
}

/** `before` of the address: a place, as a page before this one gave it. Throws `invalid`. */
export function readBefore(address: URL): number | undefined {
  const text = address.searchParams.get('before')
  if (text === null) return undefined
  const place = /^\d{1,16}$/.test(text) ? Number(text) : 0
  if (place >= 1 && Number.isSafeInteger(place)) return place
  throw new AppError('invalid', `before must be a place, a whole number, not "${text.slice(0, 40)}".`, {
    hint: 'Take it from "next" or from the link to the next page.',
  })
}

/** `q` of the address; null when it is not given or blank. */
export function readQuery(address: URL): string | null {
  return address.searchParams.get('q')?.trim() || null
}

/** `stories` of the address: 1 for each story once, 0 for every item; `usual` when it is not given. Throws `invalid`. */
export function readStories(address: URL, usual: boolean): boolean {
  const text = address.searchParams.get('stories')
  if (text === null) return usual
  if (text === '0' || text === '1') return text === '1'
  throw new AppError('invalid', `stories must be 0 (every item) or 1 (each story once), not "${text.slice(0, 40)}".`)
}

/** `page` of the address, a whole number from 1; 1 when it is not given. Throws `invalid`. */
export function readPageNumber(address: URL): number {
  const text = address.searchParams.get('page') ?? '1'
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new AppError('invalid', `page must be a whole number from 1, not "${text.slice(0, 40)}".`)
}

/** `name` of the address as the number of a source; null when it is none. */
export function readSourceNumber(address: URL, name: string): number | null {
  const text = address.searchParams.get(name) ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}
