import { exportOpml, importOpml } from '../actions/sources/opml.ts'
import { AppError } from '../errors.ts'
import { shownAddress } from '../publish/address.ts'
import { countOf } from '../publish/count.ts'
import { decodeDocument } from '../source/charset/charset.ts'
import { isCutOff, parseOpml } from '../source/opml.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { startProgress } from './progress.ts'
import { readGivenFile } from './read-file.ts'
import { styleFor } from './style.ts'
import { printable } from './terminal-text.ts'
import { withActions, withActionsOrNew } from './workplace.ts'

/** Adds what an OPML file lists, without fetching. The outside has failed only where nothing could be added and nothing was there. */
export async function importFile(cli: Cli, input: Input): Promise<number> {
  const path = input.args[0] ?? ''
  const { text } = decodeDocument(await readGivenFile(cli.io, path), null)
  const isCut = isCutOff(text)
  // Before a database is made for it.
  if (parseOpml(text).length === 0) {
    throw new AppError(
      'invalid',
      `${path} is OPML, but ${isCut ? 'was cut off before its first feed' : 'lists no feeds'}.`,
    )
  }

  return withActionsOrNew(cli, async (actions) => {
    const progress = startProgress(cli.io, 'Importing')
    const { added, present, failed } = await importOpml(actions, text, progress.update).finally(() => progress.end())
    if (input.flag('json'))
      printJson(cli.io, { added: added.map(shownAddress), present: present.map(shownAddress), failed })
    else {
      const style = styleFor(cli.io)
      cli.io.out(
        `${countOf(added.length, 'source')} added, ${present.length} already there, ${failed.length} failed.\n`,
      )
      for (const { url, reason } of failed) {
        cli.io.out(`  ${style.bad('failed')}  ${printable(url)}: ${printable(reason)}\n`)
      }
      if (added.length > 0) {
        cli.io.out('The service polls them when it runs; what they hold at first is stored quietly.\n')
      }
    }
    if (isCut) {
      cli.io.err(
        `${printable(path)} was cut off: it ends without </opml>. Export it again, and import the rest with it.\n`,
      )
    }
    return added.length + present.length > 0 ? EXIT.done : EXIT.outsideFailed
  })
}

export async function exportAll(cli: Cli): Promise<number> {
  return withActions(cli, async (actions) => {
    const { opml, withheld } = await exportOpml(actions)
    cli.io.out(inertXml(opml))
    if (withheld.length > 0) {
      const which = withheld.map(({ id }) => id).join(', ')
      cli.io.err(
        `Not in the export: logins, headers and proxies, here of ${countOf(withheld.length, 'source')} (${which}).\n`,
      )
    }
    return EXIT.done
  })
}

/** The same document; what a terminal would obey is written as references. */
function inertXml(xml: string): string {
  return xml.replace(/[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
