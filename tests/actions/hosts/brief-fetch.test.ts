import { expect, test } from 'vitest'
import { createBriefFetch } from '../../../src/actions/hosts/brief-fetch.ts'
import { createHostGate } from '../../../src/actions/hosts/gate.ts'
import { type Fetched, type FetchRequest, UNSEEN } from '../../../src/ports.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { fakeTime } from '../../support/fake-time.ts'
import { NOW } from '../../support/store.ts'

const SECOND = 1_000
const HOUR = 3_600_000

/** Somebody who looks at addresses; the server answers what `answers` has next, else a document. */
async function looker(...answers: Fetched[]) {
  const time = fakeTime()
  const asked: string[] = []
  const ctx = await testActions({
    clock: time.clock,
    async fetch({ url }) {
      asked.push(`${url} ${(time.clock() - NOW) / SECOND}`)
      return answers.shift() ?? fresh({ url })
    },
  })
  const gate = createHostGate(ctx, { isOwnHost: (host) => host === 'own.example', timer: time.timer })
  const fetch = createBriefFetch(ctx, gate)
  const look = (url: string) => fetch({ url, ...UNSEEN })
  return { ctx, time, asked, gate, look, fetch }
}

const throttled = (given: Partial<Parameters<typeof failed>[0]> = {}) =>
  failed({ reason: 'throttled', status: 429, retryAfterMs: null, ...given })

test('a host of which nothing is known is asked at once, again and again', async () => {
  const { asked, look } = await looker()
  for (const path of ['a', 'b', 'c']) expect(await look(`https://a.example/${path}`)).toMatchObject({ kind: 'fresh' })
  expect(asked).toEqual(['https://a.example/a 0', 'https://a.example/b 0', 'https://a.example/c 0'])
})

test('a host is asked one thing at a time, the service’s polls counted', async () => {
  const { asked, look, time, gate } = await looker()
  gate.enter('a.example')
  const both = Promise.all([look('https://a.example/1'), look('https://b.example/2')])
  await time.pass(5 * SECOND)
  expect(asked).toEqual(['https://b.example/2 0'])
  gate.leave('a.example', { kind: 'answered' })
  await both
  expect(asked.slice(1)).toEqual(['https://a.example/1 5'])
})

test('what a 429 teaches is obeyed by the next request, and kept', async () => {
  const { ctx, asked, look, time } = await looker(throttled())
  await look('https://a.example/1')
  const second = look('https://a.example/2')
  await time.pass(10 * SECOND)
  await second
  expect(asked).toEqual(['https://a.example/1 0', 'https://a.example/2 10'])
  expect(await ctx.store.listHostPaces()).toMatchObject([{ host: 'a.example', spacingMs: 10 * SECOND }])
})

test('a host that wants to be left alone for long is not asked, and when it may be is said', async () => {
  const { ctx, asked, look } = await looker()
  await ctx.store.saveHostPace({ host: 'a.example', spacingMs: 10 * SECOND, until: NOW + HOUR })
  expect(await look('https://a.example/')).toEqual({
    kind: 'failed',
    reason: 'throttled',
    status: null,
    detail: 'a.example asked to wait until 2026-11-23 10:00 UTC.',
    retryAfterMs: HOUR,
  })
  expect(asked).toEqual([])
})

test('a pause that we only learned is cut to 10 s: a site needs several requests', async () => {
  const { ctx, asked, look, time, gate } = await looker()
  await ctx.store.saveHostPace({ host: 'a.example', spacingMs: 120 * SECOND, until: NOW - HOUR })
  await look('https://a.example/1')
  const more = look('https://a.example/2').then(() => look('https://a.example/3'))
  await time.pass(20 * SECOND)
  await more
  expect(asked.map((request) => request.slice(-4))).toEqual(['/1 0', '2 10', '3 20'])
  expect(gate.isFree('a.example', 119 * SECOND)).toBe(false)
  expect(gate.isFree('a.example', 120 * SECOND)).toBe(true)
})

test('our own hosts have no limits', async () => {
  const { asked, look } = await looker(throttled({ retryAfterMs: HOUR }))
  await look('https://own.example/1')
  await look('https://own.example/2')
  expect(asked).toHaveLength(2)
})

test('a host to which another one sends us has complained, and not that one', async () => {
  const { ctx, look } = await looker(throttled({ host: 'b.example' }), throttled({ host: 'c.example', status: null }))
  await look('https://a.example/1')
  await look('https://a.example/2')
  expect((await ctx.store.listHostPaces()).map(({ host }) => host)).toEqual(['b.example'])
})

test('of each host to which it is sent it knows whether that wants to be left alone', async () => {
  const { ctx, gate, look, time } = await looker(throttled({ retryAfterMs: HOUR }))
  await look('https://a.example/')
  let rests: (number | undefined)[] = []
  ctx.fetch = async ({ url, restMs }) => {
    rests = ['a.example', 'b.example'].map((host) => restMs?.(host))
    return fresh({ url })
  }
  const shortener = createBriefFetch(ctx, gate)
  await shortener({ url: 'https://b.example/', ...UNSEEN })
  expect(rests).toEqual([HOUR, 0])
  expect(time.pending()).toBe(0)
})

test('what fails teaches nothing of its host, nor does another host’s complaint', async () => {
  const { ctx, asked, look } = await looker(failed(), throttled({ host: 'b.example' }))
  for (const path of ['1', '2', '3']) await look(`https://a.example/${path}`)
  expect(asked.map((request) => request.slice(-4))).toEqual(['/1 0', '/2 0', '/3 0'])
  expect((await ctx.store.listHostPaces()).map(({ host }) => host)).toEqual(['b.example'])
})

test('a fault of ours is no host that has no turn for us', async () => {
  const { ctx, gate, time } = await looker()
  ctx.store.findPacesVersion = () => Promise.reject(new Error('disk'))
  await time.pass(2 * SECOND)
  await expect(createBriefFetch(ctx, gate)({ url: 'https://a.example/', ...UNSEEN })).rejects.toThrow('disk')
})

test('a fetch that breaks gives its turn back', async () => {
  const { ctx, gate } = await looker()
  const broken = createBriefFetch({ fetch: () => Promise.reject(new Error('broken')) }, gate)
  const request: FetchRequest = { url: 'https://a.example/', ...UNSEEN }
  await expect(broken(request)).rejects.toThrow('broken')
  expect(await createBriefFetch(ctx, gate)(request)).toMatchObject({ kind: 'fresh' })
})
