#!/usr/bin/env node
/** The process: arguments, environment and signals in, an exit code out. Nobody else touches `process`. */
import { readFileSync, writeSync } from 'node:fs'
import { type CliIo, runCli } from './cli/program.ts'

// This file is src/main.ts or dist/main.js: package.json stands one folder above either. Its version is a string.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const io: CliIo = {
  // Written at once: an alert counts as sent when this returns, and a pipe must not swallow the end of a listing.
  out: (text) => write(1, text),
  err: (text) => write(2, text),
  isTTY: process.stdout.isTTY === true,
  isErrTTY: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? 80,
  color: process.stdout.isTTY === true && !process.env.NO_COLOR,
  env: process.env,
  cwd: process.cwd(),
  pid: process.pid,
  version,
  stdin: async () => readFileSync(0, 'utf8'),
  onSignal(handler) {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, handler)
    return () => {
      for (const signal of signals) process.off(signal, handler)
    }
  },
  exitNow: (code) => process.exit(code),
}

// The service is imported when it is started: most commands are done before it would be loaded.
process.exitCode = await runCli(process.argv.slice(2), io, {
  startApp: async (config, appIo) => (await import('./app.ts')).startApp(config, appIo),
})

function write(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      // A reader that has seen enough (`crier search | head`) is no fault of ours.
      if (code === 'EPIPE') process.exit(0)
      if (code !== 'EAGAIN') throw error
      // The pipe is full: give its reader a moment instead of spinning.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
