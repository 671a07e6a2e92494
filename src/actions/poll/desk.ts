/** From this size on a document is large, and has a desk of its own: small ones wait for none of them. */
const LARGE_BYTES = 65_536
/** So many small ones are on theirs at once. */
const MOST_SMALL = 30
/** And so much of large ones, or one. */
const ROOM_BYTES = 262_144

/** Where documents are read and stored that would hold up others if all were at once. */
export interface Desk {
  /** Resolves when there is room for so many bytes; what it gives ends that. */
  take(bytes: number): Promise<() => void>
}

/** First come, first served: none waits for ever. */
export function createDesk(): Desk {
  const [small, large] = [createQueue(MOST_SMALL), createQueue(ROOM_BYTES)]
  return { take: (bytes) => (bytes < LARGE_BYTES ? small(1) : large(bytes)) }
}

function createQueue(room: number): (size: number) => Promise<() => void> {
  const waiting: { size: number; sit: () => void }[] = []
  let taken = 0

  function callNext(): void {
    for (let [next] = waiting; next && (taken === 0 || taken + next.size <= room); [next] = waiting) {
      waiting.shift()
      taken += next.size
      next.sit()
    }
  }

  return (size) =>
    new Promise((resolve) => {
      const leave = () => {
        taken -= size
        callNext()
      }
      waiting.push({ size, sit: () => resolve(leave) })
      callNext()
    })
}
