import type { Item, ReadItem } from '../model.ts'
import { itemAddress } from '../publish/address.ts'
import { saidTime } from '../publish/said-time.ts'
import { formatDate, formatLocal } from '../time.ts'
import type { CliIo } from './io.ts'
import { styleFor } from './style.ts'
import { cut, pad, printable } from './terminal-text.ts'

/** "2026-11-23 09:00": a day alone takes as much room. */
const DATE_CELLS = 16

/** One item for people, in two lines: when and what; then from whom (and `said`), and where to read it. */
export function renderItem(io: CliIo, item: Item, timezone: string, said: string[] = []): string {
  const style = styleFor(io)
  const width = io.isTTY ? io.columns : Number.POSITIVE_INFINITY
  const saidAt = saidTime(item)
  const when = pad(saidAt === null ? formatLocal(item.firstSeenAt, timezone) : formatDate(saidAt, timezone), DATE_CELLS)
  const indent = ' '.repeat(when.length + 2)
  const title = cut(nameItem(item), width - indent.length)
  const from = [printable(item.source.title), ...said].join(' · ')
  // An address that is cut is worth nothing: it has a line of its own, as long as it is.
  const address = itemAddress(item)
  const url = address === null ? '' : `${indent}${style.accent(printable(address))}\n`
  return `${style.dim(when)}  ${style.bold(title)}\n${indent}${style.dim(cut(from, width - indent.length))}\n${url}`
}

/** What a document holds, for people: when and what, and below it where. */
export function renderReadItems(io: CliIo, items: ReadItem[], timezone: string, stream: 'out' | 'err' = 'out'): string {
  const style = styleFor(io, stream)
  const width = (stream === 'out' ? io.isTTY : io.isErrTTY) ? io.columns : Number.POSITIVE_INFINITY
  return items
    .map((item) => {
      const date = item.publishedAt ?? item.updatedAt
      const when = pad(date === null ? 'no date' : formatDate(date, timezone), DATE_CELLS)
      const title = cut(nameItem(item), width - when.length - 2)
      const address = itemAddress(item)
      const url = address === null ? '' : `\n${' '.repeat(when.length + 2)}${style.dim(printable(address))}`
      return `${style.dim(when)}  ${title}${url}\n`
    })
    .join('')
}

/** In one line, never empty: what has no title is called by what it says first. */
export function nameItem({ title, text }: Pick<Item, 'title' | 'text'>): string {
  return printable(title) || cut(printable(text.slice(0, 400)), 80) || '(untitled)'
}
