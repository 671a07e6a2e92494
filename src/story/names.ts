/**
 * Names in running text, known by their capital letter: in the scripts that have capitals, and in the languages that do not
 * give one to every noun.
 */
import { fold } from '../text/fold.ts'

/**
 * Tells of each word in the first so many units of a text: where it stands, lower case and without accents, and whether it
 * is written as a name. A capital at the beginning of a sentence says nothing, and that word is not told of. Linear.
 */
export function eachWord(
  text: string,
  units: number,
  tell: (lower: string, start: number, end: number, isName: boolean) => void,
): void {
  const end = Math.min(text.length, units)
  const lower = text.slice(0, end).toLowerCase()
  // İ alone grows by it, and what stands behind would be shifted.
  if (lower.length !== end) return
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
    const isCapital = unit !== lower.charCodeAt(at)
    if (!isCapital || !beginsSentence) {
      if (isAscii(lower, at, stop)) tell(lower, at, stop, isCapital)
      else {
        const folded = fold(lower.slice(at, stop))
        tell(folded, 0, folded.length, isCapital)
      }
    }
    beginsSentence = false
    isAbbreviated = isCapital && stop - at <= LONGEST_ABBREVIATED
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

function isAscii(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (text.charCodeAt(at) >= 0x80) return false
  return true
}
