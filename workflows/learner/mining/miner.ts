/**
 * Mines patterns, team by team, beside the workflows: nothing waits for it. An exchange that is scored before its
 * template is known counts for its prompt's opening, and is moved when the template is found. A team that cannot be
 * learned from at present holds up no other one.
 */
import { v7 } from 'uuid'
import type { Database } from '../../../db/database.ts'
import type { Log } from '../../../db/process/log.ts'
import {
  findQueued,
  findWaitingTeams,
  releaseTeams,
  skipQueued,
} from '../../../db/repositories/patterns/pattern-miners.ts'
import type { PatternCounts } from '../../../db/repositories/patterns/pattern-totals.ts'
import { attemptsMax, isOwnFault, isRejectedRow, setAside } from '../../../db/repositories/system/quarantine.ts'
import type { AnalystConfig } from '../../../db/words/analyst.ts'
import { findWeak, followUp, putDraftStarts } from '../../activities/learn.ts'
import type { EnhanceThresholds } from '../../domain/patterns/pattern.ts'
import { startLoop, type Loop } from '../../../db/process/loop.ts'
import { createMiningThread } from './mining-client.ts'
import type { FollowUp } from './place-exchanges.ts'
import { TeamMining } from './team-mining.ts'

export interface MinerOptions {
  database: Database
  thresholds: EnhanceThresholds
  resolveAnalyst: () => Promise<AnalystConfig | null>
  log: Log
  /**
   * Exchanges recorded a second, lately: while more come than can be learned from, mining is put off like everything
   * else.
   */
  isBusy?: () => boolean
}

const maxBatch = 256
/** The shipper wakes it; this finds what other shippers brought, and takes over from learners that died. */
const idleMs = 500
const maxIdleMs = 2_000
const busyPauseMs = 1_000
/** Teams in memory, by characters of evidence; those not used for longest are put away. */
const maxCharacters = 40_000_000
const maxTeams = 64
const unusedMs = 600_000
const minRetryMs = 500
const maxRetryMs = 60_000

interface HeldTeam {
  mining: TeamMining
  /** After trouble it takes fewer at a time, down to one, so that what is to blame is found. */
  batch: number
  failures: number
  notBefore: number
}

export function startMiner(options: MinerOptions): Loop {
  const miner = new Miner(options)
  const loop = startLoop({
    name: 'miner',
    log: options.log,
    idleMs,
    maxIdleMs,
    step: (stopping) => miner.step(stopping),
  })
  return {
    wake: () => loop.wake(),
    get error() {
      return loop.error
    },
    stop: async () => {
      await loop.stop()
      await miner.close()
    },
  }
}

class Miner {
  private readonly options: MinerOptions
  private readonly owner = v7()
  private readonly thread = createMiningThread()
  private readonly teams = new Map<string, HeldTeam>()
  private hasAnalyst = false

  constructor(options: MinerOptions) {
    this.options = options
  }

  async step(stopping: () => boolean): Promise<boolean> {
    const { database, resolveAnalyst, isBusy } = this.options
    if (isBusy?.()) {
      await new Promise((resolve) => setTimeout(resolve, busyPauseMs))
      if (stopping()) return false
    }
    this.hasAnalyst = (await resolveAnalyst()) !== null
    const waiting = await findWaitingTeams(database)
    for (const [team, { mining }] of this.teams) if (!waiting.includes(team)) await mining.rest()
    let more = false
    for (const team of waiting) {
      if (stopping()) return false
      const held = this.hold(team)
      if (performance.now() < held.notBefore) continue
      if ((await this.tryStep(team, held)) === 'more') more = true
    }
    await this.putAway()
    return more
  }

  async close(): Promise<void> {
    for (const { mining } of this.teams.values()) await mining.close().catch(() => {})
    await releaseTeams(this.options.database, this.owner).catch(() => {})
    await this.thread.close()
  }

  private hold(team: string): HeldTeam {
    const { database, log } = this.options
    let held = this.teams.get(team)
    if (held === undefined) {
      const followUp: FollowUp = (transaction, counts) => this.followUp(transaction, counts)
      const mining = new TeamMining({ database, thread: this.thread, team, owner: this.owner, followUp, log })
      this.teams.set(team, (held = { mining, batch: maxBatch, failures: 0, notBefore: 0 }))
    }
    return held
  }

  /** The miner starts no workflow itself: it stores the command in the transaction of the counts that call for it. */
  private async followUp(transaction: Database, counts: PatternCounts[]): Promise<void> {
    const weak = await findWeak(transaction, counts, this.options.thresholds)
    const drafts = await followUp(transaction, weak, this.hasAnalyst)
    await putDraftStarts(transaction, drafts.values())
  }

  private async tryStep(team: string, held: HeldTeam): Promise<'more' | 'idle'> {
    try {
      const result = await held.mining.step(held.batch)
      held.failures = 0
      held.batch = Math.min(maxBatch, held.batch * 2)
      return result
    } catch (error) {
      held.failures++
      held.notBefore = performance.now() + Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(held.failures, 10))
      const message = error instanceof Error ? error.message : String(error)
      if (held.failures === 3)
        this.options.log.warn(
          { team, err: message },
          'a team cannot be learned from; it is tried again, and the others go on',
        )
      if (!isRejectedRow(error) && !isOwnFault(error)) return 'idle'
      if (held.batch > 1) held.batch = Math.ceil(held.batch / 4)
      else if (held.failures >= attemptsMax) await this.giveUp(team, error)
      return 'idle'
    }
  }

  /** The exchange at the head of the queue fails every time: the others go on without it. */
  private async giveUp(team: string, error: unknown): Promise<void> {
    const { database, log } = this.options
    const [head] = await findQueued(database, team, 1)
    if (head === undefined || head.skipped) return
    await setAside(database, {
      stage: 'workflow',
      exchangeId: head.exchangeId,
      place: `mining/${head.exchangeId}`,
      error,
      payload: null,
    })
    await skipQueued(database, head.position)
    log.error(
      { team, exchange: head.exchangeId },
      'no pattern can be learned from an exchange; it is set aside in quarantine',
    )
  }

  /** The team used last stays, whatever its size. */
  private async putAway(): Promise<void> {
    const open = [...this.teams.values()]
      .filter(({ mining }) => mining.open)
      .sort((a, b) => a.mining.usedAt - b.mining.usedAt)
    let characters = open.reduce((sum, { mining }) => sum + mining.characters, 0)
    for (const [index, { mining }] of open.slice(0, -1).entries()) {
      const fits = characters <= maxCharacters && open.length - index <= maxTeams
      if (fits && performance.now() - mining.usedAt < unusedMs) break
      characters -= mining.characters
      await mining.close()
    }
  }
}
