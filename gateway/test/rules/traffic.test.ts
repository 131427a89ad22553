/**
 * Rules from the snapshot on real traffic: what arrives at the provider, what the caller gets, and what the record
 * says.
 */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import type { RuleEdit, TransformationRule } from '../../../db/words/rule.ts'
import { compileRules } from '../../../workflows/domain/rules/compile.ts'
import { toCallFacts } from '../../pipeline/rewrite/rule-exchange.ts'
import { applyRules } from '../../pipeline/rewrite/rules.ts'
import { createSnapshots } from '../../state/snapshot.ts'
import {
  callerKey,
  chat,
  closeAll,
  makeFolder,
  startGateway,
  startUpstream,
  unexpected,
  type TestGateway,
  type Upstream,
} from '../harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const toRule = (edits: RuleEdit[], more: Partial<TransformationRule> = {}): TransformationRule => ({
  id: 'r1',
  name: 'rule',
  order: 0,
  active: true,
  target: 'request',
  condition: '',
  edits,
  version: 3,
  ...more,
})
const completion = (content: string): string =>
  JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  })
const json =
  (body: string, status = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json', 'x-tier': 'upstream' }).end(body)

async function open(
  rules: TransformationRule[],
  answer: (response: ServerResponse) => void = json(completion('Hello ACME-12')),
): Promise<{ gateway: TestGateway; upstream: Upstream; other: Upstream }> {
  const dataDir = makeFolder()
  createSnapshots(dataDir).replace('1', { enhancements: [], experiments: [], rules })
  const upstream = await startUpstream((_request, response) => answer(response))
  const other = await startUpstream((_request, response) => answer(response))
  const gateway = await startGateway({
    dataDir,
    providers: [
      { name: 'mock', dialect: 'openai', baseUrl: `${upstream.origin}/v1`, models: ['m'] },
      { name: 'other', dialect: 'openai', baseUrl: `${other.origin}/v1`, models: ['big'] },
    ],
  })
  return { gateway, upstream, other }
}

async function ask(gateway: TestGateway, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
    body,
  })
  return {
    status: response.status,
    headers: response.headers,
    text: await response.text(),
    id: response.headers.get('x-sinew-exchange') as string,
  }
}

test('a rule changes the bytes it names, and no other, on the way to the provider; the record has both and the rule', async () => {
  const { gateway, upstream } = await open([
    toRule(
      [
        { kind: 'replaceText', in: 'user', pattern: 'ACME', with: 'Acme' },
        { kind: 'default', parameter: 'temperature', value: 0.2 },
        { kind: 'addHeader', name: 'X-Tier', value: 'gold' },
      ],
      { condition: 'headers.get("x-app") == "shop"' },
    ),
  ])
  const body = '{ "model":"m","messages":[ {"role":"user", "content":"Order ACME-1"}], "seed": 12345678901234567890 }'
  const answer = await ask(gateway, body, { 'x-app': 'shop', 'x-tier': 'mine' })
  expect(answer.status).toBe(200)
  const sent = body.replace('ACME', 'Acme').replace('567890 }', '567890,"temperature":0.2 }')
  expect(String(upstream.seen[0]?.body)).toBe(sent)
  expect(upstream.seen[0]?.rawHeaders.filter((name) => name.toLowerCase() === 'x-tier')).toHaveLength(1)
  expect(upstream.seen[0]?.headers['x-tier']).toBe('gold')
  const [recorded] = gateway.journal.intents()
  expect(String(recorded?.request)).toBe(body)
  expect(String(recorded?.sent)).toBe(sent)
  expect(recorded?.intent.decision?.rules).toEqual([{ id: 'r1', version: 3, result: 'applied' }])
  // Its answer is nobody's business.
  expect(answer.text).toBe(completion('Hello ACME-12'))
  expect(gateway.journal.outcomeOf(answer.id)?.outcome.change).toBeUndefined()
  // And without the header nothing changes.
  await ask(gateway, body)
  expect(String(upstream.seen[1]?.body)).toBe(body)
  expect(gateway.journal.intents()[1]).toMatchObject({
    sent: null,
    intent: { headers: expect.not.arrayContaining([['x-tier', 'gold']]) as unknown },
  })
  expect(gateway.journal.intents()[1]?.intent.decision?.rules).toBeUndefined()
})

test('a rule routes to the model of another provider; the record says what was asked for', async () => {
  const { gateway, upstream, other } = await open([
    toRule([{ kind: 'routeTo', model: 'other/big' }], { condition: 'text.contains("hard")' }),
  ])
  await ask(gateway, chat({ messages: [{ role: 'user', content: 'a hard one' }] }))
  await ask(gateway, chat())
  expect(other.seen.map(({ body }) => JSON.parse(String(body)).model)).toEqual(['big'])
  expect(upstream.seen.map(({ body }) => JSON.parse(String(body)).model)).toEqual(['m'])
  expect(gateway.journal.intents()[0]?.intent).toMatchObject({ requestedModel: 'm', model: 'big', provider: 'other' })
})

test('a model that nobody serves is not routed to: the caller is served what it asked for, and the record says so', async () => {
  const { gateway, upstream } = await open([toRule([{ kind: 'routeTo', model: 'nowhere/none' }])])
  expect((await ask(gateway, chat())).status).toBe(200)
  expect(String(upstream.seen[0]?.body)).toBe(chat())
  expect(gateway.journal.intents()[0]?.intent.decision?.rules).toEqual([
    { id: 'r1', version: 3, result: 'undone', note: 'edits[0]: model: nobody serves it' },
  ])
})

test('what the admin shows of a rule is what traffic gets, byte for byte', async () => {
  const rules = [
    toRule([
      { kind: 'addMessage', role: 'system', position: 'first', text: 'Be "brief".' },
      { kind: 'cap', parameter: 'maxTokens', most: 5 },
      { kind: 'replaceText', in: 'all', pattern: '(\\w+)-(\\d+)', with: '$2-$1' },
      { kind: 'set', path: ['metadata', 'a', 'b'], value: [1.5, null] },
    ]),
  ]
  const { gateway, upstream } = await open(rules)
  const body = chat({ max_tokens: 50, messages: [{ role: 'user', content: 'x-1 and yy-22' }] })
  await ask(gateway, body)
  const { intent } = gateway.journal.intents()[0] as { intent: Parameters<typeof toCallFacts>[0] }
  const preview = applyRules(
    compileRules(rules),
    toCallFacts(intent, 'chat', null),
    Buffer.from(body),
    JSON.parse(body) as Record<string, unknown>,
  )
  expect(String(upstream.seen[0]?.body)).toBe(String(preview.body))
  expect(JSON.parse(String(preview.body))).toEqual(preview.json)
})

test('a whole answer is changed on its way, with a header; the record is what the caller got, and the digest of what the provider sent', async () => {
  const { gateway, upstream } = await open([
    toRule(
      [
        { kind: 'replaceText', in: 'all', pattern: 'ACME-\\d+', with: '*' },
        { kind: 'addHeader', name: 'x-tier', value: 'rule' },
      ],
      { target: 'answer' },
    ),
  ])
  const answer = await ask(gateway, chat(), { 'accept-encoding': 'gzip' })
  expect(answer.text).toBe(completion('Hello *'))
  expect(answer.headers.get('x-tier')).toBe('rule')
  expect(answer.headers.get('content-length')).toBe(String(answer.text.length))
  expect(upstream.seen[0]?.headers['accept-encoding']).toBe('identity')
  const recorded = gateway.journal.outcomeOf(answer.id)
  expect(String(recorded?.response)).toBe(answer.text)
  expect(recorded?.outcome.headers.filter(([name]) => name === 'x-tier')).toEqual([['x-tier', 'rule']])
  expect(recorded?.outcome.change).toEqual({
    rules: [{ id: 'r1', version: 3, result: 'applied' }],
    upstream: {
      bytes: completion('Hello ACME-12').length,
      digest: createHash('sha256').update(completion('Hello ACME-12')).digest('hex'),
    },
  })
})

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 5, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const streamed = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hello AC' }),
    chunk({ content: 'ME-12.' }),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ])
    response.write(event)
  response.end()
}
const readText = (text: string): string =>
  [...text.matchAll(/^data: (\{.*)$/gm)]
    .map(
      ([, data]) =>
        (JSON.parse(data as string) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? '',
    )
    .join('')

test('a streamed answer is changed across its pieces; an edit that a stream cannot have is skipped, and the record says so', async () => {
  const { gateway } = await open(
    [
      toRule([{ kind: 'replaceText', in: 'all', pattern: 'ACME-\\d{1,9}', with: '*' }], { target: 'answer', id: 'r1' }),
      toRule(
        [
          { kind: 'remove', path: ['usage'] },
          { kind: 'addHeader', name: 'x-rule', value: 'two' },
        ],
        { target: 'answer', id: 'r2' },
      ),
      toRule([{ kind: 'replaceText', in: 'all', pattern: 'o+', with: '0' }], { target: 'answer', id: 'r3' }),
    ],
    streamed,
  )
  const answer = await ask(gateway, chat({ stream: true }))
  expect(readText(answer.text)).toBe('Hello *.')
  expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(answer.headers.get('x-rule')).toBe('two')
  const recorded = gateway.journal.outcomeOf(answer.id)
  expect(String(recorded?.response)).toBe(answer.text)
  expect(recorded?.outcome).toMatchObject({ status: 'ok' })
  expect(recorded?.outcome.change?.rules).toEqual([
    { id: 'r1', version: 3, result: 'applied' },
    { id: 'r2', version: 3, result: 'skipped', note: 'edits[0]: stream' },
    { id: 'r3', version: 3, result: 'skipped', note: 'edits[0]: stream' },
  ])
})

test('an error keeps its bytes; only headers are added to it', async () => {
  const error = '{"error":{"message":"ACME-1 is over","type":"x"}}'
  const { gateway } = await open(
    [
      toRule(
        [
          { kind: 'replaceText', in: 'all', pattern: 'ACME', with: '*' },
          { kind: 'addHeader', name: 'x-help', value: 'desk' },
        ],
        { target: 'answer', condition: 'status >= 400' },
      ),
    ],
    json(error, 429),
  )
  const answer = await ask(gateway, chat())
  expect({ status: answer.status, text: answer.text, help: answer.headers.get('x-help') }).toEqual({
    status: 429,
    text: error,
    help: 'desk',
  })
  expect(gateway.journal.outcomeOf(answer.id)?.outcome.change?.rules).toEqual([
    { id: 'r1', version: 3, result: 'skipped', note: 'edits[0]: no body of success' },
  ])
})

test('a stored rule that cannot be used is left out, and the others apply', async () => {
  const { gateway, upstream } = await open([
    toRule([{ kind: 'fly' } as never], { id: 'bad' }),
    toRule([{ kind: 'set', path: ['user'], value: 'u' }]),
  ])
  await ask(gateway, chat())
  expect(JSON.parse(String(upstream.seen[0]?.body))).toMatchObject({ user: 'u' })
  expect(gateway.journal.intents()[0]?.intent.decision?.rules).toEqual([{ id: 'r1', version: 3, result: 'applied' }])
})
