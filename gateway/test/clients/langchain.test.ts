/** LangChain with its packages for OpenAI, in both formats, and for Anthropic. */
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel, BindToolsInput } from '@langchain/core/language_models/chat_models'
import {
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
} from '@langchain/core/messages'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { callerKey } from '../harness.ts'
import { tools, type Ask, type Client, type Conversation, type Heard } from './client.ts'
import { vector } from './stand-in.ts'
import { describeClient, openProvider } from './suite.ts'

const facts = z.object({ city: z.string(), degrees: z.number().int() })
const offered: BindToolsInput[] = Object.entries(tools).map(([name, { description, schema }]) => ({
  name,
  description,
  schema,
}))
const stops: Record<string, Heard['stop']> = {
  stop: 'stop',
  tool_calls: 'tools',
  length: 'length',
  end_turn: 'stop',
  tool_use: 'tools',
  max_tokens: 'length',
  refusal: 'refusal',
  max_output_tokens: 'length',
}

type Runnable = Pick<BaseChatModel, 'invoke' | 'stream'>

function converse(model: BaseChatModel): Conversation {
  const toMessages = ({ system, prompt }: Ask): BaseMessage[] => [
    ...(system === undefined ? [] : [new SystemMessage(system)]),
    new HumanMessage(prompt),
  ]
  const send = async (
    runnable: Runnable,
    messages: BaseMessage[],
    stream: boolean,
  ): Promise<AIMessage | AIMessageChunk> => {
    if (!stream) return runnable.invoke(messages)
    let whole: AIMessageChunk | undefined
    for await (const chunk of await runnable.stream(messages)) whole = whole === undefined ? chunk : whole.concat(chunk)
    if (whole === undefined) throw new Error('the stream was empty')
    return whole
  }
  return {
    say: async (ask) => toHeard(await send(model, toMessages(ask), ask.stream)),
    async useTools(ask, run) {
      const bound = model.bindTools?.(offered) as unknown as Runnable
      const messages = toMessages(ask)
      const first = await send(bound, messages, ask.stream)
      const results = (first.tool_calls ?? []).map(
        (call) =>
          new ToolMessage({
            tool_call_id: call.id ?? '',
            name: call.name,
            content: run({ name: call.name, arguments: call.args as Record<string, unknown> }),
          }),
      )
      return { first: toHeard(first), last: toHeard(await send(bound, [...messages, first, ...results], ask.stream)) }
    },
    async extract(ask) {
      if (!ask.stream) return model.withStructuredOutput(facts).invoke(toMessages(ask))
      // The library's own parsers of streams stumble over pieces that hold nothing yet, so its user joins them.
      const bound = model.bindTools?.([{ name: 'facts', schema: facts }], {
        tool_choice: 'facts',
      }) as unknown as Runnable
      return (await send(bound, toMessages(ask), true)).tool_calls?.[0]?.args
    },
    async leave(ask) {
      const leaving = new AbortController()
      for await (const _ of await model.stream(toMessages(ask), { signal: leaving.signal })) return leaving.abort()
    },
    readFailure: (error) => ({ status: (error as { status?: number }).status ?? null, message: String(error) }),
  }
}

function toHeard(message: AIMessage | AIMessageChunk): Heard {
  const {
    finish_reason: finished,
    stop_reason: stopped,
    status,
    incomplete_details: incomplete,
  } = { ...message.additional_kwargs, ...message.response_metadata } as Record<string, string | undefined> & {
    incomplete_details?: { reason: string } | null
  }
  const calls = (message.tool_calls ?? []).map((call) => ({
    name: call.name,
    arguments: call.args as Record<string, unknown>,
  }))
  const reason =
    finished ??
    stopped ??
    incomplete?.reason ??
    (status === 'completed' ? (calls.length > 0 ? 'tool_use' : 'stop') : undefined)
  const usage = message.usage_metadata
  return {
    text: message.text,
    calls,
    stop: stops[reason ?? ''] ?? null,
    usage: {
      input: usage?.input_tokens ?? -1,
      output: usage?.output_tokens ?? -1,
      cached: usage?.input_token_details?.cache_read ?? null,
    },
  }
}

const openaiOf = (url: string, apiKey: string, model: string, useResponsesApi: boolean): ChatOpenAI =>
  new ChatOpenAI({ model, apiKey, maxRetries: 0, useResponsesApi, configuration: { baseURL: `${url}/v1` } })

const clients: Client[] = [
  {
    name: 'LangChain, @langchain/openai chat',
    wire: 'chat',
    model: 'gpt-4.1',
    open: (url, key, model) => converse(openaiOf(url, key, model, false)),
  },
  {
    name: 'LangChain, @langchain/openai responses',
    wire: 'responses',
    model: 'gpt-4.1',
    open: (url, key, model) => converse(openaiOf(url, key, model, true)),
    limits: { deafToErrors: 'responses' },
  },
  {
    name: 'LangChain, @langchain/anthropic',
    wire: 'messages',
    model: 'claude-sonnet-4-5',
    open: (anthropicApiUrl, apiKey, model) =>
      converse(new ChatAnthropic({ model, apiKey, maxRetries: 0, anthropicApiUrl })),
    limits: { readsInputFirst: true },
  },
]

for (const client of clients) describeClient(client)

describe('LangChain, besides', () => {
  test('embeddings reach a provider of the dialect', async () => {
    const { gateway } = await openProvider('chat', 'text-embedding-3-small')
    const embeddings = new OpenAIEmbeddings({
      model: 'text-embedding-3-small',
      apiKey: callerKey,
      maxRetries: 0,
      configuration: { baseURL: `${gateway.url}/v1` },
    })
    expect(await embeddings.embedQuery('a')).toEqual(vector)
  })
})
