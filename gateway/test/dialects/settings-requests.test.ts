/** Limits, sampling, formats and choices of tools, in every other wire. */
import { describe, expect, test } from 'vitest'
import { translateRequest } from '../../dialects/translate.ts'
import { translate } from './translate-request.ts'

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
