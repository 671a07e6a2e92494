export type ErrorCode = 'invalid' | 'not_found' | 'conflict' | 'unavailable' | 'internal'

/**
 * Someone asked for what we will not or cannot do. The message says what was wrong and where; the hint says what would
 * be right. Both are shown to people as they are, so neither may hold a secret.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint ?? null
  }
}

/** Whether it is that refusal, and no other and no fault of ours. */
export function isCode(error: unknown, code: ErrorCode): error is AppError {
  return error instanceof AppError && error.code === code
}

/** Message and hint in one line, for a terminal, a chat or an API; anything that is not an AppError is "Internal error." */
export function describeError(error: unknown): string {
  if (!(error instanceof AppError)) return 'Internal error.'
  return error.hint === null ? error.message : `${error.message} ${error.hint}`
}
