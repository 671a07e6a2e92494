import { renderErrorPage } from './page.ts'

/** What every answer carries, errors and 304 included: pages of ours run no script, load nothing from elsewhere, stand in no frame. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'X-Content-Type-Options': 'nosniff',
  // No other site learns where its reader came from. `no-referrer` would also make the Origin of our own forms "null"
  // (Fetch, "append a request Origin header"), by which we know them.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

export const HTML = 'text/html; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'

/** A line of text, which nobody may keep; so it is with those below. */
export function text(body: string, status = 200, headers: Record<string, string> = {}): Response {
  return unkept(body, status, { 'Content-Type': TEXT, ...headers })
}

export function json(body: unknown, status = 200, contentType = 'application/json'): Response {
  return unkept(`${JSON.stringify(body)}\n`, status, { 'Content-Type': contentType })
}

export function page(body: string, status = 200, headers: Record<string, string> = {}): Response {
  return unkept(body, status, { 'Content-Type': HTML, ...headers })
}

/** A browser gets a page, all others a line of text. */
export async function refusal(
  request: Request,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  if (!(request.headers.get('accept') ?? '').includes('text/html')) return text(`${message}\n`, status, headers)
  return page(await renderErrorPage(status, message, new URL(request.url).pathname), status, headers)
}

function unkept(body: string, status: number, headers: Record<string, string>): Response {
  return new Response(body, { status, headers: { 'Cache-Control': 'no-store', ...headers } })
}
