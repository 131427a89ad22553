/**
 * Patterns of live traffic: one writer a team, in the order of ingestion, and every exchange counted once whatever
 * dies.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { learnGroup, type LearnDependencies } from '../activities/learn.ts'
import { createSchemaChecker, type SchemaChecker } from '../activities/schema/schema-checker.ts'
import type { Loop } from '../../db/process/loop.ts'
import { startMiner } from '../learner/mining/miner.ts'
import { anyAnalyst } from './analyst-stand-in.ts'
import { chat, completion, type ExchangeInput } from './journal-input.ts'
import { eventually, openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
let schemas: SchemaChecker
let dependencies: LearnDependencies
const miners: Loop[] = []
beforeEach(async () => {
  harness = await openHarness()
  schemas = createSchemaChecker()
  dependencies = {
    database: harness.database,
    thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
    resolveAnalyst: async () => null,
    schemas,
  }
})
afterEach(async () => {
  for (const miner of miners.splice(0)) await miner.stop()
  await schemas.close()
  await harness.close()
})

function mine(): Loop {
  const { database, log } = harness
  const miner = startMiner({
    database,
    thresholds: dependencies.thresholds,
    resolveAnalyst: dependencies.resolveAnalyst,
    log,
  })
  miners.push(miner)
  return miner
}

async function record(count: number, toInput: (index: number) => ExchangeInput): Promise<string[]> {
  const ids = await harness.write(count, toInput)
  await shipAll(harness)
  return ids
}

const words = [
  'harbour dues',
  'a broken crane',
  'the night shift',
  'tug boats',
  'late pilots',
  'fog signals',
  'coal barges',
  'ice in the lock',
]
const report = (index: number): ExchangeInput => ({
  request: chat(
    `Summarise the report below for a busy reader: ${words[index % 8]} and number ${index * 7}. Use two sentences.`,
  ),
})
const letter = (index: number): ExchangeInput => ({
  request: chat(
    `Write a polite letter to ${words[(index * 3) % 8]} of berth ${index} and sign it with the harbour master's name.`,
  ),
})

const patterns = () =>
  harness.rows(
    `select id, team, source, state, title, pattern_data as data, frequency::int, successes::int, merged_into as "mergedInto" from prompt_patterns order by frequency desc, id`,
  )
const waiting = async () =>
  (
    await harness.rows(
      `select (select count(*) from pattern_queue where sequence is null)::int + (select count(*) from pattern_reviews)::int as n`,
    )
  )[0]?.n
const settled = () => eventually(async () => expect(await waiting()).toBe(0))

/** What patterns count is what their exchanges are, to the last one. */
async function expectCountsAgree(): Promise<void> {
  const wrong =
    await harness.rows(`select p.id, p.frequency, count(r.id) as stored from prompt_patterns p left join requests r on r.pattern_id = p.id and r.learned_at is not null
    group by p.id having p.frequency <> count(r.id) or p.successes <> count(r.id) filter (where r.verdict = 'success')`)
  expect(wrong).toEqual([])
  const days =
    await harness.rows(`select p.id from prompt_patterns p left join pattern_days d on d.pattern_id = p.id group by p.id
    having p.frequency <> coalesce(sum(d.exchanges), 0) or p.successes <> coalesce(sum(d.successes), 0)`)
  expect(days).toEqual([])
}

describe('a template', () => {
  test('that was counted by its opening takes its place, with all it has counted; the old id stays valid', async () => {
    await learnGroup(dependencies, await record(24, report))
    const [opening] = await patterns()
    expect(opening).toMatchObject({
      source: 'opening',
      frequency: 24,
      data: { template: 'Summarise the report below {{input}}' },
    })
    mine()
    await eventually(async () =>
      expect(await patterns()).toMatchObject([
        { source: 'learned', frequency: 24, successes: 24 },
        { id: opening?.id, state: 'merged', frequency: 0 },
      ]),
    )
    const [learned] = await patterns()
    expect(learned?.data).toEqual({
      system: null,
      template: 'Summarise the report below for a busy reader: {{input}} Use two sentences.',
    })
    expect((await patterns())[1]?.mergedInto).toBe(learned?.id)
    expect(
      await harness.rows(
        'select kind, pattern_id as "patternId", other_id as "otherId" from pattern_lineage order by id',
      ),
    ).toEqual([
      { kind: 'found', patternId: learned?.id, otherId: null },
      { kind: 'merged', patternId: opening?.id, otherId: learned?.id },
    ])
    await settled()
    await expectCountsAgree()
  })

  test('that is known when an exchange is scored is counted at once', async () => {
    await record(24, report)
    mine()
    await settled()
    const ids = await record(6, (index) => report(index + 100))
    await settled()
    const results = await learnGroup(dependencies, ids)
    const [learned] = await patterns()
    expect(learned).toMatchObject({ source: 'learned', frequency: 6 })
    expect(new Set([...results.values()].map(({ patternId }) => patternId))).toEqual(new Set([learned?.id]))
    await expectCountsAgree()
  })

  test('that turns out weak when it is found gets its draft, and the draft its workflow, once', async () => {
    dependencies.resolveAnalyst = async () => anyAnalyst
    // Their openings differ, so none of them is frequent: only the template is.
    const failing = (index: number): ExchangeInput => ({
      request: chat(
        `Topic ${words[index % 8]} ${index}\n\nWrite one short headline about the topic above, in plain words.`,
      ),
      response: completion(''),
    })
    await learnGroup(dependencies, await record(24, failing))
    expect(await harness.rows('select id from enhancements')).toEqual([])
    mine()
    await settled()
    await eventually(async () => expect(await harness.rows('select id from enhancements')).toHaveLength(1))
    const [{ id }] = (await harness.rows('select id from enhancements')) as [{ id: string }]
    expect(await harness.rows('select kind, workflow_id, name, argument from workflow_commands')).toEqual([
      { kind: 'start', workflow_id: `enhancement/${id}`, name: 'enhancement', argument: { enhancementId: id } },
    ])
    await learnGroup(dependencies, await record(30, failing))
    await settled()
    expect(await harness.rows('select id from enhancements')).toHaveLength(1)
    await expectCountsAgree()
  })
})

describe('one writer a team', () => {
  test('with two learners every team is learned in the order of ingestion, each prompt once', async () => {
    const ids = await record(180, (index) => ({
      ...(index % 2 === 0 ? report(index) : letter(index)),
      intent: { team: ['red', 'blue', 'green'][index % 3] as string },
    }))
    mine()
    mine()
    await settled()
    const taken = await harness.rows(
      `select team, exchange_id as id, sequence::int, (row_number() over (partition by team order by position))::int as place from pattern_queue order by position`,
    )
    expect(taken).toHaveLength(180)
    expect(taken.filter(({ sequence, place }) => sequence !== place)).toEqual([])
    await learnGroup(dependencies, ids)
    await settled()
    for (const team of ['red', 'blue', 'green']) {
      const own = (await patterns()).filter((pattern) => pattern.team === team && pattern.frequency > 0)
      expect(own.map(({ frequency, source }) => [frequency, source])).toEqual([
        [30, 'learned'],
        [30, 'learned'],
      ])
    }
    await expectCountsAgree()
  })

  const startChild = (): ChildProcess =>
    fork(join(import.meta.dirname, 'miner-child.ts'), [JSON.stringify({ databaseUrl: harness.url })], {
      execArgv: [],
      stdio: 'ignore',
    })
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  test('killed with SIGKILL before it has written anything down, its successor knows the patterns it stored', async () => {
    const first = await record(60, (index) => (index % 2 === 0 ? report(index) : letter(index)))
    const child = startChild()
    await settled()
    await kill(child)
    expect(await harness.rows(`select sequence::int, snapshot from pattern_miners`)).toEqual([
      { sequence: 60, snapshot: null },
    ])
    const later = await record(60, (index) => (index % 2 === 0 ? report(60 + index) : letter(60 + index)))
    mine()
    await settled()
    await learnGroup(dependencies, [...first, ...later])
    await settled()
    expect(
      (await patterns()).filter(({ frequency }) => frequency > 0).map(({ frequency, source }) => [frequency, source]),
    ).toEqual([
      [60, 'learned'],
      [60, 'learned'],
    ])
    await expectCountsAgree()
  })

  test('what it had written down cannot be read: what is learned anew is stored under new names, and used', async () => {
    const first = await record(60, (index) => (index % 2 === 0 ? report(index) : letter(index)))
    const child = startChild()
    await settled()
    await kill(child)
    await harness.rows(`update pattern_miners set snapshot = 'of another version'`)
    const later = await record(60, (index) => (index % 2 === 0 ? report(60 + index) : letter(60 + index)))
    mine()
    await settled()
    await learnGroup(dependencies, [...first, ...later])
    await settled()
    const used = (await patterns()).filter(({ frequency }) => frequency > 0)
    expect(used.filter(({ source }) => source !== 'learned')).toEqual([])
    expect(used.reduce((sum, { frequency }) => sum + frequency, 0)).toBe(120)
    await expectCountsAgree()
  })

  test('killed with SIGKILL in the middle, again and again, a learner loses no prompt and learns none twice', async () => {
    const total = 600
    const ids = await record(total, (index) => (index % 2 === 0 ? report(index) : letter(index)))
    const count = async () =>
      Number((await harness.rows(`select coalesce(max(sequence), 0)::int as n from pattern_miners`))[0]?.n)
    for (const until of [1, 250, 500]) {
      const child = startChild()
      await eventually(async () => expect(await count()).toBeGreaterThanOrEqual(until))
      await kill(child)
    }
    await learnGroup(dependencies, ids)
    mine()
    await settled()
    await eventually(async () => expect(await count()).toBe(total))
    await miners.splice(0)[0]?.stop()
    expect(
      (await patterns()).filter(({ frequency }) => frequency > 0).map(({ frequency, source }) => [frequency, source]),
    ).toEqual([
      [300, 'learned'],
      [300, 'learned'],
    ])
    const { gunzipSync } = await import('node:zlib')
    const [row] = await harness.rows<{ snapshot: Buffer; at: number }>(
      `select snapshot, snapshot_sequence::int as at from pattern_miners`,
    )
    const snapshot = JSON.parse(gunzipSync(row?.snapshot as Buffer).toString('utf8'))
    expect([row?.at, snapshot.miner.sequence]).toEqual([total, total])
    const counts = (snapshot.miner.records as [string, { count: number }][]).map(([, { count }]) => count)
    expect(counts).toEqual([total / 2, total / 2])
    await expectCountsAgree()
  })

  test('a prompt that cannot be learned from at all is set aside, and the others of its team go on', async () => {
    await record(3, report)
    // A row that stands in the queue without its exchange: it is taken like one without a prompt.
    await harness.rows(`insert into pattern_queue (team, exchange_id) values ('default', '${v7()}')`)
    mine()
    await settled()
    expect((await harness.rows(`select sequence::int as n from pattern_miners`))[0]?.n).toBe(4)
  })
})

describe('people', () => {
  const decide = async (kind: 'merge' | 'split', patternId: string, argument: object): Promise<string> => {
    const id = v7()
    await harness.rows(
      `insert into pattern_decisions (id, team, pattern_id, kind, argument, person) values ('${id}', 'default', '${patternId}', '${kind}', '${JSON.stringify(argument)}', 'reviewer')`,
    )
    await eventually(async () =>
      expect(
        (await harness.rows(`select applied_at from pattern_decisions where id = '${id}'`))[0]?.applied_at,
      ).not.toBeNull(),
    )
    await settled()
    return id
  }
  const learned = async () =>
    (await patterns()).filter(({ source, frequency }) => source === 'learned' && frequency > 0)

  test('merge two patterns: all exchanges move, and a learner that starts anew keeps to it', async () => {
    await learnGroup(dependencies, await record(60, (index) => (index % 3 === 0 ? report(index) : letter(index))))
    mine()
    await settled()
    const [letters, reports] = await learned()
    expect([letters?.frequency, reports?.frequency]).toEqual([40, 20])
    await decide('merge', reports?.id, { into: letters?.id })
    expect((await learned()).map(({ id, frequency }) => [id, frequency])).toEqual([[letters?.id, 60]])
    await miners.splice(0)[0]?.stop()
    mine()
    const ids = await record(40, (index) => report(index + 1000))
    await settled()
    await learnGroup(dependencies, ids)
    await settled()
    expect((await learned()).map(({ id, frequency }) => [id, frequency])).toEqual([[letters?.id, 100]])
    expect(
      await harness.rows(`select person from pattern_lineage where kind = 'merged' and person is not null`),
    ).toEqual([{ person: 'reviewer' }])
    await expectCountsAgree()
  })

  test('split a pattern by a text: the stored exchanges that hold it move, and new ones go there', async () => {
    await learnGroup(dependencies, await record(48, report))
    mine()
    await settled()
    const [whole] = await learned()
    await decide('split', whole?.id, { containing: 'tug boats' })
    expect((await learned()).map(({ frequency }) => frequency)).toEqual([42, 6])
    const ids = await record(16, (index) => report(index + 500))
    await settled()
    await learnGroup(dependencies, ids)
    await settled()
    expect((await learned()).map(({ id, frequency }) => [id === whole?.id, frequency])).toEqual([
      [true, 56],
      [false, 8],
    ])
    await expectCountsAgree()
  })

  test('are told why nothing comes of a split of what is only an opening', async () => {
    await learnGroup(dependencies, await record(3, report))
    mine()
    await settled()
    const [opening] = await patterns()
    const id = await decide('split', opening?.id, { containing: 'tug' })
    expect((await harness.rows(`select refused from pattern_decisions where id = '${id}'`))[0]?.refused).toMatch(
      /only an opening/,
    )
  })
})
