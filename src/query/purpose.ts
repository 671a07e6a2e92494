import { AppError } from '../errors.ts'
import { parseQuery } from './parse.ts'

/**
 * Whether a text is a query for this: what waits for publishers (`sources>=3`) cannot be searched for, what only leaves out
 * or narrows (`-jobs`) cannot be watched for.
 */
export function isQueryFor(purpose: 'search' | 'watch', text: string): boolean {
  try {
    // The zone does not decide what is refused.
    parseQuery(text, { timezone: 'UTC', for: purpose })
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
