import { readdirSync, readFileSync } from 'node:fs'

/** What the `.expect.json` of every pair says beside what is expected. */
interface Given {
  /** Why the pair exists. */
  why: string
  url: string
  headers: { 'content-type'?: string }
}

const EXPECTED = '.expect.json'

/** The pairs of a folder of fixtures, a document and what is expected of it, by name. */
export function fixturePairs<Expected>(folder: string) {
  const files = readdirSync(folder)
  const names = files.filter((file) => file.endsWith(EXPECTED)).map((file) => file.slice(0, -EXPECTED.length))
  // The last dot of a document's name is that of its extension.
  const documents = new Map(
    files.filter((file) => !file.endsWith(EXPECTED)).map((file) => [file.slice(0, file.lastIndexOf('.')), file]),
  )

  function load(name: string) {
    // The pairs are ours, written in this shape.
    const expectation = JSON.parse(readFileSync(`${folder}${name}${EXPECTED}`, 'utf8')) as Given & Expected
    const bytes = readFileSync(`${folder}${documents.get(name)}`)
    const contentType = expectation.headers['content-type'] ?? null
    return { ...expectation, document: { bytes, contentType, url: expectation.url } }
  }
  return { names, load }
}
