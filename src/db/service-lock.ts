import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { AppError } from '../errors.ts'
import { TELEGRAM_STANDINGS, type TelegramStanding } from '../ports.ts'
import { lockPath, makeDataDir, pidPath, telegramPath } from './data-dir.ts'
import { explain, openFile } from './file.ts'
import { openDriver } from './sqlite/binding.ts'
import { isBusy } from './sqlite/driver.ts'

export interface ServiceLock {
  /** Leaves word for commands, until the next one, or the release. */
  noteTelegram(standing: TelegramStanding): void
  release(): void
}

/**
 * Makes this the one service of a data folder, until it is released or the process ends in whatever way: the lock is the
 * operating system's. Throws `conflict`, naming the process that has it, and `invalid` for a folder, or a file in it, that
 * cannot be used. The pid lies beside it for people only.
 */
export function takeServiceLock(dataDir: string, pid: number): ServiceLock {
  makeDataDir(dataDir)
  const driver = openFile(lockPath(dataDir))
  try {
    driver.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    driver.close()
    if (!isBusy(error)) throw explain(error, lockPath(dataDir))
    const holder = readPid(dataDir) ?? 'unknown'
    throw new AppError('conflict', `Crier is already running here (pid ${holder}), on ${dataDir}.`, {
      hint: 'Stop it first, or give this one another folder in CRIER_DATA.',
    })
  }
  try {
    writeFileSync(pidPath(dataDir), `${pid}\n`)
  } catch (error) {
    driver.close()
    throw new AppError('invalid', `The file ${pidPath(dataDir)} cannot be written.`, {
      hint: 'Let this user write it, or move it away.',
      cause: error,
    })
  }
  const forgetTelegram = () => rmSync(telegramPath(dataDir), { force: true })
  // Of one that was killed.
  forgetTelegram()
  return {
    noteTelegram(standing) {
      try {
        writeFileSync(telegramPath(dataDir), `${standing}\n`)
      } catch {
        // Of a full disk others complain. Better no word than an old one.
        forgetTelegram()
      }
    },
    release() {
      forgetTelegram()
      rmSync(pidPath(dataDir), { force: true })
      driver.close()
    },
  }
}

/** Whether a service runs on this data folder: somebody holds its lock. Makes no file, and is in nobody's way. */
export function isServiceRunning(dataDir: string): boolean {
  const path = lockPath(dataDir)
  if (!existsSync(path)) return false
  const driver = openDriver(path, 0)
  try {
    // Reading: two who look at once do not meet, and a service that starts just now waits for them.
    driver.exec('SELECT 1 FROM sqlite_schema')
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    driver.close()
  }
}

/** Which process has the lock, as its pid file says, which may lie; null where none does. */
export function readPid(dataDir: string): number | null {
  try {
    return Number(readFileSync(pidPath(dataDir), 'utf8')) || null
  } catch {
    return null
  }
}

/** What the service that has the lock noted last; null for nothing, as one of an older version does. */
export function readTelegramStanding(dataDir: string): TelegramStanding | null {
  try {
    const noted = readFileSync(telegramPath(dataDir), 'utf8').trim()
    return TELEGRAM_STANDINGS.find((standing) => standing === noted) ?? null
  } catch {
    return null
  }
}
