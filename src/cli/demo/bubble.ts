import type { CliIo } from '../io.ts'
import { styleFor } from '../style.ts'
import { widthOf, wrap } from '../terminal-text.ts'

const WIDEST = 76

/** An alert as a chat message: a box with the sender and the time, no wider than the terminal. */
export function renderBubble(io: CliIo, text: string, time: string): string {
  const style = styleFor(io)
  const inner = Math.max(20, Math.min(WIDEST, io.columns) - 4)
  const lines = text.split('\n').flatMap((line) => wrapLine(line, inner))
  const edge = (left: string, said: string, right: string) => {
    const rule = '─'.repeat(Math.max(0, inner + 2 - widthOf(said) - 1))
    return `${style.accent(`${left}─`)}${said}${style.accent(`${rule}${right}`)}`
  }
  const body = lines.map((line) => {
    const space = ' '.repeat(Math.max(0, inner - widthOf(line)))
    return `${style.accent('│')} ${line}${space} ${style.accent('│')}`
  })
  return [edge('╭', ` ${style.bold('Crier')} `, '╮'), ...body, edge('╰', ` ${style.dim(time)} `, '╯')].join('\n')
}

/** A quotation keeps its bar. */
function wrapLine(line: string, cells: number): string[] {
  if (!line.startsWith(BAR)) return wrap(line, cells)
  return wrap(line.slice(BAR.length), cells - BAR.length).map((part) => BAR + part)
}

const BAR = '│ '
