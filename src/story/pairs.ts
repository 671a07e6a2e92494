/** Scripts without spaces between words, of which a token is a pair of characters. */

/**
 * Thai, Lao, Tibetan, Myanmar, Khmer, and hiragana, which writes the small words of Japanese: pairs of their letters stand in
 * every text.
 */
export function isAlphabetWithoutSpaces(unit: number): boolean {
  return (unit >= 0x0e00 && unit <= 0x109f) || (unit >= 0x1780 && unit <= 0x17ff) || isHiragana(unit)
}

function isHiragana(unit: number): boolean {
  return unit >= 0x3041 && unit <= 0x309f
}

function isHan(unit: number): boolean {
  return unit >= 0x3400 && unit <= 0x9fff
}

/** Scripts without spaces that have so many characters that a pair of them tells something: Han, katakana, Hangul. */
export function isPaired(unit: number): boolean {
  return isHan(unit) || (unit >= 0x30a0 && unit <= 0x30ff) || (unit >= 0xac00 && unit <= 0xd7a3)
}

/** The last character of a run says nothing beside the pair before it. */
export function isPairOfMatter(stream: string, start: number, end: number): boolean {
  return end - start > 1 && !isParticle(stream.charCodeAt(start)) && !isParticle(stream.charCodeAt(end - 1))
}

function isParticle(unit: number): boolean {
  return PARTICLES[unit] === 1
}

const PARTICLES = new Uint8Array(0x10000)
for (const char of '的了是在和与及将已也而被并等之其') PARTICLES[char.charCodeAt(0)] = 1
for (let unit = 0x3041; unit <= 0x309f; unit += 1) PARTICLES[unit] = 1
