export const HTML = 'text/html; charset=utf-8'

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
