/**
 * An experiment on the whole product: nothing that dies moves a unit or loses an exposure, and a roll-back is heard
 * within two seconds.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Client as Database } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPort } from '../process/ports.ts'
import { findProgram } from './programs.ts'
import { startProduct, waitFor, type Product } from './product.ts'

interface Call {
  at: number
  session: string
  treated: boolean
}

let upstream: Server
/** Every call that reached the provider, with the arm its prompt shows. */
const ledger: Call[] = []
/** While set, the provider fails for the enhanced prompt. */
let outage = false
let redis: ChildProcess
let redisPort: number
let product: Product

const startRedis = async (): Promise<ChildProcess> => {
  const program = await findProgram('redis-server', process.env)
  const child = spawn(
    program,
    ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { cwd: tmpdir(), stdio: 'ignore' },
  )
  return child
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const treated = text.includes('Be brief.')
      ledger.push({ at: Date.now(), session: /session ([a-z]+-\d+)/.exec(text)?.[1] ?? '', treated })
      if (outage && treated)
        return void response
          .writeHead(500, { 'content-type': 'application/json' })
          .end('{"error":{"message":"overloaded"}}')
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          id: 'c',
          object: 'chat.completion',
          created: 1,
          model: 'gpt-test',
          choices: [{ index: 0, message: { role: 'assistant', content: 'It works.' }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
        }),
      )
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  redisPort = await findPort('127.0.0.1', null)
  redis = await startRedis()
  product = await startProduct({
    config: `providers:
  - { name: one, dialect: openai, baseUrl: "http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1", models: [gpt-test] }
experiments: { ramp: [1], stepMs: 1, windowMs: 600000, minimumRunMs: 1, evaluateEveryMs: 250 }`,
    env: { REDIS_URL: `redis://127.0.0.1:${redisPort}` },
  })
})
afterAll(async () => {
  expect(await product?.stop()).toBe(0)
  redis?.kill('SIGKILL')
  upstream?.closeAllConnections()
  await new Promise<void>((resolve) => void upstream?.close(() => resolve()))
})

/**
 * Answers the exchange's id, or `null` where the gateway was away; what reached the provider is in the ledger either
 * way.
 */
async function ask(opening: string, session: string): Promise<string | null> {
  try {
    const response = await fetch(`${product.gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${product.callerKey}`,
        'x-sinew-session': session,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: 'gpt-test',
        messages: [{ role: 'user', content: `${opening} session ${session}` }],
      }),
    })
    await response.arrayBuffer()
    return response.headers.get('x-sinew-exchange')
  } catch {
    await waitFor(
      () =>
        fetch(`${product.gatewayUrl}/healthz`).then(
          (response) => response.ok,
          () => false,
        ),
      'the gateway serves again',
    )
    return null
  }
}

async function rows<Row extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
  const database = new Database({ connectionString: product.databaseUrl() })
  await database.connect()
  try {
    return (await database.query(text, values)).rows as Row[]
  } finally {
    await database.end()
  }
}

/** A person writes a better prompt for the pattern and approves it; answers its experiment once a gateway serves it. */
async function startExperiment(opening: string): Promise<string> {
  const name = opening.split(' ')[0]?.toLowerCase() as string
  for (let number = 0; number < 3; number++) await ask(opening, `${name}before-${number}`)
  const pattern = await waitFor(
    async () =>
      (await product.query('patterns.list', {})).items.find(({ template }: { template: { template: string | null } }) =>
        template.template?.startsWith(opening),
      ),
    'the pattern is learned',
    120_000,
  )
  const enhancement = await product.mutate('enhancements.create', {
    patternId: pattern.id,
    system: 'Be brief.',
    reason: 'Answers are long.',
  })
  const proposed = await waitFor(async () => {
    const found = await product.query('enhancements.get', { id: enhancement.id })
    return found.state === 'proposed' ? found : null
  }, 'it is proposed')
  const approved = await product.mutate('enhancements.approve', { id: proposed.id, version: proposed.version })
  expect(approved).toMatchObject({ state: 'approved', mode: 'experiment', active: true })
  const { items } = await product.query('experiments.list', { patternId: pattern.id })
  expect(items).toHaveLength(1)
  return items[0].id
}

test('ST13: gateway, learner and Redis are killed in mid-experiment: no unit changes its arm, no exposure is lost or doubled', async () => {
  const opening = 'Summarise this for me:'
  const id = await startExperiment(opening)
  ledger.length = 0
  const [sessions, turns] = [150, 4]
  const answered: string[] = []
  let next = 0
  const killed = new Set<number>([0])
  const kill = async (name: 'gateway' | 'learner'): Promise<void> => {
    // One that was killed before has to be back first.
    await waitFor(() => !killed.has(product.pid(name)), `${name} is back`)
    killed.add(product.pid(name))
    process.kill(product.pid(name), 'SIGKILL')
  }
  const victims: { at: number; strike: () => unknown }[] = [
    { at: 80, strike: () => kill('gateway') },
    { at: 180, strike: () => kill('learner') },
    { at: 260, strike: () => redis.kill('SIGKILL') },
    { at: 330, strike: () => kill('gateway') },
    { at: 400, strike: () => kill('learner') },
  ]
  const caller = async (): Promise<void> => {
    while (next < sessions * turns) {
      const number = next++
      if (victims[0]?.at === number) await victims.shift()?.strike()
      const exchange = await ask(opening, `summarise-${number % sessions}`)
      if (exchange !== null) answered.push(exchange)
    }
  }
  await Promise.all(Array.from({ length: 6 }, caller))
  expect(victims).toEqual([])
  redis = await startRedis()

  const arms = new Map<string, Set<boolean>>()
  for (const { session, treated } of ledger) arms.set(session, (arms.get(session) ?? new Set()).add(treated))
  expect(arms.size).toBe(sessions)
  const moved = [...arms.values()].filter((seen) => seen.size > 1).length

  // All that was answered is recorded, and then each unit has one exposure, in the arm that the provider saw.
  await waitFor(
    async () =>
      Number(
        (await rows<{ count: string }>('select count(*) from requests where id = any($1)', [answered]))[0]?.count,
      ) === answered.length,
    'every answered exchange is recorded',
    120_000,
  )
  const exposures = await rows<{ unit: string; arm: string; mixed: boolean; session: string }>(
    `select e.unit, e.arm, e.mixed, s.session_key as session from experiment_exposures e join requests r on r.id = e.exchange_id join sessions s on s.id = r.session_id where e.experiment_id = $1`,
    [id],
  )
  const inPhase = exposures.filter(({ session }) => session.startsWith('summarise-'))
  const lost = [...arms.keys()].filter((session) => !inPhase.some((exposure) => exposure.session === session)).length
  const doubled = inPhase.length - new Set(inPhase.map(({ session }) => session)).size
  const wrong = inPhase.filter(({ session, arm }) => (arm === 'treatment') !== arms.get(session)?.has(true)).length
  const [marked] = await rows<{ marked: string; recorded: string; mixed: string }>(
    `select (select count(*) from experiment_exchanges where experiment_id = $1 and exchange_id = any($2)) as marked,
      (select count(distinct exchange_id) from experiment_exchanges where experiment_id = $1) as recorded, (select count(*) from experiment_exposures where experiment_id = $1 and mixed) as mixed`,
    [id, answered],
  )
  console.log(
    `ST13: ${answered.length} of ${sessions * turns} answered, ${arms.size} units; ${moved} moved, exposures ${lost} lost, ${doubled} doubled, ${wrong} in another arm, ${marked?.mixed} in both`,
  )
  expect([moved, lost, doubled, wrong, marked?.mixed]).toEqual([0, 0, 0, 0, '0'])
  expect(marked?.marked).toBe(String(answered.length))
  expect(new Set(inPhase.map(({ arm }) => arm))).toEqual(new Set(['control', 'treatment']))

  // Its workflow survived too: it goes on looking.
  const before = Date.parse((await product.query('experiments.get', { id })).evaluatedAt ?? 0)
  await waitFor(
    async () => Date.parse((await product.query('experiments.get', { id })).evaluatedAt ?? 0) > before,
    'it is looked at again',
    150_000,
  )
  expect((await product.query('experiments.get', { id })).exposed).toMatchObject({ mixed: 0 })
})

/** Calls without a pause from ever new sessions until told to stop. */
function keepAsking(opening: string, name: string): { stop: () => Promise<void> } {
  let running = true
  const caller = async (lane: number): Promise<void> => {
    for (let number = lane; running; number += 4) {
      await ask(opening, `${name}-${number}`)
      // Quick enough to see the moment, slow enough for the learner beside it.
      await pause(150)
    }
  }
  const callers = Promise.all([0, 1, 2, 3].map(caller))
  return { stop: async () => void ((running = false), await callers) }
}

const lastTreated = (since: number): number =>
  Math.max(since, ...ledger.filter(({ treated }) => treated).map(({ at }) => at))
const untreatedSince = (since: number): number => ledger.filter(({ at, treated }) => at > since && !treated).length

test('ST15: after a person rolls back, the last treated request goes out within two seconds of the decision', async () => {
  const opening = 'Translate this for me:'
  const id = await startExperiment(opening)
  const traffic = keepAsking(opening, 'translate')
  try {
    await waitFor(
      () => ledger.filter(({ session, treated }) => treated && session.startsWith('translate-')).length > 20,
      'the treatment is served',
    )
    const decidedAt = Date.now()
    expect(await product.mutate('experiments.rollback', { id, reason: 'Complaints.' })).toMatchObject({
      state: 'rolled_back',
      active: true,
    })
    await waitFor(() => untreatedSince(decidedAt + 2_000) > 10, 'traffic went on for more than two seconds')
    const tookMs = lastTreated(decidedAt) - decidedAt
    console.log(`ST15: by a person, last treated request ${tookMs} ms after the decision`)
    expect(tookMs).toBeLessThanOrEqual(2_000)
  } finally {
    await traffic.stop()
  }
})

test('ST15: an outage of the treatment rolls back by itself, and within two seconds of that decision nobody is treated any more', async () => {
  const opening = 'Explain this to me:'
  const id = await startExperiment(opening)
  outage = true
  const traffic = keepAsking(opening, 'explain')
  try {
    await waitFor(
      async () => (await product.query('experiments.get', { id })).state === 'rolled_back',
      'it is rolled back by itself',
      150_000,
    )
    const { events } = await product.query('experiments.get', { id })
    expect(events[0]).toMatchObject({ to: 'rolled_back', person: null, numbers: { guardrail: 'error' } })
    const decidedAt = Date.parse(events[0].at)
    await waitFor(() => untreatedSince(decidedAt + 2_000) > 10, 'traffic went on for more than two seconds')
    const tookMs = lastTreated(decidedAt) - decidedAt
    console.log(
      `ST15: by a guardrail after ${events[0].numbers.pairs} pairs, last treated request ${tookMs} ms after the decision`,
    )
    expect(tookMs).toBeLessThanOrEqual(2_000)
  } finally {
    outage = false
    await traffic.stop()
  }
})
