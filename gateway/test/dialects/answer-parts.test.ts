import { describe, expect, test } from 'vitest'
import type { ProviderWire, Wire } from '../../../db/words/wire.ts'
import { translateAnswer, translateAnswerToStream } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'

/** What an answer carries besides its words: pictures, citations, counts, its time. */
type Body = Record<string, any>

const whole = (from: ProviderWire, to: Wire, body: Body): Body & { dropped: readonly string[] } => {
  const answer = translateAnswer(JSON.stringify(body), { from, to }, 200, () => 1_700_000_000)
  return { ...(JSON.parse(answer.body) as Body), dropped: answer.dropped }
}
const streamed = (
  from: ProviderWire,
  to: Wire,
  events: readonly Body[],
): { events: Body[]; dropped: readonly string[] } => {
  const translator = new StreamTranslator({ from, to }, { includeUsage: true }, () => 1_700_000_000)
  const text =
    events.map((event) => translator.push(Buffer.from(`data: ${JSON.stringify(event)}\n\n`))).join('') +
    (from === 'chat' ? translator.push(Buffer.from('data: [DONE]\n\n')) : '') +
    translator.end()
  const data = [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => JSON.parse(match[1] as string) as Body)
  expect(translator.failed).toBe(false)
  return { events: data, dropped: translator.dropped }
}
const chunk = (delta: Body, finish: string | null = null): Body => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
})

describe('a generated picture arrives where the wire has a place for it, and is named where it has none', () => {
  const url = 'data:image/png;base64,aGk='
  const google = {
    candidates: [
      {
        content: { parts: [{ text: 'Here' }, { inlineData: { mimeType: 'image/png', data: 'aGk=' } }] },
        finishReason: 'STOP',
      },
    ],
  }
  const chat = {
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Here', images: [{ type: 'image_url', image_url: { url } }] },
        finish_reason: 'stop',
      },
    ],
  }
  const responses = {
    status: 'completed',
    output: [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Here' }] },
      { type: 'image_generation_call', id: 'ig', status: 'completed', result: 'aGk=' },
    ],
  }
  const sources = { google, chat, responses } as const
  const streams: Readonly<Record<keyof typeof sources, readonly Body[]>> = {
    google: [google],
    chat: [chunk({ content: 'Here' }), chunk({ images: chat.choices[0]?.message.images }), chunk({}, 'stop')],
    responses: [
      { type: 'response.created', response: { id: 'r', model: 'm', status: 'in_progress', output: [] } },
      ...responses.output.map((item, index) => ({ type: 'response.output_item.done', output_index: index, item })),
      { type: 'response.completed', response: responses },
    ],
  }

  test('to chat as message.images and delta.images', () => {
    const image = { type: 'image_url', image_url: { url }, index: 0 }
    for (const from of ['google', 'responses'] as const) {
      const answer = whole(from, 'chat', sources[from])
      expect(answer.choices[0].message).toMatchObject({ content: 'Here', images: [image] })
      expect(answer.dropped).toEqual([])
      const { events, dropped } = streamed(from, 'chat', streams[from])
      expect(events.flatMap((event) => event.choices[0]?.delta.images ?? [])).toEqual([image])
      expect(dropped).toEqual([])
    }
  })

  test('to responses as an image_generation_call', () => {
    const item = { type: 'image_generation_call', status: 'completed', output_format: 'png', result: 'aGk=' }
    for (const from of ['google', 'chat'] as const) {
      expect(whole(from, 'responses', sources[from]).output).toMatchObject([{ type: 'message' }, item])
      const { events, dropped } = streamed(from, 'responses', streams[from])
      expect(events.at(-1)?.response.output).toMatchObject([{ type: 'message' }, item])
      expect(
        events.find((event) => event.type === 'response.output_item.done' && event.item.result)?.item,
      ).toMatchObject(item)
      expect(dropped).toEqual([])
    }
  })

  test('to messages it is named', () => {
    for (const from of ['google', 'chat', 'responses'] as const) {
      expect(whole(from, 'messages', sources[from]).dropped).toHaveLength(1)
      expect(streamed(from, 'messages', streams[from]).dropped).toHaveLength(1)
    }
  })

  test('alone it is an answer, and a picture by its address is named where only bytes can be said', () => {
    const only = {
      candidates: [{ content: { parts: [google.candidates[0]?.content.parts[1]] }, finishReason: 'STOP' }],
    }
    expect(whole('google', 'chat', only).choices[0].message.images).toHaveLength(1)
    const remote = {
      choices: [{ message: { images: [{ image_url: { url: 'https://a/b.png' } }] }, finish_reason: 'stop' }],
    }
    expect(whole('chat', 'responses', remote).dropped).toEqual(['choices[0].message.images[0]'])
  })
})

describe('citations arrive whenever they come', () => {
  const annotations = [
    { type: 'url_citation', url_citation: { url: 'https://a', title: 'A', start_index: 0, end_index: 2 } },
  ]
  const call = { tool_calls: [{ index: 0, id: 'c1', function: { name: 'f', arguments: '{}' } }] }
  const orders: Readonly<Record<string, readonly Body[]>> = {
    'in a late delta': [chunk({ content: 'Hi' }), chunk({ content: '', annotations }), chunk({}, 'stop')],
    'with the end': [chunk({ content: 'Hi' }), chunk({ annotations }, 'stop')],
    'behind the end': [chunk({ content: 'Hi' }), chunk({}, 'stop'), chunk({ annotations })],
    'behind a call': [chunk({ content: 'Hi' }), chunk(call), chunk({ annotations }), chunk({}, 'tool_calls')],
    'before the text': [chunk({ annotations }), chunk({ content: 'Hi' }), chunk({}, 'stop')],
  }
  for (const [when, events] of Object.entries(orders))
    test(when, () => {
      const responses = streamed('chat', 'responses', events)
      const cited = responses.events.filter((event) => event.type === 'response.output_text.annotation.added')
      expect(cited.map((event) => event.annotation.url)).toEqual(['https://a'])
      const messages = streamed('chat', 'messages', events)
      const citations = messages.events.filter((event) => event.delta?.type === 'citations_delta')
      expect(citations.map((event) => event.delta.citation.url)).toEqual(['https://a'])
      expect([...responses.dropped, ...messages.dropped]).toEqual([])
    })
})

describe('counts', () => {
  const usage = (from: ProviderWire, to: Wire, stated: Body): Body => {
    const bodies: Readonly<Record<string, Body>> = {
      chat: { choices: [{ message: { content: 'a' }, finish_reason: 'stop' }], usage: stated },
      responses: { status: 'completed', output: [{ type: 'message', content: [] }], usage: stated },
      messages: { content: [{ type: 'text', text: 'a' }], stop_reason: 'end_turn', usage: stated },
      google: { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }], usageMetadata: stated },
    }
    return whole(from, to, bodies[from] as Body).usage as Body
  }

  test('parts never exceed their whole', () => {
    const chat = {
      prompt_tokens: 2168,
      completion_tokens: 5,
      total_tokens: 2173,
      prompt_tokens_details: { cached_tokens: 2161, cache_write_tokens: 2161 },
    }
    const {
      input_tokens: fresh,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: read,
    } = usage('chat', 'messages', chat)
    expect([fresh, read, written]).toEqual([0, 2161, 7])
    expect(usage('chat', 'responses', chat)).toMatchObject({ input_tokens: 2168, total_tokens: 2173 })
    const google = { promptTokenCount: 10, cachedContentTokenCount: 99, candidatesTokenCount: 1 }
    expect(usage('google', 'chat', google)).toMatchObject({
      prompt_tokens: 10,
      prompt_tokens_details: { cached_tokens: 10 },
    })
    const beside = { input_tokens: 3, output_tokens: 2, output_tokens_details: { reasoning_tokens: 40 } }
    expect(usage('responses', 'chat', beside)).toMatchObject({
      completion_tokens: 42,
      completion_tokens_details: { reasoning_tokens: 40 },
    })
  })

  test('each wire counts the cache by its own convention', () => {
    const claude = {
      input_tokens: 10,
      cache_read_input_tokens: 1000,
      cache_creation_input_tokens: 500,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 300 },
      output_tokens: 40,
    }
    expect(usage('messages', 'chat', claude)).toMatchObject({
      prompt_tokens: 1510,
      prompt_tokens_details: { cached_tokens: 1000, cache_write_tokens: 500 },
    })
    expect(usage('messages', 'responses', claude)).toMatchObject({ input_tokens: 1510 })
    const chat = { prompt_tokens: 1510, completion_tokens: 40, prompt_tokens_details: { cached_tokens: 1000 } }
    expect(usage('chat', 'messages', chat)).toMatchObject({ input_tokens: 510, cache_read_input_tokens: 1000 })
  })

  test('message_start has the input where the first chunk states it', () => {
    const google = {
      candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 7, cachedContentTokenCount: 2 },
    }
    const chat = {
      ...chunk({ content: 'a' }),
      usage: { prompt_tokens: 7, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 2 } },
    }
    for (const [from, events] of [
      ['google', [google]],
      ['chat', [chat, chunk({}, 'stop')]],
    ] as const) {
      const [start] = streamed(from, 'messages', events).events
      expect(start?.message.usage).toMatchObject({ input_tokens: 5, cache_read_input_tokens: 2 })
    }
    const body = JSON.stringify({
      choices: [{ message: { content: 'a' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 7 },
    })
    const text = translateAnswerToStream(body, { from: 'chat', to: 'messages' }, { includeUsage: true })?.body
    expect(text).toMatch(/"message_start".*"input_tokens":7/)
  })
})

test('an answer whose wire says no time has the time at which it came', () => {
  const claude = { id: 'm', content: [{ type: 'text', text: 'a' }], stop_reason: 'end_turn' }
  const google = { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }] }
  expect(whole('messages', 'chat', claude).created).toBe(1_700_000_000)
  expect(whole('messages', 'responses', claude).created_at).toBe(1_700_000_000)
  expect(whole('google', 'chat', { ...google, createTime: '2025-01-02T03:04:05Z' }).created).toBe(1_735_787_045)
  expect(streamed('google', 'chat', [google]).events[0]?.created).toBe(1_700_000_000)
  expect(streamed('google', 'responses', [google]).events[0]?.response.created_at).toBe(1_700_000_000)
  expect(whole('chat', 'responses', { created: 5, choices: [{ message: { content: 'a' } }] }).created_at).toBe(5)
})
