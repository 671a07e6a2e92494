import type { CliIo } from './io.ts'

type Paint = (text: string) => string

/** Paints for people; each gives the text as it is where colours are not wanted. */
export interface Style {
  bold: Paint
  dim: Paint
  good: Paint
  bad: Paint
  accent: Paint
}

/** Whether escape sequences are wanted there: only on a terminal that understands them, and never with NO_COLOR (no-color.org). */
export function mayColour(io: CliIo, stream: 'out' | 'err' = 'out'): boolean {
  const isTerminal = stream === 'out' ? io.isTTY && io.color : io.isErrTTY
  return isTerminal && !io.env.NO_COLOR && io.env.TERM !== 'dumb'
}

/** For standard output, or for standard error. */
export function styleFor(io: CliIo, stream: 'out' | 'err' = 'out'): Style {
  const wanted = mayColour(io, stream)
  const paint =
    (on: number, off: number): Paint =>
    (text) =>
      wanted && text !== '' ? `\u001B[${on}m${text}\u001B[${off}m` : text
  return { bold: paint(1, 22), dim: paint(2, 22), good: paint(32, 39), bad: paint(31, 39), accent: paint(36, 39) }
}
