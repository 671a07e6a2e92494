/** A text as one word for a POSIX shell, whatever is in it: within single quotes only the single quote means something. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** The same, without quotes where nothing in it means anything to a shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : shellQuote(text)
}
