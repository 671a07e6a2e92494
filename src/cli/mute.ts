import { HOW_LONG, type MuteOutcome, mute, parseMute, sayMute } from '../actions/watch/mute.ts'
import { AppError } from '../errors.ts'
import { TERMINAL } from '../model.ts'
import { formatIso, formatLocal } from '../time.ts'
import { hintWhereNotFound } from './arguments.ts'
import { capital, nameOf, optionOf, readChat, watchesOf } from './chat.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { asLines, printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** Mutes a chat or one of its watches, or ends that. Throws `invalid`, and `not_found` for a chat or a watch that is not there. */
export async function muteWatch(cli: Cli, input: Input): Promise<number> {
  const chat = readChat(input) ?? TERMINAL
  const wish = readWish(input)
  return withActions(cli, async (actions, { timezone }) => {
    // It would be muted for nobody: the number is wrong.
    if (chat !== TERMINAL && !(await actions.store.findChat(chat))) {
      throw new AppError('not_found', `Chat ${chat} is not known here.`, {
        hint: 'npx crier watch list names the chats that have watches.',
      })
    }
    const outcome = await mute(actions, chat, wish).catch(hintWhereNotFound(watchesOf(chat)))
    if (input.flag('json')) printJson(cli.io, outcomeAsJson(chat, outcome))
    else {
      const lines = sayMute(outcome, {
        chat: capital(nameOf(chat)),
        text: printable,
        moment: (ms) => formatLocal(ms, timezone),
        off: (number) => `npx crier watch mute ${number === null ? '' : `${number} `}off${optionOf(chat)}`,
      })
      cli.io.out(asLines(lines))
    }
    return EXIT.done
  })
}

function readWish(input: Input) {
  try {
    return parseMute(input.args)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const where = error.message === HOW_LONG ? `"${printable(input.args.join(' '))}" says no time. ` : ''
    throw new AppError(error.code, where + error.message, {
      hint: 'Examples: npx crier watch mute 2h, or of watch 3 alone: npx crier watch mute 3 2h',
      cause: error,
    })
  }
}

function outcomeAsJson(chat: string, { watch, until, wasMuted }: MuteOutcome) {
  return { chat, watch: watch?.number ?? null, query: watch?.query ?? null, mutedUntil: formatIso(until), wasMuted }
}
