import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Clock } from '../../ports.ts'
import { escapeXml } from '../../publish/xml.ts'
import { HOUR_MS } from '../../time.ts'
import { DESKS, type Desk, type DeskName, type Piece } from './desks.ts'
import { BACKLOG, FILLINGS, STORIES, type Story } from './stories.ts'

export interface Newsroom {
  /** http://127.0.0.1:PORT */
  url: string
  sources: { url: string; title: string; tags: string[] }[]
  stop(): Promise<void>
}

interface NewsroomOptions {
  clock: Clock
  /** Between two stories. */
  everyMs?: number
  onPublished?: (desk: Desk, piece: Piece) => void
}

/** How many pieces a feed holds. */
const FEED_LENGTH = 15
const EVERY_MS = 4_000

/** After every desk was looked at once: its backlog is then stored, and what comes now is new. */
const FIRST_STORY_MS = 1_200

interface Shelf {
  desk: Desk
  pieces: Piece[]
  body: Uint8Array
  etag: string
  wasAsked: boolean
}

/**
 * An invented newsroom on loopback: six desks whose feeds answer conditional requests, a page for each piece, and a new
 * story every few seconds, for ever, as soon as somebody has read all desks once.
 */
export async function startNewsroom(options: NewsroomOptions): Promise<Newsroom> {
  const { clock, everyMs = EVERY_MS, onPublished = () => {} } = options
  const shelves = new Map<DeskName, Shelf>()
  const pages = new Map<string, { desk: Desk; piece: Piece }>()
  let base = ''
  let told = 0
  let timer: NodeJS.Timeout | null = null

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://newsroom').pathname
    const shelf = [...shelves.values()].find(({ desk }) => desk.path === path)
    if (!shelf) return answerPage(response, pages.get(path))
    answerFeed(request, response, shelf)
    shelf.wasAsked = true
    if (timer === null && [...shelves.values()].every(({ wasAsked }) => wasAsked)) {
      timer = setTimeout(tellNext, Math.min(FIRST_STORY_MS, everyMs))
    }
  })
  const { port } = await listen(server)
  base = `http://127.0.0.1:${port}`
  for (const desk of DESKS)
    shelves.set(desk.name, { desk, pieces: [], body: new Uint8Array(), etag: '', wasAsked: false })
  for (const [i, story] of BACKLOG.entries()) {
    publish(story, `b${i}`, i, clock() - (BACKLOG.length - i) * HOUR_MS)
  }

  function tellNext(): void {
    const story = STORIES[told % STORIES.length]
    const before = new Set(pages.keys())
    if (story) publish(story, String(told), told, clock())
    told += 1
    for (const [path, { desk, piece }] of pages) if (!before.has(path)) onPublished(desk, piece)
    timer = setTimeout(tellNext, everyMs)
  }

  function publish(story: Story, id: string, round: number, at: number): void {
    for (const [name, title, text] of story.takes) {
      const shelf = shelves.get(name)
      if (!shelf) continue
      const piece = { path: `/${name}/${id}`, title: fill(title, round), text: fill(text, round), at }
      pages.set(piece.path, { desk: shelf.desk, piece })
      const dropped = shelf.pieces.splice(FEED_LENGTH - 1)
      for (const { path } of dropped) pages.delete(path)
      shelf.pieces.unshift(piece)
      shelf.body = shelf.desk.render(shelf.desk, shelf.pieces, base)
      shelf.etag = `"${createHash('sha256').update(shelf.body).digest('hex').slice(0, 16)}"`
    }
  }

  return {
    url: base,
    sources: DESKS.map(({ path, title, tags }) => ({ url: base + path, title, tags })),
    stop: () =>
      new Promise((resolve) => {
        if (timer) clearTimeout(timer)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Every round of the script says something else: the story's turn chooses from lists of different lengths. */
function fill(text: string, turn: number): string {
  return text.replace(/\{(\p{L}+)\}/gu, (gap, name: string) => {
    const choices = FILLINGS[name] ?? []
    return choices[(turn + Math.floor(turn / STORIES.length)) % Math.max(1, choices.length)] ?? gap
  })
}

function answerFeed(request: IncomingMessage, response: ServerResponse, { desk, body, etag }: Shelf): void {
  response.setHeader('etag', etag)
  response.setHeader('content-type', desk.contentType)
  if (request.headers['if-none-match'] === etag) {
    response.statusCode = 304
    response.end()
    return
  }
  response.end(body)
}

function answerPage(response: ServerResponse, page: { desk: Desk; piece: Piece } | undefined): void {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  if (!page) {
    response.statusCode = 404
    response.end('<!doctype html><title>Not here</title><p>The newsroom of the demo has no such page (any more).')
    return
  }
  const { desk, piece } = page
  response.end(
    `<!doctype html><meta name="viewport" content="width=device-width"><title>${escapeXml(piece.title)}</title>` +
      `<body style="font:1.1em/1.6 Georgia,serif;max-width:36em;margin:3em auto;padding:0 1em"><p>${escapeXml(desk.title)}` +
      `<h1>${escapeXml(piece.title)}</h1><p>${escapeXml(piece.text)}<p><small>An invented story of the Crier demo.</small>`,
  )
}

function listen(server: ReturnType<typeof createServer>): Promise<{ port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({ port: typeof address === 'object' && address !== null ? address.port : 0 })
    })
  })
}
