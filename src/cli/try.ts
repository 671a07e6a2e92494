import { sayTrial } from '../actions/watch/say-why.ts'
import { type Trial, tryQuery } from '../actions/watch/try.ts'
import type { ItemCount } from '../ports.ts'
import { itemAsJson } from '../publish/json.ts'
import { formatIso, formatLocal } from '../time.ts'
import { readQuery } from './arguments.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { renderItem } from './items.ts'
import { printJson } from './json.ts'
import { styleFor } from './style.ts'
import { renderTable } from './table.ts'
import { printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** What a watch would have sent, before it is saved. Throws `invalid` for what is refused as a watch. */
export async function tryWatch(cli: Cli, input: Input): Promise<number> {
  const text = readQuery(input, 'watch try')
  return withActions(cli, async (actions, { timezone }) => {
    const trial = await tryQuery(actions, text)
    if (input.flag('json')) printJson(cli.io, trialAsJson(trial))
    else cli.io.out(describe(cli, trial, timezone))
    return EXIT.done
  })
}

function describe(cli: Cli, trial: Trial, timezone: string): string {
  const style = styleFor(cli.io)
  const said = sayTrial(trial, { time: (ms) => formatLocal(ms, timezone) })
  const columns = [
    { title: 'SOURCE', value: ({ title }: Trial['sources'][number]) => title, shrinksTo: 20 },
    {
      title: 'ITEMS',
      value: ({ count }: Trial['sources'][number]) => count.toLocaleString('en-US'),
      align: 'right' as const,
    },
  ]
  const parts = [
    `${style.bold(printable(trial.echo))}\n${said.join('\n')}\n`,
    renderTable(trial.sources, columns, cli.io),
    trial.samples.map((item) => renderItem(cli.io, item, timezone)).join(''),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function trialAsJson(trial: Trial) {
  const { query, echo, last7, last30, alerts, messages, folded, short, sources, samples, lookedBackTo } = trial
  return {
    query: query.text,
    understood: echo,
    last7: countAsJson(last7),
    last30: countAsJson(last30),
    alerts: countAsJson(alerts),
    messages: countAsJson(messages),
    folded: countAsJson(folded),
    tooFewPublishers: countAsJson(short),
    sources,
    samples: samples.map(itemAsJson),
    lookedBackTo: formatIso(lookedBackTo),
  }
}

/** With `more` there are at least so many. */
function countAsJson({ count, isMore }: ItemCount) {
  return { count, more: isMore }
}
