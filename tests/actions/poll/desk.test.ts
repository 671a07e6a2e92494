import { expect, test } from 'vitest'
import { createDesk } from '../../../src/actions/poll/desk.ts'

const KIB = 1_024

/** Lets each come in this order; what is `done` leaves. Gives who got a place, in order. */
function openDesk() {
  const desk = createDesk()
  const seated: string[] = []
  const leave = new Map<string, () => void>()
  return {
    seated,
    async come(name: string, bytes: number) {
      void desk.take(bytes).then((end) => {
        seated.push(name)
        leave.set(name, end)
      })
      await settle()
    },
    async done(name: string) {
      leave.get(name)?.()
      await settle()
    },
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('what is larger than its room has it alone', async () => {
  const { seated, come, done } = openDesk()
  await come('usual', 200 * KIB)
  await come('huge', 10_240 * KIB)
  expect(seated).toEqual(['usual'])

  await done('usual')
  expect(seated).toEqual(['usual', 'huge'])
  await come('late', 64 * KIB)
  expect(seated).toEqual(['usual', 'huge'])
})

test('small documents wait for no large ones', async () => {
  const { seated, come } = openDesk()
  await come('first', 200 * KIB)
  await come('second', 200 * KIB)
  await come('small', 20 * KIB)

  expect(seated).toEqual(['first', 'small'])
})

test('no more than thirty small ones are read at once', async () => {
  const { seated, come, done } = openDesk()
  for (let i = 0; i < 40; i += 1) await come(`${i}`, KIB)
  expect(seated).toHaveLength(30)

  await done('3')
  expect(seated).toHaveLength(31)
})

test('a large one has its place in the end, however many come that would fit before it', async () => {
  const { seated, come, done } = openDesk()
  await come('0', 64 * KIB)
  await come('large', 256 * KIB)
  for (let i = 1; i < 10; i += 1) await come(`${i}`, 64 * KIB)
  expect(seated).toEqual(['0'])

  await done('0')
  await done('large')
  expect(seated).toEqual(['0', 'large', '1', '2', '3', '4'])
})
