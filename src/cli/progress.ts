import type { CliIo } from './io.ts'
import { cut } from './terminal-text.ts'

interface Progress {
  update(done: number, total: number): void
  /** Takes the line away: what is printed next begins where it stood. */
  end(): void
}

/** One line on standard error that is rewritten: "Polling 12 of 40". Nothing where that is no terminal. */
export function startProgress(io: CliIo, what: string): Progress {
  if (!io.isErrTTY || io.env.TERM === 'dumb') return { update() {}, end() {} }
  const show = (line: string) => io.err(`\r\u001B[2K${cut(line, io.columns - 1)}`)
  show(`${what} …`)
  return {
    update(done, total) {
      // Of many thousands only each hundredth is worth a write.
      if (done === total || done % Math.ceil(total / 100) === 0) show(`${what} ${done} of ${total}`)
    },
    end: () => io.err('\r\u001B[2K'),
  }
}
