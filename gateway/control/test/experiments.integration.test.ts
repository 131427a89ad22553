/**
 * What people do with experiments through the admin's API; every act is written down with its person and its numbers.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { kyselyOf } from '../../../db/database.ts'
import { openOrm } from '../../../db/orm.ts'
import { lockExperiment, moveExperiment } from '../../../db/repositories/experiments/experiments.ts'
import { startAdmin, tokens, type Admin } from './admin.ts'

let admin: Admin
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.close())

async function propose(): Promise<string> {
  return admin.seed.enhancement({ patternId: await admin.seed.pattern({ successes: 20, failures: 10 }) })
}
const query = async <Row extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> =>
  (await admin.seed.client.query(text, values)).rows as Row[]
const experimentOf = async (enhancementId: string): Promise<string> =>
  (
    await query<{ id: string }>('select id from experiments where enhancement_id = $1 order by id desc', [
      enhancementId,
    ])
  )[0]?.id as string
const get = async (id: string) => (await admin.query('experiments.get', { id })).data
const commands = (id: string) =>
  query('select kind, name, argument from workflow_commands where workflow_id = $1 order by id', [`experiment/${id}`])

/** What a look of its workflow does when a guardrail is crossed. */
async function rollBackByGuardrail(id: string): Promise<void> {
  const orm = await openOrm(admin.database.url)
  try {
    await kyselyOf(orm.em.fork())
      .transaction()
      .execute(async (transaction) => {
        const row = await lockExperiment(transaction, id)
        if (row === null) throw new Error(`there is no experiment ${id}`)
        const cause = 'the guardrail mean_cost was crossed'
        const exposed = { control: 0, treatment: 0 }
        const move = { to: 'rolled_back', step: row.step, cause, numbers: {}, person: null, exposed } as const
        await moveExperiment(transaction, row, move, new Date())
      })
  } finally {
    await orm.close()
  }
}

/** What the workflow would have found. */
async function win(id: string): Promise<void> {
  const moments = (ones: number) => ({ count: 500, sum: ones, sumOfSquares: ones })
  const evaluation = {
    exposed: { control: 520, treatment: 515, mixed: 0 },
    pairs: 500,
    control: moments(250),
    treatment: moments(320),
    effect: 0.14,
    direction: 'better',
    sequence: { difference: 0.14, halfWidth: 0.09, logE: 6 },
    sampleRatio: { logFactor: -2, alarm: false },
    guardrails: [],
  }
  await query(`update experiments set state = 'won', evaluation = $2, log_e = 6 where id = $1`, [
    id,
    JSON.stringify(evaluation),
  ])
}

test('approving without a mode starts an experiment with the configuration’s settings: its first step, its baseline, its workflow, its person', async () => {
  const enhancementId = await propose()
  const [{ patternid }] = (await query<{ patternid: string }>(
    'select pattern_id as patternid from enhancements where id = $1',
    [enhancementId],
  )) as [{ patternid: string }]
  for (const totalMs of [100, 200, 900])
    await admin.seed.exchange({
      patternId: patternid,
      timings: { sentMs: 1, firstByteMs: 2, totalMs },
      costUsd: totalMs / 1e6,
    })
  const { data } = await admin.mutate(
    'enhancements.approve',
    { id: enhancementId, version: 1, reason: 'Try it.' },
    tokens.reviewer,
  )
  expect(data).toMatchObject({ state: 'approved', mode: 'experiment', decidedBy: 'reviewer' })
  const id = await experimentOf(enhancementId)
  expect(await get(id)).toMatchObject({
    state: 'ramping',
    step: 0,
    share: 0.01,
    metric: 'success',
    createdBy: 'reviewer',
    enhancementId,
    settings: { direction: 'maximise', ramp: [0.01, 0.05, 0.25, 0.5] },
    baseline: { exchanges: 3 },
    exposed: { control: 0, treatment: 0, mixed: 0 },
    models: [],
    actions: ['stop', 'rollback'],
    enhanced: { system: 'Be brief.' },
    verdict: {
      sentence:
        'Keep running: 0 units in control, 0 in treatment, 0 pairs with an outcome; nothing is said of the effect below 50 pairs.',
      showEffect: false,
      interval: null,
    },
  })
  expect((await get(id)).events.map(({ to, person }: { to: string; person: string }) => [to, person])).toEqual([
    ['ramping', 'reviewer'],
    ['proposed', 'reviewer'],
  ])
  expect(await commands(id)).toEqual([{ kind: 'start', name: 'experiment', argument: { experimentId: id } }])
  // It is being tried, so nothing of it is served to everybody.
  expect(
    (await admin.query('experiments.list', { patternId: patternid })).data.items.map((item: { id: string }) => item.id),
  ).toEqual([id])
})

test('one that was prepared keeps what was chosen for it, says what it will take, and starts with the approval', async () => {
  const enhancementId = await propose()
  const { data } = await admin.mutate(
    'experiments.create',
    {
      enhancementId,
      metric: 'latency',
      model: 'gpt-test',
      hypothesis: 'It is quicker.',
      settings: { ramp: [0.1, 1], windowMs: 60_000 },
    },
    tokens.reviewer,
  )
  expect(data).toMatchObject({
    state: 'proposed',
    metric: 'latency',
    model: 'gpt-test',
    hypothesis: 'It is quicker.',
    settings: { direction: 'minimise', ramp: [0.1, 1], windowMs: 60_000, stepUnits: 30 },
    verdict: { sentence: 'Not started.' },
    actions: ['start', 'stop'],
  })
  const refused = await admin.mutate('experiments.start', { id: data.id })
  expect([refused.status, refused.error?.message]).toEqual([
    409,
    'its enhancement is not approved yet; approving it in mode experiment starts this experiment',
  ])
  await admin.mutate('enhancements.approve', { id: enhancementId, version: 1, mode: 'experiment' })
  expect(await get(data.id)).toMatchObject({ state: 'ramping', share: 0.1, createdBy: 'reviewer' })
  const success = await admin.mutate('experiments.create', { enhancementId: await propose() })
  // Two points take more than there are units for; ten take far fewer.
  expect(success.data.plan.map(({ unitsPerArm }: { unitsPerArm: number | null }) => unitsPerArm !== null)).toEqual([
    false,
    true,
    true,
  ])
})

test('roll-back, stop and promotion: from where they are possible, once, with the person and the reason', async () => {
  const enhancementId = await propose()
  await admin.mutate('enhancements.approve', { id: enhancementId, version: 1 })
  const id = await experimentOf(enhancementId)
  const early = await admin.mutate('experiments.promote', { id })
  expect([early.status, early.error?.message]).toEqual([409, 'it is ramping, so it cannot be promoted; only a win can'])
  const answers = await Promise.all([
    admin.mutate('experiments.rollback', { id, reason: 'Complaints.' }, tokens.reviewer),
    admin.mutate('experiments.rollback', { id }),
    admin.mutate('experiments.stop', { id }),
  ])
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409, 409])
  const item = await get(id)
  expect(['rolled_back', 'stopped']).toContain(item.state)
  expect(item.actions).toEqual([])
  expect(item.events.filter(({ to }: { to: string }) => ['rolled_back', 'stopped'].includes(to))).toHaveLength(1)
  expect(item.verdict.sentence).toMatch(
    /^(Rolled back by reviewer: Complaints\.|Rolled back by admin\.|Stopped by admin\.)$/,
  )
  expect(item.share).toBe(0)
  expect((await admin.query('enhancements.get', { id: enhancementId })).data).toMatchObject({ state: 'withdrawn' })
  expect((await commands(id)).map(({ name }) => name)).toEqual(['experiment', 'nudged'])
})

test('a win is promoted by a person into a hold-back with a split of its own, and can still be rolled back', async () => {
  const enhancementId = await propose()
  await admin.mutate('enhancements.approve', { id: enhancementId, version: 1 })
  const id = await experimentOf(enhancementId)
  const [{ salt }] = (await query<{ salt: string }>('select salt from experiments where id = $1', [id])) as [
    { salt: string },
  ]
  await win(id)
  const won = await get(id)
  expect(won.verdict).toMatchObject({
    tone: 'good',
    showEffect: true,
    sentence: 'Better: +14.0 points, 95 % always-valid interval +5.0 points … +23.0 points. A person may promote it.',
  })
  expect(won.verdict.note).toContain('optimistic')
  const { data } = await admin.mutate('experiments.promote', { id }, tokens.reviewer)
  expect(data).toMatchObject({
    state: 'promoted',
    version: 2,
    promotedBy: 'reviewer',
    share: 1,
    holdback: null,
    actions: ['rollback'],
  })
  expect((await query<{ salt: string }>('select salt from experiments where id = $1', [id]))[0]?.salt).not.toBe(salt)
  expect((await admin.mutate('experiments.rollback', { id })).data).toMatchObject({
    state: 'rolled_back',
    endedAt: expect.any(String),
  })
})

test('promotion and roll-back leave the evidence of the test: its units, guardrails and effect; the hold-back has its own', async () => {
  const enhancementId = await propose()
  await admin.mutate('enhancements.approve', { id: enhancementId, version: 1 })
  const id = await experimentOf(enhancementId)
  const expose = async (version: number, unit: string, arm: string) =>
    query(
      `insert into experiment_exposures (experiment_id, version, unit, arm, exchange_id, exposed_at, model) values ($1, $2, $3, $4, $5, now(), 'mock/m')`,
      [id, version, unit, arm, v7()],
    )
  for (const [unit, arm] of [
    ['a', 'control'],
    ['b', 'treatment'],
    ['c', 'treatment'],
  ] as const)
    await expose(1, unit, arm)
  await win(id)
  const held = { name: 'error', pairs: 510, control: 4, treatment: 5, logE: -1.2, state: 'ok', note: null }
  await query(
    `update experiments set evaluation = jsonb_set(evaluation, '{guardrails}', $2), guardrails = $2 where id = $1`,
    [id, JSON.stringify([held])],
  )
  await query(
    `insert into experiment_looks (experiment_id, version, pairs, at, difference, half_width, control, treatment) values ($1, 1, 500, now(), 0.14, 0.09, 250, 250)`,
    [id],
  )
  const evidence = {
    exposed: { control: 1, treatment: 2, mixed: 0 },
    models: [{ model: 'mock/m', units: 3 }],
    guardrails: [{ ...held, label: 'errors' }],
    looks: [{ pairs: 500, difference: 0.14 }],
    verdict: { showEffect: true, interval: expect.stringContaining('+14.0 points') },
  }
  expect(await get(id)).toMatchObject({ ...evidence, holdbackExposed: null, holdbackGuardrails: null })
  const { data } = await admin.mutate('experiments.promote', { id })
  const nobodyYet = { control: 0, treatment: 0, mixed: 0 }
  expect(data).toMatchObject({ ...evidence, holdbackExposed: nobodyYet, holdbackGuardrails: [] })
  await expose(2, 'd', 'control')
  await query(`update experiments set guardrails = $2 where id = $1`, [id, JSON.stringify([{ ...held, pairs: 1 }])])
  expect(await get(id)).toMatchObject({
    ...evidence,
    holdbackExposed: { control: 1, treatment: 0, mixed: 0 },
    holdbackGuardrails: [{ pairs: 1 }],
  })
  expect((await admin.mutate('experiments.rollback', { id, reason: 'Too dear.' })).data).toMatchObject({
    ...evidence,
    state: 'rolled_back',
    share: 0,
    verdict: { ...evidence.verdict, sentence: 'Rolled back by admin: Too dear.' },
  })
})

test('what a guardrail took back names nobody; its cause is in plain words, and the approval keeps its person', async () => {
  const enhancementId = await propose()
  await admin.mutate('enhancements.approve', { id: enhancementId, version: 1, reason: 'Try it.' }, tokens.reviewer)
  const id = await experimentOf(enhancementId)
  await admin.services.database.whileItAnswers(rollBackByGuardrail(id))
  expect(await get(id)).toMatchObject({
    lastActBy: null,
    verdict: { sentence: 'Rolled back: the guardrail “mean cost” was crossed.' },
  })
  const { data } = await admin.query('enhancements.get', { id: enhancementId })
  expect(data).toMatchObject({
    state: 'withdrawn',
    decidedBy: 'reviewer',
    decisionReason: 'Try it.',
    withdrawnBy: null,
    withdrawnAt: expect.any(String),
    failure: 'its experiment ended: the guardrail “mean cost” was crossed',
    experiment: { id, state: 'rolled_back', promotedBy: null },
  })
  const late = await admin.mutate('enhancements.approve', { id: enhancementId, version: data.version })
  expect(late.error?.message).toBe('it is withdrawn, so there is nothing to decide')
  // Who tries it again is the one who decided; the first reason is not theirs.
  const again = await admin.mutate('experiments.create', { enhancementId })
  await admin.mutate('experiments.start', { id: again.data.id })
  expect((await admin.query('enhancements.get', { id: enhancementId })).data).toMatchObject({
    state: 'approved',
    decidedBy: 'admin',
    decisionReason: null,
    withdrawnAt: null,
    failure: null,
  })
})

test('nothing is prepared for what everybody gets already, and the refusal says so', async () => {
  const enhancementId = await propose()
  const prepared = await admin.mutate('experiments.create', { enhancementId })
  await admin.mutate('enhancements.approve', { id: enhancementId, version: 1, mode: 'serve', reason: 'Clear.' })
  const truth = 'it is served to everybody already; withdraw it first to try it against the prompt as it was'
  const created = await admin.mutate('experiments.create', { enhancementId })
  expect([created.status, created.error?.message]).toEqual([409, `enhancementId: ${truth}`])
  const started = await admin.mutate('experiments.start', { id: prepared.data.id })
  expect([started.status, started.error?.message]).toEqual([409, truth.replace('it is', 'its enhancement is')])
})

test('of one pattern only one is under way, be it tried or served', async () => {
  const patternId = await admin.seed.pattern()
  const first = await admin.seed.enhancement({ patternId, patternVersion: 1 })
  const second = await admin.seed.enhancement({ patternId, patternVersion: 2 })
  await admin.mutate('enhancements.approve', { id: first, version: 1 })
  for (const mode of ['experiment', 'serve']) {
    const { status, error } = await admin.mutate('enhancements.approve', {
      id: second,
      version: 1,
      mode,
      reason: 'Clear.',
    })
    expect([status, error?.message]).toEqual([
      409,
      'another enhancement of this pattern is served already, or being tried',
    ])
  }
  expect(await experimentOf(second)).toBeUndefined()
})

test.each([
  ['no enhancement', {}, 'enhancementId'],
  ['an unknown metric', { metric: 'luck' }, 'metric'],
  ['a ramp that falls', { settings: { ramp: [0.5, 0.1] } }, 'settings.ramp'],
  ['a window of no length', { settings: { windowMs: 0 } }, 'settings.windowMs'],
  ['an unknown setting', { settings: { evry: 1 } }, 'settings.evry'],
])('BAD_REQUEST: %s', async (_, input, field) => {
  const { status, error } = await admin.mutate('experiments.create', {
    ...(field === 'enhancementId' ? {} : { enhancementId: v7() }),
    ...input,
  })
  expect(status).toBe(400)
  expect(error?.message).toContain(field)
})

test('what is not there is NOT_FOUND', async () => {
  for (const what of ['start', 'stop', 'rollback', 'promote'])
    expect((await admin.mutate(`experiments.${what}`, { id: v7() })).status).toBe(404)
  expect((await admin.query('experiments.get', { id: v7() })).status).toBe(404)
  expect((await admin.mutate('experiments.create', { enhancementId: v7() })).status).toBe(404)
})
