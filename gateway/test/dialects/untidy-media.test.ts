/** Pictures, files and sounds as untidy clients send them, and what a call returned. */
import { describe, expect, test } from 'vitest'
import { type Body, translate, refusal, pdf, png, inChat, inMessages, sentToClaude } from './translate-untidy.ts'

describe('media', () => {
  test('a picture goes under its type’s own name, whatever it was called', () => {
    const part = { type: 'image_url', image_url: { url: `data:image/jpg;base64,${png}` } }
    expect(sentToClaude(part)).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: png } },
    ])
    expect(translate('chat', 'google', inChat(part)).body.contents[0].parts[0].inlineData.mimeType).toBe('image/jpeg')
    expect(translate('chat', 'responses', inChat(part)).body.input[0].content[0].image_url).toMatch(
      /^data:image\/jpeg;/,
    )
  })

  test('a PDF that came as a picture is a document', () => {
    const part = { type: 'image_url', image_url: { url: `data:application/pdf;base64,${pdf}`, detail: 'low' } }
    expect(sentToClaude(part)).toEqual([
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } },
    ])
    expect(translate('chat', 'responses', inChat(part)).body.input[0].content[0]).toEqual({
      type: 'input_file',
      filename: 'file.pdf',
      file_data: `data:application/pdf;base64,${pdf}`,
    })
  })

  test('bare base64 is bytes and no address, of the type that its beginning or its name says', () => {
    const part = { type: 'file', file: { file_data: pdf } }
    expect(sentToClaude(part)).toEqual([
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } },
    ])
    expect(translate('chat', 'google', inChat(part)).body.contents[0].parts[0].inlineData).toEqual({
      mimeType: 'application/pdf',
      data: pdf,
    })
    const text = { type: 'file', file: { file_data: Buffer.from('a,b\n1,2\n').toString('base64'), filename: 't.csv' } }
    expect(sentToClaude(text)).toEqual([
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b\n1,2\n' }, title: 't.csv' },
    ])
    const url = { type: 'file', file: { file_data: 'https://x.test/a.pdf' } }
    expect(sentToClaude(url)).toEqual([{ type: 'document', source: { type: 'url', url: 'https://x.test/a.pdf' } }])
  })

  test('a document has a name that says its type, also in a tool’s result; one of text is text', () => {
    const source = { type: 'base64', media_type: 'application/pdf', data: pdf }
    const file = (block: object): Body =>
      translate('messages', 'chat', inMessages(block)).body.messages.at(-1).content[0] as Body
    expect(file({ type: 'document', source }).file.filename).toBe('file.pdf')
    const call = { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] }
    const result = { type: 'tool_result', tool_use_id: 't', content: [{ type: 'document', source }] }
    const moved = translate('messages', 'chat', {
      max_tokens: 9,
      messages: [{ role: 'user', content: 'x' }, call, { role: 'user', content: [result] }],
    })
    expect(moved.body.messages.at(-1).content[0].file.filename).toBe('file.pdf')
    expect(
      translate('messages', 'responses', inMessages({ type: 'document', title: 'R', source })).body.input[0].content[0]
        .filename,
    ).toBe('R.pdf')
    const text = { type: 'document', title: 'Notes', source: { type: 'text', media_type: 'text/plain', data: 'hello' } }
    expect(file(text)).toEqual({ type: 'text', text: 'Notes\n\nhello' })
  })

  test('a picture that the model cannot read is refused by name, not sent', () => {
    const part = { type: 'image_url', image_url: { url: 'data:image/tiff;base64,SUkqAA==' } }
    const both = { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, part] }] }
    expect(refusal('chat', 'messages', both, 'refuse').fields).toEqual(['messages[0].content[1]'])
    expect(translate('chat', 'messages', both).dropped).toEqual(['messages[0].content[1]'])
  })

  test('pictures and documents of a tool’s result reach Gemini inside it, or beside it up to the second generation', () => {
    const result = {
      type: 'tool_result',
      tool_use_id: 't',
      content: [
        { type: 'text', text: 'seen' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } },
      ],
    }
    const body = {
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
        { role: 'user', content: [result] },
      ],
    }
    const media = [
      { inlineData: { mimeType: 'image/png', data: png } },
      { inlineData: { mimeType: 'application/pdf', data: pdf } },
    ]
    const inside = translate('messages', 'google', body, 'gemini-3-pro', 'refuse')
    expect(inside.body.contents[2].parts).toEqual([
      { functionResponse: { id: 't', name: 'look', response: { result: 'seen' }, parts: media } },
    ])
    expect(inside.dropped).toEqual([])
    const beside = translate('messages', 'google', body, 'gemini-2.5-flash', 'refuse')
    expect(beside.body.contents[2].parts.slice(1)).toEqual(media)
    expect(beside.dropped).toHaveLength(2)
  })
})

test('what a call returned stands right behind it, whatever came in between', () => {
  const body = {
    input: [
      { role: 'user', content: 'x' },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
      { type: 'function_call', call_id: 'b', name: 'f', arguments: '{}' },
      { role: 'user', content: 'meanwhile' },
      { type: 'function_call_output', call_id: 'b', output: '2' },
      { role: 'user', content: 'and' },
      { type: 'function_call_output', call_id: 'a', output: '1' },
    ],
  }
  const { body: sent, dropped } = translate('responses', 'chat', body, 'm', 'refuse')
  expect(sent.messages.map(({ role, tool_call_id: id }: Body) => (id as string) ?? (role as string))).toEqual([
    'user',
    'assistant',
    'b',
    'a',
    'user',
    'user',
  ])
  expect(dropped).toEqual(['input[4].position', 'input[6].position'])
  const google = translate('responses', 'google', body).body.contents as Body[]
  expect(google[2]?.parts.map((part: Body) => Object.keys(part)[0])).toEqual([
    'functionResponse',
    'functionResponse',
    'text',
    'text',
  ])
})
