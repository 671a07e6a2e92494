import type { WebSub } from '../actions/websub/websub.ts'
import { AppError } from '../errors.ts'
import { MAX_DOCUMENT_BYTES } from '../model.ts'
import { text } from './answers.ts'
import { createRoom, readBody } from './body.ts'

/** The callbacks' side. */
export type WebSubDoor = Pick<WebSub, 'verify' | 'expects' | 'receive'>

/**
 * All pushes under way together: this is the one address to which strangers may send something, and a hub that a hostile
 * source names is one. Honest pushes hold an item or two; beside the polls there is room for two of the largest.
 */
const MAX_HELD_BYTES = 2 * MAX_DOCUMENT_BYTES

/**
 * Answers hubs at the address with this token, which is secret: it stands in no answer. GET is a question (WebSub, 5.3),
 * POST a push (7). A push that could not be kept is not answered with 2xx, so that the hub sends it again.
 */
export function createWebSubRoute(door: WebSubDoor): (request: Request, token: string) => Promise<Response> {
  const room = createRoom(MAX_HELD_BYTES)

  async function receive(request: Request, token: string): Promise<Response> {
    // Before the body: what strangers send would take the room of hubs.
    if (!(await door.expects(token))) return gone()
    const body = await readBody(request, MAX_DOCUMENT_BYTES, room)
    if (body.kind === 'too_large') return text('The push is larger than 10 MB.\n', 413, { Connection: 'close' })
    if (body.kind === 'no_room') {
      return text('Too much is being pushed at once.\n', 503, { Connection: 'close', 'Retry-After': '60' })
    }
    if (body.kind !== 'whole') return text(UNFIT[body.kind], 400, { Connection: 'close' })
    const { headers } = request
    const signature = headers.get('x-hub-signature') ?? headers.get('x-hub-signature-256')
    try {
      const push = { bytes: body.bytes, contentType: headers.get('content-type'), signature }
      const outcome = await door.receive(token, push)
      return outcome === 'accepted' ? text('Thank you.\n', 202) : gone()
    } finally {
      room.give(body.bytes.byteLength)
    }
  }

  return async (request, token) => {
    if (request.method === 'POST') return receive(request, token)
    if (request.method !== 'GET') return text('Only GET and POST are answered here.\n', 405, { Allow: 'GET, POST' })
    const echo = await door.verify(token, new URL(request.url).searchParams)
    if (echo === null) throw new AppError('not_found', 'There is nothing at this address.')
    return text(echo, 200)
  }
}

const UNFIT = { crumbs: 'The push comes in crumbs.\n', broken: 'The push broke off.\n' }

/** The connection ends with it: what else comes of the body is read by nobody. */
function gone(): Response {
  return text('Nobody waits for this any more.\n', 410, { Connection: 'close' })
}
