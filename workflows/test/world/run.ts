/**
 * The world through the whole product: traffic through the gateway, learning by its workflows, decisions over its admin
 * API.
 */
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import type { ExperimentsConfig } from '../../../db/words/experiment.ts'
import { startProduct, type Product } from '../../../docker/test/product.ts'
import { startDriver, type Call } from './driver.ts'
import { findPattern } from './proposals.ts'
import { startReviewers, type Ask } from './reviewers.ts'
import { openWorldServers } from './servers.ts'
import { prices, weakness } from './settings.ts'
import { keyCount } from './traffic.ts'
import { models, type World, type WorldPattern } from './truth.ts'

export interface WorldRun {
  world: World
  settings: ExperimentsConfig
  sessionsPerSecond: number
  /** Conversations after the last decision, of which the gain is read. */
  sessionsAfter: number
  /** The decisions must be there by then. */
  limitMs: number
  /** Called about every ten seconds. */
  onProgress?: (progress: Progress) => void
  /** Aborted to end early; everything that was started ends then too. */
  signal?: AbortSignal
}

export interface Progress {
  elapsedMs: number
  sessions: number
  exchanges: number
  backlog: number
  proposals: number
  states: Record<string, number>
}

/** What became of one pattern's proposal. */
export interface Fate {
  pattern: WorldPattern
  /** `none`: nothing was proposed; else the state of its experiment. */
  state: string
  /** The experiment's own words. */
  verdict: string
  pairs: number
}

export interface WorldResult {
  fates: Fate[]
  promotedReal: number
  promotedWrong: number
  /** Of the improvable patterns' requests that reached a model; `after` is outside the hold-back. */
  before: { good: number; all: number }
  after: { good: number; all: number }
  heldBack: { good: number; all: number }
  sessions: number
  exchanges: number
  elapsedMs: number
  workflowsPerSecond: number
  timeline: { atMs: number; good: number; all: number }[]
  refusals: string[]
}

const lookMs = 1_000
const progressMs = 10_000
const bucketMs = 10_000
const reviewerToken = 'world-reviewer-0123456789abcdef0123456789'
const ended = new Set(['promoted', 'no_effect', 'lost', 'rolled_back', 'blocked_srm', 'expired', 'stopped'])

export async function runWorld({
  world,
  settings,
  sessionsPerSecond,
  sessionsAfter,
  limitMs,
  onProgress = () => {},
  signal = new AbortController().signal,
}: WorldRun): Promise<WorldResult> {
  const servers = await openWorldServers(world)
  const keys = Array.from({ length: keyCount }, (_, index) => ({
    name: `app-${index}`,
    key: `sk-world-${index}-0123456789abcdef0123456789abcdef`,
  }))
  let product: Product | null = null
  try {
    product = await startProduct({ config: toConfig(servers, settings), keys })
    stopGivingWay(product)
    return await live(
      product,
      { world, settings, sessionsPerSecond, sessionsAfter, limitMs, onProgress, signal },
      keys.map(({ key }) => key),
    )
  } finally {
    await product?.stop()
    await servers.close()
  }
}

async function live(product: Product, run: Required<WorldRun>, keys: string[]): Promise<WorldResult> {
  const { world } = run
  const startedAt = Date.now()
  const ask = createAsk(product.adminUrl)
  const client = new Client({ connectionString: product.databaseUrl() })
  await client.connect()
  const calls: Call[] = []
  let backlog = 0
  let firstDecisionAt = Number.POSITIVE_INFINITY
  const driver = startDriver({
    world,
    gatewayUrl: product.gatewayUrl,
    keys,
    sessionsPerSecond: run.sessionsPerSecond,
    backlog: () => backlog,
    onCall: (call) => void calls.push(call),
  })
  const reviewers = startReviewers(ask, (_, at) => (firstDecisionAt = Math.min(firstDecisionAt, at)))
  const wanted = world.patterns.filter(({ kind }) => kind !== 'healthy').length
  let told = 0

  /** Looks once a second until `done` says so. */
  async function watch(done: (experiments: Experiment[]) => boolean): Promise<Experiment[]> {
    for (;;) {
      run.signal.throwIfAborted()
      backlog = await readBacklog(client, calls.length)
      const experiments = await readExperiments(ask, world)
      if (Date.now() - told > progressMs) {
        told = Date.now()
        const states = Object.fromEntries(
          [...Map.groupBy(experiments, ({ state }) => state)].map(([state, list]) => [state, list.length]),
        )
        run.onProgress({
          elapsedMs: Date.now() - startedAt,
          sessions: driver.sessions,
          exchanges: calls.length,
          backlog,
          proposals: reviewers.approved,
          states,
        })
      }
      if (done(experiments) || Date.now() - startedAt > run.limitMs) return experiments
      await pause(lookMs)
    }
  }

  try {
    await watch(
      (experiments) =>
        new Set(experiments.filter(({ state }) => ended.has(state)).map(({ number }) => number)).size >= wanted,
    )
    const afterFrom = { at: Date.now(), sessions: driver.sessions }
    const experiments = await watch(() => driver.sessions - afterFrom.sessions >= run.sessionsAfter)
    await reviewers.stop()
    await driver.stop()
    await watch(() => backlog <= 0)
    const heldBack = await readHeldBack(client)
    return toResult({
      world,
      calls,
      experiments,
      firstDecisionAt,
      afterFrom: afterFrom.at,
      heldBack,
      startedAt,
      sessions: driver.sessions,
      refusals: reviewers.refusals,
    })
  } finally {
    await reviewers.stop()
    await driver.stop().catch(() => {})
    await client.end()
  }
}

/**
 * The product learns when nobody else wants the processors; here its callers can wait, and nothing else is to be done.
 * Where that is not permitted it takes longer.
 */
function stopGivingWay(product: Product): void {
  for (const name of ['learner', 'temporal', 'postgres'] as const) {
    const pid = product.pid(name)
    try {
      setPriority(pid, 0)
      writeFileSync(`/proc/${pid}/autogroup`, '0')
    } catch {
      // Only root may, and only Linux groups by session.
    }
  }
}

interface Experiment {
  number: number | null
  state: string
  verdict: string
  pairs: number
}

async function readExperiments(ask: Ask, world: World): Promise<Experiment[]> {
  const { items } = await ask('experiments.list', { limit: 200 })
  const numbers = await readPatternNumbers(ask, world)
  return (items as any[]).map((item) => ({
    number: numbers.get(item.enhancementId) ?? null,
    state: item.state,
    verdict: toSentence(item.verdict),
    pairs: item.pairs ?? 0,
  }))
}

function toSentence(verdict: unknown): string {
  return typeof verdict === 'string'
    ? verdict
    : String(
        (verdict as { sentence?: string; text?: string } | null)?.sentence ??
          (verdict as { text?: string } | null)?.text ??
          '',
      )
}

/** Which of the world's applications an enhancement was written for: its changed text tells it. */
async function readPatternNumbers(ask: Ask, world: World): Promise<Map<string, number>> {
  const { items } = await ask('enhancements.list', { limit: 200 })
  return new Map(
    (items as any[]).flatMap((item): [string, number][] => {
      const pattern =
        findPattern(
          world,
          [
            item.original?.system,
            item.original?.template,
            item.enhanced?.system,
            item.enhanced?.template,
            item.patternTitle,
          ]
            .filter(Boolean)
            .join('\n'),
        ) ?? findByStart(world, String(item.original?.template ?? ''))
      return pattern === null ? [] : [[item.id, pattern.number]]
    }),
  )
}

/** A template of an opening has the first words alone. */
function findByStart({ patterns }: World, template: string): WorldPattern | null {
  const start = template.split('{{')[0]?.trim() ?? ''
  return start === '' ? null : (patterns.find(({ task }) => task.opening.startsWith(start)) ?? null)
}

/** Recorded exchanges that are still to be learned, and what is not even recorded: callers wait while it is much. */
async function readBacklog(client: Client, calls: number): Promise<number> {
  const { rows } = await client.query<{ learned: number }>(
    'select count(*)::int as learned from requests where learned_at is not null',
  )
  return calls - (rows[0]?.learned ?? 0)
}

/** Exchanges of units that a promoted enhancement is kept from. */
async function readHeldBack(client: Client): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(`
    select x.exchange_id as id from experiments e
    join experiment_exchanges x on x.experiment_id = e.id and x.version = e.version
    join experiment_exposures u on u.experiment_id = x.experiment_id and u.version = x.version and u.unit = x.unit
    where e.promoted_at is not null and u.arm = 'control'`)
  return new Set(rows.map(({ id }) => id))
}

interface Material {
  world: World
  calls: Call[]
  experiments: Experiment[]
  firstDecisionAt: number
  afterFrom: number
  heldBack: ReadonlySet<string>
  startedAt: number
  sessions: number
  refusals: string[]
}

function toResult({
  world,
  calls,
  experiments,
  firstDecisionAt,
  afterFrom,
  heldBack,
  startedAt,
  sessions,
  refusals,
}: Material): WorldResult {
  const improvable = new Set(world.patterns.filter(({ kind }) => kind === 'improvable').map(({ number }) => number))
  const judged = calls.filter(({ good, pattern }) => good !== null && improvable.has(pattern))
  const count = (list: Call[]): { good: number; all: number } => ({
    good: list.filter(({ good }) => good).length,
    all: list.length,
  })
  const fates = world.patterns
    .filter(({ kind }) => kind !== 'healthy')
    .map((pattern): Fate => {
      const own = experiments.filter(({ number }) => number === pattern.number)
      const best = own.find(({ state }) => state === 'promoted') ?? own[0]
      return { pattern, state: best?.state ?? 'none', verdict: best?.verdict ?? '', pairs: best?.pairs ?? 0 }
    })
  const promoted = fates.filter(({ state }) => state === 'promoted')
  const elapsedMs = Date.now() - startedAt
  const after = judged.filter(({ at }) => at >= afterFrom)
  return {
    fates,
    promotedReal: promoted.filter(({ pattern }) => pattern.kind === 'improvable').length,
    // One that belongs to none of the applications would be wrong as well.
    promotedWrong: experiments.filter(({ state, number }) => state === 'promoted' && !improvable.has(number ?? -1))
      .length,
    before: count(judged.filter(({ at }) => at < firstDecisionAt)),
    after: count(after.filter(({ exchangeId }) => !heldBack.has(exchangeId))),
    heldBack: count(after.filter(({ exchangeId }) => heldBack.has(exchangeId))),
    sessions,
    exchanges: calls.length,
    elapsedMs,
    workflowsPerSecond: calls.length / (elapsedMs / 1_000),
    timeline: [...Map.groupBy(judged, ({ at }) => Math.floor((at - startedAt) / bucketMs))]
      .sort(([a], [b]) => a - b)
      .map(([bucket, list]) => ({ atMs: bucket * bucketMs, ...count(list) })),
    refusals,
  }
}

function createAsk(adminUrl: string): Ask {
  return async (procedure, input, how = 'query') => {
    const search = how === 'query' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
    const response = await fetch(`${adminUrl}/trpc/${procedure}${search}`, {
      headers: { authorization: `Bearer ${reviewerToken}`, 'content-type': 'application/json' },
      ...(how === 'mutate' ? { method: 'POST', body: JSON.stringify(input) } : {}),
    })
    const answer = (await response.json()) as { result?: { data: any }; error?: { message: string } }
    if (answer.error) throw new Error(answer.error.message)
    return answer.result?.data
  }
}

/** JSON is YAML. */
function toConfig(
  servers: { openaiUrl: string; anthropicUrl: string; analystUrl: string },
  experiments: ExperimentsConfig,
): string {
  return Object.entries({
    providers: [
      { name: 'large', dialect: 'openai', baseUrl: servers.openaiUrl, apiKey: 'none', models: [models[0]] },
      { name: 'small', dialect: 'anthropic', baseUrl: servers.anthropicUrl, apiKey: 'none', models: [models[1]] },
    ],
    admins: [{ name: 'reviewer', token: reviewerToken }],
    claude: {
      baseUrl: servers.analystUrl,
      apiKey: 'none',
      model: 'analyst',
      maxCallsPerDay: 10_000,
      maxTokensPerDay: 1_000_000_000,
    },
    learning: { enhance: weakness },
    experiments,
    prices,
  })
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join('\n')
}
