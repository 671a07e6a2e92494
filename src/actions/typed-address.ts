import { AppError } from '../errors.ts'
import { withoutHash } from '../source/url.ts'

/** Any spelling a person may type, as the one we store: https where nothing is said, no fragment. Throws `invalid`. */
export function parseAddress(text: string): string {
  const address = readAddress(text)
  if (address !== null) return address
  throw new AppError('invalid', `"${withoutLogin(text.trim()).slice(0, 200)}" is not a web address.`, {
    hint: 'Example: https://example.com/feed.xml',
  })
}

/** The same; null for what is no web address. */
export function readAddress(text: string): string | null {
  // So an address stands in mails and other texts (RFC 3986, C); what cannot be seen comes along with a copy.
  const bare = text
    .replace(/[\u200b-\u200f\u2060]/g, '')
    .trim()
    .replace(/^<(.*)>$|^"(.*)"$/, '$1$2')
  // `feed://host/x` and `feed:https://host/x` are copied from buttons for readers.
  const trimmed = bare.trim().replace(/^(?:feed|itpc|pcast|podcast):(?:\/\/)?/i, '')
  // A name and a password in front of a host look the same.
  if (/^(?:mailto|xmpp|sip|acct):/i.test(trimmed)) return null
  const isWhole = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
  // "@name@host": a profile of the fediverse, as it is told to people.
  const spelled = isWhole ? trimmed : `https://${trimmed.replace(/^@(\w+)@([\w.-]+)$/, '$2/@$1')}`
  const url = URL.canParse(spelled) ? new URL(spelled) : null
  // A word alone is more likely a mistake than a host; written out it is one, as of a container beside ours.
  const isAddress = url && /^https?:$/.test(url.protocol) && (isWhole || /[.:]|^localhost$/.test(url.hostname))
  return isAddress ? withoutHash(url.href) : null
}

/** Whatever was typed for an address, as it may be said back. */
export function withoutLogin(text: string): string {
  return text.replace(/(?<=\/\/)[^/?#\s]*@/, '')
}
