import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
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

test('a service ends with 0 on each signal that asks it to', async () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const services = signals.map((signal) => ({ signal, service: run(['start'], { CRIER_DATA: testFolder() }) }))
  const ends = services.map(async ({ signal, service }) => {
    await says(service, /is running/)
    service.kill(signal)
    return once(service, 'exit')
  })

  expect(await Promise.all(ends)).toEqual(signals.map(() => [0, null]))
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

function run(args: string[], env: Record<string, string>): ChildProcess {
  const cwd = testFolder()
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
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
