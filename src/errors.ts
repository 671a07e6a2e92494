export type ErrorCode = 'invalid' | 'not_found' | 'conflict' | 'unavailable' | 'internal'

/** What has to be said of a source before it can be read: each is an option of the command line. */
export type Need = 'login' | 'proxy_login' | 'cookie' | 'entry' | 'page' | 'feed'

/**
 * What would help, as data: each entrance says it with the means it has. `id` is the number of a source; what is none yet
 * goes by its address, null where that is not to be shown.
 */
export type Advice =
  | { kind: 'give'; what: Need; id: number }
  | { kind: 'give'; what: Need; url: string | null }
  | { kind: 'remove' | 'resume' | 'show'; id: number }
  /** To an address without a login, as all that are shown. */
  | { kind: 'move'; id: number; url: string }
  | { kind: 'add'; url: string }
  | { kind: 'list' | 'import' }

/**
 * Someone asked for what we will not or cannot do. The message says what was wrong and where; the hint says what would
 * be right, and the advice how it is done. Message and hint are shown to people as they are, at every entrance, so
 * neither may hold a secret, or the words of one entrance.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null
  readonly advice: Advice | null

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; advice?: Advice | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint ?? null
    this.advice = options.advice ?? null
  }
}

/** Whether it is that refusal, and no other and no fault of ours. */
export function isCode(error: unknown, code: ErrorCode): error is AppError {
  return error instanceof AppError && error.code === code
}

/** Message and hint in one line, for a terminal, a chat or an API (the advice each says by itself); anything that is not an AppError is "Internal error." */
export function describeError(error: unknown): string {
  if (!(error instanceof AppError)) return 'Internal error.'
  return error.hint === null ? error.message : `${error.message} ${error.hint}`
}

/** For the log; only a bug of ours needs a stack. */
export function faultOf(error: unknown): { err: string; stack?: string | undefined } {
  const isBug = error instanceof Error && !(error instanceof AppError)
  return { err: describeError(error), ...(isBug && { stack: error.stack }) }
}
