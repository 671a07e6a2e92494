/** What the answer to a fetch means: a document, the one we know already, or a failure. */
import { hash } from 'node:crypto'
import type { Validators } from '../model.ts'
import type { Fetched, FetchFailed, FetchRequest } from '../ports.ts'
import { findGuard, findGuardOnPage, isHtml, isLoginPage } from './blocked.ts'
import { freshForMs, type Headers, headerValue, retryAfterMs } from './cache-headers.ts'
import type { Answer } from './exchange.ts'
import { describeBlock, describeLogin, describeStatus, failure } from './faults.ts'
import type { Network } from './hop.ts'
import { alternates, pushLinks } from './links.ts'

/** The answer of the last server on the way, which leads nowhere else. */
export interface Answered {
  kind: 'answered'
  asked: URL
  url: URL
  answer: Answer
  /** All on the way said that it has moved for good. */
  movedForGood: boolean
  /** It was told a name and password (or a token). */
  wasAuthorized: boolean
}

/** `request`: what is known already is `unchanged`. */
export function readAnswer({ clock, room }: Network, request: FetchRequest, answered: Answered): Fetched {
  const { asked, url, answer, movedForGood } = answered
  const { status, headers, body } = answer
  const now = clock()
  const { etag, lastModified } = request.validators
  const notBeforeMs = freshForMs(headers, now)
  const movedTo = movedForGood ? { movedTo: url.href } : null
  if (status === 304 && (etag !== null || lastModified !== null)) {
    const renewed = validatorsOf(headers)
    const validators = { etag: renewed.etag ?? etag, lastModified: renewed.lastModified ?? lastModified }
    return { kind: 'unchanged', validators, notBeforeMs, ...movedTo }
  }
  if (body === null) return describeRefusal(answered, now)
  if (body.length === 0) {
    return failure('body', `${url.host} answered with an empty document. Check the address.`)
  }

  const validators = validatorsOf(headers)
  const bodyHash = hash('sha256', body, 'hex')
  const blocked = isHtml(headers) ? findBlock(asked, url, status, body) : null
  if (blocked !== null || bodyHash === request.bodyHash) room.release(body)
  if (blocked !== null) return blocked
  if (bodyHash === request.bodyHash) return { kind: 'unchanged', validators, notBeforeMs, ...movedTo }

  const links = pushLinks(headers, url.href)
  const others = alternates(headers)
  return {
    kind: 'fresh',
    url: url.href,
    contentType: headerValue(headers, 'content-type'),
    bytes: body,
    validators,
    bodyHash,
    notBeforeMs,
    ...movedTo,
    ...(links && { links }),
    ...(others.length > 0 && { alternates: others }),
  }
}

function describeRefusal(answered: Answered, now: number): FetchFailed {
  const { asked, url } = answered
  const failed = describeAnswer(answered, now)
  const isElsewhere = failed.reason === 'throttled' && url.hostname !== asked.hostname
  return isElsewhere ? { ...failed, host: url.hostname } : failed
}

function describeAnswer({ url, answer, wasAuthorized }: Answered, now: number): FetchFailed {
  const { status, headers } = answer
  const who = status === 401 || status === 407 ? null : findGuard(answer)
  if (who === null) return describeStatus(status, headers, now, { wasAuthorized })
  return describeBlock(who, url.host, status, retryAfterMs(headers, now))
}

/** A page may stand where a document was asked for, and be welcome, but not one that keeps us out. */
function findBlock(asked: URL, url: URL, status: number, body: Uint8Array): FetchFailed | null {
  const who = findGuardOnPage(body)
  if (who !== null) return describeBlock(who, url.host, status, null)
  return isLoginPage(asked, url, body) ? describeLogin(url.host, status) : null
}

/** What came back goes out again in the next request: only what is a header value, and short enough to keep. */
function validatorsOf(headers: Headers): Validators {
  const keep = (value: string | null) => (value !== null && /^[\x20-\x7e]{1,1024}$/.test(value) ? value : null)
  return { etag: keep(headerValue(headers, 'etag')), lastModified: keep(headerValue(headers, 'last-modified')) }
}
