/** "1 item", "1,204 items"; `plural` where an s is not enough. */
export function countOf(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`
}

/** What becomes of what a source holds when it is added. */
export function sayHeld(items: number): string {
  if (items === 0) return 'It holds nothing yet; what comes can alert.'
  return `${countOf(items, 'item')} stored quietly; the next new one can alert.`
}
