import type { Actions } from '../actions/context.ts'

export interface Call {
  actions: Actions
  /** The chat it came from. */
  chat: string
  /** What was typed after the command, ends trimmed, case kept. */
  args: string
  /** What Telegram calls the message of ours that it replies to. */
  replyTo?: string
}

export interface Answer {
  /** Telegram's HTML, at most 4096 units. */
  html: string
  /** It is a question: what to show in the empty input field. The reply runs the same command. */
  asks?: string
  /** Buttons, at most 20: pressed by an owner, each does what `text`, typed in the same place, would do. */
  choices?: { label: string; text: string }[]
  /** More comes, after slow work that must not hold up the next command. */
  later?: () => Promise<Answer>
}

export interface Command {
  name: string
  /** As help shows it: "QUERY", "[n] [query]". */
  argument: string
  /** For the menu: one line. */
  description: string
  /** A sentence or two more. These texts are Telegram's HTML as they stand. */
  help: string
  example: string
  /** The question for the argument, when the command came without one. Without markup: its reply is known by it. */
  prompt?: string
  /** It changes something, which no other command takes back by itself. */
  lasts?: true
  run: (call: Call) => Promise<Answer>
}

/** The question for the argument of this command. */
export function ask({ prompt = '', argument }: Command): Answer {
  return { html: prompt, asks: argument }
}

/** An answer of these lines, without those that have nothing to say. */
export function inLines(lines: (string | null)[]): Answer {
  return { html: lines.filter((line) => line !== null && line !== '').join('\n') }
}
