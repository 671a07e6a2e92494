import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lockPath } from '../../src/db/data-dir.ts'
import { isServiceRunning, readTelegramStanding, takeServiceLock } from '../../src/db/service-lock.ts'
import { openDriver } from '../../src/db/sqlite/binding.ts'
import { testFolder } from '../support/store.ts'

test('a second service is refused at once, and told which process is the first', () => {
  const dataDir = testFolder()
  const lock = takeServiceLock(dataDir, 123)

  expect(() => takeServiceLock(dataDir, 456)).toThrow(
    expect.objectContaining({ code: 'conflict', message: expect.stringContaining('already running here (pid 123)') }),
  )
  lock.release()
})

test('after a release the next one may start', () => {
  const dataDir = testFolder()
  takeServiceLock(dataDir, 123).release()
  expect(existsSync(`${dataDir}/crier.pid`)).toBe(false)

  takeServiceLock(dataDir, 456).release()
})

test('two commands that look at once do not take each other for a service', () => {
  const dataDir = testFolder()
  takeServiceLock(dataDir, 123).release()
  const looking = openDriver(lockPath(dataDir))
  looking.exec('BEGIN')
  looking.exec('SELECT 1 FROM sqlite_schema')

  expect(isServiceRunning(dataDir)).toBe(false)
  looking.close()
})

test('what a service that was killed said of Telegram is forgotten by the next', () => {
  const dataDir = testFolder()
  writeFileSync(`${dataDir}/crier.telegram`, 'online\n')
  expect(readTelegramStanding(dataDir)).toBe('online')

  const lock = takeServiceLock(dataDir, 456)

  expect(readTelegramStanding(dataDir)).toBeNull()
  lock.release()
})

test.each(['', 'onl', 'sleeping\n'])('%j is no word about Telegram', (noted) => {
  const dataDir = testFolder()
  writeFileSync(`${dataDir}/crier.telegram`, noted)

  expect(readTelegramStanding(dataDir)).toBeNull()
})

test.skipIf(!existsSync('/dev/full'))('on a full disk there is no word about Telegram, and no fault', () => {
  const dataDir = testFolder()
  const lock = takeServiceLock(dataDir, 456)
  symlinkSync('/dev/full', `${dataDir}/crier.telegram`)

  lock.noteTelegram('online')

  expect(existsSync(`${dataDir}/crier.telegram`)).toBe(false)

  expect(readTelegramStanding(dataDir)).toBeNull()
  lock.release()
})

test('the lock makes the folder it is for', () => {
  const dataDir = `${testFolder()}/new/within/another`

  takeServiceLock(dataDir, 1).release()

  expect(existsSync(`${dataDir}/crier.lock`)).toBe(true)
})

test.skipIf(!existsSync('/proc/self'))(
  'a folder on a file system that takes none is refused, and not tried for ever',
  () => {
    for (const dataDir of ['/proc/crier', '/proc/self/crier/data']) {
      expect(() => takeServiceLock(dataDir, 1)).toThrow(
        expect.objectContaining({ code: 'invalid', message: `The data folder ${dataDir} cannot be made.` }),
      )
    }
  },
)

test('a folder that cannot be made, and a lock that cannot, are refused in words for people', () => {
  const [folder, dataDir] = [testFolder(), testFolder()]
  writeFileSync(`${folder}/file`, '')
  mkdirSync(`${dataDir}/crier.lock`)

  expect(() => takeServiceLock(`${folder}/file/data`, 1)).toThrow(
    expect.objectContaining({ code: 'invalid', message: expect.stringContaining('cannot be made') }),
  )
  expect(() => takeServiceLock(dataDir, 1)).toThrow(
    expect.objectContaining({ code: 'invalid', message: expect.stringContaining('crier.lock is a folder') }),
  )
})

test('a pid file that cannot be written is named, and the lock is free again', () => {
  const dataDir = testFolder()
  mkdirSync(`${dataDir}/crier.pid`)
  const refusal = { code: 'invalid', message: `The file ${dataDir}/crier.pid cannot be written.` }

  // Twice: who kept the lock would say that Crier is running already.
  for (const pid of [1, 2]) {
    expect(() => takeServiceLock(dataDir, pid)).toThrow(expect.objectContaining(refusal))
  }
})

test('a service that was killed holds nobody up, whatever its pid file says', async () => {
  const dataDir = testFolder()
  const built = fileURLToPath(new URL('../../dist/db/service-lock.js', import.meta.url))
  const script = `
    const { takeServiceLock } = await import(${JSON.stringify(built)})
    takeServiceLock(${JSON.stringify(dataDir)}, process.pid)
    process.stdout.write('locked')
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  expect(() => takeServiceLock(dataDir, 1)).toThrow(`(pid ${child.pid})`)

  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended

  expect(existsSync(`${dataDir}/crier.pid`)).toBe(true)
  takeServiceLock(dataDir, 1).release()
})
