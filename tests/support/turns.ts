import { onTestFinished } from 'vitest'

/** Gives how often the event loop has come round so far; until the test is over. */
export function countTurns(): () => number {
  let count = 0
  let isOver = false
  const next = () => {
    count += 1
    if (!isOver) setImmediate(next)
  }
  setImmediate(next)
  onTestFinished(() => {
    isOver = true
  })
  return () => count
}

/** What is under way without waiting for a timer or for others comes to rest. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve))
}
