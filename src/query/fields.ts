import type { TextField } from '../model.ts'
import { letterDistance } from '../text/letter-distance.ts'

/** Names as people write them, and what each looks into. */
export const FIELDS = {
  title: 'title',
  intitle: 'title',
  body: 'body',
  author: 'author',
  tag: 'tag',
  url: 'url',
  inurl: 'url',
  source: 'source',
  feed: 'source',
  site: 'site',
  lang: 'lang',
  after: 'after',
  before: 'before',
  within: 'within',
  has: 'has',
} satisfies Record<string, TextField | 'source' | 'site' | 'lang' | 'after' | 'before' | 'within' | 'has'>

export type Field = keyof typeof FIELDS

/** Names of no field, by which people mean one: those of other search engines, and ours in Chinese. */
export const FIELDS_MEANT: Record<string, Field> = {
  ...{ language: 'lang', category: 'tag', intext: 'body', inbody: 'body', domain: 'site', publisher: 'source' },
  ...{ since: 'after', until: 'before' },
  ...{ 标题: 'title', 正文: 'body', 作者: 'author', 标签: 'tag', 来源: 'source', 网站: 'site', 语言: 'lang' },
}

/** Of a name in lower case. */
export function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name)
}

/**
 * The field somebody probably meant: one slip of the fingers away, or two in a long name that begins with the same letter;
 * names under four letters are left alone. Where a blank follows (`isApart`), as in headlines, one slip is all.
 */
export function nearField(name: string, { isApart }: { isApart: boolean }): Field | undefined {
  if (name.length < 4) return undefined
  const slips = (field: Field) => (name.length < 6 || isApart || !name.startsWith(field.charAt(0)) ? 1 : 2)
  return Object.keys(FIELDS)
    .filter(isField)
    .find((field) => letterDistance(name, field) <= slips(field))
}
