import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RuleEdit } from '../../../db/words/rule.ts'
import { openSnapshotSource, type SnapshotSource } from '../../state/snapshot-source.ts'
import { createSnapshots, type Snapshots } from '../../state/snapshot.ts'
import { toProvider } from '../../test/harness.ts'
import { startAdmin, tokens, waitFor, type Admin } from './admin.ts'

let admin: Admin
let snapshots: Snapshots
let source: SnapshotSource
beforeAll(async () => {
  admin = await startAdmin({
    config: { providers: [toProvider({ name: 'mock', models: ['m', 'gpt-*', 'claude-*'] })] },
  })
  // What a gateway does with a change of what is served.
  snapshots = createSnapshots(null)
  source = openSnapshotSource(admin.database.url, snapshots, { info: () => {}, warn: () => {} })
  await waitFor(() => source.connected && admin.services.changes.connected, 'both listen')
})
afterAll(async () => {
  await source.close()
  await admin.close()
})

let made = 0
const toRule = (edits: RuleEdit[], more: object = {}): object => ({
  name: `rule ${++made}`,
  order: made,
  active: true,
  target: 'request',
  condition: '',
  edits,
  ...more,
})
const brief: RuleEdit = { kind: 'addMessage', role: 'system', position: 'first', text: 'Be brief.' }

test('a rule is saved with its person and reason, and a gateway applies it before the answer', async () => {
  const { data } = await admin.mutate(
    'rules.save',
    { rule: toRule([brief], { condition: 'key == "demo"' }), reason: ' Long answers cost. ' },
    tokens.reviewer,
  )
  expect(data).toMatchObject({
    version: 1,
    served: true,
    person: 'reviewer',
    usageCount: 0,
    lastUsed: null,
    history: [{ version: 1, change: 'saved', person: 'reviewer', reason: 'Long answers cost.' }],
  })
  expect(snapshots.current.rules.request.map(({ id, version }) => ({ id, version }))).toContainEqual({
    id: data.id,
    version: 1,
  })
})

test('a change counts up, keeps what was before, and reaches gateways; switched off it is served no more', async () => {
  const { data: first } = await admin.mutate('rules.save', { rule: toRule([brief]) })
  const { id, name, order, target, condition, edits } = first
  const { data: second } = await admin.mutate('rules.save', {
    rule: { id, version: 1, name, order, target, condition, edits, active: false },
  })
  expect(second).toMatchObject({ version: 2, active: false, served: true })
  expect(
    second.history.map((entry: { version: number; rule: { active: boolean } }) => [entry.version, entry.rule.active]),
  ).toEqual([
    [2, false],
    [1, true],
  ])
  expect(snapshots.current.rules.request.some((rule) => rule.id === id)).toBe(false)
})

test('of two people who change it at once, one is told; a name is given once', async () => {
  const { data } = await admin.mutate('rules.save', { rule: toRule([brief], { active: false }) })
  const { id, name, order, target, condition, edits } = data
  const change = { id, version: 1, name, order, target, condition, edits, active: false }
  expect((await admin.mutate('rules.save', { rule: change })).data.version).toBe(2)
  expect((await admin.mutate('rules.save', { rule: change })).error).toMatchObject({
    data: { code: 'CONFLICT' },
    message: expect.stringContaining('is now version 2') as string,
  })
  expect((await admin.mutate('rules.remove', { id, version: 1 })).error).toMatchObject({ data: { code: 'CONFLICT' } })
  expect((await admin.mutate('rules.save', { rule: toRule([brief], { name }) })).error).toMatchObject({
    data: { code: 'CONFLICT' },
    message: 'rule.name: another rule has this name',
  })
  expect(
    (
      await admin.mutate('rules.save', {
        rule: { ...change, id: '01a1fc00-0000-7000-8000-00000000000a', name: 'gone' },
      })
    ).error?.data.code,
  ).toBe('NOT_FOUND')
})

test('every problem is named by its field, and nothing is saved', async () => {
  const before = (await admin.query('rules.list')).data.items.length
  const { error } = await admin.mutate('rules.save', {
    rule: {
      ...toRule([
        { kind: 'replaceText', in: 'user', pattern: '(', with: '' },
        { kind: 'cap', parameter: 'n', most: 'many' } as never,
      ]),
      condition: 'texts == ""',
      order: 'first',
      id: 'x',
    },
  })
  expect(error?.data.code).toBe('BAD_REQUEST')
  for (const field of [
    'rule.id:',
    'rule.version:',
    'rule.order:',
    'rule.condition:',
    'rule.edits[0].pattern:',
    'rule.edits[1].most:',
  ])
    expect(error?.message).toContain(field)
  expect((await admin.query('rules.list')).data.items).toHaveLength(before)
})

test('a test answers before and after for each sample, and changes nothing', async () => {
  const rule = toRule([{ kind: 'replaceText', in: 'user', pattern: 'ACME-(\\d+)', with: 'no. $1' }], {
    condition: 'headers.get("x-app") == "shop"',
  })
  const body = '{"model":"m", "messages":[{"role":"user","content":"ACME-7"}]}'
  const { data } = await admin.mutate('rules.test', {
    rule,
    samples: [
      { wire: 'chat', body, headers: { 'X-App': 'shop' } },
      { wire: 'chat', body },
    ],
  })
  expect(data.results).toMatchObject([
    {
      source: 'given',
      changed: true,
      before: body,
      after: body.replace('ACME-7', 'no. 7'),
      applied: { result: 'applied' },
    },
    { source: 'given', changed: false, before: body, after: body, applied: null },
  ])
  expect(
    (await admin.query('rules.list')).data.items.some(
      (item: { name: string }) => item.name === (rule as { name: string }).name,
    ),
  ).toBe(false)
})

test('without samples the last stored exchanges are taken, their answers for rules of answers', async () => {
  const answer = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Good ACME-1' }, finish_reason: 'stop' }],
  }
  const id = await admin.seed.exchange({ answer: JSON.stringify(answer) })
  const { data } = await admin.mutate('rules.test', {
    rule: toRule([{ kind: 'replaceText', in: 'all', pattern: 'ACME', with: '*' }], { target: 'answer' }),
  })
  const result = data.results.find((one: { exchangeId: string }) => one.exchangeId === id)
  expect(result).toMatchObject({ source: 'exchange', wire: 'chat', changed: true, applied: { result: 'applied' } })
  expect(JSON.parse(result.after).choices[0].message.content).toBe('Good *-1')
  expect((await admin.mutate('rules.test', { rule: toRule([brief]), exchangeIds: [id] })).data.results).toHaveLength(1)
  expect(
    (await admin.mutate('rules.test', { rule: toRule([brief]), exchangeIds: ['01a1fc00-0000-7000-8000-0000000000ff'] }))
      .error?.message,
  ).toContain('exchangeIds: there is no exchange')
})

test('samples that a rule concerns come first, however busy the others are; filters choose, and a test that shows nothing is not saved unnoticed', async () => {
  const mine = await admin.seed.exchange({ keyName: 'rare' })
  for (let number = 0; number < 12; number++) await admin.seed.exchange({ keyName: 'busy', model: 'busy-model' })
  const test = async (condition: string, more: object = {}) =>
    (await admin.mutate('rules.test', { rule: toRule([brief], { condition }), ...more })).data
  const rare = await test('key == "rare" && text.contains("Hello")')
  expect(rare).toMatchObject({ concerned: 1, results: [{ exchangeId: mine, key: 'rare', team: 'default' }] })
  expect((await test('text.contains("Hello") && headers.get("x-app") != "shop"')).concerned).toBe(10)
  const chosen = await test('', { sampleFilter: { model: 'BUSY-model' } })
  expect(chosen.results.map(({ key }: { key: string }) => key)).toEqual(Array(10).fill('busy'))
  const nothing = await test('team == "sales"')
  expect(nothing.concerned).toBe(0)
  const rule = toRule([brief], { condition: 'team == "sales"' })
  const refused = await admin.mutate('rules.save', { rule, whenConcerned: true })
  expect([refused.status, refused.error?.message]).toEqual([412, expect.stringContaining('holds for none of the')])
  expect((await admin.mutate('rules.save', { rule })).status).toBe(200)
})

test('a rule that would make a sample invalid, or routes to nobody, is not saved, and the sample is named', async () => {
  const sample = {
    wire: 'messages',
    body: { model: 'claude-x', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] },
  }
  const refuse = async (edit: RuleEdit): Promise<string | undefined> =>
    (await admin.mutate('rules.save', { rule: toRule([edit]), samples: [sample] })).error?.message
  expect(await refuse({ kind: 'remove', path: ['max_tokens'] })).toContain(
    'samples[0]: edits[0]: max_tokens: is required',
  )
  expect(await refuse({ kind: 'replaceText', in: 'user', pattern: 'Hi', with: '' })).toContain(
    'samples[0]: edits[0]: messages: a text is empty',
  )
  expect(await refuse({ kind: 'routeTo', model: 'nowhere' })).toContain('nobody serves it')
  expect(await refuse({ kind: 'routeTo', model: 'mock/gpt-x' })).toBeUndefined()
  expect(
    (await admin.mutate('rules.save', { rule: toRule([brief]), samples: [{ wire: 'chat', body: '[1]' }] })).error
      ?.message,
  ).toContain('samples[0].body: must be a JSON object')
})

test('a removed rule is served no more; it stays readable, with who removed it and why', async () => {
  const { data } = await admin.mutate('rules.save', { rule: toRule([brief]) })
  expect(
    (await admin.mutate('rules.remove', { id: data.id, version: 1, reason: 'Not needed.' }, tokens.reviewer)).data,
  ).toEqual({ id: data.id, version: 2, served: true })
  expect(snapshots.current.rules.request.some((rule) => rule.id === data.id)).toBe(false)
  expect((await admin.query('rules.get', { id: data.id })).data).toMatchObject({
    id: data.id,
    name: data.name,
    edits: [brief],
    active: false,
    removed: { person: 'reviewer', reason: 'Not needed.', at: expect.any(String) },
    history: [{ change: 'removed' }, { change: 'saved' }],
  })
  expect((await admin.query('rules.removed')).data[0]).toMatchObject({ id: data.id, person: 'reviewer' })
  expect(
    (await admin.query('rules.list', { limit: 200 })).data.items.map((item: { id: string }) => item.id),
  ).not.toContain(data.id)
  // What is gone can be neither changed nor removed again.
  expect((await admin.mutate('rules.remove', { id: data.id, version: 2 })).status).toBe(404)
  expect((await admin.query('rules.get', { id: '01a1fc00-0000-7000-8000-0000000000ff' })).error?.data.code).toBe(
    'NOT_FOUND',
  )
  const { rows } = await admin.seed.client.query(
    'select change, person, reason from transformation_versions where transformation_id = $1 order by version',
    [data.id],
  )
  expect(rows).toEqual([
    { change: 'saved', person: 'admin', reason: null },
    { change: 'removed', person: 'reviewer', reason: 'Not needed.' },
  ])
})

test('an exchange names the rules of its record, also those that are gone', async () => {
  const { data } = await admin.mutate('rules.save', { rule: toRule([brief], { name: 'known by name' }) })
  const id = await admin.seed.exchange()
  await admin.seed.client.query(`update requests set decision = $1 where id = $2`, [
    JSON.stringify({ rules: [{ id: data.id, version: 1, result: 'applied' }] }),
    id,
  ])
  await admin.seed.client.query(`update responses set change = $1 where id = $2`, [
    JSON.stringify({ rules: [{ id: data.id, version: 1, result: 'skipped', note: 'edits[0]: stream' }] }),
    id,
  ])
  await admin.mutate('rules.remove', { id: data.id, version: 1 })
  expect((await admin.query('exchanges.get', { id })).data.rules).toEqual([
    { id: data.id, version: 1, result: 'applied', name: 'known by name' },
    { id: data.id, version: 1, result: 'skipped', note: 'edits[0]: stream', name: 'known by name' },
  ])
})

test('the list is in the order in which rules apply, page by page', async () => {
  await admin.mutate('rules.save', { rule: toRule([brief], { name: 'the first of all', order: -5 }) })
  const { data } = await admin.query('rules.list', { limit: 2 })
  expect(data.items[0].name).toBe('the first of all')
  const rest = await admin.query('rules.list', { limit: 200, cursor: data.nextCursor })
  const orders = [...data.items, ...rest.data.items].map(({ order }: { order: number }) => order)
  expect(orders).toEqual(orders.toSorted((a: number, b: number) => a - b))
  expect(rest.data.nextCursor).toBeNull()
})
