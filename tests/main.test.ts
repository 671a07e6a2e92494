import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { rss, testTerminal } from './cli/terminal.ts'
import { startFeedServer } from './support/feed-server.ts'
import { type TestPipe, testPipe } from './support/pipe.ts'
import { testFolder } from './support/store.ts'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

test('what was built can be run by its name', () => {
  // npx sees to that once for a folder, and not again for what is built anew there, or cloned.
  expect(() => accessSync(MAIN, constants.X_OK)).not.toThrow()
})

test('what cannot be built says why, instead of being missed at the start', async () => {
  const folder = testFolder()
  mkdirSync(join(folder, 'src'))
  copyFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), join(folder, 'package.json'))
  const build = spawn('npm', ['run', '--silent', 'prepare'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  build.stderr.on('data', (chunk) => {
    complaint += chunk
  })

  expect(await once(build, 'close')).toEqual([1, null])
  expect(complaint).toContain('Try: npm ci --include=dev')
})

test('the demo ends in order when its reader goes away, and leaves nothing behind', async () => {
  const temporary = testFolder()
  const demo = run(['demo'], { TMPDIR: temporary })
  await says(demo, /Database/)
  expect(readdirSync(temporary)).toHaveLength(1)

  demo.stdout?.destroy()

  expect(await once(demo, 'exit')).toEqual([0, null])
  expect(readdirSync(temporary)).toEqual([])
})

test('a service ends with 0 on each signal that asks it to, and complains of nothing, whatever Node runs it', async () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const ends = signals.map(async (signal) => {
    const service = run(['start'], { CRIER_DATA: testFolder() })
    let said = ''
    service.stderr?.on('data', (chunk) => {
      said += chunk
    })
    await says(service, /is running/)
    service.kill(signal)
    return [...(await once(service, 'close')), said]
  })

  expect(await Promise.all(ends)).toEqual(signals.map(() => [0, null, 'Stopping …\n']))
})

test('a command whose reader has seen enough ends at once and quietly', async () => {
  const help = run(['--help'], {})
  help.stdout?.destroy()
  let complaint = ''
  help.stderr?.on('data', (chunk) => {
    complaint += chunk
  })

  expect(await once(help, 'exit')).toEqual([0, null])
  expect(complaint).toBe('')
})

test('a service whose output nobody reads goes on, and says all of it in order and once when it is read again', async () => {
  const { env, publish, states } = await newsroom()
  const pipe = testPipe()
  const service = run(['start'], env, pipe)
  const url = /http:\S+\//.exec(await pipe.readUntil(/Telegram .*\n/))?.[0] ?? ''

  pipe.fill()
  for (const wood of ['beech', 'oak']) {
    publish(wood)
    await until(async () => (await (await fetch(url)).text()).includes(` of ${wood}`))
  }
  await until(async () => String(await states()) === 'queued,sending')
  const text = (await pipe.readUntil(/Chips of oak[\s\S]*\n$/)).replace(/^\.+/, '')
  await until(async () => String(await states()) === 'sent,sent')
  service.kill()

  expect(await once(service, 'exit')).toEqual([0, null])
  expect([...text.matchAll(/^Chips of (\w+)/gm)].map(([, wood]) => wood)).toEqual(['beech', 'oak'])
  // The log came through the same pipe: no line stands in the middle of another.
  const logged = text.split('\n').filter((line) => line.includes('"level"'))
  expect(logged.map((line) => JSON.parse(line).message)).toContain('new items')
})

test('a service whose output nobody reads ends when it is asked to, and its alert waits', async () => {
  const { env, publish, states } = await newsroom()
  const pipe = testPipe()
  const service = run(['start'], env, pipe)
  await pipe.readUntil(/Telegram .*\n/)
  pipe.fill()
  publish('beech')
  await until(async () => (await states())[0] === 'sending')

  service.kill()

  expect(await once(service, 'exit')).toEqual([0, null])
  expect(await states()).toEqual(['queued'])
  expect(pipe.read()).not.toContain('Chips')
})

test('a service whose readers have all gone ends in order as one that failed, and keeps the alert that found nobody', async () => {
  const { env, publish, states } = await newsroom()
  const service = run(['start'], { ...env, LOG_LEVEL: 'error' })
  await says(service, /Telegram .*\n/)
  service.stdout?.destroy()
  service.stderr?.destroy()

  publish('beech')

  expect(await once(service, 'exit')).toEqual([4, null])
  expect(await states()).toEqual(['queued'])
})

test('a service whose reader has seen enough says in the log why it ends, and tells the alert when it runs again', async () => {
  const { env, publish, states } = await newsroom()
  const service = run(['start'], { ...env, LOG_LEVEL: 'error' })
  let log = ''
  service.stderr?.on('data', (chunk) => {
    log += chunk
  })
  await says(service, /Telegram .*\n/)
  service.stdout?.destroy()
  publish('beech')

  expect(await once(service, 'close')).toEqual([4, null])
  expect(log).toBe(
    'crier: who read standard output is gone (a closed pipe). Stopping; what waits to be told is kept.\n',
  )
  const again = run(['start'], env)
  await says(again, /Chips of beech/)
  await until(async () => (await states())[0] === 'sent')
})

test('a look-up of a name that hangs keeps no command for longer than two seconds', async () => {
  // No name server hangs here on demand: what Node says of one that does.
  const hang = "process.getActiveResourcesInfo = () => ['GetAddrInfoReqWrap']"
  const args = ['--import', `data:text/javascript,${encodeURIComponent(hang)}`, MAIN, '--version']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text) => {
    said += text
  })

  expect(await once(child, 'close')).toEqual([null, 'SIGTERM'])
  expect(said).toMatch(/^\d+\.\d+/)
})

test('what a command says to a slow reader arrives whole', async () => {
  const file = join(testFolder(), 'large.xml')
  const items = Array.from({ length: 100 }, (_, id) => ({
    id: `n${id}`,
    title: `News ${id}`,
    text: 'x'.repeat(10_000),
  }))
  writeFileSync(file, rss('Wire', items))
  const pipe = testPipe()
  pipe.fill()

  run(['parse', file, '--json'], {}, pipe)
  const text = await pipe.readUntil(/\n\}\n$/)

  expect(JSON.parse(text.replace(/^\.+/, '')).items).toHaveLength(100)
  expect(text.length).toBeGreaterThan(1_000_000)
})

/** A source that is polled every second, a watch of the terminal, and how its alerts are. */
async function newsroom() {
  const feeds = await startFeedServer()
  onTestFinished(() => feeds.close())
  const items = [{ id: 'old', title: 'Old' }]
  const show = () => feeds.set('/wire.xml', rss('Wire', items))
  show()
  const { folder, crier } = testTerminal()
  const env = { CRIER_DATA: join(folder, 'data'), CRIER_ALLOW_HOSTS: '127.0.0.1' }
  await crier('source', 'add', `${feeds.url}/wire.xml`, '--every', '1s')
  await crier('watch', 'add', 'chips')
  return {
    env,
    /** Of the alerts, the newest first. */
    async states(): Promise<string[]> {
      return JSON.parse((await crier('alerts', '--json')).out).map(({ state }: { state: string }) => state)
    },
    publish(wood: string) {
      items.unshift({ id: wood, title: `Chips of ${wood}` })
      show()
    },
  }
}

/** With a pipe both outputs lead there, as `2>&1 |` has it. */
function run(args: string[], env: Record<string, string>, pipe?: TestPipe): ChildProcess {
  const cwd = testFolder()
  const end = pipe && openSync(pipe.path, 'w')
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', end ?? 'pipe', end ?? 'pipe'],
  })
  if (end !== undefined) closeSync(end)
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 100_000
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('It never came to that.')
    // Each look is a command, and takes from the service what it works with.
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function says(child: ChildProcess, what: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk) => {
      said += chunk
      if (what.test(said)) resolve()
    })
    child.once('exit', () => reject(new Error(`It ended, having said: ${said}`)))
  })
}
