/**
 * Whatever bytes a caller sends: a 4xx of its dialect that names the field, or a request that its provider got; never a
 * failure of the gateway's own.
 */
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Wire } from '../../db/words/wire.ts'
import { speakers } from './clients/stand-in.ts'
import {
  callerKey,
  closeAll,
  startGateway,
  startUpstream,
  unexpected,
  type TestGateway,
  type Upstream,
} from './harness.ts'

const paths: Record<Wire, string> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
}
const wires = Object.keys(paths) as Wire[]

let gateway: TestGateway
let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream((request, response) => answer(request.url ?? '', response))
  gateway = await startGateway({
    providers: wires.map((wire) => ({
      name: wire,
      models: [],
      wires: [wire],
      ...(wire === 'messages'
        ? { kind: 'anthropic-compatible', dialect: 'anthropic', baseUrl: upstream.origin }
        : { kind: 'openai-compatible', dialect: 'openai', baseUrl: `${upstream.origin}/v1` }),
    })),
  })
})
afterAll(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

/** Says yes to everything, in the provider's own words. */
function answer(url: string, response: ServerResponse): void {
  const speaker = Object.values(speakers).find(({ path }) => path === url)
  if (speaker === undefined) return void response.writeHead(404).end()
  const body = JSON.parse(String(upstream.seen.at(-1)?.body)) as { stream?: unknown }
  const said = { pieces: ['Yes'], calls: [], stop: 'stop' as const }
  if (body.stream === true)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(speaker.events(said, body).join(''))
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(speaker.whole(said)))
}

interface Seen {
  status: number
  /** As the dialect says it. */
  error: { message: string; type: string; param?: string | null; code?: string | null } | undefined
  /** What the provider got of it. */
  arrived: Upstream['seen']
  record: { code: string | null; kept: number; announced: number }
}

async function send(wire: Wire, body: string | Uint8Array<ArrayBuffer>): Promise<Seen> {
  upstream.seen.length = 0
  gateway.journal.entries.length = 0
  const response = await fetch(gateway.url + paths[wire], {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
  })
  const text = await response.text()
  const id = response.headers.get('x-sinew-exchange') ?? 'none'
  const refused = gateway.journal.refused().find(({ intent }) => intent.id === id)
  const intent = refused ?? gateway.journal.intents().find((entry) => entry.intent.id === id)
  const outcome = refused?.outcome ?? gateway.journal.outcomeOf(id)?.outcome
  if (intent === undefined || outcome === undefined) throw new Error(`${response.status} without a record: ${text}`)
  expect(outcome.httpStatus).toBe(response.status)
  return {
    status: response.status,
    error: response.ok ? undefined : readError(wire, text, id),
    arrived: [...upstream.seen],
    record: { code: outcome.errorCode, kept: intent.request.length, announced: intent.intent.requestBytes },
  }
}

function readError(wire: Wire, text: string, id: string): Seen['error'] {
  const body = JSON.parse(text) as { error: NonNullable<Seen['error']> }
  if (wire === 'messages')
    expect(body).toEqual({
      type: 'error',
      error: { type: expect.any(String) as string, message: expect.any(String) as string },
      request_id: id,
    })
  else expect(Object.keys(body.error).sort()).toEqual(['code', 'message', 'param', 'type'])
  return body.error
}

/** Nothing that a caller did may look like a fault of the gateway's. */
function expectAnswered({ status, error, arrived, record }: Seen): void {
  if (error === undefined) {
    expect(arrived).toHaveLength(1)
    return
  }
  expect(record.code).not.toBeNull()
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(500)
  expect(error.message.length).toBeGreaterThan(5)
  expect(arrived).toEqual([])
}

const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }
const valid: Record<Wire, Record<string, unknown>> = {
  chat: {
    model: 'chat/m',
    max_tokens: 5,
    temperature: 1,
    stream: false,
    user: 'u',
    tool_choice: 'auto',
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
  },
  responses: {
    model: 'responses/m',
    instructions: 'Be kind.',
    max_output_tokens: 5,
    temperature: 1,
    stream: false,
    tool_choice: 'auto',
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'ok' },
    ],
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
  },
  messages: {
    model: 'messages/m',
    system: 'Be kind.',
    max_tokens: 5,
    temperature: 1,
    stream: false,
    tool_choice: { type: 'auto' },
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] },
    ],
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
  },
}

/** Places in the valid requests, and the types that they cannot have. */
type Kind = 'text' | 'number' | 'flag' | 'object' | 'list' | 'none'
const wrong: Record<Wire, [field: string, kinds: Kind[]][]> = {
  chat: [
    ['model', ['number', 'flag', 'object', 'list', 'none']],
    ['messages', ['text', 'number', 'flag', 'object', 'none']],
    ['messages[1]', ['text', 'number', 'flag', 'list', 'none']],
    ['messages[1].role', ['number', 'flag', 'object', 'list', 'none']],
    ['messages[1].content', ['number', 'flag', 'object']],
    ['messages[1].content[0]', ['text', 'number', 'list', 'none']],
    ['messages[1].content[0].type', ['number', 'none']],
    ['messages[2].tool_calls', ['text', 'object']],
    ['messages[2].tool_calls[0]', ['text', 'none']],
    ['max_tokens', ['text', 'flag', 'object', 'list']],
    ['temperature', ['text', 'flag', 'object', 'list']],
    ['stream', ['text', 'number', 'object']],
    ['user', ['number', 'object']],
    ['tool_choice', ['number', 'flag', 'list']],
    ['tools', ['text', 'number', 'object']],
    ['tools[0]', ['text', 'none']],
    ['tools[0].function', ['text', 'none']],
    ['tools[0].function.name', ['number', 'none']],
  ],
  responses: [
    ['model', ['number', 'flag', 'object', 'list', 'none']],
    ['input', ['number', 'flag', 'object', 'none']],
    ['input[0]', ['text', 'number', 'list', 'none']],
    ['input[0].role', ['number', 'object', 'none']],
    ['input[0].content', ['number', 'flag', 'object', 'none']],
    ['input[0].content[0].type', ['number', 'none']],
    ['input[1].type', ['number', 'flag', 'list']],
    ['instructions', ['number', 'flag', 'object']],
    ['max_output_tokens', ['text', 'flag', 'object', 'list']],
    ['temperature', ['text', 'list']],
    ['stream', ['text', 'number', 'object']],
    ['tool_choice', ['number', 'flag', 'list']],
    ['tools', ['text', 'object']],
    ['tools[0]', ['text', 'list']],
  ],
  messages: [
    ['model', ['number', 'flag', 'object', 'list', 'none']],
    ['messages', ['text', 'number', 'flag', 'object', 'none']],
    ['messages[0]', ['text', 'number', 'list', 'none']],
    ['messages[0].role', ['number', 'object', 'none']],
    ['messages[0].content', ['number', 'flag', 'object', 'none']],
    ['messages[1].content[0]', ['text', 'none']],
    ['messages[1].content[0].type', ['number', 'none']],
    ['system', ['number', 'flag', 'object']],
    ['max_tokens', ['text', 'flag', 'object', 'list']],
    ['temperature', ['text', 'list']],
    ['stream', ['text', 'number', 'object']],
    ['tool_choice', ['text', 'number', 'list']],
    ['tools', ['text', 'object']],
    ['tools[0]', ['text', 'none']],
  ],
}

const values: Record<Kind, fc.Arbitrary<unknown>> = {
  text: fc.string({ minLength: 1 }),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  flag: fc.boolean(),
  object: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
  list: fc.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 1 }),
  none: fc.constant(null),
}

/** Whole, so that a name of one character does not pass for any word. */
function names(error: NonNullable<Seen['error']>, wire: Wire, field: string): boolean {
  return wire === 'messages' ? error.message.startsWith(`${field}: `) : error.param === field
}

function withValue(body: unknown, field: string, value: unknown): unknown {
  const steps = [...field.matchAll(/(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index))
  const copy: unknown = structuredClone(body)
  const parent = steps.slice(0, -1).reduce<any>((at, step) => at[step], copy)
  parent[steps.at(-1) as string | number] = value
  return copy
}

describe.each(wires)('a caller of %s', (wire) => {
  test('is told which field is missing or of another type; nothing of it is sent or kept', async () => {
    const faults = fc
      .constantFrom(...wrong[wire].flatMap(([field, kinds]) => kinds.map((kind) => ({ field, kind }))))
      .chain(({ field, kind }) => values[kind].map((value) => ({ field, value })))
    await fc.assert(
      fc.asyncProperty(faults, fc.constantFrom(...wires), async ({ field, value }, provider) => {
        const body = JSON.stringify(withValue({ ...valid[wire], model: `${provider}/m` }, field, value))
        const { status, error, arrived, record } = await send(wire, body)
        expect([status, error && names(error, wire, field) ? field : error, arrived.length]).toEqual([400, field, 0])
        expect(record).toMatchObject({ kept: 0, announced: Buffer.byteLength(body) })
      }),
      { numRuns: 250 },
    )
  })

  test('whose request is right reaches every provider', async () => {
    for (const provider of wires) {
      const { arrived } = await send(wire, JSON.stringify({ ...valid[wire], model: `${provider}/m` }))
      expect(arrived).toHaveLength(1)
    }
  })

  test('gets an answer to whatever bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(`{"model":"chat/m",${text}}`)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => expectAnswered(await send(wire, Uint8Array.from(body)))),
      { numRuns: 150 },
    )
  })

  test('gets an answer to whatever JSON stands in the places of a request, from a provider of every format', async () => {
    const places = Object.keys(valid[wire]).filter((name) => name !== 'model')
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(
        fc.dictionary(
          fc.constantFrom(
            'role',
            'type',
            'content',
            'text',
            'name',
            'id',
            'call_id',
            'function',
            'arguments',
            'tool_calls',
            'input',
            'output',
            'source',
            'image_url',
          ),
          fc.jsonValue({ maxDepth: 2 }),
        ),
      ),
    )
    const body = fc
      .tuple(fc.dictionary(fc.constantFrom(...places), value), fc.constantFrom(...wires))
      .map(([members, provider]) => JSON.stringify({ ...valid[wire], ...members, model: `${provider}/m` }))
    await fc.assert(
      fc.asyncProperty(body, async (text) => expectAnswered(await send(wire, text))),
      { numRuns: 250 },
    )
  })

  test('may change any one place of a right request: it is refused with a word, or it arrives', async () => {
    const fields = wrong[wire].map(([field]) => field).filter((field) => field !== 'model')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fields),
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom(...wires),
        async (field, value, provider) => {
          expectAnswered(
            await send(wire, JSON.stringify(withValue({ ...valid[wire], model: `${provider}/m` }, field, value))),
          )
        },
      ),
      { numRuns: 250 },
    )
  })
})
