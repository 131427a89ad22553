import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProcedures } from '../init.ts'
import { appRouter } from '../router.ts'
import { call, cookieName, startAdmin, tokens, type Admin } from './admin.ts'

let admin: Admin
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.close())

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
).map(([path, procedure]) => [path, procedure._def.type] as const)
const guarded = procedures.filter(([path]) => !openProcedures.has(path))

function request(
  path: string,
  type: string,
  headers: Record<string, string> = {},
): Promise<Awaited<ReturnType<typeof call>>> {
  return call(
    `${admin.url}/trpc/${path}`,
    type === 'mutation'
      ? { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' }
      : { headers },
  )
}

async function signIn(token: string): Promise<string> {
  const { headers } = await call(`${admin.url}/trpc/session.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  return (headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

test('only the named procedures answer without a person', () => {
  expect([...openProcedures].sort()).toEqual(['session.me', 'session.signIn'])
  expect(procedures.length).toBeGreaterThan(18)
})

test.each(guarded)('%s (%s) refuses without a token, with a wrong one, with a forged cookie', async (path, type) => {
  const forged = `${cookieName}=admin.${Date.now() + 60_000}.AAAA`
  for (const headers of [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: `Basic ${tokens.admin}` },
    { cookie: forged },
  ] as Record<string, string>[]) {
    const { status, error } = await request(path, type, headers)
    expect([status, error?.data.code], JSON.stringify(headers)).toEqual([401, 'UNAUTHORIZED'])
  }
})

test.each(guarded.filter(([, type]) => type === 'mutation'))(
  '%s by cookie refuses other origins and requests that do not say theirs',
  async (path) => {
    const cookie = await signIn(tokens.reviewer)
    for (const headers of [
      {},
      { origin: 'http://evil.test' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: admin.url },
    ] as Record<string, string>[]) {
      const { status } = await request(path, 'mutation', { cookie, ...headers })
      expect(status, JSON.stringify(headers)).toBe(403)
    }
    for (const headers of [{ origin: admin.url }, { 'sec-fetch-site': 'same-origin' }] as Record<string, string>[]) {
      const { status } = await request(path, 'mutation', { cookie, ...headers })
      expect(status, JSON.stringify(headers)).not.toBe(403)
    }
  },
)

test('programs need a token and nothing else', async () => {
  expect((await admin.query('exchanges.list')).status).toBe(200)
  expect(
    (await admin.mutate('reanalysis.start', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' })).status,
  ).toBe(200)
})

test('a person signs in with the own token, is known by the cookie, and signs out', async () => {
  const { headers, data } = await call(`${admin.url}/trpc/session.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: ` ${tokens.reviewer}\n` }),
  })
  expect(data).toEqual({ person: 'reviewer' })
  const setCookie = headers.get('set-cookie') ?? ''
  expect(setCookie).toMatch(/HttpOnly/)
  expect(setCookie).toMatch(/SameSite=Strict/)
  expect(setCookie).not.toContain(tokens.reviewer)
  const cookie = setCookie.split(';')[0] ?? ''
  expect((await call(`${admin.url}/trpc/session.me`, { headers: { cookie } })).data).toEqual({ person: 'reviewer' })
  expect((await call(`${admin.url}/trpc/session.me`)).data).toEqual({ person: null })
  const out = await request('session.signOut', 'mutation', { cookie, origin: admin.url })
  expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
})

test('a cookie is worth nothing under another name, after its time, or altered', async () => {
  const cookie = await signIn(tokens.reviewer)
  const [, name = '', expiry = '', mac = ''] = /=([^.]+)\.(\d+)\.(.+)$/.exec(cookie) ?? []
  const expired = admin.services.people.seal({ name: 'reviewer' }, Date.now() - 1)
  for (const value of [
    `admin.${expiry}.${mac}`,
    `${name}.${Number(expiry) + 1}.${mac}`,
    `${name}.${expiry}.${mac.slice(1)}`,
    `${name}.${expiry}`,
    `${name}.${expiry}.${mac}.x`,
    expired,
    '',
    '..',
  ]) {
    expect(
      (await call(`${admin.url}/trpc/session.me`, { headers: { cookie: `${cookieName}=${value}` } })).data,
      value,
    ).toEqual({ person: null })
  }
})

test('a wrong bearer token is not covered by a good cookie', async () => {
  const cookie = await signIn(tokens.reviewer)
  expect((await request('exchanges.list', 'query', { cookie, authorization: 'Bearer wrong' })).status).toBe(401)
})

test('after ten failed sign-ins a minute even the right token waits', async () => {
  const limited = await startAdmin()
  const attempt = (token: string): ReturnType<typeof call> =>
    call(`${limited.url}/trpc/session.signIn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  for (let count = 0; count < 10; count++) expect((await attempt(`wrong-${count}`)).status).toBe(401)
  const { status, error } = await attempt(tokens.admin)
  expect([status, error?.data.code]).toEqual([429, 'TOO_MANY_REQUESTS'])
  // Programs that work must not be locked out by somebody who guesses from the same machine.
  expect((await limited.query('exchanges.list')).status).toBe(200)
  await limited.close()
})

test('every answer carries the strict policy, and none lets other origins read it', async () => {
  for (const path of [
    '/',
    '/healthz',
    '/trpc/session.me',
    '/trpc/exchanges.list',
    '/trpc/exchanges.live',
    '/trpc/nothing',
  ]) {
    const { headers } = await fetch(`${admin.url}${path}`, { headers: { origin: 'http://evil.test' } })
    expect(headers.get('content-security-policy'), path).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('access-control-allow-origin'), path).toBeNull()
  }
})

test('a mutation by GET, a body that is too big and a batch that is too long are refused', async () => {
  const authorization = `Bearer ${tokens.admin}`
  expect((await call(`${admin.url}/trpc/reanalysis.cancel?input={}`, { headers: { authorization } })).status).toBe(405)
  const big = await fetch(`${admin.url}/trpc/enhancements.reject`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'x'.repeat(2 * 1024 * 1024) }),
  }).catch(() => ({ status: 413 }))
  expect(big.status).toBeGreaterThanOrEqual(400)
  const many = Array.from({ length: 51 }, () => 'session.me').join(',')
  expect((await fetch(`${admin.url}/trpc/${many}?batch=1`, { headers: { authorization } })).status).toBe(400)
})
