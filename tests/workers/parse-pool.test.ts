import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { fileURLToPath } from 'node:url'
import threads from 'node:worker_threads'
import { afterAll, afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Read, ReadItem } from '../../src/model.ts'
import { signatureOf } from '../../src/story/signature.ts'
import { freeBytes } from '../../src/workers/free.ts'
import { createParsePool, type ParsePool, type ParsePoolOptions } from '../../src/workers/parse-pool.ts'
import type { Answer } from '../../src/workers/parse-worker.ts'
import { type Reader, startThread } from '../../src/workers/reader.ts'

const pools: ParsePool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()))
})

function open(options: Partial<ParsePoolOptions> = {}): ParsePool {
  const pool = createParsePool({ size: 1, ...options })
  pools.push(pool)
  return pool
}

// For what only wants something read: to start a thread is more work than all of that.
const thread = createParsePool({ size: 1 })
afterAll(() => thread.stop())

function document(text: string) {
  return { bytes: Buffer.from(text), contentType: null, url: 'https://a.test/feed' }
}

const feed = (title: string) => `<rss><channel><title>${title}</title><item><title>x</title></item></channel></rss>`
/** For what ends otherwise, on a busy machine too. */
const PATIENCE_MS = 60_000
/** Some seconds of work: what a reader of one core is slow at. */
const SLOW = heavyText(1_200_000)

function heavyText(tags: number): string {
  return `<rss><channel><item><title>x</title><description>${'&#65;<b>'.repeat(tags)}</description></item></channel></rss>`
}

test('documents are read in a thread, each answered by its own reading', async () => {
  const pool = open({ size: 2 })
  const reads = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((title) => pool.parse(document(feed(title)))))

  expect(reads.map((read) => read.kind === 'read' && read.title)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('what is known already is not read again, and the document comes back for the case that it must be', async () => {
  const first = await thread.parse(document(feed('a')))
  const known = first.kind === 'read' ? (first.slices ?? null) : null

  const second = await thread.parse({ ...document(feed('b')), known })

  expect(second).toMatchObject({ title: 'b', items: [], slices: { skipped: [0] } })
  const bytes = second.kind === 'read' ? second.slices?.bytes : null
  expect(Buffer.from(bytes ?? []).toString()).toBe(feed('b'))
})

describe('a document of usual size that holds what is known stays with us', () => {
  const wire = (items: string[], head = '') =>
    `<rss><channel><title>t</title>${head}${items.map((title) => `<item><title>${title}</title></item>`).join('')}</channel></rss>`
  async function knownOf(text: string) {
    const read = await thread.parse(document(text))
    return read.kind === 'read' ? (read.slices ?? null) : null
  }

  test('as before: nothing is read, and no thread is asked', async () => {
    const known = await knownOf(wire(['a', 'b']))
    const whole = {
      ...document(''),
      bytes: new Uint8Array(new TextEncoder().encode(wire(['a', 'b'], '<lastBuildDate>now</lastBuildDate>'))),
    }

    expect(await thread.parse({ ...whole, known })).toMatchObject({
      asBefore: true,
      items: [],
      slices: { skipped: [0, 1], bytes: whole.bytes },
    })
    expect(whole.bytes.byteLength).toBeGreaterThan(0)
  })

  test('with a new item: that one is read alone', async () => {
    const known = await knownOf(wire(['a', 'b']))

    expect(await thread.parse({ ...document(wire(['c', 'a', 'b'])), known })).toMatchObject({
      items: [{ title: 'c' }],
      slices: { skipped: [1, 2], prints: { length: 3 } },
    })
  })

  test('with a new item under a head that says something else: all of it is read', async () => {
    const known = await knownOf(wire(['a', 'b']))
    const read = await thread.parse({ ...document(wire(['c', 'a', 'b'], '<language>de</language>')), known })

    expect(read).toMatchObject({ items: [{ title: 'c' }, { title: 'a' }, { title: 'b' }], slices: { skipped: [] } })
  })

  test('a larger one goes to the thread, and says the same', async () => {
    const padded = (items: string[]) => wire(items, `<!--${'x'.repeat(140_000)}-->`)
    const known = await knownOf(padded(['a', 'b']))
    const bytes = new Uint8Array(new TextEncoder().encode(padded(['c', 'a', 'b'])))
    const read = await thread.parse({ ...document(''), bytes, known })

    expect(read).toMatchObject({ items: [{ title: 'c' }], slices: { skipped: [1, 2] } })
    expect(read.kind === 'read' && read.slices?.bytes).toBe(bytes)
  })
})

test('a document that is no feed is an outcome', async () => {
  expect(await thread.parse(document('<html>'))).toMatchObject({ kind: 'unreadable', reason: 'not_a_feed' })
})

test('the bytes stay with the caller, whole or a part of a larger buffer', async () => {
  const own = new Uint8Array(new TextEncoder().encode(feed('own')))
  const shared = Buffer.from(`xx${feed('part')}`).subarray(2)

  expect(await thread.parse({ ...document(''), bytes: own })).toMatchObject({ title: 'own' })
  expect(await thread.parse({ ...document(''), bytes: shared })).toMatchObject({ title: 'part' })
  const whole = Buffer.from(new TextEncoder().encode(feed('whole')).buffer)
  expect(await thread.parse({ ...document(''), bytes: whole })).toMatchObject({ title: 'whole' })
  expect([own, shared, whole].map((bytes) => Buffer.from(bytes).toString())).toEqual(['own', 'part', 'whole'].map(feed))
})

describe('what lies ready in a thread', () => {
  test('is read while we are busy with something else', async () => {
    const pool = open({ timeoutMs: PATIENCE_MS })
    await warmUp(pool)
    let answered = 0
    const reads = ['a', 'b', 'c', 'd'].map((title) => pool.parse(document(feed(title))).then(() => (answered += 1)))
    // As a commit is.
    for (const end = performance.now() + 500; performance.now() < end; );

    // All answers are there, and one turn of the event loop takes them.
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(4)
    await Promise.all(reads)
  })

  test('is not given up because we were busy for longer than it may take', async () => {
    const pool = open({ timeoutMs: 200 })
    await warmUp(pool)
    const reads = ['a', 'b'].map((title) => pool.parse(document(feed(title))))
    // As a commit on a slow disk is: the thread has a core for itself, and timers come before what it answered.
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400))

    expect(await Promise.all(reads)).toMatchObject([{ title: 'a' }, { title: 'b' }])
  })

  test('and is taken back from a thread that does not get on is not read there as well', {
    timeout: PATIENCE_MS,
  }, async () => {
    const answers: Answer[] = []
    const { onAnswer, come } = hearing(answers)
    const reader = await new Promise<Reader>((resolve) => {
      const started = startThread(1_000, { onReady: () => resolve(started), onAnswer, onEnd() {} })
    })
    onTestFinished(async () => void (await reader.terminate()))
    const post = (text: string) => reader.post({ document: document(text), kind: 'read', known: null })

    for (const text of [heavyText(200_000), feed('a'), feed('b')]) post(text)
    reader.drop(2)
    post(feed('c'))
    await come(4)

    const kinds = answers.map((answer) => ('result' in answer && answer.result?.kind) ?? null)
    expect(kinds).toEqual(['read', null, null, 'read'])
  })

  test('is read by the next, should the one before it be the end of its thread', {
    timeout: 2 * PATIENCE_MS,
  }, async () => {
    // Sooner than others would be called to read it.
    const pool = open({ timeoutMs: 280, maxHeapMb: 1_000, heavyBytes: 64_000_000 })
    const given = [SLOW, feed('a'), feed('b')].map(document)
    const reads = await Promise.all(given.map((each) => pool.parse(each)))

    expect(reads).toMatchObject([{ reason: 'too_slow' }, { title: 'a' }, { title: 'b' }])
  })

  test('and was read by another is not read again when its thread ends', async () => {
    const pool = open({ timeoutMs: 1_500, maxHeapMb: 1_000, heavyBytes: 64_000_000 })
    await warmUp(pool)
    const slow = pool.parse(document(SLOW))
    const given = document(feed('a'))
    // Of its own, so that it can be given back, as who polls does with what was read.
    const bytes = new Uint8Array(given.bytes)
    const read = await pool.parse({ ...given, bytes })
    freeBytes(bytes)

    expect([await slow, read]).toMatchObject([{ reason: 'too_slow' }, { title: 'a' }])
    expect(await pool.parse(document(feed('b')))).toMatchObject({ title: 'b' })
    expect(bytes.byteLength).toBe(0)
  })
})

describe('pages', () => {
  const entry = (at: number) => `<li><a href="/${at}">A title that is long enough ${at}</a> 2024-05-11</li>`
  const page = (entries: number) =>
    `<html><body><ul class="news">${Array.from({ length: entries }, (_, at) => entry(at)).join('')}</ul></body></html>`
  const article = `<html><body><article>${'<p>A sentence that is a part of an article, and long enough. </p>'.repeat(8)}</article></body></html>`

  test('are read as pages where they are asked for as such, and articles as articles', async () => {
    expect(await thread.parse(document(page(5)))).toMatchObject({ kind: 'unreadable', reason: 'not_a_feed' })
    expect(await thread.parse({ ...document(page(5)), page: { rules: null } })).toMatchObject({
      kind: 'read',
      format: 'page',
      page: { entry: 'ul.news > li', auto: true },
      items: { length: 5 },
    })
    expect(await thread.extract(document(article))).toMatchObject({
      kind: 'article',
      text: expect.stringContaining('a part'),
    })
  })

  test('have the same limits as feeds', async () => {
    const pool = open({ maxBytes: 100 })

    for (const read of [
      await pool.parse({ ...document(page(50)), page: { rules: null } }),
      await pool.extract(document(article)),
    ]) {
      expect(read).toMatchObject({ kind: 'unreadable', reason: 'too_big' })
    }
  })

  test('that are too slow end as feeds do', async () => {
    const pool = open({ timeoutMs: 300 })
    await warmUp(pool)
    // Each has-clause looks through all that is below.
    const rules = { entry: ':has(:has(:has(b)))', link: null, title: null, date: null, summary: null, auto: false }
    const slow = pool.parse({ ...document('<div>'.repeat(240) + '<i>x</i>'.repeat(20_000)), page: { rules } })

    expect(await slow).toMatchObject({ kind: 'unreadable', reason: 'too_slow' })
    expect(await pool.parse(document(feed('next')))).toMatchObject({ kind: 'read' })
  })
})

describe('memory', () => {
  test('large documents are read one after the other, and small ones do not wait for them', async () => {
    const pool = open({ size: 2, heavyBytes: 1_000_000, timeoutMs: 500 })
    await warmUp(pool)
    const ended: string[] = []
    const note = (name: string) => (read: Read) => void ended.push(`${name} ${read.kind}`)

    await Promise.all([
      pool.parse(document(SLOW)).then(note('large')),
      pool.parse(document(SLOW)).then(note('large')),
      pool.parse(document(feed('small'))).then(note('small')),
    ])

    expect(ended).toEqual(['small read', 'large unreadable', 'large unreadable'])
  })
})

describe('a process for what is heavy', () => {
  // As `thread`. What asks for children finds its own: this one is gone by then.
  const child = createParsePool({ size: 1, heavyBytes: 300 })
  afterAll(() => child.stop())
  const heavy = (title: string) => {
    const items = Array.from({ length: 400 }, (_, at) => `<item><title>${at}</title></item>`).join('')
    return {
      ...document(''),
      bytes: new Uint8Array(Buffer.from(`<rss><channel><title>${title}</title>${items}</channel></rss>`)),
    }
  }

  test('has the document alone, and gives its items in order', async () => {
    const given = heavy('a')
    const read = await child.parse(given)

    expect(read.kind === 'read' && read.items.map(({ title }) => Number(title))).toEqual([...Array(400).keys()])
    expect(given.bytes.byteLength).toBe(0)
  })

  test('gives them as a thread does: without errors among them, and with halves of characters', async () => {
    const items = [
      '<item><title>Storm closes airports</title><description>大 &amp;#55357; &lt;p&gt;"x"&lt;/p&gt;</description></item>',
      '<item><title>Bridge returned error 404! (19345)</title><link>https://b.test/?action=display&amp;bridge=X</link></item>',
      '<item><title>News</title><category>a</category><guid>n</guid></item>',
    ].join('')
    const text = `<rss><channel><title>x</title>${items}</channel></rss>`
    const byThread = await thread.parse(document(text))
    const byProcess = await child.parse(document(text))

    // What stories are compared by only a thread works out: of a process, whoever stores the items does.
    for (const { tokens, text } of itemsOf(byThread)) expect(tokens.signature).toEqual(signatureOf({ tokens, text }))
    for (const { tokens } of itemsOf(byThread)) delete tokens.signature
    expect(byProcess).toEqual(byThread)
    expect(byThread).toMatchObject({ kind: 'read', items: [{ title: 'Storm closes airports' }, { title: 'News' }] })
  })

  test('is not confused by what came of a document that turned out to be broken', async () => {
    const errors = Array.from(
      { length: 40 },
      (_, at) => `<item><title>Warning: x in /a.php on line ${at}</title></item>`,
    )
    const broken = await child.parse(document(`<rss><channel>${errors.join('')}</channel></rss>`))
    const next = await child.parse(heavy('b'))

    expect(broken).toMatchObject({ kind: 'unreadable', reason: 'error_page' })
    expect(next).toMatchObject({ kind: 'read', title: 'b', items: { length: 400, 399: { title: '399' } } })
  })

  const description = '大 word and word '.repeat(700)
  const numbers = Array.from({ length: 400 }, (_, at) => `${at}`)
  const inXml = numbers.map((id) => `<item><guid>${id}</guid><description>${description}</description></item>`).join('')
  const inJson = numbers.map((id) => ({ id, content_text: description }))
  test.each([
    ['XML', 30, `<rss><channel><title>x</title>${inXml}</channel></rss>`],
    ['JSON', 36, JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'x', items: inJson })],
  ])('sends items away as it reads them, of %s: the texts of all would not fit', async (_, maxHeapMb, text) => {
    const read = await open({ maxHeapMb, timeoutMs: 30_000 }).parse(document(text))

    expect(read).toMatchObject({ kind: 'read', items: { length: 400 } })
    expect(read.kind === 'read' && read.items.every(({ text }) => text === description.trim())).toBe(true)
  })

  const rss = (text: string) =>
    `<rss><channel><item><title>x</title><description>${text}</description></item></channel></rss>`
  const xhtml = '<p>x<b>y</b></p>'.repeat(100_000)
  test.each([
    ['signs that begin nothing', rss('<'.repeat(800_000))],
    ['comments that never end', rss('<!--'.repeat(400_000))],
    ['references to nothing', rss('&#'.repeat(700_000))],
    [
      'elements of XHTML',
      `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title><content type="xhtml">${xhtml}</content></entry></feed>`,
    ],
  ])('has room for a text of hundreds of thousands of %s', async (_, text) => {
    const pool = open({ maxHeapMb: 26, timeoutMs: 30_000 })

    expect(await pool.parse(document(text))).toMatchObject({ kind: 'read', items: [{ title: 'x' }] })
  })

  test('leaves one here that may have to be read once more', async () => {
    const first = await child.parse(heavy('a'))
    const known = first.kind === 'read' ? (first.slices ?? null) : null
    const again = heavy('b')
    const second = await child.parse({ ...again, known })

    expect(second).toMatchObject({ title: 'b', items: [], slices: { skipped: { length: 400 } } })
    expect(second.kind === 'read' && second.slices?.bytes).toBe(again.bytes)
    expect(again.bytes.byteLength).toBeGreaterThan(1_000)
  })

  test('makes memory scarce as long as it is there', async () => {
    const said: boolean[] = []
    const pool = open({ heavyBytes: 1_000, onScarce: (isScarce) => said.push(isScarce) })
    await pool.parse(document(feed('usual')))
    expect(said).toEqual([])

    await pool.parse(heavy('a'))
    expect(said).toEqual([true])
    await pool.stop()
    expect(said).toEqual([true, false])
  })
})

describe('a document that goes wrong is an outcome, and the next one is read', () => {
  test('too slow', async () => {
    const pool = open({ timeoutMs: 300 })
    await warmUp(pool)
    const [slow, next] = await Promise.all([pool.parse(document(SLOW)), pool.parse(document(feed('next')))])

    expect(slow).toMatchObject({ kind: 'unreadable', reason: 'too_slow', detail: expect.stringContaining('0.3 s') })
    expect(next).toMatchObject({ kind: 'read', title: 'next' })
  })

  test('too hungry', { timeout: 2 * PATIENCE_MS }, async () => {
    const pool = open({ maxHeapMb: 24, timeoutMs: PATIENCE_MS })
    const hungry = await pool.parse(document(heavyText(200_000)))

    expect(hungry).toMatchObject({ kind: 'unreadable', reason: 'too_big' })
    expect(await pool.parse(document(feed('next')))).toMatchObject({ kind: 'read', title: 'next' })
  })

  test('too much of what it says: a long base before each of very many addresses', {
    timeout: 2 * PATIENCE_MS,
  }, async () => {
    const base = `https://a.test/${'a'.repeat(7_800)}/`
    const content = '&lt;a href="x"&gt;y&lt;/a&gt;'.repeat(37)
    const entries = Array.from(
      { length: 600 },
      (_, i) => `<entry><id>${i}</id><content type="html">${content}</content></entry>`,
    )
    const pool = open({ timeoutMs: PATIENCE_MS })
    const said = await pool.parse(document(`<feed xml:base="${base}">${entries.join('')}</feed>`))

    expect(said).toMatchObject({ kind: 'unreadable', reason: 'too_big' })
    expect(await pool.parse(document(feed('next')))).toMatchObject({ kind: 'read', title: 'next' })
  })

  test('too big', async () => {
    const pool = open({ maxBytes: 100 })
    expect(await pool.parse(document(feed('x'.repeat(200))))).toMatchObject({ kind: 'unreadable', reason: 'too_big' })
  })
})

test('stopping breaks off what is read and what waits, and afterwards everything', async () => {
  const pool = open()
  const [inHand, waiting] = [pool.parse(document(SLOW)), pool.parse(document(feed('waiting')))]
  const both = Promise.allSettled([inHand, waiting])
  await pool.stop()

  for (const read of [...(await both), ...(await Promise.allSettled([pool.parse(document(feed('late')))]))]) {
    expect(read).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  }
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a %s that reaches its process too is no fault of the document',
  async (signal) => {
    const pool = open({ heavyBytes: 50, timeoutMs: 20_000 })
    await pool.parse(document(feed('first')))
    const read = Promise.allSettled([pool.parse(document(SLOW))])
    const [child] = children()
    process.kill(child ?? 0, signal)

    expect((await read)[0]).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  },
)

/** The processes that this one has started. */
function children(): number[] {
  const tasks = `/proc/${process.pid}/task`
  return readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
}

test.each([
  { reader: 'thread', heavyBytes: 1_000 },
  { reader: 'process', heavyBytes: 50 },
])('an idle pool with a $reader does not keep the process alive', ({ heavyBytes }) => {
  const built = fileURLToPath(new URL('../../dist/workers/parse-pool.js', import.meta.url))
  const script = `
    import { createParsePool } from ${JSON.stringify(built)}
    const pool = createParsePool({ size: 2, heavyBytes: ${heavyBytes} })
    const read = await pool.parse({ bytes: Buffer.from(${JSON.stringify(feed('alone'))}), contentType: null, url: '' })
    const readAt = performance.now()
    process.on('exit', () => console.log(read.title, performance.now() - readAt < 3_000))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
    encoding: 'utf8',
  })

  // Else it would be kept for as long as a reader is that nobody needs, and longer. Its start may take long.
  expect(output).toBe('alone true\n')
})

test('a process that cannot be started, for want of files, is an outcome', () => {
  const built = fileURLToPath(new URL('../../dist/workers/parse-pool.js', import.meta.url))
  const script = `
    import { closeSync, openSync } from 'node:fs'
    import { createParsePool } from ${JSON.stringify(built)}
    const pool = createParsePool({ size: 1, heavyBytes: 50 })
    const parse = () => pool.parse({ bytes: Buffer.from(${JSON.stringify(feed('heavy'))}), contentType: null, url: '' })
    const files = []
    try { for (;;) files.push(openSync('/dev/null')) } catch {}
    const first = await parse()
    for (const file of files) closeSync(file)
    console.log(first.kind, (await parse()).title)`
  const command = 'ulimit -n 100; exec "$0" --input-type=module -e "$1"'
  const output = execFileSync('/bin/sh', ['-c', command, process.execPath, script], {
    timeout: 20_000,
    encoding: 'utf8',
  })

  expect(output).toBe('unreadable heavy\n')
})

describe('where the system gives no more threads', () => {
  /** As Node says it, at once. Gives what ends that. */
  function refuseThreads(): () => void {
    const { Worker } = threads
    const take = (value: typeof Worker) => {
      threads.Worker = value
      syncBuiltinESMExports()
    }
    take(
      class {
        constructor() {
          throw new Error('EAGAIN')
        }
        // Whoever asks for one never gets so far as to use it.
      } as unknown as typeof Worker,
    )
    onTestFinished(() => take(Worker))
    return () => take(Worker)
  }

  test('that is an outcome of each document, and later ones are read again', async () => {
    const pool = open()
    const giveAgain = refuseThreads()
    const reads = await Promise.all(['a', 'b'].map((title) => pool.parse(document(feed(title)))))
    giveAgain()

    for (const read of reads) expect(read).toMatchObject({ kind: 'unreadable', reason: 'malformed' })
    expect(await pool.parse(document(feed('c')))).toMatchObject({ title: 'c' })
  })

  test('who lies behind a document that does not get on waits for it', async () => {
    const pool = open({ timeoutMs: 600, maxHeapMb: 1_000, heavyBytes: 64_000_000 })
    await warmUp(pool)
    const giveAgain = refuseThreads()
    const reads = [SLOW, feed('a')].map((text) => pool.parse(document(text)))
    const slow = await reads[0]
    giveAgain()

    expect([slow, await reads[1]]).toMatchObject([{ reason: 'too_slow' }, { title: 'a' }])
  })
})

async function warmUp(pool: ParsePool): Promise<void> {
  // The time limit is for documents, and a thread's start counts into its first one's.
  for (let tries = 0; tries < 20; tries += 1) {
    if ((await pool.parse(document(feed('warm')))).kind === 'read') return
  }
}

function itemsOf(read: Read): ReadItem[] {
  return read.kind === 'read' ? read.items : []
}

/** Takes answers down, and waits until so many have come. */
function hearing(answers: Answer[]) {
  let look = () => {}
  return {
    onAnswer(answer: Answer) {
      answers.push(answer)
      look()
    },
    come: (count: number) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (answers.length >= count) resolve()
        }
        look()
      }),
  }
}
