/** Vercel's AI SDK with its providers for OpenAI, in both formats, and for Anthropic. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import {
  APICallError,
  embedMany,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
  type FinishReason,
  type LanguageModel,
  type LanguageModelUsage,
  type StepResult,
  type ToolSet,
} from 'ai'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { callerKey } from '../harness.ts'
import { tools, type Ask, type Client, type Conversation, type Heard, type RunTool } from './client.ts'
import { vector } from './stand-in.ts'
import { describeClient, openProvider } from './suite.ts'

const facts = z.object({ city: z.string(), degrees: z.int() })
const stops: Partial<Record<FinishReason, Heard['stop']>> = {
  stop: 'stop',
  'tool-calls': 'tools',
  length: 'length',
  'content-filter': 'refusal',
}

function converse(
  model: LanguageModel,
  options: Pick<Parameters<typeof generateText>[0], 'providerOptions'> = {},
): Conversation {
  const toRequest = ({ system, prompt }: Ask) => ({
    model,
    prompt,
    maxRetries: 0,
    ...options,
    ...(system !== undefined && { system }),
  })
  const send = async (
    request: Parameters<typeof generateText>[0],
    stream: boolean,
  ): Promise<{ steps: StepResult<ToolSet>[] }> => {
    if (!stream) return generateText(request)
    let failure: unknown
    const answer = streamText({
      ...(request as Parameters<typeof streamText>[0]),
      onError: ({ error }) => void (failure ??= error),
    })
    await answer.consumeStream()
    if (failure !== undefined) throw failure
    return { steps: await answer.steps }
  }
  return {
    say: async (ask) => toHeard((await send(toRequest(ask), ask.stream)).steps[0]),
    // The library itself runs the tools and asks again.
    async useTools(ask, run) {
      const { steps } = await send({ ...toRequest(ask), tools: toTools(run), stopWhen: stepCountIs(3) }, ask.stream)
      expect(steps).toHaveLength(2)
      return { first: toHeard(steps[0]), last: toHeard(steps[1]) }
    },
    async extract(ask) {
      const request = { ...toRequest(ask), output: Output.object({ schema: facts }) }
      return ask.stream ? streamText(request).output : (await generateText(request)).output
    },
    async leave(ask) {
      const leaving = new AbortController()
      const answer = streamText({ ...toRequest(ask), abortSignal: leaving.signal, onError: () => {} })
      for await (const _ of answer.textStream) return leaving.abort()
    },
    readFailure: (error) => ({
      status: APICallError.isInstance(error) ? (error.statusCode ?? null) : null,
      message: error instanceof Error ? error.message : JSON.stringify(error),
    }),
  }
}

function toTools(run: RunTool): ToolSet {
  return Object.fromEntries(
    Object.entries(tools).map(([name, { description, schema }]) => [
      name,
      tool({
        description,
        inputSchema: jsonSchema<Record<string, unknown>>(schema as Parameters<typeof jsonSchema>[0]),
        execute: (input) => run({ name, arguments: input }),
      }),
    ]),
  )
}

function toHeard(step: StepResult<ToolSet> | undefined): Heard {
  if (step === undefined) throw new Error('there was no answer')
  return {
    text: step.text,
    calls: step.toolCalls.map((call) => ({ name: call.toolName, arguments: call.input as Record<string, unknown> })),
    stop: stops[step.finishReason] ?? null,
    usage: toUsage(step.usage),
  }
}

const toUsage = ({ inputTokens = -1, outputTokens = -1, inputTokenDetails }: LanguageModelUsage): Heard['usage'] => ({
  input: inputTokens,
  output: outputTokens,
  cached: inputTokenDetails.cacheReadTokens ?? null,
})

const openaiOf = (url: string, apiKey: string) => createOpenAI({ baseURL: `${url}/v1`, apiKey })

/** By default it refers to earlier answers by ids that only the provider who stored them can read. */
const unstored = { providerOptions: { openai: { store: false } } }

const clients: Client[] = [
  {
    name: 'AI SDK, @ai-sdk/openai chat',
    wire: 'chat',
    model: 'gpt-4.1',
    open: (url, key, model) => converse(openaiOf(url, key).chat(model)),
  },
  {
    name: 'AI SDK, @ai-sdk/openai responses',
    wire: 'responses',
    model: 'gpt-4.1',
    open: (url, key, model, provider) =>
      converse(openaiOf(url, key).responses(model), provider === 'responses' ? {} : unstored),
  },
  {
    name: 'AI SDK, @ai-sdk/anthropic',
    wire: 'messages',
    model: 'claude-sonnet-4-5',
    open: (url, apiKey, model) => converse(createAnthropic({ baseURL: `${url}/v1`, apiKey })(model)),
  },
]

for (const client of clients) describeClient(client)

describe('AI SDK, besides', () => {
  test('embeddings reach a provider of the dialect', async () => {
    const { gateway } = await openProvider('chat', 'text-embedding-3-small')
    const { embeddings, usage } = await embedMany({
      model: openaiOf(gateway.url, callerKey).embeddingModel('text-embedding-3-small'),
      values: ['a'],
      maxRetries: 0,
    })
    expect({ embeddings, usage }).toEqual({ embeddings: [vector], usage: { tokens: 8 } })
  })
})
