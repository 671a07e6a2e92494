import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** Resolves a name to all its addresses, like `dns.lookup` with `all: true`. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A healthy name server has answered long before. */
const PATIENCE_MS = 1_000
/** Where so many names wait for the system already, they hang, and a further one would wait behind them: it goes around at once. */
const MAX_WAITING = 32

/**
 * The system's look-up, which knows all that this machine knows, and a second way around it where it is stuck: it runs
 * in two threads of the process, so that two names whose server never answers would keep everybody waiting for half a
 * minute. Whoever has addresses first wins.
 */
export function createLookup(
  options: { system?: LookupAll; direct?: (hostname: string) => Promise<LookupAddress[]>; patienceMs?: number } = {},
): LookupAll {
  const { system = systemLookup, direct = lookUpDirectly, patienceMs = PATIENCE_MS } = options
  let waiting = 0

  return (hostname, lookupOptions, callback) => {
    let isOver = false
    let running = 0
    let firstError: NodeJS.ErrnoException | null = null
    const finish = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
      running -= 1
      if (isOver) return
      firstError ??= error
      if (error !== null && running > 0) return
      isOver = true
      clearTimeout(timer)
      callback(error === null ? null : firstError, addresses)
    }
    const goAround = () => {
      running += 1
      direct(hostname).then(
        (addresses) => finish(null, addresses),
        (error: NodeJS.ErrnoException) => finish(error, []),
      )
    }
    const timer = setTimeout(goAround, waiting < MAX_WAITING ? patienceMs : 0)
    if (waiting >= MAX_WAITING) return

    running += 1
    waiting += 1
    system(hostname, lookupOptions, (error, addresses) => {
      waiting -= 1
      finish(error, addresses)
    })
  }
}

/** The hosts file, else the name server, asked without the system's threads. Rejects as `dns.lookup` fails. */
async function lookUpDirectly(hostname: string): Promise<LookupAddress[]> {
  const listed = findInHosts(await readFile('/etc/hosts', 'utf8').catch(() => ''), hostname)
  if (listed.length > 0) return listed

  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  const found = [
    ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
  ]
  if (found.length > 0) return found
  throw v4.status === 'rejected' ? v4.reason : Object.assign(new Error('No address.'), { code: 'ENOTFOUND' })
}

/** The addresses of a name in the text of a hosts file (hosts(5)). */
export function findInHosts(text: string, hostname: string): LookupAddress[] {
  const name = hostname.toLowerCase().replace(/\.$/, '')
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/)
    const family = isIP(address)
    return family !== 0 && names.includes(name) ? [{ address, family }] : []
  })
}
