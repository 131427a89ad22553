/**
 * A full disk refuses what is new and loses nothing that was answered, or, by setting, forwards unrecorded and counts
 * exactly.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openCounters } from '../state/loss-counts.ts'
import { readJournal, startGatewayProcess, type GatewayProcess } from './gateway-process.ts'
import { callerKey, chat, closeAll, makeFolder, startGateway, startUpstream, unexpected, until } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const call = (url: string, path = '/v1/chat/completions'): Promise<Response> =>
  fetch(url + path, { method: 'POST', headers: { authorization: `Bearer ${callerKey}` }, body: chat() })
const readCounters = async (url: string): Promise<Record<string, number>> =>
  ((await (await fetch(`${url}/readyz`)).json()) as { counters: Record<string, number> }).counters
const completion = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] }
const openUpstream = () =>
  startUpstream(
    (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion)),
  )
const noSpace = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })

describe('whenFull: refuse', () => {
  test('a full journal refuses new exchanges in both dialects, with retry-after, before anything is sent', async () => {
    const upstream = await openUpstream()
    const gateway = await startGateway({
      providers: [{ baseUrl: `${upstream.origin}/v1` }, { name: 'an', dialect: 'anthropic', baseUrl: upstream.origin }],
    })
    gateway.journal.full = true
    const openai = await call(gateway.url)
    expect([openai.status, openai.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await openai.json()).toMatchObject({ error: { code: 'journal_full' } })
    const anthropic = await call(gateway.url, '/v1/messages')
    expect([anthropic.status, anthropic.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } })
    expect(upstream.seen).toEqual([])
    const ready = await fetch(`${gateway.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({
        status: 'refusing',
        dependencies: expect.objectContaining({ journal: 'full' }) as object,
        counters: expect.objectContaining({ refusedJournalFull: 2 }) as object,
      }),
    ])
    gateway.journal.full = false
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
    expect((await call(gateway.url)).status).toBe(200)
  })

  test('so does an intent that cannot be written, though the journal was not known to be full', async () => {
    const upstream = await openUpstream()
    const gateway = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    gateway.journal.onAppend = (_entry, done) => done(noSpace)
    expect((await call(gateway.url)).status).toBe(503)
    expect(upstream.seen).toEqual([])
  })
})

describe('whenFull: forward', () => {
  test('what cannot be recorded is forwarded whole, and counted exactly', async () => {
    const upstream = await openUpstream()
    const gateway = await startGateway({ whenFull: 'forward', providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    gateway.journal.full = true
    const ready = await fetch(`${gateway.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      200,
      expect.objectContaining({ status: 'ok', dependencies: expect.objectContaining({ journal: 'full' }) as object }),
    ])
    for (let count = 0; count < 3; count++) expect(await (await call(gateway.url)).json()).toEqual(completion)
    gateway.journal.full = false
    gateway.journal.onAppend = (entry, done) => done(entry.kind === 'intent' ? noSpace : null)
    expect(await (await call(gateway.url)).json()).toEqual(completion)
    gateway.journal.onAppend = (entry, done) => done(entry.kind === 'outcome' ? noSpace : null)
    expect(await (await call(gateway.url)).json()).toEqual(completion)
    expect(await readCounters(gateway.url)).toMatchObject({ unrecorded: 4, outcomesLost: 1 })
    expect(gateway.journal.outcomes()).toEqual([])
    await gateway.gateway.close()
    expect(openCounters(gateway.dataDir).values).toMatchObject({ unrecorded: 4, outcomesLost: 1 })
  })
})

describe('on a disk that is really full', () => {
  /** A file system of a few megabytes, in a namespace of the gateway's own; else a limit on the size of its files. */
  const canMount = tries('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt'])
  const start = async (
    whenFull: 'refuse' | 'forward',
    upstreamUrl: string,
  ): Promise<{ gateway: GatewayProcess; fill(): void; free(): void; journalDir: string }> => {
    const journal = `{ whenFull: ${whenFull} }`
    const dataDir = join(makeFolder(), 'data')
    mkdirSync(dataDir)
    if (!canMount) {
      // 512-byte blocks: less than the space that the journal keeps in reserve.
      const gateway = await startGatewayProcess({ upstreamUrl, journal, dataDir, before: 'ulimit -f 4096' })
      return { gateway, fill: () => {}, free: () => {}, journalDir: dataDir }
    }
    const gateway = await startGatewayProcess({
      upstreamUrl,
      journal,
      dataDir,
      wrapper: ['unshare', '-rm'],
      before: `mount -t tmpfs -o size=40m tmpfs ${dataDir}`,
    })
    const inside = `/proc/${gateway.child.pid}/root${dataDir}`
    return {
      gateway,
      fill: () => {
        try {
          writeFileSync(join(inside, 'filler'), Buffer.alloc(64 * 1024 * 1024))
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' })
        }
      },
      free: () => rmSync(join(inside, 'filler')),
      journalDir: inside,
    }
  }

  test('exchanges under way still get their outcomes, new ones 503, and it recovers by itself', async () => {
    const finish: (() => void)[] = []
    const upstream = await startUpstream((_request, response) => {
      const body = JSON.stringify(completion)
      response.writeHead(200, { 'content-type': 'application/json' }).write(body.slice(0, 10))
      finish.push(() => void response.end(body.slice(10)))
    })
    const { gateway, fill, free, journalDir } = await start('refuse', upstream.origin)
    const underWay = canMount ? await Promise.all(Array.from({ length: 10 }, () => call(gateway.url))) : []
    fill()
    const statusWhenFull = async (): Promise<number> => {
      const calling = call(gateway.url)
      const answer = await Promise.race([
        calling,
        until('another call', () => finish[underWay.length]).then(() => null),
      ])
      if (answer) return answer.status
      // It came through before the journal noticed.
      finish.splice(underWay.length).forEach((end) => end())
      return (await calling).status
    }
    while ((await statusWhenFull()) !== 503) await fetch(`${gateway.url}/healthz`)
    finish.splice(0).forEach((end) => end())
    for (const response of underWay) expect(await response.json()).toEqual(completion)
    const outcomes = (await readJournal(journalDir)).flatMap((entry) =>
      entry.kind === 'outcome' && entry.outcome.status === 'ok' ? [entry.outcome.id] : [],
    )
    for (const response of underWay) expect(outcomes).toContain(response.headers.get('x-sinew-exchange'))
    if (!canMount) return
    free()
    const recovered = async (): Promise<boolean> =>
      ((await (await fetch(`${gateway.url}/readyz`)).json()) as { dependencies: { journal: string } }).dependencies
        .journal === 'ok'
    while (!(await recovered())) expect(gateway.child.exitCode).toBeNull()
    const again = await call(gateway.url)
    finish.splice(0).forEach((end) => end())
    expect(await again.json()).toEqual(completion)
  }, 30_000)

  test('by setting, every call is answered, and the count equals what is missing', async () => {
    const upstream = await openUpstream()
    const { gateway, fill, journalDir } = await start('forward', upstream.origin)
    fill()
    const ids: (string | null)[] = []
    while (ids.length < 50 || (canMount && (await readCounters(gateway.url)).unrecorded === 0)) {
      const response = await call(gateway.url)
      expect(await response.json()).toEqual(completion)
      ids.push(response.headers.get('x-sinew-exchange'))
      if (ids.length > 5_000) break
    }
    const recorded = new Set(
      (await readJournal(journalDir)).flatMap((entry) => (entry.kind === 'intent' ? [entry.intent.id] : [])),
    )
    const missing = ids.filter((id) => !recorded.has(id ?? '')).length
    expect((await readCounters(gateway.url)).unrecorded).toBe(missing)
    expect(missing).toBeGreaterThan(0)
  }, 30_000)
})

function tries(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
