/** Names in running text, known by their capital letter, in the scripts that have capitals. */
import { fold } from '../text/fold.ts'

/**
 * Tells of each word, folded, that is written with a capital within a sentence, in the first so many units of a text. At
 * the beginning of one a capital says nothing. A linear look at each unit.
 */
export function eachName(text: string, units: number, tell: (name: string) => void): void {
  const end = Math.min(text.length, units)
  let beginsSentence = true
  let isAbbreviated = false
  for (let at = 0; at < end; ) {
    const unit = text.charCodeAt(at)
    if (!isLetter(unit)) {
      if (ENDS[unit] === 1 && !(unit === DOT && isAbbreviated)) beginsSentence = true
      at += 1
      continue
    }
    let stop = at + 1
    while (stop < end && isLetter(text.charCodeAt(stop))) stop += 1
    const begins = isCapital(unit)
    if (begins && !beginsSentence) tell(fold(text.slice(at, stop)))
    beginsSentence = false
    isAbbreviated = begins && stop - at <= LONGEST_ABBREVIATED
    at = stop
  }
}

/** "Mr.", "Jan.", "J.": no sentence ends there. */
const LONGEST_ABBREVIATED = 3
const DOT = 46
/** What ends a sentence, or begins what somebody says. */
const ENDS = new Uint8Array(0x10000)
for (const sign of '.!?:\n“”"‘«»„…') ENDS[sign.charCodeAt(0)] = 1

/** Of a script with capitals: Latin, Greek, Cyrillic, Armenian. */
function isLetter(unit: number): boolean {
  if (unit < 0x80) return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
  return (unit >= 0xc0 && unit < 0x590 && unit !== 0xd7 && unit !== 0xf7) || (unit >= 0x1e00 && unit < 0x2000)
}

function isCapital(letter: number): boolean {
  if (letter < 0x80) return letter <= 0x5a
  const char = String.fromCharCode(letter)
  return char !== char.toLowerCase()
}
