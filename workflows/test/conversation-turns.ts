/** Turns of conversations on every wire, and the shipper's derivation of their sessions. */
import { v7 } from 'uuid'
import type { Intent, Outcome } from '../../db/journal/records.ts'
import type { StoredIntent } from '../../db/repositories/exchanges/ingest.ts'
import type { SessionLink } from '../../db/repositories/exchanges/session-links.ts'
import type { Wire } from '../../db/words/wire.ts'
import { findWantedLinks, readFolds, toBatchRows } from '../learner/shipping/batch-rows.ts'
import { foldEntries } from '../learner/shipping/fold.ts'
import { toIntent, toOutcome } from './journal-input.ts'

const endpoints: Record<Wire, string> = {
  chat: '/v1/chat/completions',
  messages: '/v1/messages',
  responses: '/v1/responses',
}

const failOnFault = (_: string, error: unknown): never => {
  throw error
}

/** A shipper without PostgreSQL: each call is one batch. */
export function createRecord() {
  const stored: SessionLink[] = []
  const intents = new Map<string, StoredIntent>()
  const ship = (entries: ReturnType<typeof toIntent>[]): Map<string, string | null> => {
    const { folds } = foldEntries(
      entries.map((entry, offset) => ({ entry, at: { segment: 1, offset } })),
      () => null,
    )
    const batch = {
      folds,
      opened: null,
      stored: intents,
      read: readFolds(folds, failOnFault),
      reportFault: failOnFault,
    }
    const wanted = findWantedLinks(batch)
    const found = stored.filter(({ team, link }) => wanted.some((one) => one.team === team && one.link === link))
    const { rows } = toBatchRows(batch, found, {})
    for (const change of rows.sessionLinks) {
      const known = stored.find((one) => one.link === change.link && one.exchangeId === change.exchangeId)
      if (known) known.continuedBy ??= change.continuedBy
      else stored.push({ ...change })
    }
    for (const row of rows.requests)
      intents.set(row.id, { ...row, sessionKey: row.session_key, conversationLink: row.conversation_link })
    return new Map(rows.requests.map(({ id, session_key }) => [id, session_key]))
  }
  return { ship, intents }
}

export interface Turn {
  wire?: Wire
  body: object
  answer: object | string
  intent?: Partial<Intent>
  outcome?: Partial<Outcome>
  id?: string
}

export function toEntries({ wire = 'chat', body, answer, intent, outcome, id = v7() }: Turn) {
  const input = {
    request: JSON.stringify({ model: 'm', ...body }),
    response: typeof answer === 'string' ? answer : JSON.stringify(answer),
    intent: { endpoint: endpoints[wire], ...intent },
    ...(outcome && { outcome }),
  }
  return { id, request: toIntent(id, input), answer: toOutcome(id, input) }
}

/** Each turn's session, shipped one after the other. */
export function record(turns: Turn[], record = createRecord()): (string | null)[] {
  return turns.map((turn) => {
    const { id, request, answer } = toEntries(turn)
    return record.ship([request, answer]).get(id) ?? null
  })
}

export const user = (content: unknown) => ({ role: 'user', content })
export const assistant = (content: unknown, more: object = {}) => ({ role: 'assistant', content, ...more })
export const completion = (content: string | null, more: object = {}) => ({
  id: 'c1',
  choices: [{ index: 0, message: { role: 'assistant', content, ...more }, finish_reason: 'stop' }],
})
export const message = (...content: object[]) => ({ type: 'message', id: `msg_${v7()}`, role: 'assistant', content })
export const text = (value: string) => ({ type: 'text', text: value })

/** A conversation of three turns, one of them with a tool, as each wire has it. */
export const conversations: Record<Wire, Turn[]> = {
  chat: [
    {
      body: { messages: [{ role: 'system', content: 'It is 9:00.' }, user('Plan a trip')] },
      answer: completion('Where to?'),
    },
    {
      body: {
        messages: [
          { role: 'system', content: 'It is 9:01.' },
          user('Plan a trip'),
          assistant('Where to? '),
          user('Rome'),
        ],
      },
      answer: completion(null, {
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"q": 1}' } }],
      }),
    },
    {
      body: {
        messages: [
          user('Plan a trip'),
          assistant('Where to?'),
          user([text('Rome')]),
          assistant(null, {
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"q":1}' } }],
          }),
          { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
        ],
      },
      answer: completion('It is sunny.'),
    },
  ],
  messages: [
    { wire: 'messages', body: { messages: [user('Plan a trip')] }, answer: message(text('Where to?')) },
    {
      wire: 'messages',
      body: {
        messages: [
          user([{ ...text('Plan a trip'), cache_control: { type: 'ephemeral' } }]),
          assistant([text('Where to?')]),
          user('Rome'),
        ],
      },
      answer: message({ type: 'thinking', thinking: 'hm', signature: 's' }, text('Let me look.'), {
        type: 'tool_use',
        id: 'toolu_1',
        name: 'look',
        input: {},
      }),
    },
    {
      wire: 'messages',
      body: {
        messages: [
          user('Plan a trip'),
          assistant('Where to?'),
          user('Rome'),
          assistant([text('Let me look.'), { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }]),
          user([{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }]),
        ],
      },
      answer: message(text('It is sunny.')),
    },
  ],
  responses: [
    {
      wire: 'responses',
      body: { input: 'Plan a trip' },
      answer: {
        id: 'resp_1',
        output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Where to?' }] }],
      },
    },
    {
      wire: 'responses',
      body: { input: [user('Plan a trip'), assistant([{ type: 'output_text', text: 'Where to?' }]), user('Rome')] },
      answer: {
        id: 'resp_2',
        output: [
          { type: 'reasoning', id: 'rs_1', summary: [] },
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me look.' }] },
          { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' },
        ],
      },
    },
    {
      wire: 'responses',
      body: {
        input: [
          user('Plan a trip'),
          assistant('Where to?'),
          user('Rome'),
          { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' },
          { type: 'message', ...assistant([{ type: 'output_text', text: 'Let me look.' }]) },
          { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' },
          { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
        ],
      },
      answer: { id: 'resp_3', output: [] },
    },
  ],
}
