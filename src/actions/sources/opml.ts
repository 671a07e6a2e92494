import { AppError, describeError } from '../../errors.ts'
import type { PageRules, Source } from '../../model.ts'
import type { NewSource } from '../../ports.ts'
import { shownAddress } from '../../publish/address.ts'
import { formatOpml, parseOpml } from '../../source/opml.ts'
import { parseDuration } from '../../time.ts'
import { takeLogin } from '../access.ts'
import type { Actions } from '../context.ts'
import { parseAddress, withoutLogin } from '../typed-address.ts'
import { readPageRules } from './page-rules.ts'
import { newSource } from './subscribe.ts'

/** Adds every feed of an OPML document without fetching; the service polls them when it runs. Throws `invalid` for what is no OPML. */
export async function importOpml(
  ctx: Actions,
  text: string,
  onProgress: (done: number, total: number) => void,
): Promise<{ added: string[]; present: string[]; failed: { url: string; reason: string }[] }> {
  const outlines = parseOpml(text)
  const summary = { added: [] as string[], present: [] as string[], failed: [] as { url: string; reason: string }[] }
  let done = 0
  const addOne = async (outline: (typeof outlines)[number]) => {
    try {
      // Those of older versions keep the login in their address.
      const given = parseAddress(outline.url)
      const { url, access } = takeLogin(given, null)
      if (await ctx.store.findSource(given)) {
        summary.present.push(url)
        return
      }
      const { title, tags, page, fullText, every, isPaused = false, isUntitled = false } = outline
      const everyMs = every === undefined ? undefined : parseDuration(every, 'Its crier:every')
      const wish = { url, title: isUntitled ? undefined : (title ?? undefined), tags, fullText, everyMs }
      // Until it is polled it is called as it called itself.
      const found = isUntitled ? { title, link: null, language: null, format: null } : null
      const state = isPaused ? 'paused' : 'active'
      const pageRules = page?.rules ?? null
      if (pageRules !== null) checkRules(pageRules)
      const kind = page === undefined ? 'feed' : 'page'
      const source: NewSource = { ...newSource(url, wish), kind, pageRules, access, found, state }
      const { added } = await ctx.store.addSource(source, ctx.clock())
      summary[added ? 'added' : 'present'].push(url)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      summary.failed.push({ url: withoutLogin(outline.url), reason: describeError(error) })
    } finally {
      done += 1
      onProgress(done, outlines.length)
    }
  }
  // Together, so that they share commits: a thousand sources are then some fifty of them.
  for (let start = 0; start < outlines.length; start += 50) {
    await Promise.all(outlines.slice(start, start + 50).map(addOne))
  }
  return summary
}

/** Throws `invalid` for selectors that are none: a file may say anything. */
function checkRules({ auto: _, ...parts }: PageRules): void {
  const said = Object.fromEntries(Object.entries(parts).map(([part, selector]) => [part, selector ?? undefined]))
  readPageRules(said, (part) => `Its ${part}`)
}

/**
 * All sources that are not removed, as OPML 2.0, and nothing of what goes with their requests; `withheld` are those that
 * would need it where the document is imported.
 */
export async function exportOpml(ctx: Pick<Actions, 'store'>): Promise<{ opml: string; withheld: Source[] }> {
  const sources = await ctx.store.listSources()
  const outlined = sources.map((source) => ({ ...source, url: shownAddress(source.url) }))
  const withheld = sources.filter(({ url, access }, i) => access !== null || url !== outlined[i]?.url)
  return { opml: formatOpml(outlined, 'Crier'), withheld }
}
