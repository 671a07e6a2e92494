import fc from 'fast-check'

/**
 * Any text at all, of no more characters than told, and at times the name of something that every object has. As
 * `fc.string` with the unit `binary`, which holds a table of a million characters from then on.
 */
export function anyString(maxLength?: number): fc.Arbitrary<string> {
  const text = fc.string({ unit: anyCharacter, ...(maxLength === undefined ? {} : { maxLength }) })
  const names = NAMES.filter(({ length }) => length <= (maxLength ?? length))
  if (names.length === 0) return text
  return fc.oneof({ weight: 20, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom(...names) })
}

const NAMES = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']

const SURROGATES = { from: 0xd800, count: 0x800 }
const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map((code) => String.fromCodePoint(code < SURROGATES.from ? code : code + SURROGATES.count))
