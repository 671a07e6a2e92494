/** A text with the digits of other scripts in ASCII: Arabic, Persian, of India, Thai, Lao, Tibetan, Burmese, Khmer, and Japan's wide ones. */
export function plainDigits(text: string): string {
  return text
    .replace(ROUND, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(OF_INDIA, (digit) => String((digit.charCodeAt(0) & 15) - 6))
}

/** The code of their 0 ends with a zero in hexadecimal, too. */
const ROUND =
  /[\u0660-\u0669\u06f0-\u06f9\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u17e0-\u17e9\uff10-\uff19]/g
/** Nine scripts, from Devanagari to Malayalam: theirs ends with a six. */
const OF_INDIA =
  /[\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0b66-\u0b6f\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f]/g
