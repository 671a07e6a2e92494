import { createHmac } from 'node:crypto'
import type { WebSub } from '../../src/actions/websub/websub.ts'
import type { Clock, FetchFailed, Post } from '../../src/ports.ts'

export const PUBLIC_URL = 'https://news.example'

type Answer = { kind: 'answered'; status: number } | FetchFailed

export interface FakeHub {
  post: Post
  /** Where callbacks lead from now on. */
  connect(websub: WebSub): void
  /** What it answers to requests; 202 unless told. Only after a 2xx it asks back. */
  answer: Answer
  /** Asks back while the request is still waiting for its answer, as some hubs do, and only then answers. */
  asksAtOnce: boolean
  /** The leases it gives, whatever was asked for; null gives what was asked for. */
  leaseSeconds: number | null
  /** Every form it received. */
  requests: Record<string, string>[]
  /** By callback. */
  subscriptions: Map<string, { topic: string; secret: string; until: number }>
  /** Asks back for every request it took: those confirmed come into force. */
  askBack(): Promise<void>
  /** Pushes to every subscriber of the topic; one that says 410 is forgotten. */
  publish(topic: string, body: string): Promise<('accepted' | 'unknown')[]>
}

/** A hub that goes by the book (WebSub, 5 and 7), and throws at a subscriber that does not. */
export function createFakeHub(clock: Clock): FakeHub {
  let target: WebSub | null = null
  let challenges = 0
  const pending: Record<string, string>[] = []

  const hub: FakeHub = {
    answer: { kind: 'answered', status: 202 },
    asksAtOnce: false,
    leaseSeconds: null,
    requests: [],
    subscriptions: new Map(),
    connect(websub) {
      target = websub
    },
    async post({ form }) {
      checkForm(form)
      hub.requests.push(form)
      const { answer } = hub
      if (hub.asksAtOnce) await askBack(form)
      else if (answer.kind === 'answered' && answer.status < 300) pending.push(form)
      return answer
    },
    async askBack() {
      for (const form of pending.splice(0)) await askBack(form)
    },
    async publish(topic, body) {
      const bytes = Buffer.from(body)
      const answers: ('accepted' | 'unknown')[] = []
      for (const [callback, { topic: own, secret, until }] of hub.subscriptions) {
        if (own !== topic || until <= clock()) continue
        const answer = await at().receive(tokenOf(callback), {
          bytes,
          contentType: 'application/atom+xml',
          signature: sign(bytes, secret),
        })
        if (answer === 'unknown') hub.subscriptions.delete(callback)
        answers.push(answer)
      }
      return answers
    },
  }

  async function askBack(form: Record<string, string>): Promise<void> {
    const { 'hub.mode': mode = '', 'hub.topic': topic = '', 'hub.callback': callback = '' } = form
    challenges += 1
    const challenge = `challenge ${challenges}`
    const seconds = hub.leaseSeconds ?? Number(form['hub.lease_seconds'])
    const lease = mode === 'subscribe' ? { 'hub.lease_seconds': String(seconds) } : {}
    const query = { 'hub.mode': mode, 'hub.topic': topic, 'hub.challenge': challenge, ...lease }
    const echo = await at().verify(tokenOf(callback), new URLSearchParams(query))
    if (echo !== challenge) return
    if (mode === 'unsubscribe') hub.subscriptions.delete(callback)
    else hub.subscriptions.set(callback, { topic, secret: form['hub.secret'] ?? '', until: clock() + seconds * 1_000 })
  }

  function at(): WebSub {
    if (!target) throw new Error('Nobody is at home.')
    return target
  }

  return hub
}

export function sign(bytes: Uint8Array, secret: string, method = 'sha256'): string {
  return `${method}=${createHmac(method, secret).update(bytes).digest('hex')}`
}

export function tokenOf(callback: string): string {
  const base = `${PUBLIC_URL}/websub/`
  if (!callback.startsWith(base)) throw new Error(`Not an address of ours: ${callback}`)
  return callback.slice(base.length)
}

const FIELDS = {
  subscribe: ['hub.callback', 'hub.lease_seconds', 'hub.mode', 'hub.secret', 'hub.topic'],
  unsubscribe: ['hub.callback', 'hub.mode', 'hub.topic'],
}

function checkForm(form: Record<string, string>): void {
  const mode = form['hub.mode']
  if (mode !== 'subscribe' && mode !== 'unsubscribe') throw new Error(`No such mode: ${mode}`)
  const names = Object.keys(form).sort().join(' ')
  if (names !== FIELDS[mode].join(' ')) throw new Error(`Not the fields of ${mode}: ${names}`)
  if (!/^[\w-]{43}$/.test(tokenOf(form['hub.callback'] ?? ''))) throw new Error('The callback can be guessed.')
  if (mode === 'unsubscribe') return
  // WebSub, 5.1: less than 200 bytes.
  if (!/^[\da-f]{32,199}$/.test(form['hub.secret'] ?? '')) throw new Error('The secret can be guessed, or is too long.')
  if (!/^[1-9]\d*$/.test(form['hub.lease_seconds'] ?? '')) throw new Error('The lease is no number of seconds.')
}
