import { sql } from 'kysely'
import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensurePartitions, toLowestUuid, toPartition } from '../../db/partitions.ts'
import { listFindings, putAside } from '../../db/repositories/findings/finding-list.ts'
import { createJobActivities } from '../activities/jobs.ts'
import type { JobDependencies } from '../activities/jobs/job.ts'
import type { JobName } from '../contract.ts'
import { completion } from './journal-input.ts'
import { openHarness, quiet, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const watch = { recentHours: 24, baselineDays: 14, staleAfterDays: 14 }
const run = async (job: JobName, overrides: Partial<JobDependencies> = {}): Promise<number> => {
  const { runJobStep } = createJobActivities({
    database: harness.database,
    watch,
    retention: null,
    log: quiet,
    ...overrides,
  })
  for (let step = 1; step < 50; step++) if (!(await runJobStep(job)).more) return step
  throw new Error('it does not end')
}
const findings = async (open = true) => (await listFindings(harness.database, { open }, 50, null)).items

async function pattern(title = 'p'): Promise<string> {
  const id = v7()
  await harness.rows(`insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, frequency, first_seen, last_seen)
    values ('${id}', 'default', '${id}', 'opening', '${title}', '{}', 10, now(), now())`)
  return id
}

/** Learned exchanges of a pattern, each in a session of its own unless one is given. */
async function judged(
  patternId: string,
  count: number,
  agoMs: number,
  worked: (index: number) => boolean,
  session: string | null = null,
): Promise<void> {
  const values = Array.from({ length: count }, (_, index) => {
    const id = v7({ msecs: Date.now() - agoMs - index * 10 })
    return `('${id}', now() - interval '${agoMs} milliseconds', ${session === null ? 'null' : `'${session}'`}, 'default', 'k', 'openai', '/v1/chat/completions', false, 1, 'ok', now(), '${patternId}', '${worked(index) ? 'success' : 'failure'}', now())`
  })
  await harness.rows(
    `insert into requests (id, created_at, session_id, team, key_name, dialect, endpoint, stream, request_bytes, status, finished_at, pattern_id, verdict, learned_at) values ${values.join(',')}`,
  )
}

describe('drift watch', () => {
  test('finds the pattern whose success fell, renews it, and ends it when it is well again', async () => {
    const [fell, same] = [await pattern('fell'), await pattern('same')]
    for (const id of [fell, same]) await judged(id, 300, 5 * dayMs, (index) => index % 10 !== 0)
    await judged(fell, 80, hourMs, (index) => index % 2 === 0)
    await judged(same, 80, hourMs, (index) => index % 10 !== 0)
    await run('drift')
    await run('drift')
    expect(await findings()).toMatchObject([
      {
        kind: 'drift',
        patternId: fell,
        patternTitle: 'fell',
        message: expect.stringContaining('from 90 % to 50 %'),
        detail: { recentSessions: 80, baselineSessions: 300 },
        resolvedAt: null,
      },
    ])
    await judged(fell, 2_000, 60_000, () => true)
    await run('drift')
    expect(await findings()).toEqual([])
    expect(await findings(false)).toMatchObject([{ patternId: fell, resolvedBy: null }])
  })

  test('counts a session once, however many exchanges it has', async () => {
    const id = await pattern()
    await judged(id, 300, 5 * dayMs, (index) => index % 10 !== 0)
    await judged(id, 500, hourMs, () => false, v7())
    await judged(id, 35, hourMs, (index) => index % 10 !== 0)
    await run('drift')
    expect(await findings()).toEqual([])
  })

  test('what a person put aside is not found again the next time', async () => {
    const id = await pattern()
    await judged(id, 300, 5 * dayMs, () => true)
    await judged(id, 80, hourMs, () => false)
    await run('drift')
    const [finding] = await findings()
    expect(await putAside(harness.database, finding!.id, 'reviewer')).toBe(true)
    expect(await putAside(harness.database, finding!.id, 'another')).toBe(false)
    await run('drift')
    expect(await findings()).toEqual([])
    expect(await findings(false)).toMatchObject([{ resolvedBy: 'reviewer' }])
    await harness.rows(`update findings set resolved_at = now() - interval '8 days'`)
    await run('drift')
    expect(await findings()).toHaveLength(1)
  })
})

describe('stale enhancements', () => {
  test('are old proposals and those whose pattern has changed, until they are decided', async () => {
    const rows: [string, string, number, string][] = [
      ['old', 'proposed', 1, '20 days'],
      ['young', 'proposed', 1, '1 day'],
      ['changed', 'approved', 2, '1 day'],
      ['decided', 'rejected', 2, '90 days'],
    ]
    const ids: Record<string, string> = {}
    for (const [name, state, version, age] of rows) {
      const patternId = await pattern(name)
      ids[name] = v7()
      await harness.rows(`update prompt_patterns set template_version = ${version} where id = '${patternId}'`)
      await harness.rows(`insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, original_prompt, source, created_at, proposed_at)
        values ('${ids[name]}', '${patternId}', 1, 'template', '${state}', '{}', 'analyst', now() - interval '${age}', now() - interval '${age}')`)
    }
    await run('stale-enhancements')
    expect((await findings()).map(({ patternTitle, message }) => `${patternTitle}: ${message}`).sort()).toEqual([
      "changed: the pattern's template has changed since it was made (version 1, now 2)",
      'old: proposed 20 days ago and still not decided',
    ])
    await harness.rows(`update enhancements set state = 'rejected' where id = '${ids.old}'`)
    await run('stale-enhancements')
    expect((await findings()).map(({ enhancementId }) => enhancementId)).toEqual([ids.changed])
  })
})

describe('model versions', () => {
  const answered = async (model: string, agoMs: number, status: 'ok' | 'error' = 'ok'): Promise<void> => {
    const at = Date.now() - agoMs
    await harness.write(1, () => ({
      id: v7({ msecs: at }),
      intent: { at },
      outcome: { at, status, httpStatus: status === 'ok' ? 200 : 500 },
      response: completion('Good.').replace('{', `{"model":"${model}",`),
    }))
    await shipAll(harness)
  }

  test('are kept from what answers say, and a new one is told once', async () => {
    await answered('gpt-4o-2024-05-13', 3 * hourMs)
    await run('model-versions')
    expect(await findings()).toEqual([])
    await answered('gpt-4o-2024-08-06', hourMs)
    await answered('an-error-page', hourMs, 'error')
    await answered('gpt-4o-2024-05-13', 60_000)
    await run('model-versions')
    await run('model-versions')
    expect(await findings()).toMatchObject([
      {
        kind: 'model_change',
        subject: 'mock/gpt-4o gpt-4o-2024-08-06',
        detail: { before: 'gpt-4o-2024-05-13', after: 'gpt-4o-2024-08-06' },
      },
    ])
    expect(await harness.rows('select answer_model from model_versions order by first_seen')).toEqual([
      { answer_model: 'gpt-4o-2024-05-13' },
      { answer_model: 'gpt-4o-2024-08-06' },
    ])
    await putAside(harness.database, (await findings())[0]!.id, 'reviewer')
    await harness.rows(`update findings set resolved_at = now() - interval '9 days'`)
    await run('model-versions')
    expect(await findings()).toEqual([])
  })
})

describe('retention', () => {
  const retention = { days: 2 }
  const old = Date.now() - 5 * dayMs
  const tables = async () =>
    (
      await harness.rows<{ name: string }>(
        `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid`,
      )
    ).map(({ name }) => name)
  const record = async (at: number, learned: boolean): Promise<string> => {
    const [id] = await harness.write(1, () => ({
      id: v7({ msecs: at }),
      intent: { at, sessionKey: `s${at}` },
      outcome: { at },
    }))
    await shipAll(harness)
    if (learned) await harness.rows(`update requests set learned_at = now() where id = '${id}'`)
    await harness.rows(`update pattern_queue set sequence = position where exchange_id = '${id}'`)
    return id as string
  }
  const left = async () =>
    (await harness.rows<{ id: string }>('select id from requests order by id')).map(({ id }) => id)

  test('off by default, lets go of nothing', async () => {
    await ensurePartitions(harness.database, old, 0)
    const id = await record(old, true)
    await run('retention')
    expect(await left()).toEqual([id])
  })

  test('drops whole days that are old and learned, with all that belongs to them', async () => {
    for (const day of [5, 4, 1, 0]) await ensurePartitions(harness.database, Date.now() - day * dayMs, 0)
    const gone = await record(old, true)
    await harness.rows(
      `insert into feedback (team, id, exchange_id, key_name, metric, value, given_at) values ('default', 'f', '${gone}', 'k', 'm', '1', now())`,
    )
    await harness.rows(`insert into judgements (exchange_id, score, reason, model) values ('${gone}', 1, '', 'm')`)
    const kept = await record(Date.now() - dayMs, true)
    expect(await run('retention', { retention })).toBeGreaterThan(1)
    expect(await left()).toEqual([kept])
    expect(await harness.rows('select id from responses')).toEqual([{ id: kept }])
    expect(await tables()).not.toContain(toPartition('requests', old).name)
    expect(await tables()).not.toContain(toPartition('responses', old).name)
    expect(await tables()).toContain(toPartition('requests', Date.now() - dayMs).name)
    for (const table of ['feedback', 'judgements']) expect(await harness.rows(`select 1 from ${table}`)).toEqual([])
    expect(await harness.rows('select 1 from sessions')).toHaveLength(1)
  })

  test('keeps a day as long as one of its exchanges is to be learned, and none that was set aside', async () => {
    await ensurePartitions(harness.database, old, 0)
    const waiting = await record(old, false)
    await record(old + 1_000, true)
    await run('retention', { retention })
    expect(await left()).toHaveLength(2)
    await harness.rows(
      `insert into quarantine (id, stage, exchange_id, place, error) values ('${v7()}', 'workflow', '${waiting}', 'p', 'e')`,
    )
    await run('retention', { retention })
    expect(await left()).toEqual([])
  })

  test('keeps a day as long as the miner has not taken one of its exchanges', async () => {
    await ensurePartitions(harness.database, old, 0)
    const id = await record(old, true)
    await harness.rows(`update pattern_queue set sequence = null where exchange_id = '${id}'`)
    await run('retention', { retention })
    expect(await left()).toEqual([id])
    await harness.rows(`update pattern_queue set sequence = 1 where exchange_id = '${id}'`)
    await run('retention', { retention })
    expect(await left()).toEqual([])
  })

  test('takes from the default partition what is old and learned, and leaves the rest', async () => {
    const gone = await record(old, true)
    const waiting = await record(old + 1_000, false)
    const young = await record(Date.now(), true)
    expect(await harness.rows('select id from requests_default')).toHaveLength(3)
    await run('retention', { retention })
    expect(await left()).toEqual([waiting, young])
    expect(await harness.rows(`select id from responses where id = '${gone}'`)).toEqual([])
    expect(toLowestUuid(old) < gone).toBe(true)
  })

  test('never waits in front of traffic: a day that is in use is tried again later', async () => {
    await ensurePartitions(harness.database, old, 0)
    await record(old, true)
    const release = Promise.withResolvers<void>()
    const holding = harness.database.transaction().execute(async (transaction) => {
      await sql`select from ${sql.table(toPartition('requests', old).name)}`.execute(transaction)
      await release.promise
    })
    await expect(run('retention', { retention })).rejects.toThrow(/lock timeout/)
    expect(await left()).toHaveLength(1)
    release.resolve()
    await holding
    await run('retention', { retention })
    expect(await left()).toEqual([])
  })
})
