/**
 * Tool namespaces through a real gateway: official clients see their own names, the provider those of the namespace.
 */
import Anthropic from '@anthropic-ai/sdk'
import type { ServerResponse } from 'node:http'
import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import type { ServedEnhancement } from '../../db/words/enhancement.ts'
import type { Wire } from '../../db/words/wire.ts'
import { fingerprintPrompt } from '../../workflows/domain/patterns/fingerprint.ts'
import { readPrompt } from '../../workflows/domain/exchanges/prompt.ts'
import { createSnapshots } from '../state/snapshot.ts'
import {
  callerKey,
  closeAll,
  makeFolder,
  startGateway,
  startUpstream,
  unexpected,
  until,
  type GatewayOptions,
  type TestGateway,
  type Upstream,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const paths = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const
const long = `search_${'x'.repeat(70)}`
const allowed = /^[a-zA-Z0-9_-]{1,64}$/

/**
 * A provider whose model calls the last of the tools it is given, with that name in its arguments too. Events go out in
 * pieces of a few bytes.
 */
function answerWithCall(wire: Wire, request: { stream?: boolean; tools?: any[] }, response: ServerResponse): void {
  const tool = request.tools?.at(-1)
  const name = (tool.function ?? tool).name as string
  const json = JSON.stringify({ said: name })
  const event = (data: object | string): string =>
    `${typeof data === 'object' && 'type' in data ? `event: ${String(data.type)}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
  const call = { type: 'function_call', id: 'f', call_id: 'c1', name, arguments: json, status: 'completed' }
  const answers = {
    chat: {
      whole: {
        id: 'a',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: `I call ${name}`,
              tool_calls: [{ id: 'c1', type: 'function', function: { name, arguments: json } }],
            },
            finish_reason: 'tool_calls',
          },
        ],
      },
      events: [
        ...[
          { role: 'assistant', content: `I call ${name}` },
          { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name, arguments: '' } }] },
          { tool_calls: [{ index: 0, function: { arguments: json } }] },
        ].map((delta) => ({
          id: 'a',
          object: 'chat.completion.chunk',
          created: 1,
          model: 'm',
          choices: [{ index: 0, delta, finish_reason: null }],
        })),
        {
          id: 'a',
          object: 'chat.completion.chunk',
          created: 1,
          model: 'm',
          choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
        },
        '[DONE]',
      ],
    },
    responses: {
      whole: {
        id: 'r',
        object: 'response',
        created_at: 1,
        status: 'completed',
        model: 'm',
        output: [call],
        tools: request.tools,
      },
      events: [
        {
          type: 'response.created',
          sequence_number: 0,
          response: {
            id: 'r',
            object: 'response',
            created_at: 1,
            status: 'in_progress',
            model: 'm',
            output: [],
            tools: request.tools,
          },
        },
        { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: { ...call, arguments: '' } },
        {
          type: 'response.function_call_arguments.delta',
          sequence_number: 2,
          output_index: 0,
          item_id: 'f',
          delta: json,
        },
        {
          type: 'response.function_call_arguments.done',
          sequence_number: 3,
          output_index: 0,
          item_id: 'f',
          name,
          arguments: json,
        },
        { type: 'response.output_item.done', sequence_number: 4, output_index: 0, item: call },
        {
          type: 'response.completed',
          sequence_number: 5,
          response: {
            id: 'r',
            object: 'response',
            created_at: 1,
            status: 'completed',
            model: 'm',
            output: [call],
            tools: request.tools,
          },
        },
      ],
    },
    messages: {
      whole: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [
          { type: 'text', text: `I call ${name}` },
          { type: 'tool_use', id: 'c1', name, input: { said: name } },
        ],
        stop_reason: 'tool_use',
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
      events: [
        {
          type: 'message_start',
          message: {
            id: 'm',
            type: 'message',
            role: 'assistant',
            model: 'm',
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { input_tokens: 1, output_tokens: 1 },
          },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'c1', name, input: {} } },
        { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: json } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 1 } },
        { type: 'message_stop' },
      ],
    },
  }[wire]
  if (request.stream !== true)
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers.whole))
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const bytes = Buffer.from(answers.events.map(event).join(''))
  const write = (at: number): void => {
    if (at >= bytes.length) return void response.end()
    response.write(bytes.subarray(at, at + 7), () => setImmediate(write, at + 7))
  }
  write(0)
}

async function open(
  wire: Wire,
  toolNamespace: string,
  options: GatewayOptions = {},
): Promise<{ gateway: TestGateway; upstream: Upstream }> {
  const upstream = await startUpstream((_request, response) =>
    answerWithCall(wire, JSON.parse(String(upstream.seen.at(-1)?.body)), response),
  )
  const dialect = wire === 'messages' ? ('anthropic' as const) : ('openai' as const)
  const gateway = await startGateway({
    keys: [{ name: 'demo', key: callerKey, team: 'default', toolNamespace }],
    providers: [
      {
        name: 'up',
        kind: `${dialect}-compatible`,
        wires: [wire],
        dialect,
        baseUrl: upstream.origin + (wire === 'messages' ? '' : '/v1'),
      },
    ],
    ...options,
  })
  return { gateway, upstream }
}

async function post(
  gateway: TestGateway,
  wire: Wire,
  body: object,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(gateway.url + paths[wire], {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return await response.text()
}

const seenBody = (upstream: Upstream, index = 0): any => JSON.parse(String(upstream.seen[index]?.body))

describe('an official client whose tools are in a namespace', () => {
  test.each([false, true])('openai, chat completions, stream: %s', async (stream) => {
    const { gateway, upstream } = await open('chat', 'session')
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: callerKey })
    const tools: OpenAI.ChatCompletionTool[] = ['lookup', long].map((name) => ({
      type: 'function',
      function: { name, parameters: {} },
    }))
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello' }]
    const ask = async (): Promise<OpenAI.ChatCompletionMessage> =>
      stream
        ? (await client.chat.completions.stream({ model: 'm', messages, tools }).finalChatCompletion()).choices[0]!
            .message
        : (await client.chat.completions.create({ model: 'm', messages, tools })).choices[0]!.message
    const message = await ask()
    const [call] = message.tool_calls ?? []
    expect(call).toMatchObject({ id: 'c1', function: { name: long } })
    messages.push({ role: 'assistant', tool_calls: [call!] }, { role: 'tool', tool_call_id: 'c1', content: '1' })
    await ask()
    const [first, second] = [seenBody(upstream, 0), seenBody(upstream, 1)]
    const [, name] = first.tools.map((tool: any) => tool.function.name) as [string, string]
    expect(first.tools[0].function.name).toMatch(/^s[0-9a-f]{8}__lookup$/)
    expect(name).toMatch(allowed)
    // Arguments and text are the model's own: they say what it said.
    expect(JSON.parse((call as any).function.arguments)).toEqual({ said: name })
    expect(message.content).toBe(`I call ${name}`)
    expect(second.messages[1].tool_calls[0].function.name).toBe(name)
    expect(second.tools).toEqual(first.tools)
  })

  test.each([false, true])('openai, responses, stream: %s', async (stream) => {
    const { gateway, upstream } = await open('responses', 'session')
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: callerKey })
    const tools: OpenAI.Responses.FunctionTool[] = ['lookup', long].map((name) => ({
      type: 'function',
      name,
      parameters: {},
      strict: false,
    }))
    const body = { model: 'm', input: 'Hello', tools }
    const answer = stream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body)
    const name = seenBody(upstream).tools[1].name as string
    expect(name).toMatch(allowed)
    expect(answer.output[0]).toMatchObject({
      type: 'function_call',
      name: long,
      arguments: JSON.stringify({ said: name }),
    })
    expect(answer.tools.map((tool: any) => tool.name)).toEqual(['lookup', long])
  })

  test.each([false, true])('@anthropic-ai/sdk, messages, stream: %s', async (stream) => {
    const { gateway, upstream } = await open('messages', 'session')
    const client = new Anthropic({ baseURL: gateway.url, apiKey: callerKey })
    const tools: Anthropic.Tool[] = ['lookup', long].map((name) => ({ name, input_schema: { type: 'object' } }))
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hello' }]
    const ask = async (): Promise<Anthropic.Message> =>
      stream
        ? await client.messages.stream({ model: 'm', max_tokens: 9, messages, tools }).finalMessage()
        : await client.messages.create({ model: 'm', max_tokens: 9, messages, tools })
    const { content } = await ask()
    const block = content.at(-1) as Anthropic.ToolUseBlock
    const name = seenBody(upstream).tools[1].name as string
    expect(name).toMatch(allowed)
    expect(block).toMatchObject({ type: 'tool_use', name: long, input: { said: name } })
    messages.push(
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: '1' }] },
    )
    await ask()
    expect(seenBody(upstream, 1).messages[1].content.at(-1).name).toBe(name)
  })
})

describe('the bytes and the record', () => {
  const body = {
    model: 'm',
    tools: [{ type: 'function', function: { name: 'lookup' } }],
    messages: [{ role: 'user', content: 'call lookup' }],
    temperature: 1.5,
  }

  test('nothing but the names changes on the way out, and the record has both requests, the answer as the caller got it, and the prefix', async () => {
    const { gateway, upstream } = await open('chat', 'acme')
    const text = await post(gateway, 'chat', body)
    expect(upstream.seen[0]?.body.toString()).toBe(
      JSON.stringify(body).replace('"name":"lookup"', '"name":"acme__lookup"'),
    )
    const [intent] = gateway.journal.intents()
    expect(intent?.intent.namespacePrefix).toBe('acme')
    expect(intent?.request.toString()).toBe(JSON.stringify(body))
    expect(intent?.sent).toEqual(upstream.seen[0]?.body)
    const recorded = await until('its outcome', () => gateway.journal.outcomeOf(intent!.intent.id))
    expect(recorded.response.toString()).toBe(text)
    expect(text).toContain('"function":{"name":"lookup","arguments":"{\\"said\\":\\"acme__lookup\\"}"}')
    expect(recorded.outcome.change?.upstream?.bytes).toBe(text.length + 'acme__'.length)
  })

  test('a key without a namespace, and a request without tools, pass byte for byte', async () => {
    const { gateway, upstream } = await open('chat', 'off')
    await post(gateway, 'chat', body)
    expect(upstream.seen[0]?.body.toString()).toBe(JSON.stringify(body))
    expect(gateway.journal.intents()[0]).toMatchObject({ sent: null })
    expect(gateway.journal.intents()[0]?.intent).not.toHaveProperty('namespacePrefix')
  })

  test('what comes compressed all the same has its names put back too', async () => {
    const { gzipSync } = await import('node:zlib')
    const upstream = await startUpstream(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync('{"choices":[{"message":{"tool_calls":[{"function":{"name":"acme__lookup"}}]}}]}')),
    )
    const gateway = await startGateway({
      keys: [{ name: 'demo', key: callerKey, team: 'default', toolNamespace: 'acme' }],
      providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }],
    })
    expect(await post(gateway, 'chat', body)).toBe(
      '{"choices":[{"message":{"tool_calls":[{"function":{"name":"lookup"}}]}}]}',
    )
    expect(upstream.seen[0]?.headers['accept-encoding']).toBe('identity')
  })

  test('an error of the provider passes as it is', async () => {
    const error = '{"error":{"message":"acme__lookup is not allowed","type":"invalid_request_error"}}'
    const upstream = await startUpstream(
      (_request, response) => void response.writeHead(400, { 'content-type': 'application/json' }).end(error),
    )
    const gateway = await startGateway({
      keys: [{ name: 'demo', key: callerKey, team: 'default', toolNamespace: 'acme' }],
      providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }],
    })
    const response = await fetch(gateway.url + paths.chat, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}` },
      body: JSON.stringify(body),
    })
    expect([response.status, await response.text()]).toEqual([400, error])
  })

  test('names change in the right places also where an enhancement has moved the messages', async () => {
    const history = {
      ...body,
      messages: [
        { role: 'user', content: 'Summarise this text please: the harbour' },
        {
          role: 'assistant',
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'lookup', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', name: 'lookup', content: '1' },
      ],
    }
    const fingerprint = fingerprintPrompt(readPrompt('chat', history))!
    const enhancement: ServedEnhancement = {
      enhancementId: '01a1fc00-0000-7000-8000-000000000001',
      patternId: 'p',
      team: 'default',
      openingHash: fingerprint.hash,
      original: fingerprint.template,
      enhanced: { system: 'Be brief.', template: fingerprint.template.template },
    }
    const dataDir = makeFolder()
    createSnapshots(dataDir).replace('1', { enhancements: [enhancement], experiments: [], rules: [] })
    const { gateway, upstream } = await open('chat', 'session', { dataDir })
    await post(gateway, 'chat', history)
    const sent = seenBody(upstream)
    expect(sent.messages[0]).toEqual({ role: 'system', content: 'Be brief.' })
    const name = sent.tools[0].function.name as string
    expect([sent.messages[2].tool_calls[0].function.name, sent.messages[3].name]).toEqual([name, name])
    // The session is told by what the caller wrote: what Sinew adds to it may change in the middle of it.
    const plain = await open('chat', 'session')
    await post(plain.gateway, 'chat', history)
    expect(seenBody(plain.upstream).tools[0].function.name).toBe(name)
  })

  test('one session has one prefix, by its header or by its beginning; a model’s is the model’s', async () => {
    const { gateway, upstream } = await open('chat', 'session')
    const nameAt = (index: number): string => seenBody(upstream, index).tools[0].function.name as string
    await post(gateway, 'chat', body, { 'x-sinew-session': 'one' })
    await post(
      gateway,
      'chat',
      { ...body, messages: [{ role: 'user', content: 'else' }] },
      { 'x-sinew-session': 'one' },
    )
    await post(gateway, 'chat', body, { 'x-sinew-session': 'two' })
    await post(gateway, 'chat', body)
    expect(nameAt(1)).toBe(nameAt(0))
    expect(new Set([0, 2, 3].map(nameAt)).size).toBe(3)
    const byModel = await open('chat', 'model')
    await post(byModel.gateway, 'chat', { ...body, model: 'up/a' })
    await post(byModel.gateway, 'chat', { ...body, model: 'up/a', messages: [] })
    await post(byModel.gateway, 'chat', { ...body, model: 'up/b' })
    const [a, again, b] = [0, 1, 2].map((index) => seenBody(byModel.upstream, index).tools[0].function.name as string)
    expect(again).toBe(a)
    expect(b).not.toBe(a)
  })
})

describe.each([
  ['chat', 'messages'],
  ['responses', 'messages'],
  ['messages', 'chat'],
  ['messages', 'responses'],
] as const)('a caller of %s whose provider speaks %s', (caller, provider) => {
  test.each([false, true])(
    'has its tools in the namespace there, and under their names here; stream: %s',
    async (stream) => {
      const { gateway, upstream } = await open(provider, 'acme')
      const conversation = {
        chat: {
          messages: [{ role: 'user', content: 'Hello' }],
          tools: [{ type: 'function', function: { name: 'lookup', parameters: {} } }],
        },
        responses: { input: 'Hello', tools: [{ type: 'function', name: 'lookup', parameters: {} }] },
        messages: {
          max_tokens: 9,
          messages: [{ role: 'user', content: 'Hello' }],
          tools: [{ name: 'lookup', input_schema: { type: 'object' } }],
        },
      }[caller]
      const text = await post(gateway, caller, { model: 'm', stream, ...conversation })
      const tool = seenBody(upstream).tools[0]
      expect((tool.function ?? tool).name).toBe('acme__lookup')
      expect(text).toContain('"name":"lookup"')
      expect(text).not.toContain('"name":"acme__lookup"')
      // What the model wrote, it wrote.
      expect(text).toContain('acme__lookup')
    },
  )
})
