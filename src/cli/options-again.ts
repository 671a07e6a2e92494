import { parseAddress } from '../actions/typed-address.ts'
import { AppError } from '../errors.ts'
import { commandFor } from '../publish/advice.ts'
import { shellWord } from '../publish/shell.ts'
import type { Input } from './io.ts'
import { printable } from './terminal-text.ts'

const OF_PAGES = ['page', 'entry', 'entry-link', 'entry-title', 'entry-date', 'entry-summary']
const OF_ALL = ['tag', 'every', 'title', 'full-text', 'auth', 'header', 'proxy']
const REPEATABLE = ['tag', 'header']

/** What is secret is to be filled in. */
const WITHHELD: Record<string, (value: string) => string> = {
  auth: () => 'NAME:PASSWORD',
  header: (value) => `${value.slice(0, value.indexOf(':'))}: …`,
  proxy: () => 'http://HOST:PORT',
}

/** The options that `source add` was given, to be given again behind another command; '' for none. */
export function optionsAgain(input: Input, names: string[] = [...OF_PAGES, ...OF_ALL]): string {
  return names.flatMap((name) => valuesOf(input, name).map((value) => ` --${name}${value}`)).join('')
}

/** What is advised is advised to whoever gave these options: they stand in its command, too. */
export function withWholeCommand(error: unknown, input: Input): unknown {
  if (!(error instanceof AppError) || error.advice === null || !('url' in error.advice)) return error
  const { advice, hint } = error
  const command = commandFor(advice)
  // What is a feed has no entries to be named.
  const names = advice.kind === 'add' ? OF_ALL : [...OF_PAGES, ...OF_ALL]
  // An option that is advised stands there already.
  const more = names.filter((name) => REPEATABLE.includes(name) || !command.includes(` --${name} `))
  const how = `Try: ${command}${optionsAgain(input, more)}`
  return new AppError(error.code, error.message, { hint: hint === null ? how : `${hint} ${how}`, cause: error })
}

/** As they are typed behind its name, each with its space; one '' for an option that has no value, and is given. */
function valuesOf(input: Input, name: string): string[] {
  if (input.flag(name)) return ['']
  const login = name === 'auth' && hasLogin(input.args[0] ?? '') ? '' : undefined
  const text = input.text(name) ?? login
  const given = text === undefined ? input.list(name) : [text]
  return given.map((value) => ` ${shellWord(printable(WITHHELD[name]?.(value) ?? value))}`)
}

function hasLogin(given: string): boolean {
  const { username, password } = new URL(parseAddress(given))
  return username !== '' || password !== ''
}
