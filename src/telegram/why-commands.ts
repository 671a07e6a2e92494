import { sayWhy, sayWhyNot } from '../actions/watch/say-why.ts'
import { whyAlert } from '../actions/watch/why.ts'
import { whyNot } from '../actions/watch/why-not.ts'
import { isCode } from '../errors.ts'
import { readNumber } from '../model.ts'
import { inertText } from '../publish/alert.ts'
import { shellQuote } from '../publish/shell.ts'
import { type Answer, ask, type Call, type Command } from './command.ts'
import { asFits, LONGEST_OFFER, voice, whole } from './wording.ts'

export const whyCommand: Command = {
  name: 'why',
  argument: '[N]',
  description: 'Why an alert came',
  help: 'Shows what each word of the watch hit. Send it as a reply to the alert, or with the alert’s number; alone it is about the newest alert of this chat.',
  example: '/why 12',
  run: runWhy,
}

export const whyNotCommand: Command = {
  name: 'whynot',
  argument: 'URL',
  description: 'Why something did not come',
  help: 'Says what became of the news at that address in this chat: never fetched, stored quietly, folded into another alert, muted, still waiting, or which words were missing.',
  example: '/whynot https://example.com/news/1',
  prompt: 'Which address should have been told? Example: https://example.com/news/1',
  run: runWhyNot,
}

async function runWhy({ actions, chat, args, replyTo }: Call): Promise<Answer> {
  const number = readNumber(args)
  if (args !== '' && number === null) {
    return { html: `“${inertText(args, 64)}” is not the number of an alert. Example: <code>/why 12</code>` }
  }
  const spoken = replyTo === undefined ? { newestOf: chat } : { chat, messageId: replyTo }
  try {
    const why = await whyAlert(actions, number === null ? spoken : { id: number, in: chat })
    return { html: asFits(sayWhy(why, voice), `npx crier why ${why.alert.id}`) }
  } catch (error) {
    if (number === null || !isCode(error, 'not_found')) throw error
    return { html: `${inertText(error.message, 200)} ${HOW_TO_ASK}` }
  }
}

/** A message does not show its alert's number. */
const HOW_TO_ASK = 'Send /why as a reply to an alert, or alone for the newest.'

async function runWhyNot({ actions, chat, args }: Call): Promise<Answer> {
  if (args === '') return ask(whyNotCommand)
  if (/\s/.test(args)) {
    return { html: 'One address at a time, please. Example: <code>/whynot https://example.com/news/1</code>' }
  }
  const found = await whyNot(actions, chat, args)
  const command = `npx crier whynot ${shellQuote(found.url)} --chat ${chat}`
  return { html: asFits(sayWhyNot(found, voice), command.length > LONGEST_OFFER ? null : whole(command)) }
}
