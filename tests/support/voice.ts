import type { Voice } from '../../src/actions/watch/say-why.ts'
import { formatLocal } from '../../src/time.ts'

/** Says what is told of an alert as it is, with times of day. */
export const voice: Voice = {
  text: (text) => text,
  time: (ms) => formatLocal(ms, 'UTC').slice(-5),
  moment: (ms) => formatLocal(ms, 'UTC').slice(-5),
  item: ({ title, source }) => `${title} (${source.title})`,
  where: () => '',
  command: (name, argument) => `[${name} ${argument}]`,
  showSource: ({ id }) => `[show ${id}]`,
  resumeSource: ({ id }) => `[resume ${id}]`,
  noWatches: ({ chatId }) => `${chatId} watches for nothing.`,
}
