import { createGatherer } from '../fetch/gather.ts'

/** Bytes that bodies may hold in memory together. */
export interface Room {
  /** False where there is not so much left: nothing was taken then. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function createRoom(maxBytes: number): Room {
  let left = maxBytes
  return {
    take(bytes) {
      if (bytes > left) return false
      left -= bytes
      return true
    },
    give(bytes) {
      left += bytes
    },
  }
}

export type Body =
  | { kind: 'whole'; bytes: Uint8Array }
  | { kind: 'too_large' }
  | { kind: 'no_room' }
  | { kind: 'crumbs' }
  /** Its sender went away, or took too long. */
  | { kind: 'broken' }

/**
 * The body of a request, counted as it arrives, whatever its length was said to be. What it holds is taken from `room`
 * and is the caller's to give back, once `whole`; of any other outcome nothing is held.
 */
export async function readBody(request: Request, maxBytes: number, room: Room = ENDLESS): Promise<Body> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return { kind: 'too_large' }
  const gathered = createGatherer(null, maxBytes)
  let held = 0
  let chunks = 0
  const drop = () => {
    gathered.drop()
    room.give(held)
  }
  const refuse = (kind: Exclude<Body['kind'], 'whole'>): Body => {
    drop()
    return { kind }
  }
  // Not cancelled when it is refused: that would cut the connection before the answer is out.
  const reader = request.body?.getReader()
  try {
    for (;;) {
      const read = await reader?.read().catch(() => 'broken' as const)
      if (read === 'broken') return refuse(read)
      const value = read?.value
      if (value === undefined) break
      if (held + value.byteLength > maxBytes) return refuse('too_large')
      if (!room.take(value.byteLength)) return refuse('no_room')
      held += value.byteLength
      chunks += 1
      // Ten million chunks of one byte would keep everybody else waiting.
      if (chunks > MAX_CRUMBS && held < chunks * 16) return refuse('crumbs')
      // A copy: the first would be kept as it is.
      gathered.add(Buffer.from(value))
    }
  } catch (error) {
    drop()
    throw error
  }
  return { kind: 'whole', bytes: gathered.take() }
}

const MAX_CRUMBS = 4_096

const ENDLESS: Room = { take: () => true, give: () => {} }
