/**
 * One team's learning, step by step: what people said first, then the exchanges that wait, in the order of ingestion,
 * then stored exchanges that may belong elsewhere now. Every step's results and its place in the queue stand in one
 * transaction, so a learner that is killed goes on where the last one ended: the state is read from its snapshot, what
 * was taken since is learned again in the same order, and nothing of it is counted twice.
 */
import type { Database } from '../../../db/database.ts'
import type { Log } from '../../../db/process/log.ts'
import { announceLearning, lockExchanges, type StoredExchange } from '../../../db/repositories/outcomes/learning.ts'
import { ensureOpenings } from '../../../db/repositories/patterns/openings.ts'
import { findReview, mergePatterns } from '../../../db/repositories/patterns/pattern-changes.ts'
import {
  findDecision,
  settleDecision,
  type PatternDecision,
} from '../../../db/repositories/patterns/pattern-decisions.ts'
import { Fenced, findQueued, markTaken, type Queued } from '../../../db/repositories/patterns/pattern-miners.ts'
import { publishPatternSet } from '../../../db/repositories/patterns/pattern-sets.ts'
import type { TeamChanges } from '../../domain/mining/team-changes.ts'
import type { Override } from '../../domain/mining/types.ts'
import type { MiningThread } from './mining-client.ts'
import type { Asks } from './mining-protocol.ts'
import { placeExchanges, type FollowUp } from './place-exchanges.ts'
import { reviewExchanges } from './review-exchanges.ts'
import { storeChanges } from './store-changes.ts'
import { TeamMemory } from './team-memory.ts'

export interface TeamMiningOptions {
  database: Database
  thread: MiningThread
  team: string
  /** This process, among all learners. */
  owner: string
  followUp: FollowUp
  log: Pick<Log, 'info' | 'warn'>
}

/** Gateways get new templates at most so often. */
const publishEveryMs = 1_000
/** Large sets less often: publishing takes at most a twentieth of the time. */
const publishShare = 20
const refreshEveryMs = 30_000

export class TeamMining {
  private readonly options: TeamMiningOptions
  /** For deciding which team to put away. */
  usedAt = performance.now()
  private readonly memory: TeamMemory
  private unpublished = true
  private publishedAt = -Infinity
  private publishAfterMs = publishEveryMs

  constructor(options: TeamMiningOptions) {
    this.options = options
    this.memory = new TeamMemory(options)
  }

  get characters(): number {
    return this.memory.characters
  }

  get open(): boolean {
    return this.memory.isOpen
  }

  /**
   * One step. `more`: there is something left to do at once. `idle`: it is another process's turn, or nothing waits.
   */
  async step(batch: number): Promise<'more' | 'idle'> {
    return this.orForget(async () => {
      if (!(await this.claim())) return 'idle'
      this.usedAt = performance.now()
      const { database, team, followUp } = this.options
      const decision = await findDecision(database, team)
      if (decision !== null) return await this.decide(decision)
      const queued = await findQueued(database, team, batch)
      if (queued.length > 0) await this.take(queued)
      const review = await findReview(database, team)
      if (review !== null && (await reviewExchanges(database, this.memory, review, followUp))) this.unpublished = true
      await this.keep(false)
      return queued.length === batch || review !== null ? 'more' : 'idle'
    }, 'idle')
  }

  /** While nothing waits for it: writes down and publishes what is due. */
  async rest(): Promise<void> {
    if (this.memory.isOpen && (this.memory.isSnapshotDue(true) || this.isPublishingDue()))
      await this.orForget(async () => ((await this.claim()) ? this.keep(true) : undefined), undefined)
  }

  /** What is only in memory is written down; afterwards nothing is held. */
  close(): Promise<void> {
    return this.memory.close()
  }

  /** A team that had to be opened is published anew: its templates may be older than what gateways have. */
  private async claim(): Promise<boolean> {
    const before = this.memory.timesOpened
    const claimed = await this.memory.claim()
    if (this.memory.timesOpened > before) this.unpublished = true
    if (claimed && this.memory.unstored.length > 0) await this.storeLearnedAnew()
    return claimed
  }

  private async storeLearnedAnew(): Promise<void> {
    await this.options.database.transaction().execute(async (transaction) => {
      await this.memory.fence(transaction)
      for (const changes of this.memory.unstored) await this.store(transaction, changes, null)
    })
    this.memory.unstored = []
  }

  /** What was learned and not stored must not be built upon. */
  private async orForget<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work()
    } catch (error) {
      await this.memory.forget()
      if (!(error instanceof Fenced)) throw error
      this.options.log.warn({ team: this.options.team }, 'another learner has taken over a team')
      return otherwise
    }
  }

  private async take(queued: Queued[]): Promise<void> {
    const { database, team, followUp } = this.options
    const learned = await this.memory.learn(queued)
    await database.transaction().execute(async (transaction) => {
      await this.memory.fence(transaction)
      const exchanges = await lockExchanges(
        transaction,
        queued.map(({ exchangeId }) => exchangeId),
      )
      await this.store(transaction, learned, null)
      const patternOf = await this.prepareOpenings(transaction, queued, exchanges, learned)
      await placeExchanges(transaction, exchanges, patternOf, followUp)
      await markTaken(transaction, team, this.memory.sequence, queued)
    })
    this.memory.endTaking(queued.length)
  }

  /**
   * The pattern of each exchange that was taken. One that was learned before its opening is known has its pattern
   * already; the others are found by it in a review.
   */
  private async prepareOpenings(
    transaction: Database,
    queued: Queued[],
    exchanges: StoredExchange[],
    learned: Asks['learn']['answer'],
  ): Promise<(exchange: StoredExchange) => string | null> {
    const { team } = this.options
    const places = new Map(queued.map(({ exchangeId }, index) => [exchangeId, index]))
    const openings = exchanges.flatMap((exchange) => {
      const opening = exchange.learned === null ? learned.openings[places.get(exchange.id) as number] : null
      return opening ? [{ team, opening, seenAt: exchange.createdAt }] : []
    })
    const openingOf = await ensureOpenings(transaction, openings)
    return (exchange) => {
      const index = places.get(exchange.id) as number
      const name = learned.patterns[index]
      if (name) return this.memory.ids.get(name) ?? null
      return exchange.learned === null ? openingOf(team, learned.openings[index]?.hash ?? '') : null
    }
  }

  /** Stores what a step of learning changed; the ids of new patterns are known afterwards. */
  private async store(transaction: Database, changes: TeamChanges, person: string | null): Promise<void> {
    const { changed, events, review, contradicted } = changes
    const count = changed.length + events.length + review.openings.length + review.patterns.length + contradicted.length
    if (count === 0) return
    this.memory.ids = await storeChanges(transaction, this.options.team, this.memory.ids, changes, person)
    this.unpublished = true
  }

  /** A merge or a split. Its result is in the snapshot and nowhere in the queue, so both stand together. */
  private async decide(decision: PatternDecision): Promise<'more'> {
    const { kind, person } = decision
    const override = toOverride(decision, new Map([...this.memory.ids].map(([name, id]) => [id, name])))
    const applied = override === null || 'refused' in override ? override : await this.memory.ask('apply', { override })
    const refused = applied !== null && 'refused' in applied ? applied.refused : null
    const changes = applied !== null && !('refused' in applied) ? applied : null
    const snapshot = changes === null ? null : await this.memory.packSnapshot()
    await this.options.database.transaction().execute(async (transaction) => {
      await this.memory.fence(transaction)
      if (kind === 'merge' && refused === null) {
        await mergePatterns(transaction, {
          from: decision.patternId,
          into: decision.argument.into,
          reason: 'a person merged them',
          person,
        })
      }
      if (changes !== null)
        await this.store(transaction, { ...changes, events: kind === 'split' ? changes.events : [] }, person)
      if (snapshot !== null) await this.memory.writeSnapshot(transaction, snapshot)
      await settleDecision(transaction, decision.id, refused)
      await announceLearning(transaction, 'patterns')
    })
    if (snapshot !== null) this.memory.endSaving()
    this.unpublished = true
    await this.keep(false)
    return 'more'
  }

  /** Writes down what would have to be learned again, and tells gateways what is new. */
  private async keep(idle: boolean): Promise<void> {
    if (this.memory.isSnapshotDue(idle)) await this.memory.save()
    if (!this.isPublishingDue()) return
    const now = performance.now()
    this.unpublished = false
    this.publishedAt = now
    await publishPatternSet(this.options.database, this.options.team)
    this.publishAfterMs = Math.max(publishEveryMs, publishShare * (performance.now() - now))
  }

  private isPublishingDue(): boolean {
    const since = performance.now() - this.publishedAt
    return (
      (this.unpublished && since >= this.publishAfterMs) ||
      (this.memory.lastTakenAt > this.publishedAt && since >= refreshEveryMs)
    )
  }
}

/** `null` = it is for the stored patterns alone: openings are not the miner's. */
function toOverride(
  { kind, patternId, argument }: PatternDecision,
  names: Map<string, string>,
): Override | { refused: string } | null {
  const name = names.get(patternId)
  if (kind === 'split') {
    if (name === undefined)
      return { refused: 'this pattern is only an opening so far; it can be split once a template is learned for it' }
    return { kind, pattern: name, containing: argument.containing }
  }
  const into = names.get(argument.into)
  return name === undefined || into === undefined ? null : { kind, from: name, into }
}
