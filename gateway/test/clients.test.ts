/** Through the gateway the official clients get exactly what they get directly. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { callerKey, closeAll, startGateway, startUpstream, unexpected, until, type TestGateway } from './harness.ts'
import { answerLikeProvider } from './wire.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

async function openBoth(): Promise<{ direct: string; through: TestGateway; seen: { body: Buffer; url: string }[] }> {
  const upstream = await startUpstream((request, response) => {
    answerLikeProvider(request, response, JSON.parse(String(upstream.seen.at(-1)?.body)) as { stream?: boolean })
  })
  const through = await startGateway({
    providers: [
      { name: 'oa', dialect: 'openai', baseUrl: `${upstream.origin}/v1`, models: ['gpt-4o'] },
      { name: 'an', dialect: 'anthropic', baseUrl: upstream.origin, models: ['claude-test-1'] },
    ],
  })
  return { direct: upstream.origin, through, seen: upstream.seen }
}

const parameters = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] }
const cases = [
  { stream: false, tools: false },
  { stream: false, tools: true },
  { stream: true, tools: false },
  { stream: true, tools: true },
]

describe('the openai client', () => {
  const ask = async (baseURL: string, apiKey: string, { stream, tools }: (typeof cases)[number]): Promise<unknown> => {
    const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0 })
    const request = {
      model: 'gpt-4o',
      messages: [{ role: 'user' as const, content: 'What is the weather in Zürich?' }],
      ...(tools && { tools: [{ type: 'function' as const, function: { name: 'weather', parameters } }] }),
    }
    if (!stream) return await client.chat.completions.create(request)
    const chunks: unknown[] = []
    for await (const chunk of await client.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    }))
      chunks.push(chunk)
    return chunks
  }

  test.each(cases)('gets the same, stream $stream, tools $tools', async (kind) => {
    const { direct, through, seen } = await openBoth()
    const expected = await ask(direct, 'any', kind)
    expect(await ask(through.url, callerKey, kind)).toEqual(expected)
    expect(seen[1]).toMatchObject({ url: seen[0]?.url, body: seen[0]?.body })
    const { outcome, response } = await until('the outcome', () => through.journal.outcomes()[0])
    expect(outcome).toMatchObject({ status: 'ok', httpStatus: 200, errorCode: null })
    expect(response.length).toBe(outcome.responseBytes)
  })

  test('finds Sinew’s exchange id beside the provider’s own request id', async () => {
    const { through } = await openBoth()
    const client = new OpenAI({ baseURL: `${through.url}/v1`, apiKey: callerKey })
    const { response, request_id } = await client.chat.completions
      .create({ model: 'oa/gpt-4o', messages: [{ role: 'user', content: 'Hi' }] })
      .withResponse()
    expect(request_id).toBe('req_9f3')
    expect(response.headers.get('x-sinew-exchange')).toBe(through.journal.intents()[0]?.intent.id)
  })

  test('sees Sinew’s errors as its own classes, with the member at fault', async () => {
    const { through } = await openBoth()
    const client = (apiKey: string) => new OpenAI({ baseURL: `${through.url}/v1`, apiKey, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    await expect(client('wrong').chat.completions.create({ model: 'gpt-4o', messages })).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    )
    const unknown = await client(callerKey)
      .chat.completions.create({ model: 'nothing', messages })
      .catch((error: unknown) => error)
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError)
    expect(unknown).toMatchObject({ param: 'model', code: 'model_not_found' })
    await expect(
      client(callerKey).chat.completions.create({ model: 'claude-test-1', messages, n: 2 }),
    ).rejects.toMatchObject({ status: 400, param: 'n' })
  })

  test('lists the models', async () => {
    const { through } = await openBoth()
    const list = await new OpenAI({ baseURL: `${through.url}/v1`, apiKey: callerKey }).models.list()
    expect(list.data.map(({ id, owned_by }) => `${owned_by}:${id}`)).toEqual(['oa:gpt-4o', 'an:claude-test-1'])
  })
})

describe('the Anthropic client', () => {
  const ask = async (baseURL: string, apiKey: string, { stream, tools }: (typeof cases)[number]): Promise<unknown> => {
    const client = new Anthropic({ baseURL, apiKey, maxRetries: 0 })
    const request = {
      model: 'claude-test-1',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: 'What is the weather in Zürich?' }],
      ...(tools && { tools: [{ name: 'weather', input_schema: parameters }] }),
    }
    if (!stream) return await client.messages.create(request)
    const events: unknown[] = []
    const answer = client.messages.stream(request)
    for await (const event of answer) events.push(JSON.parse(JSON.stringify(event)))
    return { events, final: await answer.finalMessage() }
  }

  test.each(cases)('gets the same, stream $stream, tools $tools', async (kind) => {
    const { direct, through, seen } = await openBoth()
    const expected = await ask(direct, 'any', kind)
    expect(await ask(through.url, callerKey, kind)).toEqual(expected)
    expect(seen[1]).toMatchObject({ url: seen[0]?.url, body: seen[0]?.body })
    const { outcome } = await until('the outcome', () => through.journal.outcomes()[0])
    expect(outcome).toMatchObject({ status: 'ok', httpStatus: 200, errorCode: null })
  })

  test('may add a query', async () => {
    const { through, seen } = await openBoth()
    const request = { model: 'an/claude-test-1', max_tokens: 5, messages: [{ role: 'user' as const, content: 'Hi' }] }
    await new Anthropic({ baseURL: through.url, apiKey: callerKey }).messages.create(request, {
      query: { beta: 'true' },
    })
    expect(seen[0]?.url).toBe('/v1/messages?beta=true')
    expect(JSON.parse(String(seen[0]?.body))).toMatchObject({ model: 'claude-test-1' })
  })

  test('sees Sinew’s errors as its own classes, with the field named', async () => {
    const { through } = await openBoth()
    const client = (apiKey: string) => new Anthropic({ baseURL: through.url, apiKey, maxRetries: 0 })
    const request = { max_tokens: 5, messages: [{ role: 'user' as const, content: 'Hi' }] }
    await expect(client('wrong').messages.create({ model: 'claude-test-1', ...request })).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    )
    const other = { model: 'gpt-4o', top_k: 5 }
    const unknown = await client(callerKey)
      .messages.create({ model: 'nothing', ...request })
      .catch((error: unknown) => error)
    expect(unknown).toBeInstanceOf(Anthropic.NotFoundError)
    expect(unknown).toMatchObject({
      error: {
        type: 'error',
        error: { type: 'not_found_error', message: expect.stringMatching(/^model: /) as string },
      },
    })
    await expect(client(callerKey).messages.create({ ...other, ...request })).rejects.toThrow(
      /top_k: .*another dialect/,
    )
  })

  test('lists the models in its own shape', async () => {
    const { through } = await openBoth()
    const list = await new Anthropic({ baseURL: through.url, apiKey: callerKey }).models.list()
    expect(list.data.map(({ id, type }) => `${type}:${id}`)).toEqual(['model:gpt-4o', 'model:claude-test-1'])
    expect(list.has_more).toBe(false)
  })
})

describe('the built-in simulation', () => {
  test('speaks both dialects, the same way every time, and says that it is one', async () => {
    const through = await startGateway()
    const openai = new OpenAI({ baseURL: `${through.url}/v1`, apiKey: callerKey })
    const anthropic = new Anthropic({ baseURL: through.url, apiKey: callerKey })
    const messages = [{ role: 'user' as const, content: 'Say this again' }]
    const first = await openai.chat.completions.create({ model: 'sim/echo', messages })
    expect(first).toEqual(await openai.chat.completions.create({ model: 'sim/echo', messages }))
    expect(first).toMatchObject({
      system_fingerprint: 'simulation',
      choices: [{ message: { content: 'Say this again' } }],
      usage: { prompt_tokens: 4 },
    })
    const message = await anthropic.messages.create({ model: 'sim/echo', max_tokens: 9, messages })
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'Say this again' }],
      usage: { input_tokens: 4, output_tokens: 4 },
    })
    expect(message.id).toContain('simulation')
  })

  test('streams its story, and calls the first tool with arguments of its schema', async () => {
    const through = await startGateway()
    const openai = new OpenAI({ baseURL: `${through.url}/v1`, apiKey: callerKey })
    const anthropic = new Anthropic({ baseURL: through.url, apiKey: callerKey })
    const messages = [{ role: 'user' as const, content: 'Go' }]
    const story = await anthropic.messages.stream({ model: 'sim/story', max_tokens: 999, messages }).finalMessage()
    expect(story.content[0]).toMatchObject({
      text: expect.stringMatching(/^This is a simulation.*story\.$/s) as string,
    })
    const schema = {
      type: 'object',
      properties: {
        city: { type: 'string' },
        days: { type: 'array', items: { type: 'integer', minimum: 3 } },
        unit: { enum: ['C', 'F'] },
      },
    }
    const runner = openai.chat.completions.stream({
      model: 'sim/tools',
      messages,
      tools: [{ type: 'function', function: { name: 'weather', parameters: schema } }],
    })
    const called = (await runner.finalChatCompletion()).choices[0]?.message.tool_calls?.[0]
    expect(called).toMatchObject({ function: { name: 'weather' } })
    expect(JSON.parse(called?.type === 'function' ? called.function.arguments : '')).toEqual({
      city: 'example',
      days: [3],
      unit: 'C',
    })
    const without = await openai.chat.completions.create({ model: 'sim/tools', messages })
    expect(without.choices[0]?.message.content).toContain('offers none')
  })
})
