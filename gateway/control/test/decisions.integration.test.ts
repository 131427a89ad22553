import { afterAll, beforeAll, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { openNotifications, type Notifications } from '../../../db/notifications.ts'
import { readServedEnhancements } from '../../../db/repositories/enhancements/served-enhancements.ts'
import { startAdmin, tokens, waitFor, type Admin, type Answer } from './admin.ts'

let admin: Admin
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.close())

async function propose(row: Partial<Parameters<Admin['seed']['enhancement']>[0]> = {}): Promise<string> {
  return admin.seed.enhancement({ patternId: await admin.seed.pattern(), ...row })
}

async function commandsOf(workflowId: string): Promise<{ kind: string; name: string; argument: unknown }[]> {
  const { rows } = await admin.seed.client.query(
    'select kind, name, argument from workflow_commands where workflow_id = $1 order by id',
    [workflowId],
  )
  return rows
}

/** What a gateway does: it answers every change of what is served. */
function openGateway(answers: boolean): { heard: string[]; gateway: Notifications } {
  const heard: string[] = []
  const gateway = openNotifications(admin.database.url, ['sinew_snapshot', 'sinew_outbox'], (channel, payload) => {
    if (payload === null) return
    heard.push(`${channel} ${payload}`)
    if (channel === 'sinew_snapshot' && answers) void gateway.notify('sinew_snapshot_applied', payload)
  })
  return { heard, gateway }
}

test('an approval names its person, tells the workflow and is served before it is answered', async () => {
  const id = await propose()
  const { heard, gateway } = openGateway(true)
  await waitFor(() => gateway.connected && admin.services.changes.connected, 'the channels are open')
  const { data } = await admin.mutate(
    'enhancements.approve',
    { id, version: 1, mode: 'serve', reason: ' Reads well. ' },
    tokens.reviewer,
  )
  expect(data).toMatchObject({
    id,
    state: 'approved',
    mode: 'serve',
    version: 2,
    decidedBy: 'reviewer',
    decisionReason: 'Reads well.',
    active: true,
    original: { template: 'Summarise the text {{input}}' },
    enhanced: { system: 'Be brief.' },
  })
  expect(heard).toEqual(expect.arrayContaining([`sinew_snapshot ${id}`, `sinew_outbox enhancement/${id}`]))
  expect(await commandsOf(`enhancement/${id}`)).toEqual([
    { kind: 'signal', name: 'decided', argument: { state: 'approved', version: 2, person: 'reviewer' } },
  ])
  await gateway.close()
})

test('without a gateway the approval stands all the same, and says that nobody serves it yet', async () => {
  const id = await propose()
  const { data } = await admin.mutate('enhancements.approve', { id, version: 1, mode: 'serve', reason: 'Clear.' })
  expect(data).toMatchObject({ state: 'approved', active: false, decidedBy: 'admin' })
})

test('a rejection says why and changes nothing that is served', async () => {
  const id = await propose()
  const { heard, gateway } = openGateway(true)
  await waitFor(() => gateway.connected, 'the channel is open')
  const { data } = await admin.mutate('enhancements.reject', { id, version: 1, reason: 'Changes the meaning' })
  expect(data).toMatchObject({
    state: 'rejected',
    mode: null,
    version: 2,
    decidedBy: 'admin',
    decisionReason: 'Changes the meaning',
  })
  await waitFor(() => heard.includes(`sinew_outbox enhancement/${id}`), 'the learner is woken')
  expect(heard.join()).not.toContain('sinew_snapshot')
  expect(await commandsOf(`enhancement/${id}`)).toMatchObject([
    { name: 'decided', argument: { state: 'rejected', version: 2 } },
  ])
  await gateway.close()
})

test('of many people who decide at once exactly one does; the others are told whose decision stands', async () => {
  const id = await propose()
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      index % 2 === 0
        ? admin.mutate('enhancements.approve', { id, version: 1, mode: 'serve', reason: 'Clear.' }, tokens.admin)
        : admin.mutate('enhancements.reject', { id, version: 1, reason: 'No.' }, tokens.reviewer),
    ),
  )
  const done = answers.filter((answer) => answer.status === 200)
  const refused = answers.filter((answer) => answer.status === 409)
  expect([done.length, refused.length]).toEqual([1, 7])
  const winner = done[0] as Answer
  for (const answer of refused) expect(answer.error?.message).toContain(`by ${winner.data.decidedBy}`)
  expect(await commandsOf(`enhancement/${id}`)).toHaveLength(1)
})

test('a stale version is a CONFLICT, and nothing is decided', async () => {
  const id = await propose()
  await admin.seed.client.query('update enhancements set version = 3 where id = $1', [id])
  const { status, error } = await admin.mutate('enhancements.approve', {
    id,
    version: 1,
    mode: 'serve',
    reason: 'Clear.',
  })
  expect([status, error?.data.code]).toEqual([409, 'CONFLICT'])
  expect(error?.message).toContain('version 3')
  expect((await admin.query('enhancements.get', { id })).data).toMatchObject({
    state: 'proposed',
    version: 3,
    decidedBy: null,
  })
  expect(await commandsOf(`enhancement/${id}`)).toEqual([])
})

test.each(['drafting', 'failed', 'approved', 'rejected'] as const)('what is %s cannot be decided', async (state) => {
  const id = await propose({ state })
  for (const answer of [
    await admin.mutate('enhancements.approve', { id, version: 1, mode: 'serve', reason: 'Clear.' }),
    await admin.mutate('enhancements.reject', { id, version: 1, reason: 'No.' }),
  ]) {
    expect([answer.status, answer.error?.data.code]).toEqual([409, 'CONFLICT'])
    expect(answer.error?.message).toContain(state)
  }
})

test('of one pattern only one enhancement is served', async () => {
  const patternId = await admin.seed.pattern()
  await admin.seed.enhancement({ patternId, patternVersion: 1, state: 'approved' })
  const id = await admin.seed.enhancement({ patternId, patternVersion: 2 })
  const { status, error } = await admin.mutate('enhancements.approve', {
    id,
    version: 1,
    mode: 'serve',
    reason: 'Clear.',
  })
  expect([status, error?.message]).toEqual([
    409,
    'another enhancement of this pattern is served already, or being tried',
  ])
  expect((await admin.query('enhancements.get', { id })).data.state).toBe('proposed')
})

test.each([
  ['an unknown mode', 'approve', { version: 1, mode: 'hope' }, 'mode'],
  ['no version', 'approve', { mode: 'serve' }, 'version'],
  ['version 0', 'approve', { version: 0, mode: 'serve', reason: 'Clear.' }, 'version'],
  ['a reason that is too long', 'approve', { version: 1, mode: 'serve', reason: 'x'.repeat(2001) }, 'reason'],
  ['an unknown field', 'approve', { version: 1, mode: 'serve', force: true }, 'force'],
  ['no reason for serving at once', 'approve', { version: 1, mode: 'serve' }, 'reason'],
  ['a blank reason for serving at once', 'approve', { version: 1, mode: 'serve', reason: ' ' }, 'reason'],
  ['no reason', 'reject', { version: 1 }, 'reason'],
  ['an empty reason', 'reject', { version: 1, reason: '  ' }, 'reason'],
])('BAD_REQUEST: %s', async (_, what, input, field) => {
  const id = await propose()
  const { status, error } = await admin.mutate(`enhancements.${what}`, { id, ...input })
  expect([status, error?.data.code]).toEqual([400, 'BAD_REQUEST'])
  expect(error?.message).toContain(field)
  expect((await admin.query('enhancements.get', { id })).data.state).toBe('proposed')
})

test('what is served is taken back with its person and reason, and gateways have stopped before it is answered', async () => {
  const patternId = await admin.seed.pattern()
  const id = await admin.seed.enhancement({ patternId })
  const { heard, gateway } = openGateway(true)
  await waitFor(() => gateway.connected && admin.services.changes.connected, 'the channels are open')
  await admin.mutate('enhancements.approve', { id, version: 1, mode: 'serve', reason: 'Clear.' }, tokens.reviewer)
  expect((await readServedEnhancements(admin.seed.client)).enhancements.map((item) => item.enhancementId)).toContain(id)
  heard.length = 0
  const stale = await admin.mutate('enhancements.withdraw', { id, version: 1, reason: 'Complaints.' })
  expect([stale.status, stale.error?.message]).toEqual([409, expect.stringContaining('version')])
  const { data } = await admin.mutate('enhancements.withdraw', { id, version: 2, reason: 'Complaints.' })
  expect(data).toMatchObject({
    state: 'withdrawn',
    version: 3,
    decidedBy: 'reviewer',
    decisionReason: 'Clear.',
    withdrawnBy: 'admin',
    withdrawnAt: expect.any(String),
    failure: 'Complaints.',
    active: true,
  })
  expect(heard).toContain(`sinew_snapshot ${id}`)
  expect(
    (await readServedEnhancements(admin.seed.client)).enhancements.map((item) => item.enhancementId),
  ).not.toContain(id)
  const twice = await admin.mutate('enhancements.withdraw', { id, version: 3, reason: 'Again.' })
  expect([twice.status, twice.error?.message]).toEqual([409, 'it was withdrawn by admin already'])
  const changed = await admin.mutate('enhancements.snooze', { id, version: 3, days: 1 })
  expect(changed.error?.message).toBe('it was withdrawn by admin already')
  // Another one may follow.
  const next = await admin.seed.enhancement({ patternId, patternVersion: 2 })
  expect(
    (await admin.mutate('enhancements.approve', { id: next, version: 1, mode: 'serve', reason: 'Better.' })).status,
  ).toBe(200)
  await gateway.close()
})

test('what is being tried is taken back with its experiment', async () => {
  const id = await propose()
  await admin.mutate('enhancements.approve', { id, version: 1 }, tokens.reviewer)
  const { data } = await admin.mutate('enhancements.withdraw', { id, version: 2, reason: 'Complaints.' })
  expect(data).toMatchObject({ state: 'withdrawn', withdrawnBy: 'admin', experiment: { state: 'rolled_back' } })
  expect((await admin.query('experiments.get', { id: data.experiment.id })).data).toMatchObject({
    verdict: { sentence: 'Rolled back by admin: Complaints.' },
  })
})

test.each(['proposed', 'rejected', 'expired'] as const)('nothing is withdrawn that is %s', async (state) => {
  const id = await propose({ state })
  const { status, error } = await admin.mutate('enhancements.withdraw', { id, version: 1, reason: 'No.' })
  expect([status, error?.message]).toEqual([409, `it is ${state}, so there is nothing to withdraw`])
})

test('the count of what waits is a number, and names the one who put a proposal off', async () => {
  const { waiting } = (await admin.query('enhancements.count')).data
  const id = await propose()
  expect((await admin.query('enhancements.count')).data).toEqual({ waiting: waiting + 1 })
  expect((await admin.mutate('enhancements.snooze', { id, version: 1, days: 2 }, tokens.reviewer)).data).toMatchObject({
    state: 'snoozed',
    snoozedBy: 'reviewer',
  })
  expect((await admin.query('enhancements.count')).data).toEqual({ waiting })
})

test('deciding what is not there is NOT_FOUND', async () => {
  expect(
    (await admin.mutate('enhancements.approve', { id: v7(), version: 1, mode: 'serve', reason: 'Clear.' })).status,
  ).toBe(404)
  expect((await admin.mutate('enhancements.reject', { id: v7(), version: 1, reason: 'No.' })).status).toBe(404)
})

test('the list shows one state or one pattern, newest first', async () => {
  const patternId = await admin.seed.pattern()
  const older = await admin.seed.enhancement({
    patternId,
    patternVersion: 1,
    state: 'rejected',
    at: new Date(Date.now() - 5_000),
  })
  const newer = await admin.seed.enhancement({ patternId, patternVersion: 2 })
  const ids = async (input: object): Promise<string[]> =>
    (await admin.query('enhancements.list', { limit: 200, ...input })).data.items.map((item: { id: string }) => item.id)
  expect(await ids({ patternId })).toEqual([newer, older])
  expect(await ids({ patternId, state: 'rejected' })).toEqual([older])
})

test('a reanalysis stands with the command that starts it, and is asked to pause, go on and stop', async () => {
  const { data } = await admin.mutate(
    'reanalysis.start',
    { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00+01:00', filter: { model: 'm', status: 'ok' } },
    tokens.reviewer,
  )
  const workflowId = `reanalysis/${data.id}`
  expect(await commandsOf(workflowId)).toEqual([
    { kind: 'start', name: 'reanalysis', argument: { reanalysisId: data.id } },
  ])
  expect((await admin.query('reanalysis.status', { id: data.id })).data).toMatchObject({
    id: data.id,
    state: 'queued',
    total: null,
    done: 0,
    failed: 0,
    startedBy: 'reviewer',
    filter: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T23:00:00.000Z', model: 'm', status: 'ok' },
  })
  for (const what of ['pause', 'resume', 'cancel'])
    expect((await admin.mutate(`reanalysis.${what}`, { id: data.id })).data).toMatchObject({ id: data.id })
  expect((await commandsOf(workflowId)).slice(1).map((command) => `${command.kind} ${command.name}`)).toEqual([
    'signal pause',
    'signal resume',
    'signal cancel',
  ])
  await admin.seed.client.query(
    `update reanalyses set state = 'completed', total = 4, done = 3, failed = 1 where id = $1`,
    [data.id],
  )
  expect((await admin.query('reanalysis.status', { id: data.id })).data).toMatchObject({
    state: 'completed',
    total: 4,
    done: 3,
    failed: 1,
  })
  expect((await admin.mutate('reanalysis.pause', { id: data.id })).error).toMatchObject({
    message: 'it is completed already',
    data: { code: 'CONFLICT' },
  })
  expect((await admin.query('reanalysis.list')).data.items[0].id).toBe(data.id)
})

test.each([
  ['no range', {}, 'from'],
  ['a range that ends before it begins', { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
  [
    'an unknown filter',
    { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', filter: { colour: 'red' } },
    'filter.colour',
  ],
  [
    'a pattern that is no id',
    { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', filter: { patternId: 'x' } },
    'filter.patternId',
  ],
])('a reanalysis is refused for %s', async (_, input, field) => {
  const { status, error } = await admin.mutate('reanalysis.start', input)
  expect(status).toBe(400)
  expect(error?.message).toContain(field)
})
