import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

type Coding = 'identity' | 'gzip' | 'br'

/** One document as it goes out, held in memory: its bytes, compressed at most once, and what names this version. */
export interface Representation {
  readonly contentType: string
  /** Changes with the bytes; each coding has a strong ETag made of it. */
  readonly hash: string
  /** When these bytes were first made here. */
  readonly madeAt: number
  bytes(coding: Coding): Promise<Uint8Array<ArrayBuffer>>
}

/** A representation of `body`, unless `previous` has the same bytes: then that one, with what it has compressed already. */
export function represent(body: string, contentType: string, now: number, previous?: Representation): Representation {
  const identity = new Uint8Array(Buffer.from(body))
  const hash = createHash('sha256').update(contentType).update(identity).digest('base64url').slice(0, 22)
  if (previous?.hash === hash) return previous

  const compressed = new Map<Coding, Promise<Uint8Array<ArrayBuffer>>>()
  return {
    contentType,
    hash,
    madeAt: now,
    bytes(coding) {
      if (coding === 'identity') return Promise.resolve(identity)
      const made = compressed.get(coding) ?? COMPRESS[coding](identity)
      compressed.set(coding, made)
      return made
    },
  }
}

/** Answers GET and HEAD, conditional or not (RFC 9110, 13). `cacheControl` says who may keep it. */
export async function answerWith(
  document: Representation,
  request: Request,
  options: { cacheControl: string; now: number; status?: 200 | 400 },
): Promise<Response> {
  const coding = chooseCoding(request.headers.get('accept-encoding'))
  const headers = new Headers({
    'Cache-Control': options.cacheControl,
    ETag: etagOf(document.hash, coding),
    Vary: 'Accept-Encoding',
  })
  const madeAtSecond = Math.floor(document.madeAt / 1_000)
  // Its unit is a second: within the one it was made in, other bytes could still get the same date.
  if (Math.floor(options.now / 1_000) > madeAtSecond) {
    headers.set('Last-Modified', new Date(madeAtSecond * 1_000).toUTCString())
  }
  if (options.status !== 400 && isUnchanged(request.headers, document.hash, headers.get('Last-Modified'))) {
    return new Response(null, { status: 304, headers })
  }

  const bytes = await document.bytes(coding)
  headers.set('Content-Type', document.contentType)
  headers.set('Content-Length', String(bytes.byteLength))
  if (coding !== 'identity') headers.set('Content-Encoding', coding)
  return new Response(bytes, { status: options.status ?? 200, headers })
}

const COMPRESS: Record<Exclude<Coding, 'identity'>, (bytes: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>> = {
  gzip: async (bytes) => new Uint8Array(await promisify(gzip)(bytes, { level: 7 })),
  br: async (bytes) =>
    // The default, 11, takes fifty times as long for a tenth less.
    new Uint8Array(await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })),
}

function etagOf(hash: string, coding: Coding): string {
  return coding === 'identity' ? `"${hash}"` : `"${hash}-${coding}"`
}

/** RFC 9110, 12.5.3; what nobody asked for is identity. */
function chooseCoding(header: string | null): Coding {
  const weights = new Map<string, number>()
  for (const part of (header ?? '').slice(0, 1_000).toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    if (name !== '') weights.set(name, weight > 0 ? weight : 0)
  }
  const weigh = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0
  const best = weigh('br') >= weigh('gzip') ? 'br' : 'gzip'
  const plain = weights.get('identity') ?? 0
  return weigh(best) > 0 && weigh(best) >= plain ? best : 'identity'
}

function isUnchanged(request: Headers, hash: string, lastModified: string | null): boolean {
  const tags = request.get('if-none-match')
  if (tags !== null) {
    if (tags.trim() === '*') return true
    // All codings of one hash say the same, and proxies weaken tags or move them to another coding.
    const known = (['identity', 'gzip', 'br'] as const).map((coding) => etagOf(hash, coding))
    return [...tags.matchAll(/"[^"]*"/g)].some(([tag]) => known.includes(tag))
  }
  const since = request.get('if-modified-since')
  return since !== null && lastModified !== null && Date.parse(since) >= Date.parse(lastModified)
}
