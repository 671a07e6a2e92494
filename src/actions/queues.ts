/** Work in turn: one after the other for each key; different keys do not wait for one another. */
export type Queues = <T>(key: number, work: () => Promise<T>) => Promise<T>

/** Nothing waits in them yet. */
export function createQueues(): Queues {
  const tails = new Map<number, Promise<unknown>>()
  return (key, work) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(work)
    // Who waits behind it does not care how it ended.
    const tail = result
      .catch(() => {})
      .then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
    tails.set(key, tail)
    return result
  }
}
