import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { explain, lockPath, makeDataDir, openFile } from './open.ts'
import { isBusy } from './sqlite/driver.ts'

/**
 * Makes this the one service of a data folder, until it is released or the process ends in whatever way: the lock is the
 * operating system's. Throws `conflict`, naming the process that has it, and `invalid` for a folder that cannot be used. The
 * pid lies beside it for the first message only.
 */
export function takeServiceLock(dataDir: string, pid: number): { release(): void } {
  makeDataDir(dataDir)
  const pidPath = join(dataDir, 'crier.pid')
  const driver = openFile(lockPath(dataDir), 0)
  try {
    driver.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    driver.close()
    if (!isBusy(error)) throw explain(error, lockPath(dataDir))
    throw new AppError('conflict', `Crier is already running here (pid ${readPid(pidPath)}), on ${dataDir}.`, {
      hint: 'Stop it first, or give this one another folder in CRIER_DATA.',
    })
  }
  writeFileSync(pidPath, `${pid}\n`)
  return {
    release() {
      rmSync(pidPath, { force: true })
      driver.close()
    },
  }
}

function readPid(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
