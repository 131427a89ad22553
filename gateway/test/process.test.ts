/** The gateway process: what it says when it may not start, and what a kill leaves behind. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { readJournal, startGatewayProcess, startProcess } from './gateway-process.ts'
import { callerKey, chat, closeAll, makeFolder, startUpstream, until } from './harness.ts'
import { answerLikeProvider, openaiStream } from './wire.ts'

afterEach(closeAll)

const headers = { authorization: `Bearer ${callerKey}` }

describe('starting', () => {
  test('a bad configuration prints every problem with its path and starts nothing', async () => {
    const folder = makeFolder()
    const configuration = join(folder, 'sinew.yaml')
    writeFileSync(
      configuration,
      'providers: [{ name: "a b", dialect: other, baseUrl: nowhere }]\njournal: { whenFull: explode }\n',
    )
    const { exited, output } = startProcess({
      SINEW_CONFIG: configuration,
      SINEW_DATA_DIR: join(folder, 'data'),
      PORT: 'x',
      TEMPORAL_PORT: '99999',
    })
    expect(await exited).toMatchObject({ code: 1 })
    for (const path of [
      'providers[0].name',
      'providers[0].dialect',
      'providers[0].baseUrl',
      'journal.whenFull',
      'PORT',
      'TEMPORAL_PORT',
    ])
      expect(output()).toContain(`${path}: `)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  test('a taken port and a taken data folder are errors that say what to change', async () => {
    const first = await startGatewayProcess({ upstreamUrl: 'http://127.0.0.1:1' })
    const second = startProcess({ SINEW_DATA_DIR: first.dataDir })
    expect(await second.exited).toMatchObject({ code: 1 })
    expect(second.output()).toContain('SINEW_DATA_DIR')
    const third = startProcess({ SINEW_DATA_DIR: join(makeFolder(), 'data'), PORT: new URL(first.url).port })
    expect(await third.exited).toMatchObject({ code: 1 })
    expect(third.output()).toContain('PORT: ')
  })

  test('without any configuration the simulation answers to a generated key, with every store away', async () => {
    const dataDir = join(makeFolder(), 'data')
    const { output } = startProcess({ SINEW_DATA_DIR: dataDir })
    const url = await until('serving', () => /"url":"([^"]+)","msg":"serving"/.exec(output())?.[1])
    const key = readFileSync(join(dataDir, 'caller-key'), 'utf8').trim()
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: chat({ model: 'sim/echo' }),
    })
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hello' } }] })
    const ready = await fetch(`${url}/readyz`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      status: 'ok',
      dependencies: {
        journal: 'ok',
        postgres: 'not configured',
        temporal: expect.stringMatching(/^(ok|down)$/) as string,
        redis: 'not configured',
      },
    })
    expect(output()).toContain('simulation')
    const told = output()
      .split('\n')
      .filter((line) => line.includes('no key is configured'))
    expect(told.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 30, file: join(dataDir, 'caller-key') },
    ])
    expect(output()).not.toContain(key)
  })
})

test('SIGTERM lets an open stream finish, then the process ends with 0', async () => {
  let finish = (): void => {}
  const upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(openaiStream[0])
    finish = () => void response.end(openaiStream.slice(1).join(''))
  })
  const gateway = await startGatewayProcess({ upstreamUrl: upstream.origin })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: chat({ stream: true }),
  })
  gateway.child.kill('SIGTERM')
  await until('it stops accepting', () => gateway.output().includes('stopping'))
  finish()
  expect(await response.text()).toBe(openaiStream.join(''))
  expect(await gateway.exited).toEqual({ code: 0, signal: null })
  const outcomes = (await readJournal(gateway.dataDir)).flatMap((entry) =>
    entry.kind === 'outcome' ? [entry.outcome.status] : [],
  )
  expect(outcomes).toEqual(['ok'])
})

test('SIGKILL under load loses nothing: every answer has its outcome, every call to the provider its intent', async () => {
  const upstream = await startUpstream((request, response) => {
    answerLikeProvider(request, response, JSON.parse(String(upstream.seen.at(-1)?.body)) as { stream?: boolean })
  })
  const gateway = await startGatewayProcess({ upstreamUrl: upstream.origin })
  const answered: string[] = []
  let sent = 0
  const caller = async (): Promise<void> => {
    for (;;) {
      const number = sent++
      try {
        const body = chat({ stream: number % 2 === 0, user: `call-${number}`, tools: number % 3 === 0 ? [{}] : [] })
        const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })
        const text = await response.text()
        // On a machine that is far too busy some are refused; those were never under way.
        if (response.ok && (text.endsWith('data: [DONE]\n\n') || text.trimEnd().endsWith('}')))
          answered.push(response.headers.get('x-sinew-exchange') ?? 'none')
      } catch {
        return
      }
      if (answered.length === 300) gateway.child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: 24 }, caller))
  expect(await gateway.exited).toMatchObject({ signal: 'SIGKILL' })
  expect(answered.length).toBeGreaterThanOrEqual(300)

  const entries = await readJournal(gateway.dataDir)
  const outcomes = new Map(
    entries.flatMap((entry) => (entry.kind === 'outcome' ? [[entry.outcome.id, entry] as const] : [])),
  )
  for (const id of answered) expect(outcomes.get(id)?.outcome.status, id).toBe('ok')
  const intended = new Set(
    entries.flatMap((entry) =>
      entry.kind === 'intent' ? [(JSON.parse(entry.request.toString()) as { user: string }).user] : [],
    ),
  )
  for (const { body } of upstream.seen)
    expect(intended).toContain((JSON.parse(body.toString()) as { user: string }).user)
  expect(intended.size).toBeGreaterThanOrEqual(upstream.seen.length)
}, 30_000)
