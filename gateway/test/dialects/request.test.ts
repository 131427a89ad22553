import { describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { UntranslatableError } from '../../dialects/report.ts'
import { translateRequest } from '../../dialects/translate.ts'

type Body = Record<string, any>

function translate(
  from: Wire,
  to: Wire,
  body: object | string,
  write = {},
): { body: Body; text: string; dropped: readonly string[] } {
  const result = translateRequest(
    typeof body === 'string' ? body : JSON.stringify(body),
    { from, to },
    { untranslatable: 'drop', write },
  )
  return { body: JSON.parse(result.body) as Body, text: result.body, dropped: result.dropped }
}

function refusal(
  from: Wire,
  to: Wire,
  body: object,
  untranslatable: 'refuse' | 'drop' = 'refuse',
): UntranslatableError {
  try {
    translateRequest(JSON.stringify(body), { from, to }, { untranslatable })
  } catch (error) {
    if (error instanceof UntranslatableError) return error
    throw error
  }
  throw new Error('it was not refused')
}

const weather = {
  name: 'get_weather',
  description: 'Weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
}

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

describe('content', () => {
  const image = 'data:image/png;base64,iVBORw0='
  test('images and files in every direction', () => {
    const chat = {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url: image, detail: 'low' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
            { type: 'file', file: { file_data: 'data:text/plain;base64,w6Q=' } },
          ],
        },
      ],
    }
    const messages = translate('chat', 'messages', chat)
    expect(messages.body.messages[0].content).toEqual([
      { type: 'text', text: 'Look' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }, title: 'a.pdf' },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ä' } },
    ])
    expect(messages.dropped).toEqual(['messages[0].content[1].detail'])
    const back = translate('messages', 'chat', messages.text)
    expect(back.body.messages[0].content.slice(1)).toEqual([
      { type: 'image_url', image_url: { url: image } },
      chat.messages[0]?.content[2],
      { type: 'text', text: 'ä' },
    ])
    const responses = translate('chat', 'responses', chat)
    expect(responses.body.input[0].content.slice(1, 3)).toEqual([
      { type: 'input_image', image_url: image, detail: 'low' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' },
    ])
    expect(translate('responses', 'messages', responses.text).body.messages[0].content).toEqual(
      messages.body.messages[0].content.map((block: Body, index: number) =>
        index === 3 ? { ...block, title: 'file.txt' } : block,
      ),
    )
  })

  test("an image in a tool result follows as the user's where tool messages hold text only", () => {
    const { body, dropped } = translate('messages', 'chat', {
      model: 'm',
      max_tokens: 1,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'a',
              content: [
                { type: 'text', text: 't' },
                { type: 'image', source: { type: 'url', url: 'https://x/y' } },
              ],
            },
          ],
        },
      ],
    })
    expect(body.messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 't' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y' } }] },
    ])
    expect(dropped).toEqual(['messages[0].content[0].content[1]'])
  })

  test('what is stored at one provider is named, and so is what only one dialect knows', () => {
    expect(
      translate('responses', 'chat', {
        model: 'm',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'a' },
              { type: 'input_image', file_id: 'f' },
            ],
          },
        ],
        tools: [{ type: 'web_search' }],
      }).dropped,
    ).toEqual(['tools[0]', 'input[0].content[1]'])
    expect(
      refusal('messages', 'responses', {
        model: 'm',
        max_tokens: 1,
        messages: [{ role: 'user', content: 'x' }],
        top_k: 3,
        inference_geo: 'eu',
      }).fields,
    ).toEqual(['top_k'])
  })

  test("references to a provider's store are refused whatever the setting", () => {
    for (const untranslatable of ['refuse', 'drop'] as const) {
      const error = refusal(
        'responses',
        'messages',
        { model: 'm', input: 'x', previous_response_id: 'resp_1' },
        untranslatable,
      )
      expect(error.fields).toEqual(['previous_response_id'])
      expect(error.message).toContain('previous_response_id')
    }
  })
})

describe('settings', () => {
  test('structured output in every dialect', () => {
    const schema = '{"type":"object","properties":{"n":{"type":"number","maximum":1e400}}}'
    const chat = `{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":${schema}}}}`
    expect(translate('chat', 'messages', chat).text).toContain(
      `"output_config":{"format":{"type":"json_schema","schema":${schema}}}`,
    )
    expect(translate('chat', 'responses', chat).text).toContain(
      `"format":{"type":"json_schema","name":"answer","schema":${schema},"strict":true}`,
    )
    const described = chat.replace('"strict":true', '"description":"For the cook"')
    expect(translate('chat', 'messages', described).dropped).toEqual(['response_format.description'])
    const messages = `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"output_format":{"type":"json_schema","schema":${schema}}}`
    expect(translate('messages', 'chat', messages).text).toContain(`"json_schema":{"name":"answer","schema":${schema}}`)
    expect(
      translate('chat', 'messages', {
        model: 'm',
        messages: [{ role: 'user', content: 'x' }],
        response_format: { type: 'json_object' },
      }).dropped,
    ).toEqual(['response_format'])
  })

  test('reasoning: effort, budget, summaries and none', () => {
    const chat = { model: 'm', messages: [{ role: 'user', content: 'x' }], reasoning_effort: 'high' }
    expect(translate('chat', 'messages', chat).body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    })
    expect(translate('chat', 'messages', chat, { thinking: 'budget' }).body).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 24_576 },
      max_tokens: 40_960,
    })
    expect(translate('chat', 'messages', { ...chat, reasoning_effort: 'none' }).body.thinking).toEqual({
      type: 'disabled',
    })
    expect(translate('chat', 'responses', chat).body).toMatchObject({
      reasoning: { effort: 'high' },
      include: ['reasoning.encrypted_content'],
      store: false,
    })
    const budget = translate('messages', 'responses', {
      model: 'm',
      max_tokens: 9000,
      messages: [{ role: 'user', content: 'x' }],
      thinking: { type: 'enabled', budget_tokens: 2000 },
    })
    expect(budget).toMatchObject({ body: { reasoning: { effort: 'low' } }, dropped: ['thinking.budget_tokens'] })
  })

  test('reasoning goes back only to who made it, and survives a chat client in between', () => {
    const messages = {
      model: 'm',
      max_tokens: 1,
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'SIG' },
            { type: 'redacted_thinking', data: 'RED' },
            { type: 'text', text: 'y' },
          ],
        },
      ],
    }
    const chat = translate('messages', 'chat', messages)
    expect(translate('chat', 'messages', chat.text).body.messages[1].content).toEqual(messages.messages[1]?.content)
    expect(translate('messages', 'chat', messages, { reasoningHistory: false }).dropped).toEqual([
      'messages[1].content[0]',
      'messages[1].content[1]',
    ])
    expect(translate('messages', 'responses', messages).dropped).toEqual([
      'messages[1].content[0]',
      'messages[1].content[1]',
    ])
    const item = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'ENC~1',
    }
    const through = translate('responses', 'chat', { model: 'm', input: [item, { role: 'assistant', content: 'y' }] })
    expect(translate('chat', 'responses', through.text).body.input[0]).toEqual(item)
  })

  test('what cannot change the answer is named but never refused', () => {
    const request = {
      model: 'm',
      input: 'x',
      store: true,
      prompt_cache_key: 'k',
      service_tier: 'flex',
      metadata: { a: 'b' },
      include: ['reasoning.encrypted_content'],
      text: { verbosity: 'low' },
    }
    const { dropped } = translateRequest(
      JSON.stringify(request),
      { from: 'responses', to: 'messages' },
      { untranslatable: 'refuse' },
    )
    expect(dropped.toSorted()).toEqual(['metadata', 'prompt_cache_key', 'service_tier', 'store', 'text.verbosity'])
  })

  test('values out of the other scale are clamped and named', () => {
    expect(
      translate('chat', 'messages', { model: 'm', messages: [{ role: 'user', content: 'x' }], temperature: 1.5 }),
    ).toMatchObject({ body: { temperature: 1 }, dropped: ['temperature'] })
    expect(
      translate('messages', 'chat', {
        model: 'm',
        max_tokens: 1,
        messages: [{ role: 'user', content: 'x' }],
        stop_sequences: ['1', '2', '3', '4', '5'],
      }),
    ).toMatchObject({ body: { stop: ['1', '2', '3', '4'] }, dropped: ['stop_sequences[4]'] })
  })
})

test('what an earlier answer cited, instructions that are items, and the result of a call that cannot be told are named when they are left out', () => {
  const cited = {
    role: 'assistant',
    content: [
      {
        type: 'text',
        text: 'a',
        citations: [
          { type: 'web_search_result_location', url: 'https://a', title: 'A', cited_text: 'c', encrypted_index: 'i' },
        ],
      },
    ],
  }
  const messages = {
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'x' }, cited, { role: 'user', content: 'y' }],
  }
  for (const to of ['chat', 'responses'] as const)
    expect(translate('messages', to, messages).dropped).toEqual(['messages[1].content[0].citations[0]'])
  const output = {
    role: 'assistant',
    content: [
      {
        type: 'output_text',
        text: 'a',
        annotations: [{ type: 'url_citation', url: 'https://a', title: 'A', start_index: 0, end_index: 1 }],
      },
    ],
  }
  expect(
    translate('responses', 'messages', { model: 'm', input: [{ role: 'user', content: 'x' }, output] }).dropped,
  ).toEqual(['input[1].content[0].annotations[0]'])
  expect(
    refusal('responses', 'chat', { model: 'm', input: 'x', instructions: [{ role: 'developer', content: 'd' }] })
      .fields,
  ).toEqual(['instructions'])
  const free = {
    model: 'm',
    input: [
      { role: 'user', content: 'x' },
      { type: 'custom_tool_call', call_id: 'c', name: 'sh', input: 'ls' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'a' },
    ],
  }
  const { body, dropped } = translate('responses', 'messages', free)
  expect(body.messages).toEqual([{ role: 'user', content: 'x' }])
  expect(dropped).toEqual(['input[1]', 'input[2].output'])
})
