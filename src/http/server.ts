import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import { AppError } from '../errors.ts'
import { SECURITY_HEADERS } from './answers.ts'
import type { Handle } from './routes.ts'

const CLOSE_MS = 2_000

// Node waits 60 s for headers and 300 s for a request, and looks every 30 s: an invitation to slow clients.
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 2_000 }

/**
 * Serves `handle` until closed. Throws `invalid` when the port is taken or the address is not ours to listen on.
 * `close` lets answers under way finish for two seconds and then cuts every connection.
 */
export async function listen(
  handle: Handle,
  options: { host: string; port: number; patience?: typeof PATIENCE },
): Promise<{ port: number; close(): Promise<void> }> {
  let isClosing = false
  const listener = getRequestListener(
    async (request, env) => {
      const response = await handle(request, { address: env.incoming.socket?.remoteAddress ?? null })
      // Else the connection would be kept for a next request that can never come.
      if (isClosing || hasIdleBody(request)) response.headers.set('Connection', 'close')
      return response
    },
    { errorHandler: answerUnreadable },
  )
  // A request without Host is refused by us, with our headers; Node's own refusal has none.
  const settings = { ...(options.patience ?? PATIENCE), keepAliveTimeout: 5_000, requireHostHeader: false }
  const server = createServer(settings, listener)
  server.maxConnections = 512
  server.maxRequestsPerSocket = 1_000
  server.on('clientError', answerBroken)
  server.on('checkExpectation', refuseExpectation)

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainListenError(error, options)))
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port

  const close = () =>
    new Promise<void>((resolve) => {
      isClosing = true
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      server.closeIdleConnections()
    })
  return { port, close }
}

/** One without a length behind a question: nobody here reads it, and Node would read it away until its patience ends. */
function hasIdleBody({ method, headers }: Request): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.has('transfer-encoding')
}

/** A request Node took and no URL can be made of: a Host header that is none, a path with a backslash. */
function answerUnreadable(error: unknown): Response {
  const status = error instanceof RequestError ? 400 : 500
  const body = status === 400 ? 'The request cannot be understood.\n' : 'Internal error.\n'
  return new Response(body, { status, headers: { ...SECURITY_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' } })
}

/** RFC 9110, 10.1.1: an expectation other than 100-continue. */
function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(417, { ...SECURITY_HEADERS, 'Content-Length': '0' }).end()
}

/** What Node itself refuses (not HTTP, too slow, headers too large) gets the same manners. */
function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = NODE_STATUS[error.code ?? ''] ?? 400
  const headers = Object.entries({ ...SECURITY_HEADERS, Connection: 'close', 'Content-Length': '0' })
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  socket.end(`${lines.join('\r\n')}\r\n\r\n`)
}

const NODE_STATUS: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

function explainListenError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): unknown {
  if (error.code === 'EADDRINUSE') {
    return new AppError('invalid', `Port ${port} is in use.`, {
      hint: 'Is Crier running already? Otherwise choose another with PORT=8081, or let it find a free one with PORT=0.',
      cause: error,
    })
  }
  if (error.code === 'EACCES') {
    return new AppError('invalid', `Port ${port} needs more rights than this user has.`, {
      hint: 'Choose one above 1023, for example PORT=8080.',
      cause: error,
    })
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return new AppError('invalid', `HOST "${host}" is not an address of this machine.`, {
      hint: 'Use 127.0.0.1 (this machine only) or 0.0.0.0 (the whole network).',
      cause: error,
    })
  }
  return error
}
