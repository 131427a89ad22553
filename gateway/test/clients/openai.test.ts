/** The official openai client, in both of OpenAI's formats. */
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { callerKey } from '../harness.ts'
import { factsSchema, tools, type Ask, type Client, type Heard } from './client.ts'
import { vector } from './stand-in.ts'
import { describeClient, openProvider } from './suite.ts'

const facts = z.object({ city: z.string(), degrees: z.int() })
const entries = Object.entries(tools)
const openClient = (url: string, apiKey: string): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 })
const readFailure = (error: unknown): { status: number | null; message: string } => ({
  status: error instanceof OpenAI.APIError ? (error.status ?? null) : null,
  message: String(error),
})

const chatStops = {
  stop: 'stop',
  tool_calls: 'tools',
  length: 'length',
  content_filter: 'refusal',
  function_call: 'tools',
} as const

const chat: Client = {
  name: 'openai, chat',
  wire: 'chat',
  tellsRefusals: true,
  model: 'gpt-4.1',
  open(url, key, model) {
    const client = openClient(url, key)
    const toMessages = ({ system, prompt }: Ask): OpenAI.ChatCompletionMessageParam[] => [
      ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content: prompt },
    ]
    const send = async (
      messages: OpenAI.ChatCompletionMessageParam[],
      stream: boolean,
      more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
    ): Promise<OpenAI.ChatCompletion> =>
      stream
        ? client.chat.completions
            .stream({ model, messages, ...more, stream: true, stream_options: { include_usage: true } })
            .finalChatCompletion()
        : client.chat.completions.create({ model, messages, ...more })
    const offered = entries.map(([name, { description, schema }]) => ({
      type: 'function' as const,
      function: { name, description, parameters: schema },
    }))
    return {
      say: async (ask) => toHeard(await send(toMessages(ask), ask.stream)),
      async useTools(ask, run) {
        const messages = toMessages(ask)
        const first = await send(messages, ask.stream, { tools: offered })
        const heard = toHeard(first)
        const message = first.choices[0]?.message as OpenAI.ChatCompletionMessage
        const results = (message.tool_calls ?? []).map((call, index) => ({
          role: 'tool' as const,
          tool_call_id: call.id,
          content: run(heard.calls[index] ?? { name: '?', arguments: {} }),
        }))
        return {
          first: heard,
          last: toHeard(await send([...messages, message, ...results], ask.stream, { tools: offered })),
        }
      },
      async extract(ask) {
        const request = { model, messages: toMessages(ask), response_format: zodResponseFormat(facts, 'facts') }
        const answer = ask.stream
          ? await client.chat.completions.stream(request).finalChatCompletion()
          : await client.chat.completions.parse(request)
        return answer.choices[0]?.message.parsed
      },
      async leave(ask) {
        const stream = await client.chat.completions.create({ model, messages: toMessages(ask), stream: true })
        for await (const _ of stream) return stream.controller.abort()
      },
      readFailure,
    }

    function toHeard({ choices, usage }: OpenAI.ChatCompletion): Heard {
      const choice = choices[0] as OpenAI.ChatCompletion.Choice
      return {
        text: choice.message.content || (choice.message.refusal ?? ''),
        calls: (choice.message.tool_calls ?? []).flatMap((call) =>
          call.type === 'function'
            ? [{ name: call.function.name, arguments: JSON.parse(call.function.arguments) as Record<string, unknown> }]
            : [],
        ),
        stop: choice.message.refusal ? 'refusal' : chatStops[choice.finish_reason],
        usage: {
          input: usage?.prompt_tokens ?? -1,
          output: usage?.completion_tokens ?? -1,
          cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
        },
      }
    }
  },
}

const responses: Client = {
  name: 'openai, responses',
  wire: 'responses',
  tellsRefusals: true,
  model: 'gpt-4.1',
  open(url, key, model) {
    const client = openClient(url, key)
    const toRequest = ({ system, prompt }: Ask) => ({
      model,
      input: [{ role: 'user', content: prompt }] as ResponseInputItem[],
      ...(system !== undefined && { instructions: system }),
      store: false,
    })
    const send = async (
      request: OpenAI.Responses.ResponseCreateParamsNonStreaming,
      stream: boolean,
    ): Promise<OpenAI.Responses.Response> =>
      stream ? client.responses.stream({ ...request, stream: true }).finalResponse() : client.responses.create(request)
    const offered = entries.map(([name, { description, schema }]) => ({
      type: 'function' as const,
      name,
      description,
      parameters: schema,
      strict: false,
    }))
    return {
      say: async (ask) => toHeard(await send(toRequest(ask), ask.stream)),
      async useTools(ask, run) {
        const request = { ...toRequest(ask), tools: offered }
        const first = await send(request, ask.stream)
        const heard = toHeard(first)
        const called = first.output.filter((item) => item.type === 'function_call')
        const results = called.map((item, index) => ({
          type: 'function_call_output' as const,
          call_id: item.call_id,
          output: run(heard.calls[index] ?? { name: '?', arguments: {} }),
        }))
        return {
          first: heard,
          last: toHeard(
            await send(
              { ...request, input: [...request.input, ...(first.output as ResponseInputItem[]), ...results] },
              ask.stream,
            ),
          ),
        }
      },
      async extract(ask) {
        const request = { ...toRequest(ask), text: { format: zodTextFormat(facts, 'facts') } }
        const answer = ask.stream
          ? await client.responses.stream(request).finalResponse()
          : await client.responses.parse(request)
        return answer.output_parsed
      },
      async leave(ask) {
        const stream = await client.responses.create({ ...toRequest(ask), stream: true })
        for await (const _ of stream) return stream.controller.abort()
      },
      readFailure,
    }

    function toHeard(response: OpenAI.Responses.Response): Heard {
      const calls = response.output.filter((item) => item.type === 'function_call')
      const reason = response.incomplete_details?.reason
      const refusals = response.output.flatMap((item) =>
        item.type === 'message' ? item.content.flatMap((part) => (part.type === 'refusal' ? [part.refusal] : [])) : [],
      )
      return {
        text: response.output_text + refusals.join(''),
        calls: calls.map((call) => ({
          name: call.name,
          arguments: JSON.parse(call.arguments) as Record<string, unknown>,
        })),
        stop:
          reason === 'max_output_tokens'
            ? 'length'
            : refusals.length > 0 || reason === 'content_filter'
              ? 'refusal'
              : calls.length > 0
                ? 'tools'
                : 'stop',
        usage: {
          input: response.usage?.input_tokens ?? -1,
          output: response.usage?.output_tokens ?? -1,
          cached: response.usage?.input_tokens_details.cached_tokens ?? 0,
        },
      }
    }
  },
}

describeClient(chat)
describeClient(responses)

describe('openai, besides', () => {
  test('embeddings reach a provider of the dialect', async () => {
    const { gateway, standIn } = await openProvider('chat', 'text-embedding-3-small')
    const answer = await openClient(gateway.url, callerKey).embeddings.create({
      model: 'text-embedding-3-small',
      input: ['a', 'b'],
      dimensions: 3,
    })
    expect(answer).toMatchObject({ data: [{ embedding: vector }], usage: { prompt_tokens: 8 } })
    expect(standIn.seen[0]).toMatchObject({ method: 'POST', url: '/v1/embeddings' })
  })

  test('models are listed', async () => {
    const { gateway } = await openProvider('chat', 'gpt-4.1')
    expect(
      (await openClient(gateway.url, callerKey).models.list()).data.map(({ id, owned_by }) => `${owned_by}:${id}`),
    ).toEqual(['p:gpt-4.1'])
  })

  test('a schema of one’s own is kept to the byte', async () => {
    const { gateway, standIn } = await openProvider('chat', 'gpt-4.1')
    const schema = { name: 'facts', strict: true, schema: factsSchema }
    await openClient(gateway.url, callerKey).chat.completions.create({
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: 'Extract' }],
      response_format: { type: 'json_schema', json_schema: schema },
    })
    expect(JSON.parse(String(standIn.seen[0]?.body))).toMatchObject({
      response_format: { type: 'json_schema', json_schema: schema },
    })
  })
})
