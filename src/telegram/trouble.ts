import { randomBytes } from 'node:crypto'
import { BotError, GrammyError, HttpError } from 'grammy'
import { AppError, describeError, isCode } from '../errors.ts'
import type { Log } from '../log.ts'
import { inertText } from '../publish/alert.ts'
import { readFailure } from './api.ts'
import type { Answer } from './command.ts'
import { sayAdvice } from './wording.ts'

/** Where trouble is noted. */
export interface Diary {
  log: Log
  /** Never to be said. */
  secret: string
}

/** What a person is told of an error. Ours are logged, and named by a code that finds the line. */
export function answerTo(error: unknown, { log, secret }: Diary): Answer {
  if (error instanceof AppError && error.code !== 'internal') return { html: explain(error) }
  const trouble = randomBytes(3).toString('hex')
  log.error({ code: trouble, err: withoutSecret(error, secret) }, 'a Telegram command failed')
  return { html: `Something went wrong on my side (code ${trouble}). Nothing was changed.` }
}

function explain(error: AppError): string {
  const text = inertText(describeError(error), 900)
  return error.advice === null ? text : `${text}\n${sayAdvice(error.advice)}`
}

/** Logs what went wrong, once, without the secret. */
export function noteTrouble(error: unknown, { log, secret }: Diary): void {
  const cause = error instanceof BotError ? error.error : error
  if (cause instanceof GrammyError || cause instanceof HttpError) {
    const failure = readFailure(cause)
    const reason = 'description' in failure ? failure.description : 'reason' in failure ? failure.reason : failure.kind
    log.warn({ reason }, NOT_GIVEN)
  } else if (isCode(cause, 'unavailable')) log.warn({ reason: cause.message }, NOT_GIVEN)
  else log.error({ err: withoutSecret(cause, secret) }, 'Telegram: an update could not be handled')
}

const NOT_GIVEN = 'Telegram: an answer could not be given'

/** Message and place of a bug of ours; whatever it came through, the token is not in it. */
function withoutSecret(error: unknown, secret: string): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return text.replaceAll(secret, '(token)').replaceAll(encodeURIComponent(secret), '(token)').slice(0, 2_000)
}
