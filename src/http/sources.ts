import { randomUUID } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { ReadDocument } from '../model.ts'
import type { Clock, Store } from '../ports.ts'
import { type AddDoor, type AddForm, addFromForm, emptyIfLogin, parseAddForm, selectorsOf } from './add-source.ts'
import { HTML, page, refusal } from './answers.ts'
import { readBody } from './body.ts'
import { createDocumentCache, versionAt } from './cache.ts'
import { linkQuery } from './frame.ts'
import { readPageNumber, readSourceNumber } from './parameters.ts'
import { answerWith } from './representation.ts'
import { renderChoice, renderPreview, renderSources, type Setting, type SourcesModel } from './sources-page.ts'
import { createTrust, type Peer, type Reach } from './trust.ts'
import { createTurnstile } from './turnstile.ts'

/** What makes adding from the page possible. */
export type Adding = AddDoor & Reach

interface Needs {
  store: Pick<Store, 'listSources' | 'listHostPaces' | 'status' | 'revision'>
  clock: Clock
  timezone: string
  hasBot(): boolean
  adding: Adding
}

export interface SourcesRoute {
  get(request: Request, peer: Peer): Promise<Response>
  /** Throws `AppError` for what is not about the form itself. */
  post(request: Request, peer: Peer): Promise<Response>
}

const MAX_FORM_BYTES = 64 * 1_024
/** Each holds a document and waits for a stranger's server. */
const MAX_ADDING = 4
/** As many pages as people have open, and one goes back to. */
const MAX_SHOWN = 16
const GONE = {
  address: '',
  fault: new AppError('not_found', 'What was shown here is not kept any more.', {
    hint: 'If its source is not below, give the address once more.',
  }),
}

/** The page of sources, and the form on it. A form waits until the address has answered, which can take half a minute and more. */
export function createSourcesRoute(site: Needs): SourcesRoute {
  const trust = createTrust(site.adding)
  const pages = createDocumentCache(HTML, 8, site.clock)
  /** What asks back after a form, by a word that nobody guesses. */
  const shown = new Map<string, string>()

  function show(html: string): Response {
    const word = randomUUID()
    shown.set(word, html)
    for (const oldest of shown.keys()) {
      if (shown.size <= MAX_SHOWN) break
      shown.delete(oldest)
    }
    return seeOther(`sources?shown=${word}`)
  }

  const turnstile = createTurnstile(
    MAX_ADDING,
    'addresses are being looked at',
    'Go back, and send it again in a minute.',
  )

  return {
    async get(request, peer) {
      const address = new URL(request.url)
      const word = address.searchParams.get('shown')
      const asked = shown.get(word ?? '')
      if (asked !== undefined) return page(asked)
      const refused = word === null ? null : GONE
      const number = readPageNumber(address)
      const outcome = outcomeOf(address)
      const adding = wayToAdd(trust.isOurs(request, peer), site.hasBot())

      const now = site.clock()
      const key = JSON.stringify([number, adding, outcome, refused])
      const document = await pages.get(key, await versionAt(now, site.store), () =>
        list(site, { page: number, adding, outcome, refused }),
      )
      // Who asks decides whether the form is in it.
      return answerWith(document, request, { cacheControl: 'private, no-cache', now })
    },

    async post(request, peer) {
      const why = trust.refusal(request, peer)
      if (why !== null) return refuseForm(request, 403, `${why} ${OTHERWISE}`)
      const type = request.headers.get('content-type') ?? ''
      if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
        return refuseForm(request, 415, 'A form is sent as application/x-www-form-urlencoded.')
      }
      const body = await readBody(request, MAX_FORM_BYTES)
      if (body.kind === 'broken') return refuseForm(request, 400, 'The form broke off. Send it again.')
      if (body.kind !== 'whole') return refuseForm(request, 413, 'The form is larger than 64 KB.')

      return turnstile(() => answerForm(site, parseAddForm(body.bytes), show))
    },
  }
}

async function setting(site: Needs): Promise<Setting> {
  return { now: site.clock(), timezone: site.timezone, status: await site.store.status() }
}

async function list(site: Needs, said: Pick<SourcesModel, 'page' | 'adding' | 'outcome' | 'refused'>): Promise<string> {
  const { store } = site
  const [base, sources, paces] = await Promise.all([setting(site), store.listSources(), store.listHostPaces()])
  return renderSources({ ...base, ...said, sources, paces })
}

async function answerForm(site: Needs, form: AddForm, show: (html: string) => Response): Promise<Response> {
  try {
    const outcome = await addFromForm(site.adding, form)
    if (outcome.kind === 'choose') return show(await renderChoice(await setting(site), outcome))
    if (outcome.kind === 'page') return show(await preview(site, outcome.page, outcome.document))
    const among = emptyIfLogin(form.among) || null
    return seeOther(`sources${linkQuery({ [outcome.kind]: outcome.source.id, among })}`)
  } catch (fault) {
    if (!(fault instanceof AppError)) throw fault
    return page(await refused(site, form, fault), STATUS_OF_FORM[fault.code])
  }
}

/** By GET, so that a reload, or who goes back to it, sends nothing twice. */
function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { Location: location, 'Cache-Control': 'no-store' } })
}

async function preview(site: Needs, address: string, document: ReadDocument): Promise<string> {
  const rules = document.page
  const selectors = selectorsOf((part) => rules?.[part] ?? null)
  const found = rules?.auto ? rules.entry : ''
  return renderPreview({ ...(await setting(site)), address, document, selectors, found, fault: null })
}

async function refused(site: Needs, form: AddForm, fault: AppError): Promise<string> {
  const address = emptyIfLogin(form.url)
  if (form.page === null || !URL.canParse(address)) {
    return list(site, { page: 1, adding: 'form', outcome: null, refused: { address, fault } })
  }
  const { selectors, found } = form
  return renderPreview({ ...(await setting(site)), address, document: null, selectors, found, fault })
}

const OTHERWISE = 'On the command line: npx crier source add ADDRESS'

/** 422 (RFC 9110, 15.5.21) for an address that does not answer: proxies put pages of their own in place of 502 and 503. */
const STATUS_OF_FORM = { invalid: 400, not_found: 422, conflict: 409, unavailable: 422, internal: 500 } as const

function outcomeOf(address: URL): SourcesModel['outcome'] {
  const [added, present] = [readSourceNumber(address, 'added'), readSourceNumber(address, 'present')]
  const given = emptyIfLogin(address.searchParams.get('among') ?? '')
  const among = /^https?:/.test(given) && URL.canParse(given) ? given : null
  if (added !== null) return { kind: 'added', id: added, among }
  return present === null ? null : { kind: 'present', id: present, among }
}

function wayToAdd(isOurs: boolean, hasBot: boolean): SourcesModel['adding'] {
  return isOurs ? 'form' : hasBot ? 'elsewhere or bot' : 'elsewhere'
}

/** The connection ends with it: what else comes of the body is read by nobody. */
function refuseForm(request: Request, status: number, message: string): Promise<Response> {
  return refusal(request, status, message, { Connection: 'close' })
}
