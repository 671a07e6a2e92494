/** Words without their endings: a rule of thumb, so that "fires" is "fire". */
import { hashPart } from './word-hash.ts'

/** The fingerprint of the word of this hash, but for its ending. */
export function stemOf(stream: string, start: number, end: number, hash: number): number {
  const stem = endOfStem(stream, start, end)
  return (stem === end ? hash : hashPart(stream, start, stem)) & 0xffff
}

/** "fires" and "fire", "grounded" and "grounding": a rule of thumb, for languages that end words in this way. */
function endOfStem(stream: string, start: number, end: number): number {
  let stop = end
  if (stop - start > 3 && stream.charCodeAt(stop - 1) === S && stream.charCodeAt(stop - 2) !== S) stop -= 1
  if (stop - start > 4) {
    const before = stream.charCodeAt(stop - 2)
    const last = stream.charCodeAt(stop - 1)
    if (last === G && before === N && stop - start > 5 && stream.charCodeAt(stop - 3) === I) stop -= 3
    else if (before === I && last === E) stop -= 2
    else if (before === E && last === D) stop -= 2
  }
  if (stop - start > 3 && stream.charCodeAt(stop - 1) === E) stop -= 1
  const vowel = stream.charCodeAt(stop - 1)
  if (stop - start > 3 && (vowel === I || vowel === Y)) stop -= 1
  return Math.min(stop, start + STEM_UNITS)
}

const [D, E, G, I, N, S, Y] = [0x64, 0x65, 0x67, 0x69, 0x6e, 0x73, 0x79]

/** Enough to part most words; what follows are endings ("Norwegian", "Norwegians"). */
const STEM_UNITS = 7
