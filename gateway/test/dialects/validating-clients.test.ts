import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { jsonSchema, streamText, tool, type LanguageModel } from 'ai'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { ProviderWire, Wire } from '../../../db/words/wire.ts'
import { wires } from '../wires.ts'
import { StreamTranslator } from '../stream-translator.ts'
import { readRow } from '../eval/wire/rows.ts'

globalThis.AI_SDK_LOG_WARNINGS = false

/**
 * The AI SDK checks every chunk against a schema: one that does not fit is an error part, although the answer goes on.
 */
const answering = (text: string) => async (): Promise<Response> =>
  new Response(text, { headers: { 'content-type': 'text/event-stream' } })

const models: Readonly<Record<Wire, (text: string) => LanguageModel>> = {
  chat: (text) => createOpenAI({ apiKey: 'k', fetch: answering(text) }).chat('m'),
  responses: (text) => createOpenAI({ apiKey: 'k', fetch: answering(text) }).responses('m'),
  messages: (text) => createAnthropic({ apiKey: 'k', fetch: answering(text) })('m'),
}

interface Heard {
  readonly text: string
  readonly calls: readonly string[]
  readonly errors: readonly string[]
}

async function hear(to: Wire, text: string): Promise<Heard> {
  const look = tool({ inputSchema: jsonSchema<Record<string, unknown>>({ type: 'object' }) })
  const answer = streamText({
    model: models[to](text),
    prompt: 'x',
    maxRetries: 0,
    tools: { look },
    onError: () => {},
  })
  const heard = { text: '', calls: [] as string[], errors: [] as string[] }
  for await (const part of answer.fullStream) {
    if (part.type === 'text-delta') heard.text += part.text
    // A call of a tool that this client does not have is its own business.
    else if (part.type === 'tool-call') heard.calls.push(`${part.toolName} ${JSON.stringify(part.input)}`)
    else if (part.type === 'error') heard.errors.push(String(part.error).slice(0, 300))
  }
  return heard
}

function translate(from: ProviderWire, to: Wire, stream: string | Buffer): { text: string; failed: boolean } {
  const translator = new StreamTranslator({ from, to }, { includeUsage: true })
  const text = translator.push(Buffer.from(stream)) + translator.end()
  return { text, failed: translator.failed }
}

const sse = (...events: object[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')

test('every signed call of Gemini is a call and no error, with the signature in its first chunk', async () => {
  const call = (q: string): object => ({ functionCall: { name: 'look', args: { q } }, thoughtSignature: `GS${q}` })
  const events = sse(
    {
      candidates: [{ content: { parts: [{ text: 'plan', thought: true }, { text: 'Let me see.' }] } }],
      responseId: 'g',
    },
    { candidates: [{ content: { parts: [call('1'), call('2')] }, finishReason: 'STOP' }] },
  )
  for (const to of wires) {
    const { text } = translate('google', to, events)
    expect(text).toContain('GS1')
    expect(await hear(to, text)).toEqual({
      text: 'Let me see.',
      calls: ['look {"q":"1"}', 'look {"q":"2"}'],
      errors: [],
    })
  }
  const [first] = [...translate('google', 'chat', events).text.matchAll(/^data: (.*"tool_calls".*)$/gm)]
  expect(JSON.parse(first?.[1] ?? '')).toMatchObject({
    choices: [
      {
        delta: {
          tool_calls: [
            { id: 'call_g_0', function: { name: 'look' }, extra_content: { google: { thought_signature: 'GS1' } } },
          ],
        },
      },
    ],
  })
})

test('a signature that comes behind its call is no error either', async () => {
  const chunk = (call: object): object => ({ id: 'c', choices: [{ index: 0, delta: { tool_calls: [call] } }] })
  const events = sse(
    chunk({ index: 0, id: 'c1', type: 'function', function: { name: 'look', arguments: '{"q":' } }),
    chunk({ index: 0, function: { arguments: '"1"}' } }),
    chunk({ index: 0, extra_content: { google: { thought_signature: 'GS' } } }),
    { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
  )
  for (const to of ['responses', 'messages'] as const) {
    const { text } = translate('chat', to, events)
    expect(text).toContain('GS')
    expect(await hear(to, text)).toMatchObject({ calls: ['look {"q":"1"}'], errors: [] })
    // And back into chat, as a provider of that wire would carry it.
    expect(await hear('chat', translate(to, 'chat', text).text)).toMatchObject({
      calls: ['look {"q":"1"}'],
      errors: [],
    })
  }
})

test('pictures, citations, reasoning, refusals and limits fit the schemas', async () => {
  const chunk = (delta: object, finish: string | null = null): object => ({
    id: 'c',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const streams: readonly (readonly [ProviderWire, string])[] = [
    [
      'google',
      sse({
        candidates: [
          {
            content: { parts: [{ text: 'Here' }, { inlineData: { mimeType: 'image/png', data: 'aGk=' } }] },
            finishReason: 'STOP',
          },
        ],
      }),
    ],
    [
      'chat',
      sse(
        chunk({ role: 'assistant', reasoning_content: 'why' }),
        chunk({ content: 'Here' }),
        chunk({
          annotations: [{ type: 'url_citation', url_citation: { url: 'https://a', start_index: 0, end_index: 1 } }],
        }),
        chunk({}, 'length'),
      ),
    ],
    ['chat', sse(chunk({ refusal: 'Here' }), chunk({}, 'stop'))],
    ['chat', sse(chunk({ content: 'Here' }), chunk({}, 'content_filter'))],
  ]
  for (const [from, events] of streams)
    for (const to of wires.filter((wire) => wire !== from)) {
      const heard = await hear(to, translate(from, to, events).text)
      expect(heard.errors, `${from} → ${to}: ${events}`).toEqual([])
    }
})

const sample = join(dirname(fileURLToPath(import.meta.url)), '../eval/wire/sample.jsonl')
const full = join(process.env.SINEW_EVAL_DATA ?? '', 'd_wire.jsonl')
const rows = readFileSync(existsSync(full) ? full : sample, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map(readRow)
  .filter(({ stream, generation }) => stream && generation)

test(
  'every recorded stream fits the schemas in every wire that it is translated to',
  { timeout: 120_000 },
  async () => {
    const faults: string[] = []
    let heard = 0
    for (const { id, dialect, response } of rows) {
      for (const to of wires.filter((target) => target !== dialect)) {
        if (dialect === undefined) continue
        const { text, failed } = translate(dialect, to, response)
        // The SDK's chat model knows no free text calls, which OpenAI's own chat wire has.
        if (failed || (to === 'chat' && text.includes('"type":"custom"'))) continue
        heard += 1
        const { errors } = await hear(to, text)
        if (errors.length > 0) faults.push(`${id} ${dialect} → ${to}: ${errors[0]}`)
      }
    }
    expect(heard).toBeGreaterThan(rows.length)
    expect(faults).toEqual([])
  },
)
