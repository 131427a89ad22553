/** Providers without recordings are read as they document themselves, into every dialect. */
import { describe, expect, test } from 'vitest'
import { translateAnswer } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'
import { kindNamed, kinds } from '../../providers/kinds.ts'
import { documented, type Documented } from './documented.ts'

type Body = Record<string, any>
const wireOf = ({ kind }: Documented): 'chat' | 'google' => (kindNamed(kind).wires[0] === 'google' ? 'google' : 'chat')

/** What an answer of the Messages dialect says. */
function readMessage(body: Body): Omit<Documented['says'], 'finish'> & { stop: string } {
  const blocks = body.content as Body[]
  const all = (type: string, member: string): string =>
    blocks
      .filter((block) => block.type === type)
      .map((block) => block[member] as string)
      .join('')
  const call = blocks.find((block) => block.type === 'tool_use')
  const { usage } = body
  return {
    text: all('text', 'text'),
    ...(blocks.some((block) => block.type === 'thinking') && { reasoning: all('thinking', 'thinking') }),
    ...(call && { call: { name: call.name as string, arguments: JSON.stringify(call.input) } }),
    input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    output: usage.output_tokens,
    ...(usage.cache_read_input_tokens > 0 && { cached: usage.cache_read_input_tokens as number }),
    stop: body.stop_reason,
  }
}

/** The message that a client of Anthropic's makes of a stream. */
function collect(text: string): Body {
  const events = text
    .split('\n\n')
    .flatMap((event) => (/^data: /m.test(event) ? [JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Body] : []))
  const message = events.find(({ type }) => type === 'message_start')?.message as Body
  const blocks: Body[] = []
  for (const event of events) {
    if (event.type === 'content_block_start') blocks[event.index] = { ...event.content_block, json: '' }
    const block = blocks[event.index] as Body
    if (event.type === 'content_block_delta') {
      if (event.delta.type === 'text_delta') block.text += event.delta.text
      if (event.delta.type === 'thinking_delta') block.thinking += event.delta.thinking
      if (event.delta.type === 'input_json_delta') block.json += event.delta.partial_json
    }
    if (event.type === 'content_block_stop' && block.type === 'tool_use') block.input = JSON.parse(block.json)
    if (event.type === 'message_delta')
      Object.assign(message, { stop_reason: event.delta.stop_reason, usage: { ...message.usage, ...event.usage } })
  }
  return { ...message, content: blocks }
}

const stops = { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens' }
function expected({ says: { finish, call, ...said } }: Documented): object {
  return {
    ...said,
    ...(call && { call: { ...call, arguments: JSON.stringify(JSON.parse(call.arguments)) } }),
    stop: stops[finish],
  }
}

describe.each(documented)('$kind, as $source', (one) => {
  const from = wireOf(one)

  test('answers', () => {
    const { body, answered, dropped } = translateAnswer(one.answer, { from, to: 'messages' }, 200)
    expect(answered).toBe(true)
    expect(readMessage(JSON.parse(body) as Body)).toEqual(expected(one))
    for (const path of dropped) expect(path).toMatch(/citations|search_results|safetyRatings/)
    const responses = JSON.parse(translateAnswer(one.answer, { from, to: 'responses' }, 200).body) as Body
    expect(responses.usage).toMatchObject({ input_tokens: one.says.input, output_tokens: one.says.output })
    if (one.says.call)
      expect((responses.output as Body[]).find(({ type }) => type === 'function_call')).toMatchObject(one.says.call)
  })

  test.each([
    ['whole', Number.MAX_SAFE_INTEGER],
    ['byte by byte', 1],
  ])('streams, %s', (_, size) => {
    const translator = new StreamTranslator({ from, to: 'messages' }, { includeUsage: true })
    const bytes = Buffer.from(one.stream)
    let told = ''
    for (let at = 0; at < bytes.length; at += size) told += translator.push(bytes.subarray(at, at + size))
    told += translator.end()
    expect(translator.failed).toBe(false)
    expect(told.match(/event: message_stop/g)).toHaveLength(1)
    expect(told).not.toContain('"model":""')
    expect(readMessage(collect(told))).toEqual(expected(one))
    for (const path of one.dropped ?? []) expect(translator.dropped).toContain(path)
  })

  test('its stream, cut before the reason to stop, is no whole answer', () => {
    const translator = new StreamTranslator({ from, to: 'messages' }, { includeUsage: true })
    const first = one.stream.indexOf('data: ', 5)
    const cut = from === 'google' ? one.stream.slice(0, first - 10) : one.stream.slice(0, first)
    expect(translator.push(Buffer.from(cut)) + translator.end()).toMatch(/event: error/)
    expect(translator.failed).toBe(true)
  })

  test.each(one.errors)('says $status: $says', ({ status, body, type, says }) => {
    const { body: told } = translateAnswer(body, { from, to: 'messages' }, status)
    expect(JSON.parse(told)).toMatchObject({
      type: 'error',
      error: { type, message: expect.stringContaining(says) as string },
    })
    const chat = JSON.parse(translateAnswer(body, { from, to: 'responses' }, status).body) as Body
    expect(chat.error.message).toContain(says)
  })
})

test('every row of the table is read here, or from recordings', () => {
  // Of these the evaluation of the wire has recordings; Bedrock's bodies are Anthropic's, and its streams have a file
  // of their own.
  const elsewhere = new Set([
    'openai',
    'anthropic',
    'openrouter',
    'mistral',
    'groq',
    'deepseek',
    'bedrock',
    'openai-compatible',
    'anthropic-compatible',
  ])
  expect(
    kinds
      .map(({ name }) => name)
      .filter((name) => !elsewhere.has(name))
      .toSorted(),
  ).toEqual(documented.map(({ kind }) => kind).toSorted())
})
