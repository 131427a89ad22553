/** More than the gateway can do is refused early, and recorded; what has been admitted is unharmed. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { chat as facts } from '../dialects/openai.ts'
import type { GenerationFacts } from '../pipeline/generation.ts'
import { createAuthenticate } from '../pipeline/authenticate.ts'
import { createForward } from '../pipeline/forward.ts'
import { createRecorder } from '../pipeline/record.ts'
import { defaultBodies, toBounds } from '../pipeline/bounds.ts'
import { createResolveModel } from '../providers/resolve-model.ts'
import { openCounters } from '../state/loss-counts.ts'
import { createLateness, openLoad } from '../state/load.ts'
import { createSnapshots } from '../state/snapshot.ts'
import { atEnd, callerKey, chat, closeAll, TestJournal, until } from './harness.ts'

afterEach(closeAll)

test('an overloaded gateway answers 503 with retry-after, and records that without the body', async () => {
  const journal = new TestJournal()
  const counters = openCounters(null)
  const load = { overloaded: true, inFlight: 0, heldBytes: 0, close: () => {} }
  const forward = createForward({
    authenticate: createAuthenticate([{ name: 'demo', key: callerKey, team: 'default' }]),
    resolveModel: createResolveModel([]),
    recorder: createRecorder(journal, 'refuse', counters),
    snapshots: createSnapshots(null),
    decidePart: () => null,
    untranslatable: 'refuse',
    bounds: toBounds(defaultBodies),
    counters,
    load,
    isDraining: () => false,
    log: { error: () => {} },
  })
  const server = createServer((request, response) => forward(request, response, facts as GenerationFacts))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = () => fetch(url, { method: 'POST', headers: { authorization: `Bearer ${callerKey}` }, body: chat() })
  const response = await call()
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await response.json()).toMatchObject({ error: { code: 'overloaded' } })
  expect(counters.values.refusedOverloaded).toBe(1)
  expect(journal.refused()).toMatchObject([
    { intent: { keyName: 'demo' }, outcome: { errorCode: 'overloaded' }, request: Buffer.alloc(0) },
  ])
  load.overloaded = false
  expect((await call()).status).toBe(404)
  await until('nothing is held any more', () => load.inFlight === 0 && load.heldBytes === 0)
})

test('an event loop that is late again and again counts as overload, and recovers', async () => {
  const load = openLoad()
  atEnd(() => load.close())
  expect(load.overloaded).toBe(false)
  const block = (): void => {
    const end = performance.now() + 300
    while (performance.now() < end);
  }
  const blocking = setInterval(block, 1)
  await until('it is noticed', () => load.overloaded)
  clearInterval(blocking)
  await until('it is over', () => !load.overloaded)
})

test('too many requests, or too much memory held by them, counts as overload', () => {
  const load = openLoad()
  atEnd(() => load.close())
  load.inFlight = 4_097
  expect(load.overloaded).toBe(true)
  load.inFlight = 0
  load.heldBytes = 2 * 1024 ** 3
  expect(load.overloaded).toBe(true)
})

test('one pause refuses nobody, however long it was; a loop that is late twice in a row does until it is in time', () => {
  const isLate = createLateness(200)
  expect([0, 5_000, 0, 190, 260, 10].map(isLate)).toEqual([false, false, false, false, false, false])
  expect([250, 250, 900, 100, 250].map(isLate)).toEqual([false, true, true, false, false])
  // A sample without a measurement changes nothing.
  expect([NaN, 250, NaN, 100, NaN].map(isLate)).toEqual([false, true, true, false, false])
})
