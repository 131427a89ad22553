/** The official Anthropic client. */
import Anthropic from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { callerKey } from '../harness.ts'
import { tools, type Ask, type Client, type Heard } from './client.ts'
import { prompts } from './said.ts'
import { describeClient, openProvider } from './suite.ts'

const facts = z.object({ city: z.string(), degrees: z.int() })
const stops: Record<string, Heard['stop']> = {
  end_turn: 'stop',
  tool_use: 'tools',
  max_tokens: 'length',
  refusal: 'refusal',
}
const openClient = (baseURL: string, apiKey: string): Anthropic => new Anthropic({ baseURL, apiKey, maxRetries: 0 })

const anthropic: Client = {
  name: '@anthropic-ai/sdk',
  wire: 'messages',
  tellsRefusals: true,
  model: 'claude-sonnet-4-6',
  open(url, key, model) {
    const client = openClient(url, key)
    const toRequest = ({ system, prompt }: Ask) => ({
      model,
      max_tokens: 1_000,
      messages: [{ role: 'user', content: prompt }] as Anthropic.MessageParam[],
      ...(system !== undefined && { system }),
    })
    const send = async (
      request: Anthropic.MessageCreateParamsNonStreaming,
      stream: boolean,
    ): Promise<Anthropic.Message> =>
      stream ? client.messages.stream(request).finalMessage() : client.messages.create(request)
    const offered = Object.entries(tools).map(([name, { description, schema }]) => ({
      name,
      description,
      input_schema: schema,
    }))
    return {
      say: async (ask) => toHeard(await send(toRequest(ask), ask.stream)),
      async useTools(ask, run) {
        const request = { ...toRequest(ask), tools: offered }
        const first = await send(request, ask.stream)
        const heard = toHeard(first)
        const called = first.content.filter((block) => block.type === 'tool_use')
        const results = called.map((block, index) => ({
          type: 'tool_result' as const,
          tool_use_id: block.id,
          content: run(heard.calls[index] ?? { name: '?', arguments: {} }),
        }))
        return {
          first: heard,
          last: toHeard(
            await send(
              {
                ...request,
                messages: [
                  ...request.messages,
                  { role: 'assistant', content: first.content },
                  { role: 'user', content: results },
                ],
              },
              ask.stream,
            ),
          ),
        }
      },
      async extract(ask) {
        const request = { ...toRequest(ask), output_config: { format: zodOutputFormat(facts) } }
        const answer = ask.stream
          ? await client.messages.stream(request).finalMessage()
          : await client.messages.parse(request)
        return answer.parsed_output
      },
      async leave(ask) {
        const stream = await client.messages.create({ ...toRequest(ask), stream: true })
        for await (const _ of stream) return stream.controller.abort()
      },
      readFailure: (error) => ({
        status: error instanceof Anthropic.APIError ? (error.status ?? null) : null,
        message: String(error),
      }),
    }
  },
}

function toHeard({ content, stop_reason: reason, usage }: Anthropic.Message): Heard {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ name: block.name, arguments: block.input as Record<string, unknown> }] : [],
    ),
    stop: stops[reason ?? ''] ?? null,
    usage: {
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
      cached: usage.cache_read_input_tokens,
    },
  }
}

describeClient(anthropic)

describe('@anthropic-ai/sdk, besides', () => {
  const request = { model: 'claude-sonnet-4-6', messages: [{ role: 'user' as const, content: prompts.hello }] }

  test('tokens are counted by the provider', async () => {
    const { gateway, standIn } = await openProvider('messages', 'claude-sonnet-4-6')
    expect(await openClient(gateway.url, callerKey).messages.countTokens(request)).toEqual({ input_tokens: 14 })
    expect(standIn.seen[0]).toMatchObject({ method: 'POST', url: '/v1/messages/count_tokens' })
  })

  test('a stream’s helpers tell texts as they come, and what a call’s arguments grow to', async () => {
    const { gateway } = await openProvider('messages', 'claude-sonnet-4-6')
    const texts: string[] = []
    const grown: unknown[] = []
    const offered = Object.entries(tools).map(([name, { schema }]) => ({ name, input_schema: schema }))
    const stream = openClient(gateway.url, callerKey).messages.stream({
      ...request,
      messages: [{ role: 'user', content: prompts.weather }],
      max_tokens: 100,
      tools: offered,
    })
    stream.on('text', (text) => texts.push(text)).on('inputJson', (_, snapshot) => grown.push(snapshot))
    await stream.done()
    expect(texts).toEqual(['Let me look.'])
    expect(grown).toContainEqual({ city: 'Zürich "Mitte"', days: [1, 2] })
  })

  test('models are listed in its own shape', async () => {
    const { gateway } = await openProvider('messages', 'claude-sonnet-4-6')
    expect((await openClient(gateway.url, callerKey).models.list()).data).toMatchObject([
      { type: 'model', id: 'claude-sonnet-4-6' },
    ])
  })
})
