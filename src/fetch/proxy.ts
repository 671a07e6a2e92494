import { isIP } from 'node:net'
import type { Dispatcher } from 'undici'
import connect from 'undici/lib/api/api-connect.js'
import buildConnector from 'undici/lib/core/connect.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import Pool from 'undici/lib/dispatcher/pool.js'
import { takeCredentials } from './access.ts'
import { DescribedError, describeFault, failure, nameOfStatus } from './faults.ts'
import type { Guard } from './guard.ts'

/** How one request gets to its server: by whom it is sent, and what has to be added to it. */
export interface Way {
  dispatcher: Dispatcher
  origin: string
  path: string
  headers: Record<string, string>
  /** Who is to blame when the connection fails, for people. */
  peer: string
}

export interface Proxies {
  /**
   * The way to this URL through a proxy (http or https, a name and password in it are its own). A string says why the
   * proxy cannot be used, without its password.
   */
  find(proxy: string, url: URL): Way | string
  close(): Promise<void>
}

interface ProxyOptions {
  guard: Guard
  connectTimeoutMs: number
  /** Of the connections themselves, as for those without a proxy. */
  pool: { connections: number } & Pick<
    Pool.Options,
    'pipelining' | 'keepAliveTimeout' | 'keepAliveMaxTimeout' | 'maxHeaderSize'
  >
}

interface Proxy {
  name: string
  origin: string
  forwards: boolean
  auth: Record<string, string>
  /** Connections to the proxy itself. */
  pool: Pool
  /** Connections through it. */
  tunnels: Agent
}

/**
 * Requests through proxies. The proxy is dialled by the guard like every other host; whom it dials for us is judged
 * before it is asked (`Guard.judge`), by the caller. http goes through an http proxy as it is (RFC 9112, 3.2.2), all
 * else through a tunnel (RFC 9110, 9.3.6), in which we check the server's certificate ourselves.
 */
export function createProxies(options: ProxyOptions): Proxies {
  const proxies = new Map<string, Proxy>()
  let isClosed = false

  return {
    find(address, url) {
      if (isClosed) return 'Crier is stopping.'
      const proxy = proxies.get(address) ?? openProxy(address, options)
      if (typeof proxy === 'string') return proxy
      proxies.set(address, proxy)
      return wayThrough(proxy, url)
    },
    async close() {
      isClosed = true
      await Promise.all([...proxies.values()].flatMap(({ pool, tunnels }) => [pool.destroy(), tunnels.destroy()]))
    },
  }
}

function wayThrough(proxy: Proxy, url: URL): Way {
  const path = url.pathname + url.search
  if (!proxy.forwards || url.protocol === 'https:') {
    return { dispatcher: proxy.tunnels, origin: url.origin, path, headers: {}, peer: url.host }
  }
  return {
    dispatcher: proxy.pool,
    origin: proxy.origin,
    path: url.origin + path,
    headers: { host: url.host, ...proxy.auth },
    peer: `${proxy.name} (the proxy)`,
  }
}

function openProxy(address: string, options: ProxyOptions): Proxy | string {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    return "The source's proxy is no address of one. It looks like http://proxy.example:3128 (https:// works too)."
  }
  const credentials = takeCredentials(url)
  const refusal = options.guard.refusal(url)
  if (refusal !== null) return `The proxy cannot be used: ${refusal}`

  const auth: Record<string, string> = credentials === null ? {} : { 'proxy-authorization': credentials }
  const name = url.host
  const pool = new Pool(url.origin, {
    ...options.pool,
    // It leads to many hosts, and one of them may keep a connection busy for as long as connecting may take.
    connections: 64,
    headersTimeout: 0,
    bodyTimeout: 0,
    // undici would greet the proxy by the name of the host we ask for.
    connect: (target, callback) => {
      const { servername: _, ...named } = target
      options.guard.connect(isIP(url.hostname) === 0 ? { ...named, servername: url.hostname } : named, callback)
    },
  })
  const tunnels = new Agent({
    ...options.pool,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: createTunnel(pool, { name, auth, connectTimeoutMs: options.connectTimeoutMs }),
  })
  return { name, origin: url.origin, forwards: url.protocol === 'http:', auth, pool, tunnels }
}

/** Asks the proxy for a tunnel, and makes the connection in it secure where it has to be. */
function createTunnel(
  pool: Pool,
  proxy: { name: string; auth: Record<string, string>; connectTimeoutMs: number },
): buildConnector.connector {
  const secure = buildConnector({ timeout: proxy.connectTimeoutMs })
  return (target, callback) => {
    const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname
    const path = `${host}:${target.port || (target.protocol === 'https:' ? 443 : 80)}`
    // undici keeps what waits for a connection in line behind it: a proxy that is silent must not hold it for ever.
    const asked = { path, headers: { host: path, ...proxy.auth }, headersTimeout: proxy.connectTimeoutMs }
    connect.call(pool, asked).then(
      ({ socket, statusCode }) => {
        // It is a net.Socket: undici hands over the one that its connector made.
        const opened = socket as unknown as buildConnector.Options['httpSocket']
        if (statusCode < 200 || statusCode > 299 || opened === undefined) {
          socket.on('error', () => {}).destroy()
          callback(new DescribedError(describeRefusal(proxy.name, target.hostname, statusCode)), null)
        } else if (target.protocol === 'https:') {
          secure({ ...target, httpSocket: opened }, callback)
        } else {
          callback(null, opened)
        }
      },
      (error: Error) => callback(new DescribedError(describeFault(error, `${proxy.name} (the proxy)`)), null),
    )
  }
}

function describeRefusal(name: string, host: string, status: number) {
  const said = nameOfStatus(status)
  if (status === 407) {
    const detail = `The proxy ${name} answered ${said}. It wants a name and a password.`
    return failure('blocked', detail, { status, needs: 'proxy_login' })
  }
  const detail = `The proxy ${name} does not lead to ${host}: it answered ${said}. Check the address, and what the proxy allows.`
  return failure('connect', detail, { status })
}
