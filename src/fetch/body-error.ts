/** What the body did wrong. */
export class BodyError extends Error {
  /** `garbled`: its compression cannot be undone, and without one it may be well. */
  readonly reason: 'too_big' | 'too_slow' | 'broken' | 'garbled'

  constructor(reason: BodyError['reason'], message: string) {
    super(message)
    this.name = 'BodyError'
    this.reason = reason
  }
}

/** The document is over the limit. */
export function tooBig(maxBytes: number): BodyError {
  return new BodyError('too_big', `it is larger than ${Math.floor(maxBytes / 1_048_576)} MiB`)
}

export const TOO_WIDE = new BodyError('garbled', 'it is compressed so that it takes 16 MiB to unpack the first byte')
export const TOO_SLOW = new BodyError('too_slow', 'it drips, and others wait for the room it takes')
export const NO_ROOM = new BodyError(
  'too_slow',
  'too many large ones came at once, and there was no memory for it in time',
)
export const GIVEN_UP = new BodyError('broken', 'it was given up')
