/** Requests whose conversation holds calls of tools, in every other wire. */
import { describe, expect, test } from 'vitest'
import { type Body, translate, refusal, weather } from './translate-request.ts'

describe('a conversation with tools', () => {
  const chat = `{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Weather?"},
    {"role":"assistant","content":null,"tool_calls":[
      {"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\\"id\\": 12345678901234567890, \\"t\\": 1.0}"}},
      {"id":"call_2","type":"function","function":{"name":"get_weather","arguments":""}}]},
    {"role":"tool","tool_call_id":"call_1","content":"sunny"},{"role":"tool","tool_call_id":"call_2","content":"rain"},{"role":"user","content":"Thanks"}],
    "tools":[{"type":"function","function":${JSON.stringify(weather)}}],"tool_choice":"required","parallel_tool_calls":false,"max_tokens":50,"stop":"END"}`

  test('chat → messages: results stand first in one user message, arguments keep their number texts', () => {
    const { body, text, dropped } = translate('chat', 'messages', chat)
    expect(body.system).toBe('Be brief.')
    expect(body.messages.map((message: Body) => message.role)).toEqual(['user', 'assistant', 'user'])
    expect(text).toContain('"input":{"id": 12345678901234567890, "t": 1.0}')
    expect(body.messages[1].content[1].input).toEqual({})
    expect(body.messages[2].content.map((block: Body) => block.type)).toEqual(['tool_result', 'tool_result', 'text'])
    expect(body).toMatchObject({
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      max_tokens: 50,
      stop_sequences: ['END'],
    })
    expect(body.tools[0]).toEqual({ name: 'get_weather', description: 'Weather', input_schema: weather.parameters })
    expect(dropped).toEqual([])
  })

  test('chat → responses: calls and results are items; stop has no words there', () => {
    const { body, dropped } = translate('chat', 'responses', chat)
    expect(body.instructions).toBe('Be brief.')
    expect(body.input.map((item: Body) => item.type ?? item.role)).toEqual([
      'user',
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
      'user',
    ])
    expect(body.input[1].arguments).toBe('{"id": 12345678901234567890, "t": 1.0}')
    expect(body.tools[0]).toMatchObject({ type: 'function', name: 'get_weather', strict: false })
    expect(dropped).toEqual(['stop'])
  })

  test('messages → chat: parallel calls stay one turn, each result a message of its own', () => {
    const { body, dropped } = translate('messages', 'chat', {
      model: 'm',
      max_tokens: 9,
      system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me look.' },
            { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
            { type: 'tool_use', id: 'b', name: 'g', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'b', content: 'B', is_error: true },
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'A' }] },
            { type: 'text', text: 'go on' },
          ],
        },
      ],
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    })
    expect(body.messages.map((message: Body) => message.role)).toEqual(['system', 'assistant', 'tool', 'tool', 'user'])
    expect(body.messages[0].content[0].cache_control).toEqual({ type: 'ephemeral' })
    expect(body.messages[1].tool_calls.map((call: Body) => call.function.arguments)).toEqual(['{"x":1}', '{}'])
    expect(body).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
      max_completion_tokens: 9,
    })
    expect(dropped).toEqual(['messages[1].content[0].is_error'])
  })

  test('arguments that are no object are kept as a text and named, and refused by default', () => {
    const request = {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          tool_calls: [{ id: 'a b', type: 'function', function: { name: 'f', arguments: '{"x":' } }],
        },
        { role: 'tool', tool_call_id: 'a b', content: 'r' },
      ],
    }
    const { body, dropped } = translate('chat', 'messages', request)
    expect(body.messages[0].content[0]).toMatchObject({ id: 'id_a_20_b', input: { invalid_json: '{"x":' } })
    expect(body.messages[1].content[0].tool_use_id).toBe('id_a_20_b')
    expect(dropped).toEqual(['messages[0].tool_calls[0].function.arguments'])
    expect(refusal('chat', 'messages', request).fields).toEqual(dropped)
  })

  test("the first form of functions, and OpenRouter's reasoning", () => {
    const { body, dropped } = translate('chat', 'messages', {
      model: 'm',
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
      reasoning: { max_tokens: 2000 },
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
        { role: 'function', name: 'f', content: 'r' },
      ],
    })
    expect(body.messages.slice(1)).toEqual([
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_f', name: 'f', input: { a: 1 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_f', content: 'r' }] },
    ])
    expect(body).toMatchObject({
      tools: [{ name: 'f' }],
      tool_choice: { type: 'tool', name: 'f' },
      thinking: { budget_tokens: 2000 },
    })
    expect(dropped).toEqual([])
  })

  test('allowed tools pass between the OpenAI dialects and lose their list elsewhere', () => {
    const choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] }
    const request = {
      model: 'm',
      input: 'x',
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
      tool_choice: choice,
    }
    expect(translate('responses', 'chat', request).body.tool_choice).toEqual({
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
    })
    expect(translate('responses', 'messages', request)).toMatchObject({
      body: { tool_choice: { type: 'any' } },
      dropped: ['tool_choice.tools'],
    })
  })
})
