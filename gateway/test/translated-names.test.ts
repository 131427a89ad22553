/**
 * Tools of callers whose names no other provider takes: grouped in namespaces, too long, of other characters. They are
 * called by names that the provider takes, and the caller gets its own back.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { translateRequest } from '../dialects/translate.ts'
import { toAcceptance } from '../providers/acceptance/table.ts'
import { callerKey, closeAll, startGateway, startUpstream, unexpected } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

type Body = Record<string, any>

const fn = (name: string): object => ({
  type: 'function',
  name,
  description: name,
  parameters: { type: 'object', properties: {} },
})
const codex = {
  input: [
    { role: 'user', content: 'x' },
    { type: 'function_call', call_id: 'c1', name: 'add', namespace: 'mcp__t__', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c1', output: '1' },
  ],
  tools: [
    fn('shell'),
    { type: 'namespace', name: 'mcp__t__', description: 'T', tools: [fn('add'), fn('remove')] },
    { type: 'namespace', name: 'mcp__u__', tools: [fn('add')] },
  ],
  tool_choice: { type: 'function', name: 'add', namespace: 'mcp__u__' },
}

describe('namespaces', () => {
  const send = (
    to: 'chat' | 'messages' | 'google',
    body: object,
  ): { body: Body; names: ReadonlyMap<string, object> } => {
    const model = to === 'google' ? 'gemini-3-pro' : 'm'
    const kind = { chat: 'openai-compatible', messages: 'anthropic', google: 'google' }[to]
    const { body: text, names } = translateRequest(
      JSON.stringify({ model, ...body }),
      { from: 'responses', to },
      { untranslatable: 'refuse', write: { accepts: (wire) => toAcceptance(kind, wire, model) } },
    )
    return { body: JSON.parse(text) as Body, names }
  }

  test('become a part of the name, in definitions, calls and the choice, in every dialect', () => {
    const chat = send('chat', codex).body
    expect(chat.tools.map((tool: Body) => tool.function.name as string)).toEqual([
      'shell',
      'mcp__t__add',
      'mcp__t__remove',
      'mcp__u__add',
    ])
    expect(chat.messages[1].tool_calls[0].function.name).toBe('mcp__t__add')
    expect(chat.tool_choice).toEqual({ type: 'function', function: { name: 'mcp__u__add' } })
    const messages = send('messages', codex).body
    expect(messages.tools[3].name).toBe('mcp__u__add')
    expect(messages.messages[1].content[0].name).toBe('mcp__t__add')
    const google = send('google', codex).body
    expect(google.contents[2].parts[0].functionResponse.name).toBe('mcp__t__add')
  })

  test('names that would meet are told apart, the same way each time', () => {
    const twice = {
      input: 'x',
      tools: [fn('a__b'), { type: 'namespace', name: 'a', tools: [fn('b'), fn('x'.repeat(80))] }],
    }
    const { body, names } = send('chat', twice)
    const made = body.tools.map((tool: Body) => tool.function.name as string) as string[]
    expect(new Set(made).size).toBe(3)
    expect(made[0]).toBe('a__b')
    expect(made.every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true)
    expect([...names.values()]).toEqual([
      expect.objectContaining({ name: 'b', namespace: 'a' }),
      expect.objectContaining({ namespace: 'a' }),
    ])
    expect(send('chat', twice).body).toEqual(body)
  })
})

/** A provider of chat that calls the tool of this place, whole or streamed. */
async function open(index: number): Promise<{ url: string; sent: () => string }> {
  const upstream = await startUpstream((_request, response) => {
    const { tools, stream } = JSON.parse(String(upstream.seen.at(-1)?.body)) as Body
    const { name } = tools[index].function as { name: string }
    const call = { index: 0, id: 'functions.f:0', type: 'function', function: { name, arguments: '{}' } }
    const head = { id: 'c', created: 1, model: 'm' }
    if (stream !== true) {
      const message = { role: 'assistant', content: null, tool_calls: [call] }
      const body = { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return
    }
    const chunk = (delta: object, finish: string | null): string =>
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`${chunk({ role: 'assistant', tool_calls: [call] }, null)}${chunk({}, 'tool_calls')}data: [DONE]\n\n`)
  })
  const gateway = await startGateway({
    providers: [
      { name: 'p', kind: 'openai-compatible', wires: ['chat'], dialect: 'openai', baseUrl: `${upstream.origin}/v1` },
    ],
  })
  return { url: gateway.url, sent: () => String(upstream.seen.at(-1)?.body) }
}

async function post(url: string, body: object): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  expect([response.status, text]).toEqual([200, expect.any(String)])
  return text
}

describe('the answer calls tools by the caller’s names', () => {
  test.each([false, true])('with their namespace, streamed: %s', async (stream) => {
    const { url } = await open(1)
    const text = await post(`${url}/v1/responses`, { model: 'p/m', stream, ...codex, tool_choice: 'auto' })
    const items = stream
      ? [...text.matchAll(/^data: (\{.*"type":"response\.(?:output_item\.(?:added|done)|completed)".*\})$/gm)].flatMap(
          ([, data]) => {
            const event = JSON.parse(data as string) as Body
            return (event.item === undefined ? event.response.output : [event.item]) as Body[]
          },
        )
      : ((JSON.parse(text) as Body).output as Body[])
    expect(items).toHaveLength(stream ? 3 : 1)
    for (const item of items) expect(item).toMatchObject({ type: 'function_call', name: 'add', namespace: 'mcp__t__' })
    expect(text).not.toContain('mcp__t__add')
  })

  test.each([false, true])('also long ones, and ids go back as they came, streamed: %s', async (stream) => {
    const name = `mcp__server__${'long_'.repeat(14)}`
    const { url, sent } = await open(0)
    const tools = [{ name, input_schema: { type: 'object', properties: {} } }]
    const turns: object[] = [{ role: 'user', content: 'x' }]
    const text = await post(`${url}/v1/messages`, { model: 'p/m', max_tokens: 9, stream, tools, messages: turns })
    expect((JSON.parse(sent()) as Body).tools[0].function.name).toMatch(/^mcp__server__[a-z_]+_[0-9a-f]{16}$/)
    expect(text).toContain(`"name":"${name}"`)
    const id = /"id":"(id_[^"]+)"/.exec(text)?.[1] ?? ''
    expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
    const answered = [
      { role: 'assistant', content: [{ type: 'tool_use', id, name, input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '1' }] },
    ]
    await post(`${url}/v1/messages`, { model: 'p/m', max_tokens: 9, stream, tools, messages: [...turns, ...answered] })
    const { messages } = JSON.parse(sent()) as Body
    expect([messages[1].tool_calls[0].id, messages[2].tool_call_id]).toEqual(['functions.f:0', 'functions.f:0'])
  })
})

test('a call of a tool that a search has found names the tool itself, and no group', () => {
  const { body: text, dropped } = translateRequest(
    JSON.stringify({
      model: 'm',
      input: [
        { role: 'user', content: 'x' },
        { type: 'function_call', call_id: 'c', name: 'look', namespace: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: '1' },
      ],
      tools: [fn('look')],
    }),
    { from: 'responses', to: 'chat' },
    { untranslatable: 'refuse' },
  )
  expect((JSON.parse(text) as Body).messages[1].tool_calls[0].function.name).toBe('look')
  expect(dropped).toEqual(['input[1].namespace'])
})
