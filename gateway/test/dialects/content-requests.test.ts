/** What messages hold: texts, media, citations, and what has no place in another wire. */
import { describe, expect, test } from 'vitest'
import { type Body, translate, refusal } from './translate-request.ts'

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
