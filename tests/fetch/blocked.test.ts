import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { findGuard, findGuardOnPage, isLoginPage } from '../../src/fetch/blocked.ts'
import type { Headers } from '../../src/fetch/cache-headers.ts'
import { workedMs } from '../support/work.ts'

const CLOUDFLARE =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><script>window._cf_chl_opt={}</script>'
const ANUBIS =
  '<html><title>Making sure you&#39;re not a bot!</title><script id="anubis_challenge" type="application/json">'

describe('findGuard', () => {
  test.each<[string, number, Headers, string]>([
    ['Cloudflare', 403, { 'cf-mitigated': 'challenge' }, ''],
    ['Cloudflare', 503, { 'cf-mitigated': 'challenge' }, ''],
    ['Cloudflare', 503, { server: 'cloudflare' }, CLOUDFLARE],
    ['Cloudflare', 503, {}, '<title>Please Wait... | Cloudflare</title><form class="cf-browser-verification">'],
    ['Cloudflare', 503, {}, '<title>DDoS protection by Cloudflare</title><div class="cf-browser-verification">'],
    ['Cloudflare', 403, { server: 'cloudflare' }, '<title>Attention Required! | Cloudflare</title>'],
    ['Cloudflare', 403, {}, '<title>Just a moment...</title>'],
    ['Cloudflare', 403, {}, '<script>window._cf_chl_opt={}'],
    ['Cloudflare', 403, {}, '<form class="cf-browser-verification">'],
    ['Cloudflare', 403, {}, '<div id="cf-error-details">'],
    ['Cloudflare', 403, {}, 'error code: 1020'],
    ['DataDome', 403, { 'x-datadome': 'protected' }, ''],
    ['DataDome', 403, { 'x-dd-b': '2' }, ''],
    ['DataDome', 403, {}, '<script src="https://ct.captcha-delivery.com/c.js">'],
    ['DataDome', 405, {}, '<script src="https://geo.captcha-delivery.com/captcha/">'],
    ['Akamai', 403, { server: 'AkamaiGHost' }, ''],
    ['Akamai', 403, {}, 'Access Denied … https://errors.edgesuite.net/18.1'],
    ['Akamai', 403, {}, 'Access Denied <p>Reference&#32;&#35;18&#46;4f5e1502'],
    ['Akamai', 403, {}, 'Access Denied. Reference #18.4f5e1502.1795608000.ab'],
    ['Imperva', 403, { 'x-iinfo': '1-2-3' }, ''],
    ['Imperva', 403, { 'x-cdn': 'Incapsula' }, ''],
    ['Imperva', 403, { 'x-cdn': 'Imperva' }, ''],
    ['Imperva', 406, {}, 'Request unsuccessful. Incapsula incident ID: 1-2'],
    ['Imperva', 403, {}, '<script src="/_Incapsula_Resource?x">'],
    ['PerimeterX', 403, {}, '<div id="px-captcha">'],
    ['PerimeterX', 403, {}, '<script src="//captcha.px-cdn.net/PX1/captcha.js">'],
    ['PerimeterX', 403, {}, '<script src="//captcha.px-cloud.net/PX1/captcha.js">'],
    ['PerimeterX', 403, {}, "<script>window._pxAppId = 'PX1'"],
    ['PerimeterX', 429, { 'x-px-block': '1' }, ''],
    ['PerimeterX', 403, { 'x-px-blocked': '1' }, ''],
    ['Sucuri', 503, { 'x-sucuri-block': '1' }, ''],
    ['Sucuri', 403, {}, 'Sucuri WebSite Firewall - Access Denied'],
    ['Sucuri', 403, {}, "<script>sucuri_cloudproxy_js=''"],
    ['AWS WAF', 202, { 'x-amzn-waf-action': 'challenge' }, ''],
    ['AWS WAF', 405, { 'x-amzn-waf-action': 'captcha' }, ''],
    ['AWS WAF', 405, {}, '<script src="https://ab12.eu.token.awswaf.com/ab12/challenge.js">'],
    ['Vercel', 429, { 'x-vercel-mitigated': 'challenge' }, ''],
    ['Vercel', 403, { 'x-vercel-mitigated': 'deny' }, ''],
    ['Vercel', 403, {}, '<title>Vercel Security Checkpoint</title>'],
    ['DDoS-Guard', 403, {}, '<script src="https://check.ddos-guard.net/check.js">'],
    ['DDoS-Guard', 403, {}, '<title>DDoS-Guard</title>'],
    ['Kasada', 429, { 'x-kpsdk-ct': 'abc' }, ''],
    ['Kasada', 403, { 'x-kpsdk-ct': 'abc' }, ''],
    ['Anubis', 403, {}, '<script src="/.within.website/x/cmd/anubis/static/js/main.mjs">'],
    ['Jiasule', 521, { 'set-cookie': '__jsluid_s=abc; path=/' }, ''],
    ['Aliyun', 403, {}, "<script>document.cookie='acw_sc__v2=1'"],
    ['Aliyun', 468, {}, '<meta name="aliyun_waf_aa" content="ab12">'],
  ])('%s asks for a browser: %d %j %j', (name, status, headers, body) => {
    expect(findGuard({ status, headers, excerpt: Buffer.from(body) })).toBe(`${name} asks for a browser`)
  })

  test.each<[string, number, Headers, string]>([
    ['a plain denial', 403, {}, '<h1>403 Forbidden</h1>'],
    ['a denial by the site, behind Cloudflare', 403, { server: 'cloudflare', 'cf-ray': '1' }, 'Members only'],
    ['an origin that is down, behind Cloudflare', 521, { server: 'cloudflare' }, '<div id="cf-error-details">'],
    ['a busy origin, behind Cloudflare', 503, { server: 'cloudflare' }, '<div id="cf-error-details">'],
    ['too many requests, behind Cloudflare', 429, { server: 'cloudflare' }, '<div id="cf-error-details">'],
    ['too many requests, as Cloudflare itself says', 429, { server: 'cloudflare' }, 'error code: 1015'],
    ['a missing page, behind DataDome', 404, { 'x-datadome': 'protected' }, ''],
    ['a fault, behind Imperva', 500, { 'x-iinfo': '1-2-3' }, ''],
    ['a fault, behind Akamai', 503, { server: 'AkamaiGHost' }, ''],
    ['a missing page, behind PerimeterX', 404, { 'x-px-blocked': '0' }, ''],
    ['a missing page, behind Kasada', 404, { 'x-kpsdk-ct': 'abc' }, ''],
    ['a denial by the site, behind Jiasule', 403, { 'set-cookie': '__jsluid_s=abc; path=/' }, ''],
    ['an origin that is down, behind nobody', 521, { 'set-cookie': 'sid=abc; path=/' }, ''],
    ['a count behind Amazon', 403, { 'x-amzn-waf-action': 'count' }, ''],
    ['a busy origin that shows what a denial would', 503, {}, 'Sucuri WebSite Firewall'],
  ])('nobody asks for one: %s', (_, status, headers, body) => {
    expect(findGuard({ status, headers, excerpt: Buffer.from(body) })).toBeNull()
  })

  test.each<[string, (text: string) => Buffer]>([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('is read from a beginning in %s that was cut off', (encoding, compress) => {
    const whole = compress(CLOUDFLARE + Array.from({ length: 3_000 }, (_, i) => Math.sin(i)).join())
    const answer = { status: 503, headers: { 'content-encoding': encoding }, excerpt: whole.subarray(0, 8_000) }

    expect(findGuard(answer)).toBe('Cloudflare asks for a browser')
  })

  test.each([
    ['gzip', gzipSync(CLOUDFLARE + ' '.repeat(16_000_000))],
    ['gzip', Buffer.from('no gzip')],
    ['br', Buffer.from('no brotli')],
    ['zstd', Buffer.from('whatever')],
  ])('a beginning that cannot be read (%s) tells nothing', (encoding, excerpt) => {
    expect(findGuard({ status: 403, headers: { 'content-encoding': encoding }, excerpt })).toBeNull()
  })
})

describe('findGuardOnPage', () => {
  test.each([
    ['Cloudflare', CLOUDFLARE],
    ['DataDome', '<script>var dd={}</script><script src="https://ct.captcha-delivery.com/i.js">'],
    ['Anubis', ANUBIS],
    ['Imperva', '<iframe src="/_Incapsula_Resource?x">Request unsuccessful. Incapsula incident ID: 1</iframe>'],
    ['Sucuri', '<title>You are being redirected...</title><script>sucuri_cloudproxy_js=""</script>'],
    ['Aliyun', "<html><script>var arg1='0123456789ABCDEF0123456789ABCDEF01234567';"],
  ])('knows the challenge of %s', (name, page) => {
    expect(findGuardOnPage(Buffer.from(page))).toBe(`${name} asks for a browser`)
  })

  test.each([
    ['a page with the script of Cloudflare', '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'],
    ['a page with the script of Imperva', '<script src="/_Incapsula_Resource?SWJIYLWA=1"></script><h1>News</h1>'],
    ['a page about Cloudflare', '<title>Just a moment... says Cloudflare</title><p>We talk of cf-mitigated.'],
    ['a page about DataDome', '<code>&lt;script&gt;var dd={}</code> and then ct.captcha-delivery.com'],
    ['a page with the script of DataDome', '<script src="https://ct.captcha-delivery.com/i.js"></script><h1>News</h1>'],
    ['a page with the options of Cloudflare', '<title>News</title><script>window._cf_chl_opt={}</script>'],
    ['a page about Imperva', '<p>Request unsuccessful. Incapsula incident ID: 1 (from /_Incapsula_Resource)'],
    ['a page with a frame, about Imperva', '<iframe src="/ad"></iframe><p>Request unsuccessful. Incapsula incident ID'],
    ['a page with a frame of Imperva', '<iframe src="/_Incapsula_Resource?x"></iframe><h1>News</h1>'],
    ['a page about Sucuri', '<title>News</title>sucuri_cloudproxy_js'],
    ['a page that leads on', '<title>You are being redirected...</title><h1>News</h1>'],
    ['a page about bots', '<title>Making sure you are not a bot</title>'],
    ['a large page with everything in it', CLOUDFLARE + ' '.repeat(70_000)],
  ])('lets %s pass', (_, page) => {
    expect(findGuardOnPage(Buffer.from(page))).toBeNull()
  })
})

describe('isLoginPage', () => {
  const form = Buffer.from('<form><input name="user"><input name="pass" type="password"></form>')
  const judge = (asked: string, answered: string, body: Buffer = form) =>
    isLoginPage(new URL(asked), new URL(answered), body)

  test.each([
    'https://x.example/login?next=/feed',
    'https://x.example/log-in',
    'https://x.example/users/sign_in',
    'https://x.example/signin/',
    'https://x.example/wp-login.php',
    'https://x.example/sso/start',
    'https://x.example/auth/realms/main',
    'https://x.example/authorize',
    'https://x.example/oauth/start',
    'https://x.example/oauth2/start',
    'https://x.example/session/new',
    'https://x.example/sessions/new',
    'https://x.example/cas/',
    'https://x.example/passport/',
    'https://login.x.example/',
    'https://signin.x.example/',
    'https://sso.x.example/',
    'https://auth.x.example/',
    'https://idp.x.example/',
    'https://account.x.example/',
    'https://accounts.x.example/v3',
    'https://passport.x.example/',
  ])('a feed that led to %s', (answered) => {
    expect(judge('https://x.example/feed', answered)).toBe(true)
  })

  test.each([
    ['no redirect', 'https://x.example/', 'https://x.example/'],
    ['the login itself was asked for', 'https://x.example/login', 'https://x.example/login/'],
    ['moved to another page, with a login in its corner', 'https://x.example/', 'https://x.example/home'],
    ['a name that only begins so', 'https://x.example/feed', 'https://x.example/login-problems'],
    ['an author', 'https://x.example/feed', 'https://x.example/authors/feed'],
  ])('not: %s', (_, asked, answered) => {
    expect(judge(asked, answered)).toBe(false)
  })

  test('not: a page without a field for a password', () => {
    expect(judge('https://x.example/feed', 'https://x.example/login', Buffer.from('<input type="text">'))).toBe(false)
  })

  test('is told in no time, whatever the page is made of', () => {
    const started = workedMs()

    judge('https://x.example/feed', 'https://x.example/login', Buffer.from('<input type='.repeat(20_000)))

    expect(workedMs() - started).toBeLessThan(500)
  })
})
