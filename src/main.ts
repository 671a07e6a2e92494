#!/usr/bin/env node
/** The process: arguments, environment and signals in, an exit code out. Nobody else touches `process`. */
import { readFileSync, writeSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { type CliIo, runCli } from './cli/program.ts'
import { keepHeapsSmall } from './garbage.ts'

// This file is src/main.ts or dist/main.js: package.json stands one folder above either. Its version is a string.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** A closed terminal (SIGHUP) ends a service as Ctrl-C does. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Bytes of bytecode a function runs through before V8 thinks of compiling it, where 135,168 (Node 20) or 67,584 are usual.
 * A service works for moments and waits: what a poll runs through once was compiled by four threads, for a quarter of its cost.
 */
const OPTIMIZE_AFTER = 300_000

/** Set while something runs that wants to end in order. */
let askToStop: (() => void) | null = null
const closedPipes = new Set<number>()
/** Lines of the log that are to be written. */
let logged = ''
process.on('exit', writeLogged)

const io: CliIo = {
  // Written at once: an alert counts as sent when this returns, and a pipe must not swallow the end of a listing.
  out: (text) => write(1, text),
  err(text) {
    writeLogged()
    write(2, text)
  },
  // A write costs as much as what ten lines tell of; an end of ours, a crash too, comes after 'exit'.
  log(text) {
    if (logged === '') setImmediate(writeLogged)
    logged += text
  },
  isTTY: process.stdout.isTTY === true,
  isErrTTY: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? 80,
  color: process.stdout.isTTY === true && !process.env.NO_COLOR,
  env: process.env,
  cwd: process.cwd(),
  pid: process.pid,
  version,
  stdin: async () => readFileSync(0),
  onSignal(handler) {
    for (const signal of STOP_SIGNALS) process.on(signal, handler)
    askToStop = handler
    return () => {
      for (const signal of STOP_SIGNALS) process.off(signal, handler)
      askToStop = null
    }
  },
  exitNow: (code) => process.exit(code),
}

// The service is imported when it is started: most commands are done before it would be loaded.
const code = await runCli(process.argv.slice(2), io, {
  async startApp(config, appIo) {
    setFlagsFromString(`--interrupt-budget=${OPTIMIZE_AFTER}`)
    return (await import('./app.ts')).startApp(config, { ...appIo, onScarce: keepHeapsSmall })
  },
})
// Everything is written and closed; a request that still hangs somewhere keeps nobody waiting.
process.exit(code)

function writeLogged(): void {
  const text = logged
  logged = ''
  if (text !== '') write(2, text)
}

function write(fd: number, text: string): void {
  if (closedPipes.has(fd)) return
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EPIPE') {
        closePipe(fd)
        return
      }
      if (code !== 'EAGAIN') throw error
      // The pipe is full: give its reader a moment instead of spinning.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** The reader has seen enough (`crier search | head`): a command ends at once, a service in order. */
function closePipe(fd: number): void {
  closedPipes.add(fd)
  if (askToStop === null) process.exit(0)
  askToStop()
  askToStop = null
}
