import type { Message } from 'grammy/types'

type Said = Pick<Message.TextMessage, 'chat' | 'message_id' | 'text'>

/** What people said lately. */
export interface Heard {
  note(message: Said): void
  /** What the message said when it was noted last; undefined where nobody knows any more. */
  before(message: Said): string | undefined
}

/** Whoever corrects a text does so soon. */
const MOST = 100

/** In memory; the oldest make room. A text from before a restart is not known, and nothing is done for it twice. */
export function createHeard(): Heard {
  const texts = new Map<string, string>()
  const keyOf = ({ chat, message_id: id }: Said) => `${chat.id} ${id}`
  return {
    note(message) {
      const key = keyOf(message)
      texts.delete(key)
      texts.set(key, message.text)
      for (const oldest of texts.keys()) {
        if (texts.size <= MOST) break
        texts.delete(oldest)
      }
    },
    before: (message) => texts.get(keyOf(message)),
  }
}
