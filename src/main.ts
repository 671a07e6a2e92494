#!/usr/bin/env node
/** The process: arguments, environment and signals in, an exit code out. Nobody else touches `process`. */
import { fstatSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { createOutlet } from './cli/outlet.ts'
import { type CliIo, runCli } from './cli/program.ts'
import { collectGarbage, keepHeapsSmall } from './garbage.ts'

// This file is src/main.ts or dist/main.js: package.json stands one folder above either. Its version is a string.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** A closed terminal (SIGHUP) ends a service as Ctrl-C does. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Bytes of bytecode a function runs through before V8 thinks of compiling it, where 67,584 are usual (Node 20).
 * A service works for moments and waits: what a poll runs through once was compiled by four threads, for a quarter of its cost.
 */
const OPTIMIZE_AFTER = 300_000

/** For look-ups that are on their way, and how often it is seen that none is left. */
const LOOK_UP_MS = 2_000
const PAUSE_MS = 20

/** Set while something runs that wants to end in order. */
let askToStop: ((gone: 'out' | 'err') => void) | null = null

const out = createOutlet(1, () => closePipe('out'))
// Of one pipe for both (2>&1), no log line may stand in the middle of an alert.
const err = isSameFile(1, 2) ? out : createOutlet(2, () => closePipe('err'))
// The last words of a crash come this way too.
process.on('exit', endOutput)

const io: CliIo = {
  out: out.write,
  err: err.write,
  log: err.log,
  say: out.say,
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
    const onSignal = () => handler()
    for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
    askToStop = handler
    return () => {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
      askToStop = null
    }
  },
  exitNow: (code) => void exit(code, 0),
}

// Node 24 makes the fields of a package.json anew for each module of the package, and Drizzle's has 180 KB: the part of the
// heap for what is made lately would grow to 128 MB with it, all garbage, and go back ten seconds later.
setFlagsFromString('--semi-space-growth-factor=1')
// The service is imported when it is started: most commands are done before it would be loaded.
const code = await runCli(process.argv.slice(2), io, {
  async startApp(config, appIo) {
    // Later ones wait of their own accord. They no longer know the flag, and V8 itself complains of it on our stderr.
    if (process.version.startsWith('v20.')) setFlagsFromString(`--interrupt-budget=${OPTIMIZE_AFTER}`)
    // A command waits for its reader. A service must not: polls and other chats would stand still with it.
    for (const outlet of new Set([out, err])) {
      outlet.serve((lines) => appIo.log.error({ lines }, 'nobody read the log: so many lines are missing here'))
    }
    const { startApp } = await import('./app.ts')
    // What loading has left; and from now on the heap may grow as it likes, until memory is scarce.
    collectGarbage()
    keepHeapsSmall(false)
    return startApp(config, { ...appIo, onScarce: keepHeapsSmall })
  },
})
// Everything is written and closed; a request that still hangs somewhere keeps nobody waiting.
await exit(code, LOOK_UP_MS)

/**
 * A look-up of a name holds `process.exit`, which waits for its thread: glibc asks a name server that says nothing for ten
 * seconds, and over TCP for ever. Whoever is held for long ends by the signal that asks for it.
 */
async function exit(code: number, patienceMs: number): Promise<void> {
  const isLookingUp = () => process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')
  for (let waitedMs = 0; isLookingUp() && waitedMs < patienceMs; waitedMs += PAUSE_MS) await sleep(PAUSE_MS)
  if (isLookingUp()) {
    endOutput()
    process.removeAllListeners('SIGTERM')
    process.kill(process.pid, 'SIGTERM')
  }
  process.exit(code)
}

function endOutput(): void {
  out.end()
  err.end()
}

/** The reader has seen enough (`crier search | head`): a command ends at once, a service in order. */
function closePipe(gone: 'out' | 'err'): void {
  if (askToStop === null) return void exit(0, 0)
  askToStop(gone)
  // The reader of the other pipe may go as well.
  askToStop = () => {}
}

function isSameFile(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)]
  return a.dev === b.dev && a.ino === b.ino
}
