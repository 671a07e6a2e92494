import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collector = (options?: { type: 'minor' }) => void

let collector: Collector | null = null

/** Frees what nobody holds any more, now: some 20 ms in a heap of 60 MB. */
export function collectGarbage(): void {
  findCollector()()
}

/** The same for what was made lately, buffers outside of the heap too: some 2 ms. */
export function collectYoungGarbage(): void {
  findCollector()({ type: 'minor' })
}

/**
 * V8 lets the heap of each thread grow to what it may be, mostly with garbage: 30 MB of ours. While memory is scarce it
 * collects sooner, and more often, instead; what it has grown to goes back with the next collections.
 */
export function keepHeapsSmall(isScarce: boolean): void {
  setFlagsFromString(isScarce ? '--optimize-for-size' : '--no-optimize-for-size')
  // The part for what is made lately: it grows by this when much in it is still needed.
  setFlagsFromString(`--semi-space-growth-factor=${isScarce ? 1 : 2}`)
}

/** V8 shows it only to contexts made after the flag was set: ours never sees it. */
function findCollector(): Collector {
  if (collector) return collector
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  collector = typeof found === 'function' ? (options) => void found(options) : () => {}
  return collector
}
