import { describe, expect, test } from 'vitest'
import { mendXml } from '../../../src/source/markup/mend.ts'

const ATOM = 'http://www.w3.org/2005/Atom'
const DC = 'http://purl.org/dc/elements/1.1/'

describe('a name is written with the usual prefix of its namespace', () => {
  test.each([
    ["Atom's, in Atom: none", `<feed xmlns:p="${ATOM}">`, '<p:id/>', '<id/>'],
    ["Atom's, in RSS", `<rss xmlns:p="${ATOM}">`, '<p:id/>', '<atom:id/>'],
    ["Atom's, in RDF", `<rdf:RDF xmlns:p="${ATOM}">`, '<p:id/>', '<atom:id/>'],
    ["Atom's, declared by itself in RSS", '<rss>', `<p:id xmlns:p="${ATOM}"/>`, `<atom:id xmlns:p="${ATOM}"/>`],
    ["Atom's default, in RSS", '<rss>', `<id xmlns="${ATOM}"/>`, `<atom:id xmlns="${ATOM}"/>`],
    ["Dublin Core's", `<feed xmlns:p="${DC}">`, '<p:date/>', '<dc:date/>'],
    [
      "Dublin Core's, written with a reference",
      '<rss xmlns:p="http://purl.org/dc/elements/1.1&#47;">',
      '<p:date/>',
      '<dc:date/>',
    ],
    ["a module's, in RSS with a prefix: none", `<r:rss xmlns:r="urn:x" xmlns="${DC}">`, '<date/>', '<dc:date/>'],
    ["a module's, in RSS without one: RSS's", `<rss xmlns="${DC}">`, '<date/>', '<date/>'],
    ["Media RSS's newer one", '<rss xmlns:p="http://www.rssboard.org/media-rss">', '<p:title/>', '<media:title/>'],
    ["the root's prefix, undeclared: none", '<p:feed>', '<p:id/>', '<id/>'],
    ['RSS under its own name: none', '<rss xmlns:rss="urn:x">', '<rss:guid/>', '<guid/>'],
    ['one we do not read stays', '<feed xmlns:p="urn:x">', '<p:id/>', '<p:id/>'],
    ['a default we do not read', '<feed>', '<id xmlns="urn:x"/>', '<foreign:id xmlns="urn:x"/>'],
    ["the root's default, whatever it is", '<feed xmlns="urn:x">', '<id xmlns="urn:x"/>', '<id xmlns="urn:x"/>'],
    ['no namespace at all', `<feed xmlns="${ATOM}">`, '<id xmlns=""/>', '<id xmlns=""/>'],
    ['a usual prefix with a misspelt namespace', '<rss xmlns:dc="urn:dc">', '<dc:date/>', '<dc:date/>'],
  ])('%s', (_, root, element, written) => {
    expect(mendXml(`${root}${element}`)).toContain(written)
  })

  test.each([
    ['a prefix that gets another meaning', `xmlns:p="${DC}"`, 'dc:id'],
    ['a prefix that loses its meaning', 'xmlns:p="urn:x"', 'p:id'],
  ])('%s', (_, declaration, written) => {
    const mended = mendXml(`<rss xmlns:p="${ATOM}"><p:id/><p:id ${declaration}/><p:id ${declaration}/></rss>`)

    expect(mended.match(/<[\w:]+:id/g)).toEqual(['<atom:id', `<${written}`, `<${written}`])
  })

  test("the root's prefix keeps its meaning, though a namespace nobody knows is declared for it", () => {
    const mended = mendXml('<p:feed xmlns:p="urn:x"><p:id/><p:entry xmlns:p="urn:x"><p:id/></p:entry></p:feed>')

    expect(mended.match(/<id\/>/g)).toHaveLength(2)
  })

  test.each([
    ['that ends itself', `<p:a xmlns:p="${DC}"/>`],
    ['that holds others', `<p:a xmlns:p="${DC}"><p:date/></p:a>`],
    ['of text', `<title xmlns:p="${DC}">A</title>`],
    ['within a text', `<title>A <p:date xmlns:p="${DC}">now</p:date></title>`],
    ['that never ends', `<p:a xmlns:p="${DC}"><p:date></item><item>`],
    ['that nobody knows', '<p:a xmlns:p="urn:x"><p:date/></p:a>'],
  ])('a prefix that is bound anew means it in no more than that element: one %s', (_, element) => {
    const mended = mendXml(`<rss xmlns:p="${ATOM}"><channel><item>${element}<p:id/></item></channel></rss>`)

    expect(mended).toContain('<atom:id/>')
    expect(mendXml(mended)).toBe(mended)
  })

  test.each([
    ['what it holds', '<id/>', '<dc:id/>'],
    ['what that holds', '<a><id/></a>', '<dc:a><dc:id/></dc:a>'],
    [
      'but for those with another',
      `<id xmlns="${ATOM}"/><a xmlns=""><id/></a>`,
      '<atom:id xmlns="http://www.w3.org/2005/Atom"/><a xmlns=""><id/></a>',
    ],
    ['but for items', '<item><id/></item>', '</dc:b></item><item><id/></item>'],
  ])('a default namespace on an element is that of %s', (_, inner, written) => {
    const mended = mendXml(`<rss><channel><item><b xmlns="${DC}">${inner}</b></item><item><id/></item></channel></rss>`)

    expect(mended).toContain(written)
    expect(mended).toMatch(/<item><id\/><\/item><\/channel><\/rss>$/)
    expect(mendXml(mended)).toBe(mended)
  })

  test('one on an element that was never closed is not that of what comes behind', () => {
    const mended = mendXml(`<rss><channel><item><b xmlns="${DC}">x<id/><title>A</title></item></channel></rss>`)

    expect(mended).toContain('<title>A</title></item>')
  })

  test("a channel's prefix is the document's own, but not in Atom, which has none", () => {
    const inner = '<p:channel><p:title>A</p:title></p:channel>'

    expect(mendXml(`<rss xmlns:p="urn:x">${inner}</rss>`)).toContain('<channel><title>A</title></channel>')
    expect(mendXml(`<feed xmlns:p="urn:x">${inner}</feed>`)).toContain(inner)
  })

  test('a prefix that means nothing else keeps what the first element says of it', () => {
    const mended = mendXml(`<rss><item><p:id xmlns:p="${DC}"/></item><item><p:date/></item></rss>`)

    expect(mended).toContain('<dc:date/>')
  })

  test('prefixes that change with every tag cost no more than a look each', () => {
    const tags = (count: number, tag: (index: number) => string) =>
      Array.from({ length: count }, (_, at) => tag(at)).join('')
    const uriOf = (index: number) => (index % 2 === 0 ? ATOM : DC)
    const elements = tags(4_000, (index) => `<p:a xmlns:p="${uriOf(index)}">`)
    const roots = tags(4_000, (index) => `<rss xmlns:p="${uriOf(index)}">`)
    const known = tags(90, (index) => ` xmlns:p${index}="urn:x"`)
    const many = tags(200, (index) => `<a${tags(90, (at) => ` xmlns:p${at}="${uriOf(index + at)}"`)}>`)

    for (const inner of [elements, `<content>${elements}`, roots, many, `<content>${many}`]) {
      expect(mendXml(`<rss${known} xmlns:p="urn:x"><item>${inner}${'<q:b/>'.repeat(4_000)}</item></rss>`)).toMatch(
        /<\/rss>$/,
      )
    }
  })
})
