import { performance } from 'node:perf_hooks'

/** CPU time of this process, all threads, in milliseconds. */
export function cpuMs(work: () => void): number {
  const begun = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1_000
}

/** Time as it passes, in milliseconds. */
export function wallMs(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}
