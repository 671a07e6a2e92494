import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createOutlet } from '../../src/cli/outlet.ts'
import { testPipe } from '../support/pipe.ts'
import { testFolder } from '../support/store.ts'

// Nothing here closes what an outlet writes to: see `testPipe`.
describe('an outlet of a service', () => {
  test('says what waited when its reader reads again: in order, and nothing in the middle of another', async () => {
    const { outlet, pipe } = serve()
    const long = `${'long '.repeat(30_000)}\n`

    outlet.write(long)
    outlet.log('a line\n')
    outlet.write('at last\n')

    expect(await pipe.readUntil(/at last\n$/)).toBe(`${long}a line\nat last\n`)
  })

  test('writes the lines of a turn before what is said later in it', () => {
    const { outlet, pipe } = serve()

    outlet.log('one\n')
    outlet.log('two\n')
    outlet.write('three\n')

    expect(pipe.read()).toBe('one\ntwo\nthree\n')
  })

  test('of a log that nobody reads it keeps 256 KB, and then says once how many lines are missing', async () => {
    const { outlet, pipe } = serve()
    pipe.fill()
    const line = (number: number) => `${String(number).padStart(1_023)}\n`
    for (let number = 1; number <= 300; number += 1) outlet.log(line(number))

    const read = await pipe.readUntil(/missing\n$/)

    const kept = Array.from({ length: 256 }, (_, index) => line(index + 1)).join('')
    expect(read.replaceAll('.', '')).toBe(`${kept}44 missing\n`)
    outlet.log('and on\n')
    expect(await pipe.readUntil(/and on\n$/)).toBe('and on\n')
  })

  test('much that is logged in one turn is all there, where it can be written', () => {
    const file = join(testFolder(), 'log')
    const fd = openSync(file, 'w')
    const outlet = createOutlet(fd, () => {})
    outlet.serve((lines) => outlet.log(`${lines} missing\n`))

    for (let number = 1; number <= 300; number += 1) outlet.log(`${String(number).padStart(2_000)}\n`)
    outlet.end()

    expect(readFileSync(file, 'utf8').match(/\d+\n/g)).toHaveLength(300)
  })

  test('what is no log is kept, however much of the log is not', async () => {
    const { outlet, pipe } = serve()
    pipe.fill()
    for (let number = 0; number < 2; number += 1) outlet.log(`${'x'.repeat(200_000)}\n`)
    outlet.write('kept\n')

    expect(await pipe.readUntil(/1 missing\n$/)).toMatch(/x\nkept\n1 missing\n$/)
  })

  test('what is said is written only when there is room for all of it', async () => {
    const { outlet, pipe } = serve()
    pipe.fill()
    let isWritten = false
    const said = outlet.say('an alert\n', new AbortController().signal).then((written) => {
      isWritten = written
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isWritten).toBe(false)

    await pipe.readUntil(/an alert\n$/)
    await said
    expect(isWritten).toBe(true)
  })

  test('what is taken back before its reader begins with it is never written', async () => {
    const { outlet, pipe } = serve()
    const stop = new AbortController()
    pipe.fill()
    const said = outlet.say('an alert\n', stop.signal)
    outlet.write('the rest\n')

    stop.abort()

    expect(await said).toBe(false)
    expect((await pipe.readUntil(/the rest\n$/)).replaceAll('.', '')).toBe('the rest\n')
  })

  test('what its reader has begun with ends before the next line, even when it is taken back', async () => {
    const { outlet, pipe } = serve()
    const stop = new AbortController()
    const long = `${'long '.repeat(30_000)}\n`
    const said = outlet.say(long, stop.signal)
    outlet.write('next\n')

    stop.abort()

    expect(await said).toBe(false)
    expect(await pipe.readUntil(/next\n$/)).toBe(`${long}next\n`)
  })

  test('what is said when all stops is still said where there is room', async () => {
    const { outlet, pipe } = serve()

    expect(await outlet.say('an alert\n', AbortSignal.abort())).toBe(true)
    expect(pipe.read()).toBe('an alert\n')
  })

  test('a reader that goes away is told of once, and what waits for it was not said', async () => {
    const { outlet, pipe, gone } = serve()
    pipe.fill()
    const signal = new AbortController().signal
    const said = outlet.say('an alert\n', signal)

    pipe.leave()
    outlet.write('for nobody\n')

    expect(await said).toBe(false)
    expect(await outlet.say('another\n', signal)).toBe(false)
    outlet.end()
    expect(gone()).toBe(1)
  })

  test('a full disk is a reader that has no room, and no reason to end', () => {
    const fd = openSync('/dev/full', 'w')
    const outlet = createOutlet(fd, () => {})

    expect(() => outlet.write('lost')).toThrow('The output cannot be written: no space left on device.')
    outlet.serve(() => {})
    expect(() => outlet.write('kept')).not.toThrow()
  })

  test('at an exit it writes what there is room for, and does not wait for who reads nothing', () => {
    const { outlet, pipe } = serve()
    outlet.log('the last line\n')
    outlet.end()
    expect(pipe.read()).toBe('the last line\n')

    pipe.fill()
    outlet.log('for nobody\n')
    outlet.end()
    expect(pipe.read()).toMatch(/^\.+$/)
  })
})

/** An outlet of a service, and the pipe behind it. */
function serve() {
  const pipe = testPipe()
  let gone = 0
  const outlet = createOutlet(pipe.writer, () => {
    gone += 1
  })
  outlet.serve((lines) => outlet.log(`${lines} missing\n`))
  return { outlet, pipe, gone: () => gone }
}
