import { fold } from './fold.ts'
import { SHORT_UNITS, scan } from './scan.ts'

/**
 * The stream of a text of Latin letters and plain punctuation, which most of what is published is: folded, cut and
 * joined in one pass, a fifth of the price. Null for every other text.
 */
export function plainLatinStream(text: string): string | null {
  if (text.length > SHORT_UNITS) return null
  const lower = text.toLowerCase()
  if (lower.length !== text.length) return null

  // Copied out at once: to ask a string for each of its units takes as long again as all the rest.
  const count = shortText.write(lower, 'utf16le') / 2
  let length = 0
  let isInWord = false
  for (let at = 0; at < count; at += 1) {
    const unit = shortUnits[at] ?? 0
    const step = unitSteps[unit] || learnStep(unit)
    if (step > STEP_LEAVE) {
      if (!isInWord && length > 0) shortBytes[length++] = SPACE
      isInWord = true
      shortBytes[length++] = step
      continue
    }
    // .NET is a word of its own; the long way knows what may stand before its dot.
    if (step === STEP_LEAVE || (step === STEP_DOT && !isInWord && isLetterAt(lower, at + 1))) return null
    isInWord = false
  }
  return shortBytes.toString('latin1', 0, length)
}

/** What the short way does with a UTF-16 unit: write this ASCII letter or digit, or one of these. 0 is "not met yet". */
const unitSteps = new Uint8Array(0x10000)
const STEP_BREAK = 1
const STEP_DOT = 2
/** The long way decides: other scripts, marks, and the signs of C++, AT&T and tags. */
const STEP_LEAVE = 3

/** The text, as units and as the bytes they consist of. UTF-16 has the order of the machine's own bytes nearly everywhere. */
const shortUnits = new Uint16Array(SHORT_UNITS)
const shortText = Buffer.from(shortUnits.buffer)
/** At most one token for every two units, each with a space before it. */
const shortBytes = Buffer.alloc(2 * SHORT_UNITS)

function isLetterAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (!(unit >= 0)) return false
  const step = unitSteps[unit] || learnStep(unit)
  return step > DIGIT_9 || step === STEP_LEAVE
}

const SPACE = 0x20
const DIGIT_9 = 0x39

function learnStep(unit: number): number {
  unitSteps[unit] = stepOf(unit)
  return unitSteps[unit] ?? STEP_LEAVE
}

function stepOf(unit: number): number {
  const char = String.fromCharCode(unit)
  const folded = fold(char)
  if (folded.length !== 1 || /[\ud800-\udfff]/.test(char)) return STEP_LEAVE
  if (/^[a-z0-9]$/.test(folded)) return folded.charCodeAt(0)
  if (/^[+#@&]$/.test(folded)) return STEP_LEAVE
  if (folded === '.') return STEP_DOT
  return scan(folded).count === 0 ? STEP_BREAK : STEP_LEAVE
}
