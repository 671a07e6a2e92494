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

/** What the body did wrong. */
export class BodyError extends Error {
  readonly reason: 'too_big' | 'broken'

  constructor(reason: 'too_big' | 'broken', message: string) {
    super(message)
    this.name = 'BodyError'
    this.reason = reason
  }
}

export interface BodyReader {
  /** Takes the next chunk as it came over the wire. False asks to wait for `onDrain`. */
  write(chunk: Buffer): boolean
  /** All has come: gives the decompressed body. Rejects with a `BodyError`. */
  end(): Promise<Buffer>
  /** Forgets everything. */
  destroy(): void
}

/** Up to here (compressed) a body is inflated in one go, which costs a third of a stream. */
const SYNC_BYTES = 64 * 1_024
/** Nobody honest compresses what is compressed twice; 50 layers of gzip are a bomb. */
const MAX_CODINGS = 2

type Coding = 'gzip' | 'deflate' | 'br'
type Inflater = Gunzip | Inflate | InflateRaw | BrotliDecompress

/**
 * Collects a body and undoes its Content-Encoding. What it holds never exceeds `maxBytes` after decompression, whatever
 * the compressed size promises; `onError` hears of a fault before the end, `onDrain` when the next chunk is welcome.
 * Throws a `BodyError` for codings we did not ask for.
 */
export function createBodyReader(options: {
  contentEncoding: string | null
  maxBytes: number
  onDrain: () => void
  onError: (error: BodyError) => void
}): BodyReader {
  const { maxBytes, onError } = options
  const declared = parseCodings(options.contentEncoding)
  // A file.xml.gz comes without a label: no document starts with gzip's magic number.
  const codingsOf = (first: Buffer) =>
    declared.length === 0 && isGzip(first) ? (['gzip'] satisfies Coding[]) : declared
  let held: Buffer[] = []
  let heldBytes = 0
  let stream: InflateStream | null = null

  return {
    write(chunk) {
      if (stream !== null) return stream.write(chunk)
      held.push(chunk)
      heldBytes += chunk.length
      if (heldBytes > maxBytes) onError(tooBig(maxBytes))
      if (heldBytes <= SYNC_BYTES || codingsOf(held[0] ?? chunk).length === 0) return true

      const first = Buffer.concat(held)
      const codings = codingsOf(first)
      held = []
      stream = createInflateStream(codings, first, options)
      return stream.write(first)
    },
    async end() {
      if (stream !== null) return await stream.end()
      const whole = Buffer.concat(held, heldBytes)
      held = []
      return inflateSynchronously(whole, codingsOf(whole), maxBytes)
    },
    destroy() {
      held = []
      stream?.destroy()
    },
  }
}

function parseCodings(contentEncoding: string | null): Coding[] {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length > MAX_CODINGS) throw new BodyError('broken', `it is compressed ${names.length} times over`)
  return names.map((name) => {
    if (name === 'gzip' || name === 'x-gzip') return 'gzip'
    if (name === 'deflate' || name === 'br') return name
    throw new BodyError('broken', `it is compressed in a way we did not ask for (${name.slice(0, 20)})`)
  })
}

function inflateSynchronously(whole: Buffer, codings: Coding[], maxBytes: number): Buffer {
  let bytes = whole
  // The last coding named was applied last (RFC 9110, 8.4).
  for (const coding of codings.toReversed()) {
    if (bytes.length === 0 || isMislabelled(coding, bytes)) continue
    try {
      bytes = INFLATE[kindOf(coding, bytes)].sync(bytes, { maxOutputLength: maxBytes })
    } catch (error) {
      throw bodyError(error, maxBytes)
    }
  }
  if (bytes.length > maxBytes) throw tooBig(maxBytes)
  return bytes
}

interface InflateStream {
  write(chunk: Buffer): boolean
  end(): Promise<Buffer>
  destroy(): void
}

/** Inflates as chunks come, and stops at the first byte over the cap: a bomb is cut while it is small. */
function createInflateStream(
  codings: Coding[],
  first: Buffer,
  options: { maxBytes: number; onDrain: () => void; onError: (error: BodyError) => void },
): InflateStream {
  const { maxBytes } = options
  const chunks: Buffer[] = []
  let wireBytes = 0
  let bytes = 0
  let ended = false
  let fault: BodyError | null = null
  let settle: { resolve: (body: Buffer) => void; reject: (error: BodyError) => void } | null = null

  const stages = buildStages(codings, first)
  const entry = stages[0]
  const exit = stages.at(-1)
  const destroy = () => {
    for (const stage of stages) stage.destroy()
  }
  const fail = (error: BodyError) => {
    if (fault !== null) return
    fault = error
    chunks.length = 0
    destroy()
    if (settle === null) options.onError(error)
    else settle.reject(error)
  }
  const take = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) fail(tooBig(maxBytes))
    else chunks.push(chunk)
  }
  if (entry !== undefined) entry.on('drain', options.onDrain)
  for (const [i, stage] of stages.entries()) {
    stage.on('error', (error) => fail(bodyError(error, maxBytes)))
    const next = stages[i + 1]
    if (next !== undefined) stage.pipe(next)
  }
  exit?.on('data', take)
  exit?.on('end', () => {
    ended = true
    settle?.resolve(Buffer.concat(chunks, bytes))
    // What follows the compressed data (padding, mostly) is let in and dropped.
    options.onDrain()
  })

  return {
    write(chunk) {
      wireBytes += chunk.length
      if (wireBytes > maxBytes) fail(tooBig(maxBytes))
      if (fault !== null || ended) return true
      if (entry !== undefined) return entry.write(chunk)
      take(chunk)
      return true
    },
    end() {
      return new Promise((resolve, reject) => {
        if (fault !== null) return reject(fault)
        if (entry === undefined || ended) return resolve(Buffer.concat(chunks, bytes))
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

/** "deflate" means zlib's format, but old servers send it bare; zlib's first byte says method 8 in its low half. */
function kindOf(coding: Coding, bytes: Buffer): keyof typeof INFLATE {
  if (coding !== 'deflate') return coding
  return ((bytes[0] ?? 0) & 0x0f) === 8 ? 'deflate' : 'deflate-raw'
}

/** Some proxies inflate a body and leave the label on: without gzip's magic number it is what it is. */
function isMislabelled(coding: Coding, bytes: Buffer): boolean {
  return coding === 'gzip' && !isGzip(bytes)
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** The document is over the limit. */
export function tooBig(maxBytes: number): BodyError {
  return new BodyError('too_big', `it is larger than ${Math.floor(maxBytes / 1_048_576)} MiB`)
}

function bodyError(error: unknown, maxBytes: number): BodyError {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooBig(maxBytes)
  if (code === 'Z_BUF_ERROR') return new BodyError('broken', 'its compressed data was cut off')
  return new BodyError('broken', 'its compressed data is damaged')
}
