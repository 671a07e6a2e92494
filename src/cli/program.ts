import { Command, CommanderError } from 'commander'
import { AppError, describeError, type ErrorCode } from '../errors.ts'
import { commandFor } from '../publish/advice.ts'
import { letterDistance } from '../text/letter-distance.ts'
import { systemClock } from '../time.ts'
import { COMMANDS, type CommandSpec, GROUPS } from './commands.ts'
import { type Cli, type CliDeps, type CliIo, EXIT, type Input } from './io.ts'
import { styleFor } from './style.ts'
import { printable } from './terminal-text.ts'

export type { CliDeps, CliIo } from './io.ts'

const EXIT_CODES = {
  invalid: EXIT.askedWrongly,
  conflict: EXIT.askedWrongly,
  not_found: EXIT.notFound,
  unavailable: EXIT.outsideFailed,
  internal: EXIT.ourFault,
} satisfies Record<ErrorCode, number>

/** Runs one command line (without node and the script) to its end and gives the exit code. Never throws. */
export async function runCli(argv: string[], io: CliIo, deps: CliDeps): Promise<number> {
  // Some terminals say that they have no columns at all.
  const columns = io.columns > 0 ? io.columns : 80
  const cli: Cli = { io: { ...io, columns }, note: io.err, deps, clock: deps.clock ?? systemClock }
  let code: number = EXIT.done
  try {
    const program = buildProgram(cli, async (spec, input) => {
      code = await spec.run(input.flag('json') ? { ...cli, note() {} } : cli, input)
    })
    await program.parseAsync(asked(argv), { from: 'user' })
    return code
  } catch (error) {
    // Commander has said by itself what was wrong; help and version come this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.askedWrongly
    return refuse(io, error)
  }
}

/** Commander's own `help` looks at one word, and most of our commands have two. */
function asked(argv: string[]): string[] {
  if (argv.length === 0) return ['start']
  return argv[0] === 'help' && argv.length > 2 ? [...argv.slice(1), '--help'] : argv
}

type Run = (spec: CommandSpec, input: Input) => Promise<void>

function buildProgram({ io }: Cli, run: Run): Command {
  const program = new Command('crier')
    .description('A newsroom in one process: watches feeds, keeps every item once, and calls out what you watch for.')
    .version(io.version, '-V, --version', 'prints the version')
    .helpOption('-h, --help', 'prints this help, or a command’s: npx crier search --help')
    .addHelpText('after', AFTERWORD)
    .showHelpAfterError('See npx crier --help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      outputError: (text, write) => write(refusalLine(io, suggestWhole(program, text.replace(/^error: /, '').trim()))),
    })
    .configureHelp({
      // People look for what they can type: "source add", not "source".
      visibleCommands: (command) => (command.parent === null ? leavesOf(command) : [...command.commands]),
      // Without its options, of which there is no room for all.
      subcommandTerm: (command) => `${nameOf(command)} ${command.usage().replace(/(?:^| )(?:\||\[--).*/, '')}`.trim(),
    })

  for (const spec of COMMANDS) addCommand(groupOf(program, spec), spec, run)
  return program
}

/** For a verb without its noun, and a noun that is nearly right: Commander sees only the last words of our commands. */
function suggestWhole(program: Command, text: string): string {
  const name = /^unknown command '([a-z]{3,})'/.exec(text)?.[1] ?? ' '
  const verbs = leavesOf(program).filter((command) => command.name() === name && command.parent !== program)
  const isNear = (noun: string) => noun.startsWith(name.slice(0, 4)) || letterDistance(name, noun) <= 1
  const nouns = Object.keys(GROUPS).filter(isNear)
  const meant = [...verbs.map(nameOf), ...nouns.map((noun) => `${noun} …`)]
  if (meant.length === 0) return text
  return `${text.replace(/\n?\(Did you mean .*\?\)/, '')}\n(Did you mean ${meant.join(' or ')}?)`
}

/** The noun a verb belongs to; the program itself for a command of one word. */
function groupOf(program: Command, spec: CommandSpec): Command {
  const noun = spec.name.split(' ')[0] ?? ''
  const summary = GROUPS[noun]
  if (summary === undefined) return program
  const group = program.commands.find((command) => command.name() === noun)
  return group ?? program.command(noun).description(summary).showHelpAfterError(`See npx crier ${noun} --help`)
}

function addCommand(parent: Command, spec: CommandSpec, run: Run): void {
  const command = parent.command(spec.name.split(' ').at(-1) ?? '')
  // Commander takes '' for "not said", and says "[options]" then.
  command.description(spec.summary).usage(spec.usage ?? spec.argument?.replace(/[<>]/g, '') ?? ' ')
  if (spec.argument) command.argument(spec.argument)
  for (const { flags, help, many } of spec.options ?? []) {
    if (many) command.option(flags, help, (value: string, before?: string[]) => [...(before ?? []), value])
    else command.option(flags, help)
    if (flags.startsWith('--no-')) refuseBoth(command, flags.slice('--no-'.length))
  }
  command.helpOption('-h, --help', 'prints this help')
  command.showHelpAfterError(`${spec.stumble ? `${spec.stumble}\n` : ''}See npx crier ${spec.name} --help`)
  if (spec.more) command.addHelpText('after', `\n${spec.more}`)
  command.action(() => run(spec, readInput(command)))
}

/** Commander takes the last of --NAME and --no-NAME, and nobody would see which one counted. */
function refuseBoth(command: Command, name: string): void {
  const said = new Set<string>()
  for (const option of [name, `no-${name}`]) {
    command.on(`option:${option}`, () => {
      if (said.add(option).size < 2) return
      throw new AppError('invalid', `--${name} and --no-${name} were both given.`, { hint: 'Keep one of them.' })
    })
  }
}

function readInput(command: Command): Input {
  // Commander keeps --full-text as fullText.
  const option = (name: string): unknown =>
    command.getOptionValue(name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()))
  return {
    args: command.args,
    text: (name) => {
      const value = option(name)
      return typeof value === 'string' ? value : undefined
    },
    list: (name) => {
      const value = option(name)
      return Array.isArray(value) ? value.map(String) : []
    },
    flag: (name) => option(name) === true,
    choice: (name) => {
      const value = option(name)
      return typeof value === 'boolean' ? value : undefined
    },
  }
}

function leavesOf(command: Command): Command[] {
  return command.commands.flatMap((child) => (child.commands.length === 0 ? [child] : leavesOf(child)))
}

function nameOf(command: Command): string {
  const { parent } = command
  return parent === null || parent.parent === null ? command.name() : `${parent.name()} ${command.name()}`
}

const AFTERWORD = `
REF is a source's number or its address. --json prints one JSON document and
nothing else. Settings come from the environment and from .env in this folder;
CRIER_DATA names the folder of the database (./data unless told).

To begin:
  npx crier source add https://example.com/feed.xml
  npx crier watch add '("big data" OR 大数据) -jobs'
  npx crier start

Exit codes: 0 done, 1 our fault, 2 asked wrongly, 3 not found, 4 the outside
failed (for poll and import: every source), 130 stopped by a signal (poll).`

/** Says once what was refused or broke, and gives the code for it. */
async function refuse(io: CliIo, error: unknown): Promise<number> {
  if (error instanceof AppError) {
    const { advice } = error
    const how = advice === null ? '' : ` Try: ${commandFor(advice)}`
    io.err(refusalLine(io, `${describeError(error)}${how}`))
    return EXIT_CODES[error.code]
  }
  // Our bug: this is the nearest edge, so whoever reports it needs the stack.
  const { redactTokens } = await import('../log.ts')
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.err(`${refusalLine(io, describeError(error))}${redactTokens(stack)}\n`)
  return EXIT.ourFault
}

function refusalLine(io: CliIo, text: string): string {
  // A message may quote what a source or a server said.
  const lines = text
    .trim()
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${printable(line)}`)
  return `${styleFor(io, 'err').bad('crier:')} ${lines.join('\n')}\n`
}
