import { AppError } from '../errors.ts'

/**
 * What was wrong, and what would be right. `{at}` is the position, counted in characters from 1; `{form}` a whole query that
 * is accepted, at the hint's end. Where there is none, `bare` stands for the hint, or the hint without it.
 */
interface Refusal {
  message: string
  hint: string
  bare?: string
}

/** What the query language refuses, in English. Another language is another table. */
const REFUSALS = {
  empty: { message: 'The query is empty.', hint: 'Write what to look for, for example: big data.' },
  no_words: {
    message: 'There is no word to look for in {what} (character {at}).',
    hint: 'Write letters or digits, or leave it out: {form}',
    bare: 'Write letters or digits, for example: big data.',
  },
  too_long: { message: 'The query has {count} characters; {limit} are permitted.', hint: 'Make several of it.' },
  too_many_terms: {
    message: 'More than {limit} terms: the one at character {at} is too many.',
    hint: 'Make several queries of it.',
  },
  too_deep: {
    message: 'More than {limit} parentheses within one another, at character {at}.',
    hint: 'Write it flatter.',
  },
  unclosed_quote: { message: 'The quote at character {at} is not closed.', hint: 'Close it: {form}' },
  lone_quote: {
    message: 'The quote at character {at} is not closed, and no word stands after it.',
    hint: 'Put a phrase there, or leave it out: {form}',
  },
  empty_quotes: {
    message: 'The quotes at character {at} have no word between them.',
    hint: 'Put a phrase there, or leave them out: {form}',
    bare: 'Put a phrase there, for example: "big data".',
  },
  unclosed_paren: { message: 'The parenthesis at character {at} is not closed.', hint: 'Close it: {form}' },
  unopened_paren: {
    message: 'The parenthesis at character {at} closes nothing.',
    hint: 'Open it before, or leave it out: {form}',
  },
  empty_parens: {
    message: 'The parentheses at character {at} have no word between them.',
    hint: 'Put a word there, or leave them out: {form}',
    bare: 'Put a word there, for example: (big OR data).',
  },
  nothing_after: {
    message: '{what} at character {at} has nothing after it; a word, a phrase or a parenthesis was expected.',
    hint: 'Write something after it, or leave it out: {form}',
    bare: 'Write something after it',
  },
  nothing_before: {
    message: '{what} at character {at} has nothing before it; a word, a phrase or a parenthesis was expected.',
    hint: 'Write something before it, or leave it out: {form}',
    bare: 'Write a word on each side, for example: big OR data',
  },
  double_negative: {
    message: 'Two signs for "without" at character {at}; one was expected.',
    hint: 'Write one: {form}',
  },
  regex: {
    message: 'Regular expressions are not understood (character {at}).',
    hint: 'Case never matters. Write words, phrases in quotes, OR between alternatives, or data* for every ending: {form}',
  },
  star_alone: {
    message: 'The * at character {at} stands alone.',
    hint: 'Put letters before it, or leave it out: {form}',
    bare: 'Put letters before it, for example: data*',
  },
  star_first: {
    message: 'The * at character {at} stands before the word; only endings can be left open.',
    hint: 'Write the beginning of the word as in data*, or the whole word: {form}',
    bare: 'Write the beginning of the word, for example: data*',
  },
  star_inside: {
    message: 'The * at character {at} is not at the end of a word or phrase.',
    hint: 'Only the ending can be left open: {form}',
    bare: 'Only the ending can be left open, for example: data*',
  },
  star_short: {
    message: 'Before the * at character {at}, two letters at least were expected.',
    hint: 'Write more of the word as in data*, or this alone: {form}',
    bare: 'Write more of the word, for example: data*',
  },
  space_after_colon: {
    message: 'Nothing stands right after the colon of {what} at character {at}.',
    hint: 'Write it without a space: {form}',
  },
  empty_field: {
    message: 'Nothing stands after {what} at character {at}.',
    hint: 'Write a word, a phrase or a parenthesis right after the colon: {form}',
  },
  negative_value: {
    message: 'A sign for "without" stands after {what} at character {at}.',
    hint: 'Write it before: {form}',
  },
  unknown_field: {
    message: 'There is no field {what} (character {at}).',
    hint: 'Did you mean {near}: as in {form}',
    bare: 'Did you mean {near}:?',
  },
  field_in_field: {
    message: 'The field {what} at character {at} stands within another one.',
    hint: 'Leave a space before it or close the parenthesis, and both are asked for. As words, in quotes: title:"body: x"',
  },
  not_a_site: {
    message: '"{what}" at character {at} is not a host name.',
    hint: 'For a part of the address use url: as in url:politics. The host alone: {form}',
    bare: 'Write the host alone, for example: site:example.com',
  },
  not_a_language: {
    message: '"{what}" at character {at} is not a language code.',
    hint: 'Write its code: {form}',
    bare: 'Write a code such as lang:en, lang:zh or lang:pt-br.',
  },
  not_a_day: {
    message: '"{what}" at character {at} is not a day; year, month and day were expected.',
    hint: 'Write it like this: {form}',
    bare: 'Write it like after:2026-11-01',
  },
  not_a_time: {
    message: '"{what}" at character {at} is not a time such as 90m, 12h, 7d or 2w.',
    hint: 'Write it like this: {form}',
    bare: 'Write it like within:7d',
  },
  not_a_property: {
    message: '"{what}" at character {at} is nothing an item can have.',
    hint: 'Permitted: {form}',
    bare: 'Permitted: has:enclosure',
  },
  publishers_in_search: {
    message: '{what} at character {at} is understood in watches only: it says when to call, not what to find.',
    hint: 'Search without it: {form}',
  },
  publishers_form: {
    message: '{what} at character {at} is not understood; a number of publishers is asked for as in sources>=3.',
    hint: 'Write it like this: {form}',
    bare: 'Write it like sources>=3',
  },
  publishers_field: {
    message: '{what} at character {at} is no field; a number of publishers is asked for as in sources>=3.',
    hint: 'The source with a number is source: without the s. To wait for so many publishers: {form}',
    bare: 'The source with a number is source: without the s. To wait for so many publishers, write sources>= before it.',
  },
  publishers_fewer: {
    message: '{what} at character {at} asks for fewer publishers; a watch can wait for more of them, never for fewer.',
    hint: 'Leave it out: {form}',
  },
  publishers_not: {
    message:
      '{what} at character {at} is left out, which asks for fewer publishers; a watch can wait for more, never for fewer.',
    hint: 'Leave it out altogether: {form}',
  },
  publishers_one: {
    message: '{what} at character {at} waits for nothing: every story has one publisher.',
    hint: 'Leave it out: {form}',
  },
  publishers_many: {
    message: '{what} at character {at} asks for more than {limit} publishers.',
    hint: 'Write a smaller number: {form}',
  },
  publishers_twice: {
    message: '{what} at character {at} comes second; a number of publishers can be asked for once.',
    hint: 'Write it once: {form}',
  },
  publishers_inside: {
    message: '{what} at character {at} stands within parentheses or NOT; it holds for a watch as a whole.',
    hint: 'Write it at the end: {form}',
  },
  publishers_in_part: {
    message: '{what} at character {at} stands within OR or a list; it holds for a watch as a whole.',
    hint: 'If a part only should wait, make two watches. If all should, write it at the end: {form}',
  },
  only_narrows: {
    message: 'A watch needs something to look for; {what} at character {at} only leaves out or narrows.',
    hint: 'Put a word, or title:, author:, tag:, source:, url: or site: beside it, for example: {form}',
    bare: 'Put a word, or title:, author:, tag:, source:, url: or site: beside it.',
  },
  branch_only_narrows: {
    message:
      'In every branch of OR a watch needs something to look for; {what} at character {at} only leaves out or narrows.',
    hint: 'If it is meant for all branches: {form}',
    bare: 'If it is meant for all branches, put those in parentheses, and it beside them.',
  },
} satisfies Record<string, Refusal>

export type RefusalKind = keyof typeof REFUSALS

interface Details {
  /** Counted in characters, from 1. */
  at?: number
  what?: string
  /** A whole query that is proposed; '' is none. */
  form?: string | undefined
  /** The same where an operator is meant as a word. */
  quoted?: string | undefined
  /** The field that was probably meant. */
  near?: string
  count?: number
  limit?: number
}

/** For a query that is not accepted: `invalid`, with the position and a form that would be. */
export class QueryRefusal extends AppError {
  readonly form: string | undefined
  readonly quoted: string | undefined
  private readonly kind: RefusalKind
  private readonly details: Details

  constructor(kind: RefusalKind, details: Details = {}) {
    super('invalid', fill(REFUSALS[kind].message, details), { hint: hintOf(REFUSALS[kind], details) })
    this.kind = kind
    this.details = details
    this.form = details.form || undefined
    this.quoted = details.quoted
  }

  /** The same refusal, proposing for each of its queries what `accept` makes of it, or nothing in its place. */
  proposing(accept: (form: string) => string | undefined): QueryRefusal {
    const { form, quoted } = this
    return new QueryRefusal(this.kind, {
      ...this.details,
      form: form && accept(form),
      quoted: quoted && accept(quoted),
    })
  }
}

function hintOf({ hint, bare = hint.replace(/: \{form\}$/, '.') }: Refusal, details: Details): string {
  const said = fill(details.form ? hint : bare, details)
  return details.quoted ? `${said}, or to look for the word itself: ${details.quoted}` : said
}

function fill(template: string, details: Details): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    // The names in the tables above are the names of the details.
    const value = details[name as keyof Details]
    return typeof value === 'number' ? value.toLocaleString('en') : (value ?? '')
  })
}

/** The error for a query that is not accepted, at this UTF-16 offset of its text. */
export function refuseAt(
  text: string,
  start: number,
  kind: RefusalKind,
  details: Omit<Details, 'at' | 'count'>,
): QueryRefusal {
  return new QueryRefusal(kind, { ...details, at: [...text.slice(0, start)].length + 1 })
}

/**
 * The query text with something else from `start` to `end`, for a form that is proposed. Two words that were parted by what
 * is left out stay two.
 */
export function replaced(text: string, { start, end }: { start: number; end: number }, replacement: string): string {
  const before = text.slice(0, start)
  const after = text.slice(end)
  const isParting = replacement === '' && /[\p{L}\p{M}\p{N}]$/u.test(before) && /^[\p{L}\p{M}\p{N}]/u.test(after)
  return (before + (isParting ? ' ' : replacement) + after).trim()
}
