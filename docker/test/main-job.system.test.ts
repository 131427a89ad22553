/**
 * The main job on real parts: real clients through `npm start`, real PostgreSQL, a real Temporal server. Only the
 * provider is simulated.
 */
import Anthropic from '@anthropic-ai/sdk'
import { Client, Connection } from '@temporalio/client'
import OpenAI from 'openai'
import { Client as Database } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, waitFor, type Product } from './product.ts'
import { openUpstream, type Upstream } from './upstream.ts'

let upstream: Upstream
let product: Product
let database: Database
let temporal: Client
beforeAll(async () => {
  upstream = await openUpstream(5)
  product = await startProduct({
    config: `providers:
  - { name: one, dialect: openai, baseUrl: "${upstream.url}/v1", apiKey: upstream-key, models: [gpt-test] }
  - { name: two, dialect: anthropic, baseUrl: "${upstream.url}", apiKey: upstream-key, models: [claude-test] }`,
  })
  temporal = new Client({ connection: await Connection.connect({ address: product.temporalAddress }) })
})
afterAll(async () => {
  await temporal?.connection.close()
  expect(await product?.stop()).toBe(0)
  await upstream?.close()
})

const openai = () => new OpenAI({ baseURL: `${product.gatewayUrl}/v1`, apiKey: product.callerKey, maxRetries: 0 })
const anthropic = () => new Anthropic({ baseURL: product.gatewayUrl, apiKey: product.callerKey, maxRetries: 0 })
const tool = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] }

/**
 * One request of the eight kinds {openai, anthropic} × {streaming, not} × {tools, none}; answers the exchange's id once
 * all of it is read.
 */
async function ask(number: number): Promise<string> {
  const prompt = [{ role: 'user' as const, content: `Describe the weather in town ${number} please` }]
  const stream = (number & 1) === 1
  const withTools = (number & 2) === 2
  if ((number & 4) === 4) {
    const request = {
      model: 'claude-test',
      max_tokens: 50,
      messages: prompt,
      ...(withTools ? { tools: [{ name: 'weather', input_schema: tool }] } : {}),
    }
    const { data, response } = await anthropic()
      .messages.create({ ...request, stream })
      .withResponse()
    if (Symbol.asyncIterator in data) for await (const _ of data);
    return response.headers.get('x-sinew-exchange') ?? ''
  }
  const request = {
    model: 'gpt-test',
    messages: prompt,
    ...(withTools ? { tools: [{ type: 'function' as const, function: { name: 'weather', parameters: tool } }] } : {}),
  }
  const { data, response } = await openai()
    .chat.completions.create({ ...request, stream })
    .withResponse()
  if (Symbol.asyncIterator in data) for await (const _ of data);
  return response.headers.get('x-sinew-exchange') ?? ''
}

/** Sends requests from `parallel` callers; what fails is left out of the answered ids. */
async function askMany(
  count: number,
  parallel: number,
  onAnswer: (answered: number) => void = () => {},
): Promise<string[]> {
  const answered: string[] = []
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count) {
      const number = next++
      try {
        answered.push(await ask(number))
        onAnswer(answered.length)
      } catch (error) {
        if (!isConnectionError(error)) throw error
        // The gateway is away: give it the time to come back instead of spending the requests on a closed port.
        await waitFor(
          () =>
            fetch(`${product.gatewayUrl}/healthz`).then(
              (response) => response.ok,
              () => false,
            ),
          'the gateway serves again',
        )
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, caller))
  return answered
}

const isConnectionError = (error: unknown): boolean =>
  error instanceof OpenAI.APIConnectionError ||
  error instanceof Anthropic.APIConnectionError ||
  /terminated|socket|ECONNRE|fetch failed/.test(String(error))

async function rows<T extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
  database = new Database({ connectionString: product.databaseUrl() })
  await database.connect()
  try {
    return (await database.query(text, values)).rows as T[]
  } finally {
    await database.end()
  }
}

const learned = async (ids: string[]): Promise<number> =>
  Number(
    (
      await rows<{ count: string }>(
        'select count(*) from requests where id = any($1) and learned_at is not null and workflow_started_at is not null',
        [ids],
      )
    )[0]?.count,
  )

async function completedWorkflows(ids: string[]): Promise<number> {
  const wanted = new Set(ids.map((id) => `exchange/${id}`))
  let found = 0
  for await (const { workflowId } of temporal.workflow.list({
    query: `WorkflowType = 'exchange' AND ExecutionStatus = 'Completed'`,
  }))
    if (wanted.has(workflowId)) found++
  return found
}

/** Every answered exchange: one final record, one completed workflow, counted once. */
async function expectAllLearnedOnce(ids: string[]): Promise<void> {
  expect(new Set(ids).size).toBe(ids.length)
  // While PostgreSQL comes back it answers nobody.
  await waitFor(
    async () => (await learned(ids).catch(() => -1)) === ids.length,
    `${ids.length} exchanges are learned from`,
    120_000,
  )
  await waitFor(
    async () => (await completedWorkflows(ids).catch(() => -1)) === ids.length,
    `${ids.length} workflows are completed`,
    60_000,
  )
  const [sums] = await rows<{ frequency: string; learned: string }>(
    'select (select sum(frequency) from prompt_patterns) as frequency, (select count(*) from requests where pattern_id is not null) as learned',
  )
  expect(sums?.frequency).toBe(sums?.learned)
}

describe('the main job', () => {
  test('500 mixed requests from real clients leave 500 exchanges in PostgreSQL and 500 completed workflows in Temporal', async () => {
    const ids = await askMany(500, 10)
    expect(ids).toHaveLength(500)
    await expectAllLearnedOnce(ids)
    const stored = await rows<{ status: string; count: string }>(
      'select status, count(*) from requests group by status',
    )
    expect(stored).toEqual([{ status: 'ok', count: '500' }])
    const [answers] = await rows<{ count: string }>(
      'select count(*) from responses where id = any($1) and body is not null',
      [ids],
    )
    expect(answers?.count).toBe('500')
  })

  test('kill -9 of gateway and worker in the middle of 500 requests: every request that got an answer has its record and its workflow, once', async () => {
    const victims: { at: number; name: 'gateway' | 'learner' }[] = [
      { at: 100, name: 'learner' },
      { at: 200, name: 'gateway' },
      { at: 350, name: 'gateway' },
      { at: 400, name: 'learner' },
    ]
    const ids = await askMany(500, 10, (answered) => {
      if (victims[0]?.at === answered)
        process.kill(product.pid((victims.shift() as { name: 'gateway' }).name), 'SIGKILL')
    })
    expect(victims).toEqual([])
    // Each kill of the gateway may cost what was in flight, nothing more.
    expect(ids.length).toBeGreaterThanOrEqual(480)
    await expectAllLearnedOnce(ids)
    const [unfinished] = await rows<{ count: string }>('select count(*) from requests where finished_at is null')
    expect(unfinished?.count).toBe('0')
    const recorded = await rows<{ id: string }>(`select id from requests where status = 'ok'`)
    expect(recorded.length).toBeGreaterThanOrEqual(500 + ids.length)
  })

  test('with Temporal and PostgreSQL stopped requests still succeed; once they go on, everything that waited arrives', async () => {
    for (const name of ['postgres', 'temporal'] as const) process.kill(product.pid(name), 'SIGSTOP')
    let ids: string[]
    try {
      ids = await askMany(40, 4)
      expect(ids).toHaveLength(40)
    } finally {
      for (const name of ['postgres', 'temporal'] as const) process.kill(product.pid(name), 'SIGCONT')
    }
    await expectAllLearnedOnce(ids)
  })

  test('PostgreSQL and Temporal killed with SIGKILL come back by themselves and nothing is lost', async () => {
    const killed = (['postgres', 'temporal'] as const).map((name) => ({ name, pid: product.pid(name) }))
    for (const { pid } of killed) process.kill(pid, 'SIGKILL')
    const ids = await askMany(40, 4)
    expect(ids).toHaveLength(40)
    for (const { name, pid } of killed)
      await waitFor(() => ![0, pid].includes(product.pid(name)), `${name} is started again`)
    await expectAllLearnedOnce(ids)
  })
})
