import { describe, expect, test } from 'vitest'
import { eachName } from '../../src/story/names.ts'
import { HEAD, isName, signatureOf, wordOf } from '../../src/story/signature.ts'
import { tokenStream } from '../../src/text/tokens.ts'

function namesIn(text: string, units = 1_000): string[] {
  const names: string[] = []
  eachName(text, units, (name) => names.push(name))
  return names
}

function areNames(title: string, text: string, words: string[]): boolean[] {
  const signature = signatureOf({ tokens: { title: tokenStream(title), text: tokenStream(text) }, text })
  const all = [...signature.subarray(HEAD.size, HEAD.size + (signature[HEAD.words] ?? 0))]
  return words.map((word) => isName(signature, all.indexOf(wordOf(word))))
}

describe('a capital letter', () => {
  test.each([
    ['within a sentence tells a name', 'The mayor of Orsa met Kasimir Orlov.', ['orsa', 'kasimir', 'orlov']],
    ['at the beginning of a sentence tells nothing', 'Firefighters left. Neighbours stayed! Why? Nobody knew.', []],
    ['at the beginning of a quotation or of a line neither', 'He said: “Nobody came.”\nPolice left', []],
    ['behind an abbreviation does', 'They told Mr. Hale and J. Brandt so.', ['mr', 'hale', 'j', 'brandt']],
    ['is one in other scripts too, and without its accents', 'В городе Орса и в Åmål', ['орса', 'amal']],
    ['that is made small as two letters is one too', 'in İzmir and Ankara', ['izmir', 'ankara']],
  ])('%s', (_, text, names) => {
    expect(namesIn(text)).toEqual(names)
  })

  test('beyond the units that are looked at is not seen', () => {
    expect(namesIn('in Orsa and Melby', 8)).toEqual(['orsa'])
  })
})

describe('a name of an item', () => {
  test('is what its text writes as one, also where only the title says more of it', () => {
    expect(
      areNames('Orsa Market Burns', 'A fire destroyed the market in Orsa on Monday. It was old, said Rask.', [
        'orsa',
        'rask',
        'market',
        'fire',
      ]),
    ).toEqual([true, true, false, false])
  })

  test('is not known where nearly every word has a capital', () => {
    const german =
      'Der Brand im Markt von Orsa hat am Montag Waren im Wert von Millionen zerstört, sagte die Polizei am Abend.'

    expect(areNames('Brand in Orsa', german, ['orsa', 'markt'])).toEqual([false, false])
  })

  test('is not looked for in scripts without capitals', () => {
    const text =
      '奥尔萨市场周一发生火灾，消防部门说三人受伤，火势于当晚得到控制。记者从 Brandt 公司获悉，损失达数百万元。'

    expect(areNames('奥尔萨市场发生火灾', text, ['brandt'])).toEqual([false])
  })
})
