import type { LookupAddress } from 'node:dns'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFetch } from '../../src/fetch/fetch.ts'
import { createGuard, isAllowedHost, isPublicAddress, RefusedError } from '../../src/fetch/guard.ts'
import type { LookupAll } from '../../src/fetch/lookup.ts'
import type { Fetched } from '../../src/ports.ts'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { workedMs } from '../support/work.ts'

const nothing = { etag: null, lastModified: null }
let server: FeedServer
beforeAll(async () => {
  server = await startFeedServer()
  server.set('/secret', 'a secret of the house')
})
afterAll(() => server.close())

/** Every name leads where the table says; nobody asks a real name server. */
function lookupOf(names: Record<string, string[]>): LookupAll {
  return (hostname, _, callback) => {
    const addresses: LookupAddress[] = (names[hostname] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }))
    callback(null, addresses)
  }
}

async function fetchOnce(
  url: string,
  options: { allowHosts?: string[]; names?: Record<string, string[]> } = {},
): Promise<Fetched> {
  const { fetch, close } = createFetch({
    userAgent: 'Crier/test',
    allowHosts: options.allowHosts ?? [],
    lookup: lookupOf(options.names ?? {}),
  })
  const fetched = await fetch({ url, validators: nothing, bodyHash: null })
  await close()
  return fetched
}

const PRIVATE_HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '0x7f.1',
  '0x7f000001',
  '0x7f.0x0.0x0.0x1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '127.0.0.1.',
  '127.255.255.254',
  '①②⑦.⓪.⓪.①',
  '0',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.5',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '168.63.129.16',
  '0xa83f8110',
  '192.0.0.192',
  '198.18.0.1',
  '192.0.2.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::168.63.129.16]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::808:808]',
  '[2002:7f00:1::]',
  '[2002:c0a8:101::1]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[100::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[4000::1]',
  '0x7F.0.0.1',
  '0177.1',
  '127.0x1',
  '0000177.0.0.1',
  '10.1',
  '167772161',
  '%31%32%37.0.0.1',
  '127。0。0。1',
  '192.168.257',
  '198.51.100.7',
  '203.0.113.7',
  '192.88.99.1',
  '100.127.255.254',
  '239.255.255.250',
  '255.255.255.255.',
  '[::ffff:0a00:1]',
  '[0:0:0:0:0:ffff:192.168.1.1]',
  '[::a00:1]',
  '[64:ff9b::c0a8:101]',
  '[64:ff9b::1:0:c0a8:101]',
  '[2002:a9fe:a9fe::]',
  '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[fe80::a9fe:a9fe]',
  '[ff0e::1]',
  '[5f00::1]',
]

describe('literal addresses', () => {
  test.each(PRIVATE_HOSTS)('%s is refused before anything is sent', async (host) => {
    const before = server.connections()

    const fetched = await fetchOnce(`http://${host}:${server.port}/secret`)

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused' })
    expect(fetched).toHaveProperty(
      'detail',
      expect.stringMatching(/is a private address\. If it is yours, list it in CRIER_ALLOW_HOSTS and restart Crier\.$/),
    )
    expect(server.connections()).toBe(before)
  })

  test('is not dialled either, whoever asks for the connection', async () => {
    const guard = createGuard({ allowHosts: [], connectTimeoutMs: 1_000 })
    const before = server.connections()

    const target = { hostname: '127.0.0.1', protocol: 'http:', port: String(server.port) }
    const error = await new Promise((resolve) => guard.connect(target, (...[fault]) => resolve(fault)))
    await fetchOnce(`http://127.0.0.1:${server.port}/secret`, { allowHosts: ['127.0.0.1'] })

    expect(error).toBeInstanceOf(RefusedError)
    expect(server.connections()).toBe(before + 1)
  })

  test.each([
    'http://[fe80::1%25eth0]/',
    'http://[fe80::1%eth0]/',
    'http://127.0.0.256/',
    'http://0x100000000/',
    'http://[::127.0.0.1.5]/',
    'http://127.0.0.1:99999/',
    'http://%00/',
  ])('%s is no address at all', async (url) => {
    expect(await fetchOnce(url)).toMatchObject({ kind: 'failed', reason: 'refused' })
  })

  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test.each(['', 'localhost', '8.8.8', '::8.8.8.8', '8.8.8.8/8', 'fe80::1%eth0', 'fe80::1%br-lan', '1.2.3.4.5'])(
    '"%s" is not known to be public',
    (text) => {
      expect(isPublicAddress(text)).toBe(false)
    },
  )
})

describe('names', () => {
  test.each([
    ['localhost', ['127.0.0.1']],
    ['localhost.', ['127.0.0.1']],
    ['rebound.example', ['127.0.0.1']],
    ['rebound6.example', ['::1']],
    ['mapped.example', ['::ffff:127.0.0.1']],
    ['metadata.example', ['169.254.169.254']],
    ['mixed.example', ['93.184.215.14', '127.0.0.1']],
  ])('%s leads to %s and is refused', async (name, addresses) => {
    const before = server.connections()

    const fetched = await fetchOnce(`http://${name}:${server.port}/secret`, { names: { [name]: addresses } })

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused' })
    expect(fetched).toHaveProperty('detail', expect.stringContaining('CRIER_ALLOW_HOSTS'))
    expect(server.connections()).toBe(before)
  })

  test('the name is judged at every dial: an answer that was fine once vouches for nothing', async () => {
    const answers = ['127.0.0.1', '127.0.0.2']
    const lookup: LookupAll = (_, __, callback) => callback(null, [{ address: answers.shift() ?? '', family: 4 }])
    const { fetch, close } = createFetch({ userAgent: 'Crier/test', allowHosts: ['127.0.0.1'], lookup })
    server.set('/once', { body: 'a', headers: { connection: 'close' } })
    const request = { url: `http://rebinding.example:${server.port}/once`, validators: nothing, bodyHash: null }

    const first = await fetch(request)
    const second = await fetch(request)
    await close()

    expect(first).toMatchObject({ kind: 'fresh' })
    expect(second).toMatchObject({ kind: 'failed', reason: 'refused' })
  })

  test('a name that leads to thousands of public addresses and a private one is refused, soon', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `93.184.${i >> 8}.${i & 255}`)
    const started = workedMs()

    const fetched = await fetchOnce(`http://many.example:${server.port}/secret`, {
      names: { 'many.example': [...many, '127.0.0.1'] },
      allowHosts: ['10.0.0.0/8', 'fd00::/8'],
    })

    expect(fetched).toMatchObject({ reason: 'refused', detail: expect.stringContaining('10001 addresses') })
    expect(workedMs() - started).toBeLessThan(200)
  })

  test('one private address among hundreds of public ones spoils the name, wherever it stands', async () => {
    const many = Array.from({ length: 255 }, (_, i) => `93.184.1.${i}`)

    const fetched = await fetchOnce(`http://many.example:${server.port}/secret`, {
      names: { 'many.example': [...many, '127.0.0.1'] },
    })

    expect(fetched).toMatchObject({ reason: 'refused', detail: expect.stringContaining('leads to 127.0.0.1') })
  })

  test('of thousands of addresses a few are dialled, of either family', async () => {
    const guard = createGuard({
      allowHosts: ['many.example'],
      connectTimeoutMs: 1_000,
      lookup: lookupOf({
        'many.example': [...Array<string>(5_000).fill('127.0.0.1'), ...Array<string>(5_000).fill('::1')],
      }),
    })
    const socket = await new Promise<Socket>((resolve, reject) => {
      const target = { hostname: 'many.example', protocol: 'http:', port: String(server.port) }
      guard.connect(target, (error, opened) => (error === null ? resolve(opened) : reject(error)))
    })

    expect(socket.autoSelectFamilyAttemptedAddresses?.length).toBeLessThanOrEqual(16)
    socket.destroy()
  })

  test('a name that alternates reaches its private address at no try', async () => {
    let asked = 0
    const lookup: LookupAll = (_, __, callback) => {
      asked += 1
      callback(null, [{ address: asked % 2 === 0 ? '127.0.0.1' : '0.0.0.0', family: 4 }])
    }
    const before = server.connections()
    const { fetch, close } = createFetch({ userAgent: 'Crier/test', allowHosts: [], lookup })

    for (let i = 0; i < 20; i += 1) {
      const url = `http://flip.example:${server.port}/secret`
      expect(await fetch({ url, validators: nothing, bodyHash: null })).toMatchObject({ reason: 'refused' })
    }
    await close()

    expect(asked).toBe(20)
    expect(server.connections()).toBe(before)
  })

  test('what the hosts file of this machine says is judged too', async () => {
    const { fetch, close } = createFetch({ userAgent: 'Crier/test', allowHosts: [] })
    const url = `http://localhost:${server.port}/secret`

    expect(await fetch({ url, validators: nothing, bodyHash: null })).toMatchObject({ reason: 'refused' })
    await close()
  })

  test('a name server that is silent is told from a host that is', async () => {
    const { fetch, close } = createFetch({
      userAgent: 'Crier/test',
      allowHosts: [],
      lookup: () => {},
      limits: { connectMs: 50 },
    })

    const fetched = await fetch({ url: 'http://silent.example/', validators: nothing, bodyHash: null })
    await close()

    expect(fetched).toMatchObject({
      reason: 'dns',
      detail: "The name silent.example could not be looked up. Check this machine's network and name server.",
    })
  })

  test.each(['ECONNREFUSED', 'ESERVFAIL', 'EAI_AGAIN', 'ETIMEOUT'])(
    'a name server that fails with %s is not taken for the host',
    async (code) => {
      const { fetch, close } = createFetch({
        userAgent: 'Crier/test',
        allowHosts: [],
        lookup: (_, __, callback) => callback(Object.assign(new Error('x'), { code }), []),
      })

      const fetched = await fetch({ url: 'http://x.example/', validators: nothing, bodyHash: null })
      await close()

      expect(fetched).toMatchObject({ reason: 'dns' })
    },
  )

  test('a name without an address is a failure of the name', async () => {
    expect(await fetchOnce('http://nobody.example/')).toMatchObject({
      kind: 'failed',
      reason: 'dns',
      detail: 'There is no host named nobody.example. Check the spelling of the address.',
    })
  })
})

test('the connected peer is refused when it is private, whatever the look-up said', async () => {
  // The judge reads a public address (twice: is it listed, is it public), the socket another one: what a flaw in
  // between would look like.
  let reads = 0
  const twoFaced: LookupAddress = {
    family: 4,
    get address() {
      reads += 1
      return reads <= 2 ? '8.8.8.8' : '127.0.0.1'
    },
  }
  const lookup: LookupAll = (_, __, callback) => callback(null, [twoFaced])
  const { fetch, close } = createFetch({ userAgent: 'Crier/test', allowHosts: [], lookup })
  const requestsBefore = server.requests.length

  const fetched = await fetch({
    url: `http://public.example:${server.port}/secret`,
    validators: nothing,
    bodyHash: null,
  })
  await close()

  expect(fetched).toMatchObject({
    kind: 'failed',
    reason: 'refused',
    detail:
      'public.example leads to 127.0.0.1, a private address. If it is yours, list it in CRIER_ALLOW_HOSTS and restart Crier.',
  })
  expect(server.requests.length).toBe(requestsBefore)
})

describe('redirects', () => {
  test.each(['http://127.0.0.1:9999/secret', 'http://[::1]/', 'http://169.254.169.254/latest', 'http://2130706433/'])(
    'to %s are refused at the hop',
    async (location) => {
      server.set('/away', { redirect: location })

      const fetched = await fetchOnce(`http://own.example:${server.port}/away`, {
        allowHosts: ['own.example'],
        names: { 'own.example': ['127.0.0.1'] },
      })

      expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused' })
      // Nobody typed that address: who leads there is said.
      const where = new URL(location).host
      expect(fetched).toHaveProperty(
        'detail',
        expect.stringContaining(`own.example:${server.port} sends us to ${where}. `),
      )
    },
  )

  test.each([
    ['file:///etc/passwd', 'a file: address'],
    ['ftp://example.org/feed', 'example.org'],
    ['gopher://example.org/', 'example.org'],
    ['data:text/xml,<rss/>', 'a data: address'],
    ['about:blank', 'an about: address'],
  ])('to %s are refused: only http and https are fetched', async (location, where) => {
    server.set('/away', { redirect: location })

    const fetched = await fetchOnce(`${server.url}/away`, { allowHosts: ['127.0.0.1'] })

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused' })
    expect(fetched).toHaveProperty('detail', expect.stringContaining(` sends us to ${where}. `))
  })
})

describe('what is listed', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.0/8', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['own.example', 'own.example'],
    ['OWN.example.', 'own.example'],
    ['127.0.0.0/8', 'own.example'],
  ])('%s lets %s through', async (entry, host) => {
    const fetched = await fetchOnce(`http://${host}:${server.port}/secret`, {
      allowHosts: [entry],
      names: { 'own.example': ['127.0.0.1'] },
    })

    expect(fetched).toMatchObject({ kind: 'fresh' })
  })

  test('of a name that leads to a listed and an unlisted private address, only the listed one is dialled', async () => {
    const fetched = await fetchOnce(`http://own.example:${server.port}/secret`, {
      allowHosts: ['127.0.0.1'],
      names: { 'own.example': ['::1', '127.0.0.1'] },
    })

    expect(fetched).toMatchObject({ kind: 'fresh' })
  })

  test.each([
    ['10.0.0.0/8', '127.0.0.1'],
    ['127.0.0.2', '127.0.0.1'],
    ['other.example', 'own.example'],
    ['example', 'own.example'],
  ])('%s does not open %s', async (entry, host) => {
    const fetched = await fetchOnce(`http://${host}:${server.port}/secret`, {
      allowHosts: [entry],
      names: { 'own.example': ['127.0.0.1'] },
    })

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused' })
  })

  test.each<[string, string[], boolean]>([
    ['nas.local', ['nas.local'], true],
    ['NAS.local.', ['nas.local'], true],
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['[fd00::1]', ['fd00::/8'], true],
    ['fd00::1', ['[fd00::1]'], true],
    ['11.1.2.3', ['10.0.0.0/8'], false],
    ['fd00::1', ['10.0.0.0/8'], false],
    ['sub.nas.local', ['nas.local'], false],
    ['nas.local', ['not/a/range', ''], false],
    ['10.1.2.3', ['fe80::1%br-lan', 'fe80::%br-lan/64', '10.0.0.0/8'], true],
    ['nas.local', [], false],
  ])('isAllowedHost(%s, %j) is %s', (host, allowHosts, expected) => {
    expect(isAllowedHost(host, allowHosts)).toBe(expected)
  })
})

describe('ports', () => {
  // Fetch standard, "port blocking".
  const BAD =
    '0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080'

  test.each(BAD.split(' '))('%s belongs to another protocol and is refused, also on our own hosts', async (port) => {
    const fetched = await fetchOnce(`http://127.0.0.1:${port}/`, { allowHosts: ['127.0.0.1'] })

    expect(fetched).toMatchObject({
      kind: 'failed',
      reason: 'refused',
      detail: expect.stringContaining(`Port ${port}`),
    })
  })

  test('that a redirect leads to are refused too', async () => {
    server.set('/away', { redirect: 'http://127.0.0.1:25/' })

    const fetched = await fetchOnce(`${server.url}/away`, { allowHosts: ['127.0.0.1'] })

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused' })
  })
})
