/** Milliseconds that this process has worked so far: what something costs, however busy the machine is with other things. */
export function workedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
