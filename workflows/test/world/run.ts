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
import { startReviewers } from './reviewers.ts'
import { openWorldServers } from './servers.ts'
import { keyCount } from './traffic.ts'
import { type World } from './truth.ts'
import { toConfig } from './product-settings.ts'
import { createAsk, readBacklog, readExperiments, readHeldBack, type Experiment } from './read-product.ts'
import { toResult, type WorldResult } from './result.ts'

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

const lookMs = 1_000
const progressMs = 10_000
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
