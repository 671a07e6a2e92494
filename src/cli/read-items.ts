import type { ReadItem } from '../model.ts'
import { itemAddress } from '../publish/address.ts'
import { formatDate } from '../time.ts'
import { DATE_CELLS, nameItem } from './entry.ts'
import type { CliIo } from './io.ts'
import { styleFor } from './style.ts'
import { cut, pad, printable } from './terminal-text.ts'

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
