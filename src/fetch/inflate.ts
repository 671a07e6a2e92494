/** Content-Encoding (RFC 9110, 8.4): in which codings a body came, and how they are undone, at once or as its chunks come. */
import {
  type BrotliDecompress,
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type Gunzip,
  gunzipSync,
  type Inflate,
  type InflateRaw,
  inflateRawSync,
  inflateSync,
} from 'node:zlib'
import { BodyError, GIVEN_UP, TOO_WIDE, tooBig } from './body-error.ts'
import { createGatherer } from './gather.ts'
import type { Holding, Room } from './room.ts'

export type Coding = 'gzip' | 'deflate' | 'br'
type Inflater = Gunzip | Inflate | InflateRaw | BrotliDecompress

/** What is larger inside is inflated by a stream after all, so that it can wait for room, and others need not wait for it. */
const SYNC_OUTPUT_BYTES = 262_144
/** Nobody honest compresses what is compressed twice; 50 layers of gzip are a bomb. */
const MAX_CODINGS = 2

export interface InflateOptions {
  maxBytes: number
  room: Room
  /** The next chunk is welcome. */
  onDrain: () => void
  /** A fault before the end. */
  onError: (error: BodyError) => void
}

/**
 * As the header names them, in order; what names no coding (servers write "utf-8", "none") says nothing. Throws a
 * `BodyError` for those we did not ask for.
 */
export function parseCodings(contentEncoding: string | null): Coding[] {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.replace(/;.*/, '').replaceAll('"', '').trim())
    .filter((name) => REGISTERED.has(name))
  if (names.length > MAX_CODINGS) throw new BodyError('broken', `it is compressed ${names.length} times over`)
  return names.map((name) => {
    if (name === 'gzip' || name === 'x-gzip') return 'gzip'
    if (name === 'deflate' || name === 'br') return name
    throw new BodyError('broken', `it is compressed in a way we did not ask for (${name.slice(0, 20)})`)
  })
}

/** HTTP Content Coding Registry (RFC 9110, 16.6.1), but for identity. */
const REGISTERED = new Set(
  'aes128gcm br compress dcb dcz deflate exi gzip pack200-gzip x-compress x-gzip zstd'.split(' '),
)

/**
 * Inflates all of it at once, in pieces of `chunkSize`. Null where it becomes larger than what is inflated so. Throws a
 * `BodyError` for what is over `maxBytes` or damaged, and for brotli whose window we give no memory (`TOO_WIDE`).
 */
export function inflateSynchronously(
  whole: Buffer,
  codings: Coding[],
  maxBytes: number,
  chunkSize: number,
): Buffer | null {
  const maxOutputLength = Math.min(maxBytes, Math.max(SYNC_OUTPUT_BYTES, chunkSize))
  let bytes = whole
  // The last coding named was applied last (RFC 9110, 8.4). No document begins as gzip does: a file.xml.gz may be compressed again.
  for (const coding of [...codings.toReversed(), ...(codings.length < MAX_CODINGS ? AGAIN : [])]) {
    if (bytes.length === 0 || isMislabelled(coding, bytes)) continue
    const kind = kindOf(coding, bytes)
    if (kind === 'br' && isWide(bytes)) throw TOO_WIDE
    try {
      bytes = INFLATE[kind].sync(bytes, { maxOutputLength, chunkSize })
    } catch (error) {
      const fault = bodyError(error, maxBytes)
      const member = fault.reason === 'garbled' && kind === 'gzip' ? gunzipFirst(bytes, maxOutputLength) : null
      if (fault.reason === 'too_big' && maxBytes > maxOutputLength) return null
      if (member === null) throw fault
      bytes = member
    }
  }
  if (bytes.length > maxBytes) throw tooBig(maxBytes)
  return bytes
}

const AGAIN: Coding[] = ['gzip']

/**
 * What a whole member of gzip (RFC 1952, 2.3) holds behind which something else stands, such as the line break that ends a
 * script: browsers drop that, where zlib takes it for another member. Null where it is not so.
 */
function gunzipFirst(bytes: Buffer, maxOutputLength: number): Buffer | null {
  // Headers with optional fields are rare, and so is what stands behind a member: hardly anybody has both.
  if (bytes[3] !== 0) return null
  try {
    // The types do not know what `info` gives.
    const first = inflateRawSync(bytes.subarray(GZIP_HEADER_BYTES), { maxOutputLength, info: true }) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    const end = GZIP_HEADER_BYTES + first.engine.bytesWritten
    const isWhole = bytes.length > end + 8 && bytes.readUInt32LE(end + 4) === first.buffer.length
    return isWhole && !isGzip(bytes.subarray(end + 8)) ? first.buffer : null
  } catch {
    return null
  }
}

const GZIP_HEADER_BYTES = 10

export interface InflateStream {
  write(chunk: Buffer): boolean
  /** There is room again. */
  resume(): void
  end(): Promise<Buffer>
  destroy(): void
}

/** Inflates as chunks come, and stops at the first byte over the cap: a bomb is cut while it is small. */
export function createInflateStream(
  codings: Coding[],
  first: Buffer,
  options: InflateOptions,
  holding: Holding,
): InflateStream {
  const { maxBytes } = options
  const inflated = createGatherer(null, maxBytes)
  let bytes = 0
  let ended = false
  let fault: BodyError | null = null
  let settle: { resolve: (body: Buffer) => void; reject: (error: BodyError) => void } | null = null

  const stages = buildStages(codings, first)
  const entry = stages[0]
  const exit = stages.at(-1)
  const destroy = () => {
    for (const stage of stages) stage.destroy()
    inflated.drop()
    // Whoever is next in line waits for this one.
    settle?.reject(fault ?? GIVEN_UP)
  }
  const fail = (error: BodyError) => {
    if (fault !== null) return
    fault = error
    destroy()
    if (settle === null) options.onError(error)
  }
  const take = (chunk: Buffer): boolean => {
    bytes += chunk.length
    if (bytes > maxBytes) fail(tooBig(maxBytes))
    if (fault !== null) return true
    options.room.litter(chunk.length)
    inflated.add(chunk)
    return holding.take(chunk.length)
  }
  if (entry !== undefined) entry.on('drain', options.onDrain)
  for (const [i, stage] of stages.entries()) {
    stage.on('error', (error) => fail(bodyError(error, maxBytes)))
    const next = stages[i + 1]
    if (next !== undefined) stage.pipe(next)
  }
  exit?.on('data', (chunk) => {
    // No more comes out, so soon no more goes in, and the socket is not read.
    if (!take(chunk)) exit.pause()
  })
  exit?.on('end', () => {
    ended = true
    settle?.resolve(inflated.takeOwn())
    // What follows the compressed data (padding, mostly) is let in and dropped.
    options.onDrain()
  })

  return {
    write(chunk) {
      if (fault !== null || ended) return true
      return entry === undefined ? take(chunk) : entry.write(chunk)
    },
    resume() {
      if (exit === undefined) options.onDrain()
      else exit.resume()
    },
    end() {
      return new Promise((resolve, reject) => {
        if (fault !== null) return reject(fault)
        if (entry === undefined || ended) return resolve(inflated.takeOwn())
        settle = { resolve, reject }
        entry.end()
      })
    },
    destroy,
  }
}

/** The inner codings of a double compression cannot be seen yet, and are taken at their word. */
function buildStages(codings: Coding[], first: Buffer): Inflater[] {
  const stages: Inflater[] = []
  for (const [i, coding] of codings.toReversed().entries()) {
    if (i === 0 && isMislabelled(coding, first)) continue
    stages.push(INFLATE[i === 0 ? kindOf(coding, first) : coding].stream())
  }
  return stages
}

const INFLATE = {
  gzip: { sync: gunzipSync, stream: createGunzip },
  deflate: { sync: inflateSync, stream: createInflate },
  'deflate-raw': { sync: inflateRawSync, stream: createInflateRaw },
  br: { sync: brotliDecompressSync, stream: createBrotliDecompress },
}

/**
 * "deflate" means zlib's format, but old servers send it bare; zlib's first byte says method 8 in its low half. What begins
 * as gzip does is gzip: no bare one can, and no brotli that we would take.
 */
function kindOf(coding: Coding, bytes: Buffer): keyof typeof INFLATE {
  if (isGzip(bytes)) return 'gzip'
  if (coding !== 'deflate') return coding
  return ((bytes[0] ?? 0) & 0x0f) === 8 ? 'deflate' : 'deflate-raw'
}

/**
 * brotli unpacks into a window before it shows the first byte. Its size stands first (RFC 7932, 9.1): 4 MiB is what
 * nearly all use, the two sizes above it are what makes a bomb.
 */
function isWide(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & 0x0d) === 0x0d
}

/** Some proxies inflate a body and leave the label on: without gzip's magic number, or with a document's, it is what it is. */
function isMislabelled(coding: Coding, bytes: Buffer): boolean {
  return coding === 'gzip' ? !isGzip(bytes) : DOCUMENT.test(bytes.toString('latin1', 0, 64))
}

const DOCUMENT = /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss|feed|rdf:rdf|!doctype|html)[\s>]/i

/** By its magic number. */
export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

function bodyError(error: unknown, maxBytes: number): BodyError {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooBig(maxBytes)
  if (code === 'Z_BUF_ERROR') return new BodyError('garbled', 'its compressed data was cut off')
  return new BodyError('garbled', 'its compressed data is damaged')
}
