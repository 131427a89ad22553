import { describe, expect, test } from 'vitest'
import { deriveOpeningKey } from '../domain/exchanges/conversation.ts'

describe('how a conversation opened', () => {
  const turn = (...messages: object[]) => ({ model: 'm', messages })
  const first = { role: 'user', content: 'Plan a trip' }

  test('is the same in every turn', () => {
    const opening = deriveOpeningKey('demo', null, 'chat', turn(first))
    const later = deriveOpeningKey(
      'demo',
      null,
      'chat',
      turn(
        { ...first, content: [{ type: 'text', text: 'Plan a trip', cache_control: {} }] },
        { role: 'assistant', content: 'ok' },
        { role: 'user', content: 'more' },
      ),
    )
    expect(later).toBe(opening)
  })

  test('is another for another key, another end user or another beginning', () => {
    const keys = [
      deriveOpeningKey('demo', null, 'chat', turn(first)),
      deriveOpeningKey('other', null, 'chat', turn(first)),
      deriveOpeningKey('demo', 'eve', 'chat', turn(first)),
      deriveOpeningKey('demo', null, 'chat', turn({ role: 'user', content: 'Plan a meal' })),
    ]
    expect(new Set(keys).size).toBe(4)
  })

  test('the Responses format: a text as input is the user’s, items repeat it, and the instructions are its system prompt', () => {
    const key = (body: object) => deriveOpeningKey('demo', null, 'responses', body)
    const text = key({ instructions: 'Be kind.', input: 'Plan a trip' })
    const items = [
      { role: 'user', content: [{ type: 'input_text', text: 'Plan a trip' }] },
      { type: 'function_call', name: 'f' },
      { role: 'user', content: 'more' },
    ]
    expect(key({ instructions: 'Be kind.', input: items })).toBe(text)
    expect(key({ instructions: 'Be brief.', input: items })).not.toBe(text)
    expect(text).toBe(deriveOpeningKey('demo', null, 'messages', { system: 'Be kind.', messages: [first] }))
  })

  test('a conversation that the provider keeps is known by its name; the answer before it alone names none', () => {
    const key = (body: object) => deriveOpeningKey('demo', null, 'responses', { input: 'and then?', ...body })
    expect(key({ conversation: 'conv_1' })).toBe(key({ conversation: { id: 'conv_1' }, input: 'what else?' }))
    expect(key({ conversation: 'conv_2' })).not.toBe(key({ conversation: 'conv_1' }))
    expect(key({ previous_response_id: 'resp_1' })).toBeNull()
  })

  test('without a message there is none', () =>
    expect(deriveOpeningKey('demo', null, 'chat', { messages: [] })).toBeNull())
})
