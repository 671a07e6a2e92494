import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/** What stands at one path. */
export interface ServedDocument {
  body?: string | Uint8Array
  /** 200 unless told. */
  status?: number
  contentType?: string
  /** Its hash unless told; null sends none and answers no conditional request. */
  etag?: string | null
  lastModified?: string
  /** Compresses, if the client takes it. */
  encoding?: 'gzip' | 'br'
  /** Answers 302 (or `status`) to this address. */
  redirect?: string
  /** Waits this long before it answers. */
  delayMs?: number
  /** More header fields, or others instead. */
  headers?: Record<string, string | string[]>
  /** Answers by hand, whatever else is said. */
  answer?: (response: ServerResponse, socket: Socket) => void
}

export interface ServedRequest {
  path: string
  headers: IncomingHttpHeaders
  /** What was answered; 0 for `answer`. */
  status: number
}

export interface FeedServer {
  /** http://127.0.0.1:PORT, without a slash. */
  url: string
  port: number
  /** Puts a document (or a bare body) at a path, in place of what stood there. What is not set is 404. */
  set(path: string, document: ServedDocument | string): void
  /** All of them, in order. */
  requests: ServedRequest[]
  /** How many sockets were opened. */
  connections(): number
  /** Cuts what is open. */
  close(): Promise<void>
}

/** A loopback web server for tests: documents by path, with conditional GET, compression, delays and redirects. */
export async function startFeedServer(): Promise<FeedServer> {
  const documents = new Map<string, ServedDocument>()
  const requests: ServedRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0

  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const document = documents.get(path) ?? { status: 404, body: 'Nothing here.', etag: null }
    const answer = () => {
      const status = document.answer ? 0 : statusFor(document, request.headers)
      requests.push({ path, headers: request.headers, status })
      if (document.answer) document.answer(response, request.socket)
      else respond(response, document, status, request.headers)
    }
    if (document.delayMs === undefined) answer()
    else setTimeout(answer, document.delayMs)
  })
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })

  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    set: (path, document) => documents.set(path, typeof document === 'string' ? { body: document } : document),
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      // A TCP server that listens has an address with a port.
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function etagOf(document: ServedDocument): string | null {
  if (document.etag !== undefined) return document.etag
  return `"${createHash('sha256')
    .update(document.body ?? '')
    .digest('hex')
    .slice(0, 16)}"`
}

function statusFor(document: ServedDocument, headers: IncomingHttpHeaders): number {
  if (document.redirect !== undefined) return document.status ?? 302
  if (document.status !== undefined) return document.status
  const etag = etagOf(document)
  const asked = headers['if-none-match']
  if (asked !== undefined) return etag !== null && asked === etag ? 304 : 200
  const since = headers['if-modified-since']
  return since !== undefined && since === document.lastModified ? 304 : 200
}

function respond(response: ServerResponse, document: ServedDocument, status: number, asked: IncomingHttpHeaders): void {
  const etag = etagOf(document)
  if (etag !== null) response.setHeader('etag', etag)
  if (document.lastModified !== undefined) response.setHeader('last-modified', document.lastModified)
  if (document.redirect !== undefined) response.setHeader('location', document.redirect)
  for (const [name, value] of Object.entries(document.headers ?? {})) response.setHeader(name, value)
  response.statusCode = status
  if (status === 304) return void response.end()

  if (!response.hasHeader('content-type')) {
    response.setHeader('content-type', document.contentType ?? 'application/xml; charset=utf-8')
  }
  const body = Buffer.from(document.body ?? '')
  const { encoding } = document
  if (encoding === undefined || !String(asked['accept-encoding']).includes(encoding)) return void response.end(body)
  response.setHeader('content-encoding', encoding)
  response.end(encoding === 'gzip' ? gzipSync(body) : brotliCompressSync(body))
}
