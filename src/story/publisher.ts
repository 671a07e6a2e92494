import { getDomain } from 'tldts'
import type { Source } from '../model.ts'

/**
 * Who publishes an item: the registered domain of its address ("bbc.co.uk", by the Public Suffix List with its private part,
 * so that two blogs at blogspot.com are two publishers), or the host where nothing can be registered (an IP address,
 * localhost). Where the address belongs to a mere carrier (a link shortener, FeedBurner, Google News) or is none, the source's
 * site says it, else the source's own address, carrier or not.
 */
export function publisherOf(item: { url: string | null; source: Pick<Source, 'siteUrl' | 'url' | 'host'> }): string {
  const { siteUrl, url, host } = item.source
  return originOf(item.url) ?? originOf(siteUrl) ?? originOf(url) ?? domainOf(host)
}

/** Hosts, and all below them, that bring what others publish: who carries a story cannot be told from them. */
const CARRIERS = new Set([
  // Feeds of others.
  'feedburner.com',
  'feedburner.google.com',
  'feedproxy.google.com',
  'feedblitz.com',
  'feedpress.com',
  'feedpress.me',
  'feedsportal.com',
  'follow.it',
  'news.google.com',
  'rss.app',
  // Links that lead elsewhere; www.google.com/url is that of Google Alerts.
  'bit.ly',
  'buff.ly',
  'dlvr.it',
  'fb.me',
  'goo.gl',
  'ift.tt',
  'is.gd',
  'lnkd.in',
  'ow.ly',
  't.co',
  't.ly',
  'tinyurl.com',
  'trib.al',
  'wp.me',
  'www.google.com',
])

function originOf(url: string | null): string | null {
  const host = hostOf(url)
  return host === null || isCarrier(host) ? null : domainOf(host)
}

function hostOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null
  const { protocol, hostname } = new URL(url)
  return /^https?:$/.test(protocol) ? hostname : null
}

function isCarrier(host: string): boolean {
  for (let name = host; name !== ''; name = name.slice(name.indexOf('.') + 1)) {
    if (CARRIERS.has(name)) return true
    if (!name.includes('.')) return false
  }
  return false
}

function domainOf(host: string): string {
  const bare = host.toLowerCase().replace(/\.$/, '')
  return getDomain(bare, { allowPrivateDomains: true }) ?? bare.replace(/:\d+$/, '')
}
