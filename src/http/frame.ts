import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { HORN, STYLE_VERSION } from './style.ts'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

interface Frame {
  title: string
  /** The feed that a reader finds on this page: its address seen from our first page. */
  feed: string
  /** What stands in the search field. */
  search: string
  /** Which of the pages this is. */
  at: 'stories' | 'watches' | 'sources' | null
  /** How many sources fail. */
  failing: number
  body: Html
  /** Where our first page is, seen from this one; beside it when not said. */
  root?: string
}

/**
 * A whole document of ours, with the way to the other pages at its head. Loads nothing but our style sheet. Links of ours
 * are relative: CRIER_PUBLIC_URL may have a path, which its proxy takes away.
 */
export async function renderFrame({ title, feed, search, at, failing, body, root = './' }: Frame): Promise<string> {
  const here = (page: Frame['at']) => (at === page ? html` aria-current="page"` : '')
  const badge = failing === 0 ? '' : html` <b class="badge" title="${failing} failing">${failing}</b>`
  const rail = html`<a class="rail" href="#subscribe">Subscribe</a>`
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="${root}style.css?v=${STYLE_VERSION}">
<link rel="icon" href="${root}favicon.svg" type="image/svg+xml">
<link rel="alternate" type="application/atom+xml" title="Crier" href="${root}${feed}">
</head><body>
<a class="skip" href="#items">${at === 'stories' ? 'To the items' : 'To the content'}</a>
<header><div>
<a class="brand" href="${root}">${HORN}Crier</a>
<nav aria-label="Pages"><a href="${root}"${here('stories')}>Stories</a><a href="${root}try"${here('watches')}>Watches</a><a href="${root}sources"${here('sources')}>Sources${badge}</a>${at === 'stories' ? rail : ''}</nav>
<form action="${root}" role="search"><input type="search" name="q" value="${search}" aria-label="Search"
 placeholder="Search, for example &quot;big data&quot; -jobs" autocomplete="off" spellcheck="false" maxlength="1000"><button>Search</button></form>
</div></header>
${body}
</body></html>
`
  return (await document).toString()
}

/** For whoever has no source yet. */
export function bringList(): Html {
  return html`<p>Coming from another reader? Bring its list:</p><pre>npx crier import subscriptions.opml</pre>`
}

/** "?q=a&before=1", without what is null; '' for nothing. */
export function linkQuery(parameters: Record<string, string | number | null>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, `${value}`)
  return query.size === 0 ? '' : `?${query}`
}
