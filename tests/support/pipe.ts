import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { testFolder } from './store.ts'

export interface TestPipe {
  /** Where others may open it. */
  path: string
  /** An end to write into, which does not block. */
  writer: number
  /** Writes dots until not a byte more has room. */
  fill(): void
  /** What is there now. */
  read(): string
  /** Reads on until it has all that is looked for. */
  readUntil(what: RegExp): Promise<string>
  /** The reader goes away. */
  leave(): void
}

/**
 * A pipe that is read only when the test says so; its reader is gone after the test. The other end stays open: an outlet
 * has no end, and what it still has to say would go to whatever file or socket has that number next.
 */
export function testPipe(): TestPipe {
  const path = join(testFolder(), 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  let isRead = true
  const leave = () => {
    if (isRead) closeSync(reader)
    isRead = false
  }
  onTestFinished(leave)
  const read = () => {
    const chunks: Buffer[] = []
    untilItWouldWait(() => {
      const chunk = Buffer.alloc(65_536)
      chunks.push(chunk.subarray(0, readSync(reader, chunk)))
    })
    return Buffer.concat(chunks).toString()
  }
  return {
    path,
    writer,
    fill: () => untilItWouldWait(() => void writeSync(writer, PAGE)),
    read,
    async readUntil(what) {
      let text = read()
      // A test that is over reads no more.
      while (isRead && !what.test(text)) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        if (isRead) text += read()
      }
      return text
    },
    leave,
  }
}

/** A pipe is made of such: less than one may find room where more does not. */
const PAGE = '.'.repeat(4_096)

function untilItWouldWait(move: () => void): void {
  for (;;) {
    try {
      move()
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return
      throw error
    }
  }
}
