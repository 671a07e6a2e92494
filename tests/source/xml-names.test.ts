import { describe, expect, test } from 'vitest'
import { mendXml } from '../../src/source/mend.ts'

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
})
