import { Api, type ApiClientOptions, GrammyError, HttpError } from 'grammy'

/** What a failed call means; all that is kept of grammY's errors, because they carry the token in their texts. */
export type Failure =
  | { kind: 'throttled'; retryAfterMs: number }
  | { kind: 'unauthorized' }
  | { kind: 'conflict' }
  /** Telegram said no: its own words, and the new id of a group that was upgraded. */
  | { kind: 'rejected'; code: number; description: string; movedTo: string | null }
  /** It certainly never arrived. */
  | { kind: 'unsent'; reason: string }
  /** Perhaps it arrived. */
  | { kind: 'unknown'; reason: string }

/**
 * A client of the Bot API. It speaks through Node's own fetch: the one grammY brings notices a connection that was cut
 * in the middle of an answer only when the time is up.
 */
export function createApi(token: string, apiRoot: string, timeoutSeconds: number): Api {
  return new Api(token, clientOptions(apiRoot, timeoutSeconds))
}

export function clientOptions(apiRoot: string, timeoutSeconds: number): ApiClientOptions {
  return {
    apiRoot: apiRoot.replace(/\/+$/, ''),
    timeoutSeconds,
    // grammY declares the fetch of node-fetch; of it, it passes an address with a plain init, and reads only json().
    fetch: postJson as unknown as NonNullable<ApiClientOptions['fetch']>,
  }
}

interface Init {
  method: string
  headers: Record<string, string>
  body: string
  signal: { aborted: boolean; addEventListener(type: 'abort', listener: () => void): void }
}

async function postJson(address: string | URL, init: Init): Promise<Response> {
  // grammY's signal is that of a polyfill, which Node's fetch refuses.
  const controller = new AbortController()
  init.signal.addEventListener('abort', () => controller.abort())
  if (init.signal.aborted) controller.abort()
  // A redirect would carry the token to somebody else.
  return fetch(address, {
    method: 'POST',
    headers: JSON_ONLY,
    body: init.body,
    signal: controller.signal,
    redirect: 'error',
  })
}

const JSON_ONLY = { 'content-type': 'application/json' }

/** Reads what a call of grammY threw. Nothing of the error itself survives but Telegram's description. */
export function readFailure(error: unknown): Failure {
  if (error instanceof GrammyError) return readAnswer(error)
  if (error instanceof HttpError) return readNetwork(error.error)
  return { kind: 'unknown', reason: 'the call failed' }
}

function readAnswer({ error_code: code, description, parameters }: GrammyError): Failure {
  if (code === 429) {
    const seconds = Number(parameters.retry_after)
    return { kind: 'throttled', retryAfterMs: seconds >= 0 ? seconds * 1_000 : 30_000 }
  }
  // Telegram answers 404 when the token is not even shaped like one.
  if (code === 401 || code === 404) return { kind: 'unauthorized' }
  if (code === 409) return { kind: 'conflict' }
  // Answered, but not decided: the server was ending, or lost its own connection.
  if (code >= 500) return { kind: 'unknown', reason: `Telegram answered ${code}` }
  const movedTo = parameters.migrate_to_chat_id
  return {
    kind: 'rejected',
    code,
    description: sentence(description),
    movedTo: movedTo === undefined ? null : String(movedTo),
  }
}

/** One line for logs and lists; Telegram quotes parts of our message in it. */
function sentence(description: string): string {
  return description.replace(/[\p{Cc}\p{Surrogate}]+/gu, ' ').slice(0, 200)
}

function readNetwork(error: unknown): Failure {
  const codes = codesOf(error)
  const code = codes[0]
  if (code !== undefined && codes.every((each) => isBeforeSending(each))) {
    return { kind: 'unsent', reason: `no connection to Telegram (${code})` }
  }
  if (code !== undefined) return { kind: 'unknown', reason: `the connection to Telegram broke (${code})` }
  if (error instanceof SyntaxError) return { kind: 'unknown', reason: 'the answer was not from Telegram: no JSON' }
  if (error instanceof Error && error.message.includes('timed out'))
    return { kind: 'unknown', reason: 'no answer from Telegram in time' }
  return { kind: 'unknown', reason: 'the connection to Telegram broke' }
}

/** The codes of an error, its causes, and the several tries it stands for (one for each address of a host). */
function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 4) return []
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.flatMap((each: unknown) => codesOf(each, depth + 1))
  }
  if ('code' in error && typeof error.code === 'string') {
    // A connection that could not be opened, and one that fell silent, have the same code.
    const opening = 'syscall' in error && error.syscall === 'connect'
    return [error.code === 'ETIMEDOUT' && opening ? 'CONNECT_ETIMEDOUT' : error.code]
  }
  return codesOf(error.cause, depth + 1)
}

/** Whether an error with this code can only happen before the first byte of the request is written. */
function isBeforeSending(code: string): boolean {
  return BEFORE_SENDING.has(code) || /^(CERT_|UNABLE_TO_|ERR_TLS_CERT_)/.test(code)
}

const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'CONNECT_ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'ERR_INVALID_URL',
])
