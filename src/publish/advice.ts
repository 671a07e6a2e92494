import type { Advice, Need } from '../errors.ts'
import type { Source } from '../model.ts'
import { shellWord } from './shell.ts'

/** An advice as a command line, to be copied; words in capitals are to be filled in. */
export function commandFor(advice: Advice): string {
  switch (advice.kind) {
    case 'give':
      return `npx crier source ${'id' in advice ? `set ${advice.id}` : `add ${addressOf(advice)}`} ${OPTIONS[advice.what]}`
    case 'move':
      return `npx crier source set ${advice.id} --url ${shellWord(advice.url)}`
    case 'add':
      return `npx crier source add ${shellWord(advice.url)}`
    case 'list':
      return 'npx crier source list'
    case 'import':
      return 'npx crier import FILE'
    default:
      return `npx crier source ${advice.kind} ${advice.id}`
  }
}

/** An advice as a command of the bot, to be copied; null where it has none, and only the command line helps. */
export function botCommandFor(advice: Advice): string | null {
  switch (advice.kind) {
    case 'remove':
      return `/removesource ${advice.id}`
    case 'show':
      return `/recent source:${advice.id}`
    case 'add':
      return `/addsource ${advice.url}`
    case 'list':
      return '/sources'
    default:
      return null
  }
}

function addressOf({ url }: { url: string | null }): string {
  return url === null ? 'ADDRESS' : shellWord(url)
}

/** What would make a source go on, if a person can. */
export function adviceOn({ id, state, needs }: Pick<Source, 'id' | 'state' | 'needs'>): Advice | null {
  if (state === 'paused') return { kind: 'resume', id }
  return needs === null ? null : { kind: 'give', what: needs, id }
}

const OPTIONS = {
  login: '--auth NAME:PASSWORD',
  proxy_login: '--proxy http://NAME:PASSWORD@HOST:PORT',
  cookie: "--header 'Cookie: …'",
  entry: "--entry 'SELECTOR'",
  page: '--page',
  feed: '--feed',
} satisfies Record<Need, string>
