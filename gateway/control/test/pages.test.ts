import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPages } from '../pages.ts'

let folder: string
let pages: (request: Request) => Promise<Response>
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinew-pages-'))
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  const dist = join(folder, 'dist')
  mkdirSync(join(dist, 'assets'), { recursive: true })
  writeFileSync(join(dist, 'index.html'), '<p>page</p>')
  writeFileSync(join(dist, '.sources'), 'stamp')
  writeFileSync(join(dist, 'favicon.svg'), '<svg/>')
  writeFileSync(join(dist, 'assets', 'index-abc123.js'), 'run()')
  pages = createPages(dist)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  pages(new Request(`http://admin.test${path}`, { headers }))

test.each(['/', '/exchanges', '/exchanges/01a', '/sign-in', '/patterns?order=newest'])(
  '%s is the page, asked for anew each time',
  async (path) => {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('<p>page</p>')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  },
)

test('hashed assets are kept for ever, other files are not', async () => {
  expect((await get('/assets/index-abc123.js')).headers.get('cache-control')).toContain('immutable')
  expect((await get('/favicon.svg')).headers.get('cache-control')).toBe('no-cache')
})

test('what the browser can unpack is sent packed', async () => {
  const response = await get('/assets/index-abc123.js', { 'accept-encoding': 'gzip, deflate' })
  expect(response.headers.get('content-encoding')).toBe('gzip')
  expect(gunzipSync(Buffer.from(await response.arrayBuffer())).toString()).toBe('run()')
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/.sources',
  '/%00.txt',
  '/%zz',
  '/assets/gone.js',
  '/favicon.ico',
])('%s is not found', async (path) => {
  const response = await get(path)
  expect(response.status).toBe(404)
  expect(await response.text()).not.toContain('secret')
})

test('a page may only be read', async () => {
  expect((await pages(new Request('http://admin.test/', { method: 'POST' }))).status).toBe(405)
})

test('before the pages are built it says so, and they appear without a restart', async () => {
  const late = mkdtempSync(join(tmpdir(), 'sinew-pages-'))
  const empty = createPages(join(late, 'dist'))
  const first = await empty(new Request('http://admin.test/'))
  expect([first.status, await first.text()]).toEqual([503, expect.stringContaining('not built')])
  mkdirSync(join(late, 'dist'))
  writeFileSync(join(late, 'dist', 'index.html'), 'here')
  expect(await (await empty(new Request('http://admin.test/'))).text()).toBe('here')
  rmSync(late, { recursive: true, force: true })
})
