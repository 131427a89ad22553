/** A proposal is tried on stored requests before people see it, as far as its budget goes. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ReplayConfig } from '../../db/words/config.ts'
import type { ProviderConfig } from '../../db/words/provider.ts'
import { createAnalystActivities } from '../activities/analyst.ts'
import { learnGroup } from '../activities/learn.ts'
import { createReplay } from '../analyst/replay.ts'
import { answer, anyAnalyst, goodProposal, proposal, startAnalyst, type AnalystStandIn } from './analyst-stand-in.ts'
import { chat, completion } from './journal-input.ts'
import { openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
let analyst: AnalystStandIn
let upstream: Server
const sent: { headers: Record<string, unknown>; body: any }[] = []
beforeEach(async () => {
  harness = await openHarness()
  analyst = await startAnalyst((_, response) => answer(response, proposal(goodProposal)))
  sent.length = 0
  // It works for every second request.
  upstream = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      sent.push({ headers: request.headers, body: JSON.parse(text) })
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(completion(sent.length % 2 === 0 ? '' : 'A summary.'))
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  upstream.closeAllConnections()
  upstream.close()
  await analyst.close()
  await harness.close()
})

async function propose(settings: ReplayConfig): Promise<unknown> {
  const ids = await harness.write(20, (index) => ({
    request: chat(`Summarise this text now: hello ${index}`, { model: 'mock/gpt-4o', stream: true }),
    response: completion(''),
  }))
  await shipAll(harness)
  const results = await learnGroup(
    {
      database: harness.database,
      thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
      resolveAnalyst: async () => anyAnalyst,
    },
    ids,
  )
  const id = [...results.values()].find((result) => result.enhancementId !== null)?.enhancementId as string
  const provider: ProviderConfig = {
    name: 'mock',
    kind: 'openai-compatible',
    dialect: 'openai',
    baseUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`,
    apiKey: 'sk-provider',
    models: [],
    timeouts: { connectMs: 1_000, firstByteMs: 1_000, idleMs: 1_000 },
  }
  const activities = createAnalystActivities({
    database: harness.database,
    resolveAnalyst: async () => ({ ...anyAnalyst, baseUrl: analyst.url }),
    log: { warn: () => {} },
    signal: () => new AbortController().signal,
    replay: createReplay({ database: harness.database, providers: [provider], settings }),
  })
  expect(await activities.askAnalyst(id)).toEqual({ kind: 'settled', state: 'proposed' })
  return (await harness.rows('select replay from enhancements'))[0]?.replay
}

test('stored requests go to their provider again, twice with each template and their own text, and the proposal says how they differ', async () => {
  // The provider answers every second call only, and each pair asks in turns: the changed template always works.
  expect(await propose({ maxCalls: 4, maxCallsPerDay: 200 })).toMatchObject({
    calls: 4,
    pairs: 1,
    original: 1,
    enhanced: 0,
    difference: -1,
    repaired: 0,
    broken: 1,
  })
  expect(sent).toHaveLength(4)
  expect(sent[0]?.headers.authorization).toBe('Bearer sk-provider')
  const user = { role: 'user', content: expect.stringMatching(/^Summarise this text now: hello \d+$/) }
  expect(sent[0]?.body).toMatchObject({ model: 'gpt-4o', messages: [user] })
  expect(sent[1]?.body).toMatchObject({
    model: 'gpt-4o',
    messages: [{ role: 'system', content: goodProposal.system }, user],
  })
  expect(sent[0]?.body).not.toHaveProperty('stream')
  expect(sent[1]?.body).not.toHaveProperty('stream')
  // None of it is traffic.
  expect(await harness.rows('select count(*)::int as count from requests')).toEqual([{ count: 20 }])
  expect(
    await harness.rows(`select purpose, count(*)::int as count from analyst_calls group by purpose order by purpose`),
  ).toEqual([
    { purpose: 'proposal', count: 1 },
    { purpose: 'replay', count: 4 },
  ])
})

test('the budget of the day ends it, a pair that is not whole says nothing, and without a budget nothing is sent', async () => {
  expect(await propose({ maxCalls: 40, maxCallsPerDay: 3 })).toBeNull()
  expect(sent).toHaveLength(3)
})

test('it is off by default', async () => {
  expect(await propose({ maxCalls: 0, maxCallsPerDay: 200 })).toBeNull()
  expect(sent).toEqual([])
})
