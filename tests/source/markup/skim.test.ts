import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { skim } from '../../../src/source/markup/skim.ts'

const WANTED = new Set(['rss', 'a', 'b'])
const canonical = (name: string) => (WANTED.has(name.toLowerCase()) ? name.toLowerCase() : undefined)
const shortened = (name: string) => (name === 'content:encoded' ? 'a' : undefined)
const LONG = 'Long enough to be set aside. '.repeat(5)

describe('what a reader is left', () => {
  test.each([
    ['white space between tags goes', '<rss>\n <a>x</a>\t<b/>\n</rss>', '<rss><a>x</a><b/></rss>'],
    ['that of a text stays', '<rss><a> x <![CDATA[ y ]]> </a></rss>', '<rss><a> x <![CDATA[ y ]]> </a></rss>'],
    ['a leaf nobody asked for goes', '<rss><c d="1">x<![CDATA[</c>]]></c><c/><a/></rss>', '<rss><a/></rss>'],
    ['one with children stays', '<rss><c><a/></c></rss>', '<rss><x:c><a/></x:c></rss>'],
    ['of one with children, the leaves go', '<rss><c><d>x</d><a/></c></rss>', '<rss><x:c><a/></x:c></rss>'],
    ['another case is the same name', '<rss><A>x</A></rss>', '<rss><a>x</a></rss>'],
  ])('%s', (_, xml, left) => {
    expect(skim(xml, canonical).xml).toBe(left)
  })

  test('a wanted element gets the name it is to have, one that is in its way another', () => {
    const xml = '<a><content:encoded b="1">x</content:encoded ><content:encoded/><a><content:encoded/></a></a>'
    const left = '<x:a><a b="1">x</a ><a/><x:a><a/></x:a></x:a>'
    expect(skim(xml, shortened).xml).toBe(left)
  })

  test('a long text comes back, its references replaced, and that of a section as it is', () => {
    const { xml, takeBack } = skim(`<rss><a>${LONG}&lt;&#65;</a><b>x<![CDATA[${LONG}&lt;]]>y</b></rss>`, canonical)

    expect(xml.length).toBeLessThan(60)
    const [a, b] = textsOf(xml).map(takeBack)
    expect(a).toBe(`${LONG}<A`)
    expect(b).toBe(`x${LONG}&lt;y`)
  })

  test('a document that uses our sign keeps its texts', () => {
    const xml = `<rss><a>\u00910\u0091${LONG}</a></rss>`
    const skimmed = skim(xml, canonical)
    expect(skimmed.xml).toBe(xml)
    expect(skimmed.takeBack('\u00910\u0091')).toBe('\u00910\u0091')
  })

  test('the names that occur', () => {
    expect([...skim('<rss><B/><c/><a/><b/></rss>', canonical).names]).toEqual(['rss', 'b', 'a'])
  })
})

test('the names of those that hold others', () => {
  expect([...skim('<rss><a>x</a><b><c/></b><b><a><![CDATA[<a>]]></a></b></rss>', canonical).holders]).toEqual([
    'rss',
    'b',
  ])
})

test('any document: the wanted elements keep their order, their attributes and their texts', () => {
  const text = fc.constantFrom(
    '',
    ' ',
    'x',
    ' x &amp; y ',
    LONG,
    `${LONG}&quot;`,
    '<![CDATA[<c>]]>',
    `<![CDATA[${LONG}]]>`,
  )
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc
      .tuple(
        fc.constantFrom('a', 'b', 'c', 'd'),
        fc.constantFrom('', ' e="1"', ' e="a &quot; b"'),
        fc.array(fc.oneof({ maxDepth: 3 }, text, tie('element')), { maxLength: 4 }),
      )
      .map(([name, attributes, inner]) => `<${name}${attributes}>${inner.join('')}</${name}>`),
  }))
  fc.assert(
    fc.property(fc.array(element, { maxLength: 5 }), (elements) => {
      const xml = `<rss>${elements.join('\n')}</rss>`
      const skimmed = skim(xml, canonical)
      expect(wantedOf(skimmed.xml, skimmed.takeBack)).toEqual(wantedOf(xml, (text) => text))
    }),
    { numRuns: 500, seed: 3 },
  )
})

/** The own text of each wanted element, trimmed, with its attributes, in order. */
function wantedOf(xml: string, takeBack: (text: string) => string): string[] {
  const found: string[] = []
  const open: { name: string; text: string; index: number }[] = []
  const parser = new SaxesParser()
  const add = (text: string) => {
    const top = open.at(-1)
    if (top) top.text += text
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('opentag', ({ name, attributes }) => {
    open.push({ name, text: '', index: found.length })
    if (WANTED.has(name)) found.push(`${name} ${JSON.stringify(attributes)}`)
  })
  parser.on('closetag', () => {
    const { name, text, index } = open.pop() ?? { name: '', text: '', index: 0 }
    if (WANTED.has(name)) found[index] += takeBack(text).replace(/\s+/g, '')
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return found
}

function textsOf(xml: string): string[] {
  const texts: string[] = []
  let text = ''
  const parser = new SaxesParser()
  parser.on('text', (piece) => (text += piece))
  parser.on('closetag', () => {
    texts.push(text)
    text = ''
  })
  parser.write(xml).close()
  return texts
}
