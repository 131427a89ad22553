/** What people see of a pattern and may say about it, over the admin API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { fingerprintTexts } from '../../../workflows/domain/patterns/fingerprint.ts'
import { shape } from '../../../workflows/domain/mining/parts.ts'
import { startAdmin, tokens, type Admin } from './admin.ts'

let admin: Admin
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.close())

const run = async (text: string, values: unknown[] = []): Promise<any[]> =>
  (await admin.seed.client.query(text, values)).rows

/** As the learner stores a template that it found. */
async function learned(pieces: (string | null)[], more: Parameters<Admin['seed']['pattern']>[0] = {}): Promise<string> {
  const user = shape(pieces, new Set())
  const template = {
    system: null,
    template: user.map((part) => ('fixed' in part ? part.fixed : `{{${part.slot}}}`)).join(''),
  }
  const id = await admin.seed.pattern({ title: template.template, template, ...more })
  await run(`update prompt_patterns set source = 'learned', templates = $2 where id = $1`, [
    id,
    JSON.stringify([{ structure: '', system: null, user, requires: [], excludes: [], weight: 9 }]),
  ])
  return id
}

const count = (
  id: string,
  day: string,
  key: string,
  model: string,
  successes: number,
  failures: number,
  costUsd = 0,
  priced = 0,
) =>
  run('insert into pattern_days values ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    id,
    day,
    key,
    model,
    successes + failures,
    successes,
    failures,
    costUsd,
    priced,
  ])

describe('a pattern', () => {
  test('shows what is known: a rate in which no key has more than a fifth, its interval, models, days, cost, kind, likeness', async () => {
    const id = await learned(['Summarise the harbour report below in two sentences for a busy reader: ', null])
    const like = await learned(['Summarise the harbour report below in two sentences for a busy captain: ', null])
    const today = new Date().toISOString().slice(0, 10)
    await count(id, today, 'loud', 'gpt-4o', 0, 1000, 2, 500)
    for (const key of ['a', 'b', 'c', 'd', 'e']) await count(id, today, key, 'gpt-4o-mini', 20, 0)
    const { data } = await admin.query('patterns.get', { id })
    expect(data).toMatchObject({
      id,
      source: 'learned',
      state: 'active',
      muted: false,
      mergedFrom: null,
      kind: { kind: 'summary' },
      trend: { recent: 1100, direction: 'new' },
      models: [
        { name: 'gpt-4o', exchanges: 1000 },
        { name: 'gpt-4o-mini', exchanges: 100 },
      ],
      costUsd: 2,
      costPerExchangeUsd: 0.004,
      days: [{ day: today, exchanges: 1100 }],
    })
    expect(data.keys[0]).toMatchObject({ name: 'loud', exchanges: 1000 })
    // 100 of the others, and of the loud one 25: a fifth of 125.
    expect(data.keyCap).toBeCloseTo(25, 6)
    expect(data.success.rate).toBeCloseTo(0.8, 6)
    expect(data.success.low).toBeLessThan(0.8)
    expect(data.similar[0]).toMatchObject({ id: like })
    expect(data.family.map((other: { id: string }) => other.id)).toContain(like)
  })

  test('that was merged is answered by what it became part of, and is listed no more', async () => {
    const [old, kept] = [
      await admin.seed.pattern({ title: 'Old words', frequency: 0 }),
      await learned(['Old and new words: ', null]),
    ]
    await run(`update prompt_patterns set merged_into = $2, state = 'merged' where id = $1`, [old, kept])
    await run(
      `insert into pattern_lineage (id, pattern_id, kind, other_id, reason) values ($1, $2, 'merged', $3, 'the learned template explains all of its prompts')`,
      [v7(), old, kept],
    )
    const { data } = await admin.query('patterns.get', { id: old })
    expect(data).toMatchObject({
      id: kept,
      mergedFrom: old,
      lineage: [{ kind: 'merged', patternId: old, title: 'Old words', otherId: kept }],
    })
    const { data: list } = await admin.query('patterns.list', { limit: 200 })
    expect(list.items.map((item: { id: string }) => item.id)).not.toContain(old)
  })
})

describe('a person', () => {
  test('renames and mutes a pattern at once, with name, time and reason kept', async () => {
    const id = await learned(['Name the ship that ', null])
    const renamed = await admin.mutate('patterns.rename', { id, title: 'Ship names' }, tokens.reviewer)
    expect(renamed.data).toMatchObject({ applied: true, pattern: { title: 'Ship names', titledBy: 'reviewer' } })
    const muted = await admin.mutate('patterns.mute', { id, muted: true, reason: 'A test load.' }, tokens.reviewer)
    expect(muted.data.pattern).toMatchObject({ muted: true, weak: false })
    const { data } = await admin.query('patterns.get', { id })
    expect(data.decisions).toMatchObject([
      { kind: 'mute', person: 'reviewer', reason: 'A test load.', appliedAt: expect.any(String) },
      { kind: 'rename', person: 'reviewer', argument: { title: 'Ship names' } },
    ])
    expect((await admin.mutate('patterns.rename', { id, title: null })).data.pattern).toMatchObject({
      title: 'Name the ship that …',
      titledBy: null,
    })
  })

  test('merges two patterns: the decision stands at once, and the learner acts on it', async () => {
    const [id, into] = [await learned(['Describe the tide at ', null]), await learned(['Describe the wind at ', null])]
    const told = admin.mutate('patterns.merge', { id, into }, tokens.reviewer)
    // As the team's learner does.
    await expect
      .poll(async () => (await run('select id from pattern_decisions where pattern_id = $1', [id])).length)
      .toBe(1)
    await run(`update pattern_decisions set applied_at = now() where pattern_id = $1`, [id])
    await run(`select pg_notify('sinew_learning', (select id::text from pattern_decisions where pattern_id = $1))`, [
      id,
    ])
    expect((await told).data).toMatchObject({ applied: true })
    expect(await run('select kind, argument, person from pattern_decisions where pattern_id = $1', [id])).toEqual([
      { kind: 'merge', argument: { into }, person: 'reviewer' },
    ])
  })

  test('is told what the learner would not do, and what cannot be', async () => {
    const id = await learned(['List the berths of ', null])
    const told = admin.mutate('patterns.split', { id, containing: 'north' })
    await expect
      .poll(async () => (await run('select id from pattern_decisions where pattern_id = $1', [id])).length)
      .toBe(1)
    await run(
      `update pattern_decisions set applied_at = now(), refused = 'there is no such thing' where pattern_id = $1`,
      [id],
    )
    await run(`select pg_notify('sinew_learning', (select id::text from pattern_decisions where pattern_id = $1))`, [
      id,
    ])
    expect((await told).error).toMatchObject({ message: 'there is no such thing', data: { code: 'CONFLICT' } })
    const opening = await admin.seed.pattern({ title: 'Opening' })
    expect((await admin.mutate('patterns.split', { id: opening, containing: 'x' })).error).toMatchObject({
      data: { code: 'CONFLICT' },
    })
    expect((await admin.mutate('patterns.merge', { id, into: id })).error?.message).toContain('into')
    expect((await admin.mutate('patterns.merge', { id, into: v7() })).error).toMatchObject({
      data: { code: 'NOT_FOUND' },
    })
    expect((await admin.mutate('patterns.mute', { id }, null)).status).toBe(401)
    const other = await learned(['List the cranes of ', null])
    await run(`update prompt_patterns set team = 'other' where id = $1`, [other])
    expect((await admin.mutate('patterns.merge', { id, into: other })).error).toMatchObject({
      message: expect.stringContaining('into: is a pattern of another team'),
    })
  })
})

describe('an exchange says why it belongs to its pattern', () => {
  const ask = (text: string): string => JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] })

  test('by a template: every fixed part and what each slot held', async () => {
    const patternId = await learned(['Translate into French: ', null, '\nKeep the names.'])
    const id = await admin.seed.exchange({
      patternId,
      original: ask('Translate into French: the late tug\nKeep the names.'),
    })
    const { data } = await admin.query('exchanges.get', { id })
    expect(data.explanation).toEqual({
      by: 'template',
      pieces: [
        { in: 'user', slot: null, text: 'Translate into French: ', cut: false },
        { in: 'user', slot: 'french', text: 'the late tug', cut: false },
        { in: 'user', slot: null, text: '\nKeep the names.', cut: false },
      ],
    })
  })

  test('by its opening, or by nothing that is known now', async () => {
    const patternId = await admin.seed.pattern({ title: 'Count the boats in' })
    await run('update prompt_patterns set pattern_hash = $2 where id = $1', [
      patternId,
      fingerprintTexts(null, 'Count the boats in a harbour')?.hash,
    ])
    const { data } = await admin.query('exchanges.get', {
      id: await admin.seed.exchange({ patternId, original: ask('Count the boats in the picture') }),
    })
    expect(data.explanation).toMatchObject({
      by: 'opening',
      pieces: [
        { slot: null, text: 'Count the boats in ' },
        { slot: 'input', text: 'the picture' },
      ],
    })
    const { data: other } = await admin.query('exchanges.get', {
      id: await admin.seed.exchange({ patternId, original: ask('Something else altogether') }),
    })
    expect(other.explanation).toEqual({ by: 'none', pieces: [] })
  })
})
