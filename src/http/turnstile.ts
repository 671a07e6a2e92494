import { AppError } from '../errors.ts'

/**
 * Does so much work at a time and no more: beyond that it throws `unavailable`, with `what` is under way in the message, and
 * keeps nobody waiting.
 */
export function createTurnstile(most: number, what: string, hint: string) {
  let underWay = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (underWay >= most) throw new AppError('unavailable', `${most} ${what} already.`, { hint })
    underWay += 1
    try {
      return await work()
    } finally {
      underWay -= 1
    }
  }
}
