import { AppError } from '../errors.ts'

/** What was wrong, and what would be right. `{at}` is the position, counted in characters from 1. */
interface Refusal {
  message: string
  hint: string
}

/** What the query language refuses, in English. Another language is another table. */
const REFUSALS = {
  empty: { message: 'The query is empty.', hint: 'Write what to look for, for example: big data.' },
  no_words: {
    message: 'There is no word to look for in {what} (character {at}).',
    hint: 'Write letters or digits, for example: big data.',
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
    hint: 'Put a phrase there, for example: "big data".',
  },
  unclosed_paren: { message: 'The parenthesis at character {at} is not closed.', hint: 'Close it: {form}' },
  unopened_paren: {
    message: 'The parenthesis at character {at} closes nothing.',
    hint: 'Open it before, or leave it out: {form}',
  },
  empty_parens: {
    message: 'The parentheses at character {at} have no word between them.',
    hint: 'Put a word there, or leave them out.',
  },
  nothing_after: {
    message: '{what} at character {at} has nothing after it; a word, a phrase or a parenthesis was expected.',
    hint: 'Write {form}',
  },
  nothing_before: {
    message: '{what} at character {at} has nothing before it; a word, a phrase or a parenthesis was expected.',
    hint: 'Write {form}',
  },
  double_negative: {
    message: 'Two signs for "without" at character {at}; one was expected.',
    hint: 'Write one: {form}',
  },
  regex: {
    message: 'Regular expressions are not understood (character {at}).',
    hint: 'Write words, phrases in quotes, OR between alternatives, or data* for every ending. Case never matters.',
  },
  star_alone: { message: 'The * at character {at} stands alone.', hint: 'Put letters before it, for example: data*' },
  star_first: {
    message: 'The * at character {at} stands before the word; only endings can be left open.',
    hint: 'Write the beginning of the word, for example: data*',
  },
  star_inside: {
    message: 'The * at character {at} is not at the end of a word or phrase.',
    hint: 'Only the ending can be left open: {form}',
  },
  star_short: {
    message: 'Before the * at character {at}, two letters at least were expected.',
    hint: 'Write more of the word, for example: data*',
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
  unknown_field: { message: 'There is no field {what} (character {at}).', hint: 'Did you mean {form}' },
  field_in_field: {
    message: 'The field {what} at character {at} stands within another one.',
    hint: 'Close the parenthesis of the first field before it.',
  },
  not_a_site: {
    message: '"{what}" at character {at} is not a host name.',
    hint: 'Write the host alone, for example: site:example.com. For a part of the address use url:',
  },
  not_a_language: {
    message: '"{what}" at character {at} is not a language code.',
    hint: 'Write a code such as lang:en, lang:zh or lang:pt-br.',
  },
  not_a_day: {
    message: '"{what}" at character {at} is not a day; year, month and day were expected.',
    hint: 'Write it like {form}',
  },
  not_a_time: {
    message: '"{what}" at character {at} is not a time such as 90m, 12h, 7d or 2w.',
    hint: 'Write it like within:7d',
  },
  not_a_property: {
    message: '"{what}" at character {at} is nothing an item can have.',
    hint: 'Permitted: has:enclosure',
  },
  publishers_in_search: {
    message: '{what} at character {at} is understood in watches only: it says when to call, not what to find.',
    hint: 'Search without it: {form}',
  },
  publishers_form: {
    message: '{what} at character {at} is not understood; a number of publishers is asked for as in sources>=3.',
    hint: 'Write {form}',
  },
  publishers_field: {
    message: '{what} at character {at} is no field; a number of publishers is asked for as in sources>=3.',
    hint: 'The source with a number is source: without the s. To wait for so many publishers, write {form}',
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
    message: 'A watch needs something to look for; {what} only leaves out or narrows.',
    hint: 'Put a word, or title:, author:, tag:, source:, url: or site: beside it, for example: big data {form}',
  },
  branch_only_narrows: {
    message: 'In every branch of OR a watch needs something to look for; {what} only leaves out or narrows.',
    hint: 'If it is meant for all branches, write: {form}',
  },
} satisfies Record<string, Refusal>

export type RefusalKind = keyof typeof REFUSALS

/** The error for a query that is not accepted: `invalid`, with the position and a form that would be. */
export function refusal(
  kind: RefusalKind,
  details: { at?: number; what?: string; form?: string; count?: number; limit?: number } = {},
): AppError {
  const { message, hint } = REFUSALS[kind]
  const fill = (template: string) =>
    template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
      // The names in the tables above are the names of the details.
      const value = details[name as keyof typeof details]
      return typeof value === 'number' ? value.toLocaleString('en') : (value ?? '')
    })
  return new AppError('invalid', fill(message), { hint: fill(hint) })
}

/** The same, at this UTF-16 offset of the query text. */
export function refuseAt(
  text: string,
  start: number,
  kind: RefusalKind,
  details: { what?: string; form?: string; limit?: number } = {},
): AppError {
  return refusal(kind, { ...details, at: [...text.slice(0, start)].length + 1 })
}
