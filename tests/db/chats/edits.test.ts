import { expect, test } from 'vitest'
import { NOW } from '../../support/store.ts'
import { DELAY_MS, openDesk } from '../../support/story-desk.ts'

test('what another watch finds in a story that was told is shown, though its paper is named already', async () => {
  const { watch, print, send } = await openDesk()
  const [first, second] = [await watch('harbour'), await watch('ferries')]
  await print('Times', 'storm', [{ watch: first }])
  expect(await send()).toEqual(['news: Times (harbour=w)'])

  await print('Times', 'storm', [{ watch: second }], { now: NOW + 1, publishedAt: NOW + 1 })

  expect(await send(NOW + 1 + DELAY_MS)).toEqual(['edit of 71: Times +Times (harbour=w,ferries=w)'])
})
