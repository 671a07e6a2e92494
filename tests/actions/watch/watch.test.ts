import { describe, expect, test } from 'vitest'
import { addWatch, findSameWatch, parseWatch, sayNoSuchSource } from '../../../src/actions/watch/watch.ts'
import { testActions } from '../../support/actions.ts'
import { addTestSource } from '../../support/store.ts'

const parse = (text: string) => parseWatch(text, { timezone: 'UTC' })

describe('a watch is saved on one line, as lists show it', () => {
  test.each([
    ['a list with one entry a line', 'chips\r\nbig data\n\n-jobs', 'chips, big data, -jobs'],
    ['a list that has commas as well', 'chips,\n大数据、\n芯片', 'chips, 大数据, 芯片'],
    ['lines that go on', '(chips\nOR lamps) big', '(chips, OR lamps) big'],
    ['more spaces than it needs', 'big   data', 'big data'],
  ])('%s', (_, written, saved) => {
    const query = parse(written)

    expect(query.text).toBe(saved)
    expect(query.root).toEqual(parse(saved).root)
  })

  test.each([
    ['within quotes, where a comma would be another word', '"big\ndata"'],
    ['where there is no room for commas', `${'a\n'.repeat(90)}${'b'.repeat(810)}`],
  ])('but as it was written %s', (_, written) => {
    expect(parse(written).text).toBe(written)
  })

  test('so that the same list is one watch, however it was pasted', async () => {
    const actions = await testActions()
    await addWatch(actions, 'terminal', 'chips\nlamps')

    await expect(addWatch(actions, 'terminal', 'chips, lamps')).rejects.toMatchObject({ code: 'conflict' })
    expect(await actions.store.listWatches()).toMatchObject([{ query: 'chips, lamps' }])
  })

  test('and its faults are named where they were written', () => {
    expect(() => parse('chips\nlamps "big')).toThrow('The quote at character 13 is not closed.')
  })
})

describe('a watch that means what another of its chat means is told of it', () => {
  test.each([
    ['in other letters', 'Big Data', 'big data', 1],
    ['a list in other signs', '大数据，人工智能、芯片', '大数据\n人工智能\n芯片', 1],
    ['other words', 'big data', '"big data"', null],
    ['for more publishers', 'chips sources>=2', 'chips sources>=3', null],
  ])('%s', async (_, first, second, number) => {
    const actions = await testActions()
    await addWatch(actions, 'terminal', first)
    await addWatch(actions, '77', second)

    expect(await findSameWatch(actions, await addWatch(actions, 'terminal', second))).toBe(number)
  })
})

describe('a source that no source is called by is named, so that nobody waits for it in vain', () => {
  const source = { url: 'https://wire.example.com/feed.xml', givenTitle: 'Northern Wire' }

  test.each([
    ['a word of its title', 'chips source:northern', null],
    ['its address', 'source:wire.example.com', null],
    ['its number', 'source:1', null],
    ['a tag, which is no name of a source', 'source:press', 'No source is called “press” so far.'],
    ['a name that is written wrongly', 'chips source:"nothern wire"', 'No source is called “nothern wire” so far.'],
    [
      'two, one of them left out',
      '(a source:x) OR (b -source:99) OR source:wire',
      'No source is called “x” or “99” so far.',
    ],
    ['a query without any', 'chips', null],
  ])('%s', async (_, written, said) => {
    const actions = await testActions()
    await addTestSource(actions.store, { ...source, tags: ['press'] })

    expect(await sayNoSuchSource(actions, parse(written))).toBe(said)
  })
})
