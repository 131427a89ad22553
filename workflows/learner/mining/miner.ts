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
import type { PatternCounts } from '../../../db/repositories/patterns/count-patterns.ts'
import { attemptsMax, isOwnFault, isRejectedRow, setAside } from '../../../db/repositories/system/quarantine.ts'
import type { AnalystConfig } from '../../../db/words/analyst.ts'
import { findWeak, followUp, putDraftStarts } from '../../activities/learn.ts'
import type { EnhanceThresholds } from '../../domain/patterns/pattern.ts'
import { startLoop, type Loop } from '../../../db/process/loop.ts'
import { createMiningThread } from './mining-client.ts'
import { createTeamMining, type TeamMining } from './team-mining.ts'

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

const batchMax = 256
/** The shipper wakes it; this finds what other shippers brought, and takes over from learners that died. */
const idleMs = 500
const busyPauseMs = 1_000
/** Teams in memory, by characters of evidence; those not used for longest are put away. */
const charactersMax = 40_000_000
const teamsMax = 64
const unusedMs = 600_000
const retryMinMs = 500
const retryMaxMs = 60_000

interface Known {
  mining: TeamMining
  /** After trouble it takes fewer at a time, down to one, so that what is to blame is found. */
  batch: number
  failures: number
  notBefore: number
}

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function startMiner({ database, thresholds, resolveAnalyst, log, isBusy = () => false }: MinerOptions): Loop {
  const owner = v7()
  const thread = createMiningThread()
  const teams = new Map<string, Known>()
  let analyst = false

  /** The miner starts no workflow itself: it stores the command in the transaction of the counts that call for it. */
  async function follow(transaction: Database, counts: PatternCounts[]): Promise<void> {
    const drafts = await followUp(transaction, await findWeak(transaction, counts, thresholds), analyst)
    await putDraftStarts(transaction, drafts.values())
  }

  function toKnown(team: string): Known {
    let known = teams.get(team)
    if (known === undefined)
      teams.set(
        team,
        (known = {
          mining: createTeamMining({ database, thread, team, owner, followUp: follow, log }),
          batch: batchMax,
          failures: 0,
          notBefore: 0,
        }),
      )
    return known
  }

  async function step(stopping: () => boolean): Promise<boolean> {
    if (isBusy()) {
      await new Promise((resolve) => setTimeout(resolve, busyPauseMs))
      if (stopping()) return false
    }
    analyst = (await resolveAnalyst()) !== null
    const waiting = await findWaitingTeams(database)
    for (const [team, { mining }] of teams) if (!waiting.includes(team)) await mining.rest()
    let more = false
    for (const team of waiting) {
      if (stopping()) return false
      const known = toKnown(team)
      if (performance.now() < known.notBefore) continue
      if ((await tryStep(team, known)) === 'more') more = true
    }
    await putAway()
    return more
  }

  async function tryStep(team: string, known: Known): Promise<'more' | 'idle'> {
    try {
      const result = await known.mining.step(known.batch)
      known.failures = 0
      known.batch = Math.min(batchMax, known.batch * 2)
      return result
    } catch (error) {
      known.failures++
      known.notBefore = performance.now() + Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(known.failures, 10))
      const message = error instanceof Error ? error.message : String(error)
      if (known.failures === 3)
        log.warn({ team, err: message }, 'a team cannot be learned from; it is tried again, and the others go on')
      if (!isRejectedRow(error) && !isOwnFault(error)) return 'idle'
      if (known.batch > 1) known.batch = Math.ceil(known.batch / 4)
      else if (known.failures >= attemptsMax) await giveUp(team, error)
      return 'idle'
    }
  }

  /** The exchange at the head of the queue fails every time: the others go on without it. */
  async function giveUp(team: string, error: unknown): Promise<void> {
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

  async function putAway(): Promise<void> {
    const open = [...teams.values()]
      .filter(({ mining }) => mining.open)
      .sort((a, b) => a.mining.usedAt - b.mining.usedAt)
    let characters = open.reduce((sum, { mining }) => sum + mining.characters, 0)
    for (const [index, { mining }] of open.entries()) {
      const last = index === open.length - 1
      if (
        last ||
        (characters <= charactersMax && open.length - index <= teamsMax && performance.now() - mining.usedAt < unusedMs)
      )
        break
      characters -= mining.characters
      await mining.close()
    }
  }

  const loop = startLoop({ name: 'miner', log, idleMs, step })
  return {
    wake: loop.wake,
    get error() {
      return loop.error
    },
    stop: async () => {
      await loop.stop()
      for (const { mining } of teams.values()) await mining.close().catch(() => {})
      await releaseTeams(database, owner).catch(() => {})
      await thread.close()
    },
  }
}
