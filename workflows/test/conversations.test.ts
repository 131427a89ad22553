/** Which conversation an exchange belongs to: as its client says, else as its history proves, else none but its own. */
import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { readClientIds } from '../domain/exchanges/client-ids.ts'
import type { Wire } from '../../db/words/wire.ts'
import {
  createRecord,
  type Turn,
  toEntries,
  record,
  user,
  assistant,
  completion,
  message,
  text,
  conversations,
} from './conversation-turns.ts'

describe('a conversation that no client names', () => {
  test.each(Object.entries(conversations))(
    'is found by its history (%s), also where requests and answers come in batches of their own',
    (_wire, turns) => {
      const sessions = record(turns)
      expect(sessions[0]).toMatch(/^derived-/)
      expect(new Set(sessions).size).toBe(1)

      const inOneBatch = createRecord()
      const entries = turns.map((turn) => toEntries(turn))
      expect(new Set(inOneBatch.ship(entries.flatMap(({ request, answer }) => [request, answer])).values()).size).toBe(
        1,
      )

      const apart = createRecord()
      const found = entries.map(({ id, request, answer }) => {
        const session = apart.ship([request]).get(id)
        apart.ship([answer])
        return session
      })
      expect(new Set(found).size).toBe(1)
    },
  )

  test('of a stream is found by its history', () => {
    const answer = ['Where', ' to?']
      .map((content) => `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content } }] })}\n\n`)
      .join('')
    const streamed: Turn = {
      ...(conversations.chat[0] as Turn),
      answer: `${answer}data: [DONE]\n\n`,
      outcome: { headers: [['content-type', 'text/event-stream']] },
    }
    expect(new Set(record([streamed, conversations.chat[1] as Turn])).size).toBe(1)
  })

  test('is not another one that opened alike: the same greeting, the same answer, then other words', () => {
    const greeting: Turn = { body: { messages: [user('Hello')] }, answer: completion('Hi, how can I help?') }
    const ask = (question: string): Turn => ({
      body: { messages: [user('Hello'), assistant('Hi, how can I help?'), user(question)] },
      answer: completion('Use the link.'),
    })
    const [a1, a2, b1, b2] = record([
      greeting,
      ask('How do I reset my password?'),
      greeting,
      ask('I lost my password, reset it how?'),
    ])
    expect(a1).toBe(a2)
    expect(b1).toBe(b2)
    expect(a1).not.toBe(b1)
    // Both wait for their next turn: nobody can tell whose it is, so it is nobody's.
    const [c1, d1, c2, d2] = record([
      greeting,
      greeting,
      ask('How do I reset my password?'),
      ask('I lost my password, reset it how?'),
    ])
    expect(new Set([c1, d1, c2, d2]).size).toBe(4)
  })

  test.each<[string, object, object]>([
    [
      'whose openings are pictures only',
      { messages: [user([{ type: 'image_url', image_url: { url: 'a' } }])] },
      { messages: [user([{ type: 'image_url', image_url: { url: 'b' } }])] },
    ],
    [
      'that open with the same picture',
      { messages: [user([{ type: 'image_url', image_url: { url: 'a' } }])] },
      { messages: [user([{ type: 'image_url', image_url: { url: 'a' } }])] },
    ],
    [
      'that begin with the same words on the environment',
      { messages: [user('<environment_context>cwd</environment_context>'), user('Fix the bug')] },
      { messages: [user('<environment_context>cwd</environment_context>'), user('Write a test')] },
    ],
    [
      'that ask for a title',
      { messages: [user('Generate a title'), user('Fix the bug')] },
      { messages: [user('Generate a title'), user('Write a test')] },
    ],
  ])('is not another one: two %s are two', (_name, one, other) => {
    const [first, second] = record([
      { body: one, answer: completion('Done.') },
      { body: other, answer: completion('Done.') },
    ])
    expect(first).not.toBe(second)
  })

  test('is not one of another key, another end user or another team', () => {
    const [first, next] = conversations.chat as [Turn, Turn]
    for (const intent of [{ keyName: 'other' }, { endUser: 'eve' }, { team: 'blue' }])
      expect(new Set(record([first, { ...next, intent }])).size).toBe(2)
  })

  test('is not one whose history says something that was never answered', () => {
    const [first, next] = conversations.chat as [Turn, Turn]
    expect(new Set(record([{ ...first, answer: completion('No.') }, next])).size).toBe(2)
  })

  test('has two branches where a turn is asked anew', () => {
    const [first, next] = conversations.chat as [Turn, Turn]
    expect(new Set(record([first, next, next])).size).toBe(1)
  })

  test('is the same when a batch is read again', () => {
    const shared = createRecord()
    const turns = conversations.chat.map((turn) => ({ ...turn, id: v7() }))
    expect(record(turns, shared)).toEqual(record(turns, shared))
  })

  test('is none where there is no message', () =>
    expect(record([{ body: { messages: [] }, answer: completion('x') }])).toEqual([null]))
})

describe('an answer that is gone on from by its id', () => {
  test('has the next request in its conversation, whatever that was named', () => {
    const [first] = conversations.responses as [Turn]
    const next = (id: string, answer: string): Turn => ({
      wire: 'responses',
      body: { input: 'and then?', previous_response_id: id },
      answer: { id: answer, output: [] },
    })
    expect(
      new Set(record([first, next('resp_1', 'resp_2'), next('resp_2', 'resp_3'), next('resp_1', 'resp_4')])).size,
    ).toBe(1)
    expect(record([{ ...first, intent: { sessionKey: 'talk' } }, next('resp_1', 'resp_2')])).toEqual(['talk', 'talk'])
    expect(new Set(record([first, next('resp_9', 'resp_2')])).size).toBe(2)
  })

  test('is found by a thread of Anthropic’s too', () => {
    const next: Turn = {
      wire: 'messages',
      body: { messages: [user('And the second?')], thread: { type: 'continue', previous_message_id: 'msg_1' } },
      answer: message(text('Two.')),
    }
    const first: Turn = {
      wire: 'messages',
      body: { messages: [user('The first?')] },
      answer: { ...message(text('One.')), id: 'msg_1' },
    }
    expect(new Set(record([first, next])).size).toBe(1)
    expect(
      new Set(
        record([next, { ...next, body: { ...next.body, thread: { type: 'continue', previous_message_id: 'msg_2' } } }]),
      ).size,
    ).toBe(2)
  })
})

describe('what a client says', () => {
  const read = (headers: Record<string, string>, body: object = {}, wire: Wire = 'messages') =>
    readClientIds((name) => headers[name], wire, body)

  test.each([
    'x-sinew-session',
    'x-claude-code-session-id',
    'session-id',
    'session_id',
    'thread-id',
    'x-session-affinity',
  ])('of its conversation in %s counts', (name) => expect(read({ [name]: 'talk-1' }).session).toBe('talk-1'))

  test('of its conversation in the body counts', () => {
    expect(read({}, { prompt_cache_key: '0199a213-81c0-7800-8aa1-bbab2a035a53' }, 'responses').session).toBe(
      '0199a213-81c0-7800-8aa1-bbab2a035a53',
    )
    expect(read({}, { conversation: 'conv_1' }, 'responses').session).toBe('conv_1')
    expect(read({}, { conversation: { id: 'conv_1' } }, 'responses').session).toBe('conv_1')
    expect(read({}, { previous_response_id: 'resp_1' }, 'responses')).toEqual({
      session: null,
      endUser: null,
      previousAnswer: 'resp_1',
    })
  })

  test('in Sinew’s own header goes before everything else', () =>
    expect(read({ 'x-sinew-session': 'a', 'session-id': 'b' }, { prompt_cache_key: 'c1' }).session).toBe('a'))

  test('of a cache that all of an application’s requests share is no conversation', () => {
    for (const key of ['support-bot', 'support-bot-v2', 'invoices/v1.3'])
      expect(read({}, { prompt_cache_key: key }, 'chat').session).toBeNull()
  })

  test('of Claude Code names the conversation and, as end user, the part that stays', () => {
    const account = { device_id: 'd1', account_uuid: 'a1' }
    expect(read({}, { metadata: { user_id: JSON.stringify({ ...account, session_id: 's1' }) } })).toMatchObject({
      session: 's1',
      endUser: 'a1',
    })
    expect(
      read({}, { metadata: { user_id: JSON.stringify({ device_id: 'd1', account_uuid: '', session_id: 's2' }) } }),
    ).toMatchObject({ session: 's2', endUser: 'd1' })
    expect(read({}, { metadata: { user_id: 'user_ab12_account_a1_session_s3' } })).toMatchObject({
      session: 's3',
      endUser: 'user_ab12_account_a1',
    })
    expect(read({}, { metadata: { user_id: 'user_ab12_account__session_s4' } })).toMatchObject({
      session: 's4',
      endUser: 'user_ab12',
    })
    expect(read({}, { metadata: { user_id: 'eve' } })).toMatchObject({ session: null, endUser: 'eve' })
    expect(read({}, { metadata: { user_id: '{"plan":"pro"}' } })).toMatchObject({
      session: null,
      endUser: '{"plan":"pro"}',
    })
    expect(read({}, { user: 'eve' }, 'chat').endUser).toBe('eve')
    expect(read({ 'x-sinew-user': 'adam' }, { user: 'eve' }, 'chat').endUser).toBe('adam')
  })

  test('in a body is not looked for where a call passes through', () =>
    expect(readClientIds(() => null, null, { user: 'eve', prompt_cache_key: '1' })).toEqual({
      session: null,
      endUser: null,
      previousAnswer: null,
    }))
})
