import type { Cli, Input } from './io.ts'

export interface CommandSpec {
  /** As it is typed after "crier". */
  name: string
  /** What follows, as commander has it: `<one>`, `[maybe]`, `[many...]`. */
  argument?: string
  /** What may follow, for people, where the argument alone does not say it. */
  usage?: string
  options?: { flags: string; help: string; many?: true }[]
  /** One line for the list of commands. */
  summary: string
  /** Below a command's own help. */
  more?: string
  /** After a refusal of what was typed, where people stumble over one thing. */
  stumble?: string
  /** Gives the exit code. What it needs is loaded here and not before: most of a small command's time is start-up. */
  run: (cli: Cli, input: Input) => Promise<number>
}

/** The nouns that have several verbs. */
export const GROUPS: Record<string, string> = {
  source: 'What is polled: feeds and pages, each with a number.',
  watch: 'What is called out: queries, each with a number in its chat.',
}

const JSON_OPTION = { flags: '--json', help: 'prints one JSON document' }
const CHAT_OPTION = { flags: '--chat <ID>', help: 'a Telegram chat, by its number; the terminal unless told' }
const TAG_OPTION = { flags: '--tag <TAG>', help: 'a tag of yours; may be repeated', many: true } as const

const FULL_TEXT = { flags: '--full-text', help: 'the whole text of its items, from their own pages' }
const SELECTOR_OPTIONS = [
  { flags: '--entry <SEL>', help: 'each entry of the page, as a CSS selector' },
  { flags: '--entry-link <SEL>', help: 'its link, within the entry' },
  { flags: '--entry-title <SEL>', help: 'its title' },
  { flags: '--entry-date <SEL>', help: 'its date' },
  { flags: '--entry-summary <SEL>', help: 'its summary' },
]
const ACCESS_OPTIONS = [
  { flags: '--auth <USER:PASSWORD>', help: 'a login (basic auth)' },
  { flags: "--header <'NAME: VALUE'>", help: 'goes with every request; may be repeated', many: true },
  { flags: '--proxy <URL>', help: 'ask through this http or https proxy' },
] as const

const PAGE_MORE = `A page without a feed is watched with --page: its list of entries is found by
itself, or where --entry and the options beside it say (what they leave out is
found within the entry).`
const ACCESS_MORE = `--auth and --header go to the source’s own host only, and are shown nowhere.
A login in the address (https://USER:PASSWORD@host/) is taken for --auth.`

const REF_MORE = 'REF is a source’s number or its address: npx crier source list shows both.'
const QUERY_MORE = `A QUERY is words, "phrases", OR, -without, ( ), prefix*, and title: body:
author: tag: url: source: site: lang: after: before: within:7d has:enclosure.
Put it in single quotes, so that the shell leaves it as it is.`

const WATCH_MORE = `${QUERY_MORE}
sources>=3 beside it waits until so many publishers carry the story.`

const MINUS = 'A query that begins with - comes after --:\n  '

/** Every command there is, in the order of the help. */
export const COMMANDS: CommandSpec[] = [
  {
    name: 'start',
    summary: 'runs the service until Ctrl-C (the same as crier alone)',
    run: async (cli) => (await import('./start.ts')).start(cli),
  },
  {
    name: 'demo',
    summary: 'shows it at work with an invented newsroom, in a temporary folder',
    more: 'Needs no token and no network, and leaves nothing behind.\nOf the settings only PORT is read.',
    run: async (cli) => (await import('./demo/demo.ts')).demo(cli),
  },
  {
    name: 'source add',
    usage: 'URL [--page] [--tag T] [--every 30m] [--title T] …',
    argument: '<URL>',
    options: [
      TAG_OPTION,
      { flags: '--every <TIME>', help: 'poll this often (90s, 30m, 12h, 7d) instead of as the source allows' },
      { flags: '--title <TITLE>', help: 'a name of your own' },
      FULL_TEXT,
      { flags: '--page', help: 'watch the page itself, whatever feeds it has' },
      ...SELECTOR_OPTIONS,
      ...ACCESS_OPTIONS,
      JSON_OPTION,
    ],
    summary: 'finds the feed of this address, shows what it holds, and adds it',
    more: `What it holds now is stored quietly; the next new item can alert.\n\n${PAGE_MORE}\n${ACCESS_MORE}`,
    run: async (cli, input) => (await import('./source-add.ts')).addSource(cli, input),
  },
  {
    name: 'source list',
    options: [JSON_OPTION],
    summary: 'all sources',
    run: async (cli, input) => (await import('./sources.ts')).listSources(cli, input),
  },
  {
    name: 'source show',
    argument: '<REF>',
    options: [JSON_OPTION],
    summary: 'one source, its last poll, and when the next is due and why',
    more: REF_MORE,
    run: async (cli, input) => (await import('./source-show.ts')).showSource(cli, input),
  },
  {
    name: 'source set',
    usage: 'REF [--tag T] [--every 30m] [--title T] [--url URL] …',
    argument: '<REF>',
    options: [
      { ...TAG_OPTION, help: 'these tags instead of what it has; may be repeated; --tag "" for none' },
      { flags: '--every <TIME>', help: 'poll this often; auto: as the source allows' },
      { flags: '--title <TITLE>', help: 'a name of your own; "" gives back its own' },
      { flags: '--url <URL>', help: 'it has moved here; what the new address holds at first is stored quietly' },
      FULL_TEXT,
      { flags: '--no-full-text', help: 'only the text of the source itself' },
      { flags: '--page', help: 'watch it as a page, and look anew for its entries' },
      ...SELECTOR_OPTIONS,
      { flags: '--feed', help: 'read it as a feed' },
      ...ACCESS_OPTIONS,
      { flags: '--no-access', help: 'forget login, headers and proxy' },
    ],
    summary: 'changes a source',
    more: `${REF_MORE}\n${PAGE_MORE}\n${ACCESS_MORE}\nWhat is not said stays.`,
    run: async (cli, input) => (await import('./sources.ts')).setSource(cli, input),
  },
  {
    name: 'source remove',
    argument: '<REF>',
    summary: 'polls it no more; its items stay',
    more: `${REF_MORE}\nIts address added again continues it.`,
    run: async (cli, input) => (await import('./sources.ts')).removeSource(cli, input),
  },
  {
    name: 'source pause',
    argument: '<REF>',
    summary: 'polls it no more until it is resumed',
    more: REF_MORE,
    run: async (cli, input) => (await import('./sources.ts')).pauseSource(cli, input),
  },
  {
    name: 'source resume',
    argument: '<REF>',
    summary: 'polls it again; what came meanwhile is stored quietly',
    more: REF_MORE,
    run: async (cli, input) => (await import('./sources.ts')).resumeSource(cli, input),
  },
  {
    name: 'import',
    argument: '<FILE>',
    options: [JSON_OPTION],
    summary: 'adds the feeds of an OPML file without fetching them (- is standard input)',
    run: async (cli, input) => (await import('./opml.ts')).importFile(cli, input),
  },
  {
    name: 'export',
    summary: 'all sources as OPML, without headers and logins',
    run: async (cli) => (await import('./opml.ts')).exportAll(cli),
  },
  {
    name: 'poll',
    usage: '[REF…] [--all]',
    argument: '[REF...]',
    options: [{ flags: '--all', help: 'all sources that are not paused (as without any REF)' }, JSON_OPTION],
    summary: 'polls now, due or not, and says what is new',
    more: `${REF_MORE}\nWhat a running service is polling at this moment is left to it.`,
    run: async (cli, input) => (await import('./poll.ts')).poll(cli, input),
  },
  {
    name: 'parse',
    argument: '<FILE|URL>',
    options: [
      { flags: '--url <URL>', help: 'where a file came from: its relative addresses are meant against it' },
      ...SELECTOR_OPTIONS,
      JSON_OPTION,
    ],
    summary: 'what Crier sees in a document; needs no database',
    more: 'Of a web page it shows the entries that would be watched.',
    run: async (cli, input) => (await import('./parse.ts')).parseDocument(cli, input),
  },
  {
    name: 'watch add',
    usage: 'QUERY | --from FILE [--chat ID]',
    argument: '[QUERY...]',
    options: [
      { flags: '--from <FILE>', help: 'one query a line, remarks behind "# " (- is standard input)' },
      CHAT_OPTION,
      JSON_OPTION,
    ],
    summary: 'calls out every new item that matches, and says how it was understood',
    more: `${WATCH_MORE}
${MINUS}npx crier watch add -- '-jobs "big data"'

Of a file each line that is a query is saved, also where others are refused:
each refusal names its line, and the exit code is 2 then. What the chat watches
already is no refusal: a file may be given again.`,
    stumble: `${MINUS}npx crier watch add -- '-jobs data'`,
    run: async (cli, input) => (await import('./watches.ts')).addWatches(cli, input),
  },
  {
    name: 'watch try',
    usage: 'QUERY',
    argument: '[QUERY...]',
    options: [JSON_OPTION],
    summary: 'what a watch would have sent in the last 30 days; saves nothing',
    more: `${WATCH_MORE}\n${MINUS}npx crier watch try -- '-jobs "big data"'`,
    stumble: `${MINUS}npx crier watch try -- '-jobs data'`,
    run: async (cli, input) => (await import('./try.ts')).tryWatch(cli, input),
  },
  {
    name: 'watch list',
    usage: '[--chat ID]',
    options: [CHAT_OPTION, JSON_OPTION],
    summary: 'what is watched, with its numbers',
    run: async (cli, input) => (await import('./watches.ts')).listWatches(cli, input),
  },
  {
    name: 'watch remove',
    usage: 'N [--chat ID]',
    argument: '<N>',
    options: [CHAT_OPTION],
    summary: 'watches it no more',
    run: async (cli, input) => (await import('./watches.ts')).removeWatch(cli, input),
  },
  {
    name: 'watch mute',
    usage: '[N] TIME|off [--chat ID]',
    argument: '<N|TIME...>',
    options: [CHAT_OPTION, JSON_OPTION],
    summary: 'keeps what comes for a while, and tells nothing of it',
    more: `TIME is 30m, 2h or 3d from now on, 365d at most; off ends it at once. N is the
number of a watch; without it the whole chat is muted. What comes meanwhile is
not told later either; what waits in the outbox already is told.`,
    run: async (cli, input) => (await import('./mute.ts')).muteWatch(cli, input),
  },
  {
    name: 'search',
    usage: '[QUERY] [--limit N]',
    argument: '[QUERY...]',
    options: [{ flags: '--limit <N>', help: 'this many at most; 20 unless told' }, JSON_OPTION],
    summary: 'stored items, newest first; all without a query',
    more: `${QUERY_MORE}\n${MINUS}npx crier search -- '-jobs data'`,
    stumble: `${MINUS}npx crier search -- '-jobs data'`,
    run: async (cli, input) => (await import('./search.ts')).searchItems(cli, input),
  },
  {
    name: 'alerts',
    usage: '[--limit N] [--chat ID]',
    options: [
      { flags: '--limit <N>', help: 'this many at most; 20 unless told' },
      { flags: '--chat <ID>', help: 'of this chat: terminal, or the number of a Telegram chat; all unless told' },
      JSON_OPTION,
    ],
    summary: 'what was called out, to whom, and what waits; newest first',
    run: async (cli, input) => (await import('./alerts.ts')).listAlerts(cli, input),
  },
  {
    name: 'why',
    argument: '<ALERT>',
    options: [JSON_OPTION],
    summary: 'why an alert came: which words of which watch hit what, and where it is now',
    more: 'ALERT is its number: npx crier alerts shows it.',
    run: async (cli, input) => (await import('./why.ts')).showWhy(cli, input),
  },
  {
    name: 'whynot',
    usage: 'URL [--chat ID]',
    argument: '<URL>',
    options: [CHAT_OPTION, JSON_OPTION],
    summary: 'why a chat was not told of the news at this address, watch by watch',
    more: `Never fetched, stored quietly, folded into the alert of its story, muted, still
waiting, or which words were missing.`,
    run: async (cli, input) => (await import('./why.ts')).showWhyNot(cli, input),
  },
  {
    name: 'status',
    options: [JSON_OPTION],
    summary: 'sources, items, watches, the outbox, and whether a service runs here',
    run: async (cli, input) => (await import('./status.ts')).showStatus(cli, input),
  },
]
