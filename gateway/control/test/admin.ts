/** The admin plane on a port of its own, in this process, and the ways programs and browsers call it. */
import { serve } from 'h3'
import { expect } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../docker/test/database.ts'
import { readConfig } from '../../../db/config/config.ts'
import { createLog } from '../../../db/process/log.ts'
import { migrate, openOrm } from '../../../db/orm.ts'
import { openKv } from '../../../db/process/redis.ts'
import { openSeed, type Seed } from '../../../db/test/seed.ts'
import type { SinewConfig } from '../../../db/words/config.ts'
import { readTemporalConfig } from '../../../temporal.config.ts'
import { readGatewayConfig } from '../../config.ts'
import { createAdminApp } from '../app.ts'
import { openServices, type Services } from '../services.ts'

export const tokens = {
  admin: 'admin-token-0123456789abcdef0123456789',
  reviewer: 'reviewer-token-0123456789abcdef01234567',
}
export const cookieName = 'sinew-admin-test'

export interface Answer {
  status: number
  data: any
  error: { message: string; data: { code: string } } | undefined
  headers: Headers
}

export interface Admin {
  url: string
  services: Services
  seed: Seed
  database: TestDatabase
  /** As a program, with the token of "admin" unless another one, or `null` for none, is given. */
  query(procedure: string, input?: unknown, token?: string | null): Promise<Answer>
  mutate(procedure: string, input?: unknown, token?: string | null): Promise<Answer>
  close(): Promise<void>
}

export interface AdminOptions {
  config?: Partial<SinewConfig>
  /** How the control process reaches PostgreSQL, where that is not straight. */
  through?: (databaseUrl: string) => Promise<string>
}

export async function startAdmin(options: AdminOptions = {}): Promise<Admin> {
  const database = await createTestDatabase()
  await migrate(database.url)
  const { config } = readConfig({ SINEW_DATA_DIR: '/nonexistent' })
  const merged = { ...config, admins: [{ name: 'reviewer', token: tokens.reviewer }], ...options.config }
  const gateway = readGatewayConfig({ PORT: '0', ADMIN_PORT: '0', SINEW_ADMIN_TOKEN: tokens.admin }, merged)
  const temporal = readTemporalConfig({ TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_UI_URL: 'http://temporal.test' })
  expect([...gateway.problems, ...temporal.problems]).toEqual([])
  const url = options.through ? await options.through(database.url) : database.url
  const stopping = new AbortController()
  const log = createLog('control-test')
  log.level = 'silent'
  const services = openServices({
    config: merged,
    gateway: gateway.config,
    temporal: temporal.config,
    databaseUrl: url,
    cookieName,
    admins: [...merged.admins, { name: 'admin', token: tokens.admin }],
    orm: await openOrm(url),
    kv: openKv(null),
    log,
    stopping: stopping.signal,
  })
  services.database.markPrepared()
  const server = serve(
    createAdminApp(services, async () => new Response('pages')),
    {
      port: 0,
      hostname: '127.0.0.1',
      manual: true,
      silent: true,
      gracefulShutdown: false,
      maxRequestBodySize: 1024 * 1024,
    },
  )
  await server.serve()
  await server.ready()
  const base = (server.url ?? '').replace(/\/$/, '')
  const seed = await openSeed(database.url)
  const authorization = (token: string | null): Record<string, string> =>
    token === null ? {} : { authorization: `Bearer ${token}` }
  return {
    url: base,
    services,
    seed,
    database,
    query: (procedure, input, token = tokens.admin) =>
      call(
        `${base}/trpc/${procedure}${input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`}`,
        { headers: authorization(token) },
      ),
    mutate: (procedure, input, token = tokens.admin) =>
      call(`${base}/trpc/${procedure}`, {
        method: 'POST',
        headers: { ...authorization(token), 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
    async close() {
      stopping.abort()
      await server.close(true)
      await services.close()
      await seed.close()
      await database.drop()
    },
  }
}

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const body = (await response.json()) as { result?: { data: unknown }; error?: Answer['error'] }
  return { status: response.status, data: body.result?.data, error: body.error, headers: response.headers }
}

/** Resolves once `check` answers something; fails with what was waited for. */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  what: string,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const endsAt = performance.now() + timeoutMs
  for (;;) {
    const found = await check()
    if (found) return found
    if (performance.now() > endsAt) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
