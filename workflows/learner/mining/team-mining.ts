/**
 * One team's learning, step by step: what people said first, then the exchanges that wait, in the order of ingestion,
 * then stored exchanges that may belong elsewhere now. Every step's results and its place in the queue stand in one
 * transaction, so a learner that is killed goes on where the last one ended: the state is read from its snapshot, what
 * was taken since is learned again in the same order, and nothing of it is counted twice.
 */
import type { Database } from '../../../db/database.ts'
import type { Log } from '../../../db/process/log.ts'
import { announceLearning, lockExchanges, type StoredExchange } from '../../../db/repositories/outcomes/learning.ts'
import {
  countPatterns,
  ensureOpenings,
  lockPatterns,
  type PatternCounts,
} from '../../../db/repositories/patterns/count-patterns.ts'
import {
  endReview,
  findLearned,
  findReview,
  findReviewPage,
  mergePatterns,
  placeExchanges,
  turnReview,
  type Review,
} from '../../../db/repositories/patterns/pattern-changes.ts'
import {
  findDecision,
  settleDecision,
  type PatternDecision,
} from '../../../db/repositories/patterns/pattern-decisions.ts'
import {
  claimTeam,
  Fenced,
  fence,
  findQueued,
  findTaken,
  markTaken,
  readSnapshot,
  writeSnapshot,
  type Queued,
} from '../../../db/repositories/patterns/pattern-miners.ts'
import { publishPatternSet } from '../../../db/repositories/patterns/pattern-sets.ts'
import type { Override } from '../../domain/mining/types.ts'
import type { TeamChanges } from '../../domain/mining/team-miner.ts'
import type { MiningThread } from './mining-client.ts'
import { findReadings } from '../../../db/repositories/exchanges/readings.ts'
import type { Asks, Taken } from './mining-protocol.ts'
import { storeChanges } from './store-changes.ts'

export interface TeamMiningOptions {
  database: Database
  thread: MiningThread
  team: string
  /** This process, among all learners. */
  owner: string
  /** What weak patterns give rise to, in the transaction that made them so. */
  followUp: (transaction: Database, counts: PatternCounts[]) => Promise<void>
  log: Pick<Log, 'info' | 'warn'>
}

export interface TeamMining {
  /**
   * One step. `more`: there is something left to do at once. `idle`: it is another process's turn, or nothing waits.
   */
  step(batch: number): Promise<'more' | 'idle'>
  /** While nothing waits for it: writes down and publishes what is due. */
  rest(): Promise<void>
  /** What is only in memory is written down; afterwards nothing is held. */
  close(): Promise<void>
  /** For deciding which team to put away. */
  readonly usedAt: number
  readonly characters: number
  readonly open: boolean
}

/**
 * Another learner takes over a team after this. Grouping much evidence takes some seconds, and more where several
 * learners share a busy machine; the lease is renewed before and after.
 */
const leaseMs = 5_000
/** Snapshots are as large as the evidence: the more of it, the more is taken in between. */
const snapshotEveryMin = 256
const snapshotIdleMs = 10_000
const reviewPage = 200
const replayBatch = 256
/** Gateways get new templates at most so often. */
const publishEveryMs = 1_000
/** Large sets less often: publishing takes at most a twentieth of the time. */
const publishShare = 20
const refreshEveryMs = 30_000

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createTeamMining({ database, thread, team, owner, followUp, log }: TeamMiningOptions): TeamMining {
  /** Exchanges taken; what the thread holds is exactly these. */
  let sequence = 0
  let snapshotSequence = 0
  let generation: number | null = null
  let ids = new Map<string, string>()
  let size = { evidence: 0, characters: 0, patterns: 0 }
  let usedAt = performance.now()
  let takenAt = -Infinity
  let unpublished = true
  let publishedAt = -Infinity
  let publishAfterMs = publishEveryMs

  const isOpen = (): boolean => generation !== null && generation === thread.generation

  /** Answers whether it is this process's turn, with all that was taken so far learned. */
  async function claim(): Promise<boolean> {
    const claimed = await claimTeam(database, team, owner, leaseMs)
    if (claimed === null) await forget()
    else if (!isOpen() || claimed.sequence !== sequence) await open(claimed.sequence)
    return claimed !== null
  }

  /** What was learned and not stored must not be built upon. */
  async function orForget<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work()
    } catch (error) {
      await forget()
      if (!(error instanceof Fenced)) throw error
      log.warn({ team }, 'another learner has taken over a team')
      return otherwise
    }
  }

  async function step(batch: number): Promise<'more' | 'idle'> {
    return orForget(async () => {
      if (!(await claim())) return 'idle'
      usedAt = performance.now()
      const decision = await findDecision(database, team)
      if (decision !== null) return await decide(decision)
      const queued = await findQueued(database, team, batch)
      if (queued.length > 0) await take(queued)
      const review = await findReview(database, team)
      if (review !== null) await look(review)
      await keep(false)
      return queued.length === batch || review !== null ? 'more' : 'idle'
    }, 'idle')
  }

  async function rest(): Promise<void> {
    const now = performance.now()
    const unsaved = sequence > snapshotSequence && now - takenAt >= snapshotIdleMs
    const unsaid =
      (unpublished && now - publishedAt >= publishAfterMs) ||
      (takenAt > publishedAt && now - publishedAt >= refreshEveryMs)
    if (isOpen() && (unsaved || unsaid))
      await orForget(async () => ((await claim()) ? keep(true) : undefined), undefined)
  }

  async function open(upTo: number): Promise<void> {
    await forget()
    ids = await findLearned(database, team)
    const kept = await readSnapshot(database, team)
    const firstPattern = 1 + Math.max(0, ...[...ids.keys()].map((name) => Number(name.slice(1)) || 0))
    const { restored } = await thread.ask('open', team, { snapshot: kept.snapshot, firstPattern })
    generation = thread.generation
    if (!restored)
      log.warn(
        { team },
        'what was learned of a team could not be read; it is learned anew, and its patterns stay for those who refer to them',
      )
    sequence = snapshotSequence = kept.sequence
    while (sequence < upTo) {
      const taken = await findTaken(database, team, sequence, replayBatch)
      if (taken.length === 0) break
      size = (await thread.ask('learn', team, { taken: await read(taken) })).size
      sequence = taken.at(-1)?.sequence ?? sequence
      await claimTeam(database, team, owner, leaseMs)
    }
    sequence = upTo
    unpublished = true
  }

  async function read(queued: Queued[]): Promise<Taken[]> {
    const readings = await findReadings(
      database,
      queued.flatMap(({ exchangeId, skipped }) => (skipped ? [] : [exchangeId])),
    )
    return queued.map(({ exchangeId }) => {
      const reading = readings.get(exchangeId)
      return reading === undefined ? null : { structure: reading.structure, system: reading.system, user: reading.user }
    })
  }

  async function take(queued: Queued[]): Promise<void> {
    const learned = await thread.ask('learn', team, { taken: await read(queued) })
    size = learned.size
    await claimTeam(database, team, owner, leaseMs)
    await database.transaction().execute(async (transaction) => {
      await fence(transaction, team, owner, sequence)
      const exchanges = await lockExchanges(
        transaction,
        queued.map(({ exchangeId }) => exchangeId),
      )
      await store(transaction, learned, null)
      const places = new Map(queued.map(({ exchangeId }, index) => [exchangeId, index]))
      // An exchange that was learned before its opening is known has its pattern already; the others are found by it in
      // a review.
      const openings = exchanges.flatMap((exchange) => {
        const opening = exchange.learned === null ? learned.openings[places.get(exchange.id) as number] : null
        return opening ? [{ team, opening, seenAt: exchange.createdAt }] : []
      })
      const openingOf = await ensureOpenings(transaction, openings)
      await place(transaction, exchanges, (exchange) => {
        const index = places.get(exchange.id) as number
        const name = learned.patterns[index]
        if (name) return ids.get(name) ?? null
        return exchange.learned === null ? openingOf(team, learned.openings[index]?.hash ?? '') : null
      })
      await markTaken(transaction, team, sequence, queued)
    })
    sequence += queued.length
    takenAt = performance.now()
  }

  /** Stores what a step of learning changed; the ids of new patterns are known afterwards. */
  async function store(transaction: Database, changes: TeamChanges, person: string | null): Promise<void> {
    if (
      changes.changed.length +
        changes.events.length +
        changes.review.openings.length +
        changes.review.patterns.length +
        changes.contradicted.length ===
      0
    )
      return
    ids = await storeChanges(transaction, team, ids, changes, person)
    unpublished = true
  }

  /**
   * Puts exchanges into their patterns, with what they count where they are counted already; `null` = it stays where it
   * is. Answers the patterns that got any.
   */
  async function place(
    transaction: Database,
    exchanges: StoredExchange[],
    patternOf: (exchange: StoredExchange) => string | null,
  ): Promise<string[]> {
    const wanted = exchanges.flatMap((exchange) => {
      const patternId = patternOf(exchange)
      return patternId === null ? [] : [{ exchange, patternId }]
    })
    const became = await lockPatterns(
      transaction,
      wanted.flatMap(({ exchange, patternId }) => [
        patternId,
        ...(exchange.learned?.patternId ? [exchange.learned.patternId] : []),
      ]),
    )
    const places = wanted.flatMap(({ exchange, patternId }) => {
      const target = became.get(patternId)
      const stands = exchange.learned === null ? exchange.minedPatternId : exchange.learned.patternId
      return target === undefined || target === stands ? [] : [{ exchange, target }]
    })
    const deltas = places.flatMap(({ exchange, target }) => {
      const { learned, createdAt, keyName, model, costUsd } = exchange
      if (learned === null || (learned.patternId !== null && became.get(learned.patternId) === target)) return []
      const counted = { team, createdAt, keyName, model, costUsd, verdict: learned.verdict }
      return [
        { ...counted, patternId: target, sign: 1 as const },
        ...(learned.patternId === null ? [] : [{ ...counted, patternId: learned.patternId, sign: -1 as const }]),
      ]
    })
    const { counts } = await countPatterns(transaction, deltas)
    await placeExchanges(
      transaction,
      places.map(({ exchange, target }) => ({ id: exchange.id, patternId: target })),
    )
    if (counts.length > 0) {
      await followUp(
        transaction,
        counts.filter(({ id }) => places.some(({ target }) => target === id)),
      )
      await announceLearning(transaction, 'patterns')
    }
    return [...new Set(places.map(({ target }) => target))]
  }

  /** One page of a pattern's stored exchanges goes where it belongs now. */
  async function look(review: Review): Promise<void> {
    const page = await findReviewPage(database, review, reviewPage)
    const found =
      review.mergedInto === null && page.length > 0
        ? (
            await thread.ask('find', team, {
              taken: await read(page.map((exchangeId) => ({ position: '0', exchangeId, skipped: false }))),
            })
          ).patterns
        : []
    await database.transaction().execute(async (transaction) => {
      await fence(transaction, team, owner, sequence)
      if (page.length === 0) {
        if (await endReview(transaction, review)) await conclude(transaction, review)
        return
      }
      const exchanges = (await lockExchanges(transaction, page)).filter(
        (exchange) => exchange.learned === null || exchange.learned.patternId === review.patternId,
      )
      const names = new Map(page.map((id, index) => [id, found[index] ?? null]))
      const targets = await place(transaction, exchanges, ({ id }) => {
        const name = names.get(id)
        return review.mergedInto ?? (name ? (ids.get(name) ?? null) : null)
      })
      await turnReview(transaction, review, page.at(-1) as string, [...new Set([...review.targets, ...targets])])
    })
  }

  /**
   * An opening whose prompts were all explained by one template is part of it from now on, with all that refers to it.
   */
  async function conclude(transaction: Database, review: Review): Promise<void> {
    const [only, ...others] = review.targets
    if (review.source !== 'opening' || review.mergedInto !== null || only === undefined || others.length > 0) return
    const left = await findReviewPage(transaction, { ...review, cursor: null }, 1)
    if (left.length > 0) return
    if (
      await mergePatterns(transaction, {
        from: review.patternId,
        into: only,
        reason: 'the learned template explains all of its prompts',
        person: null,
      })
    )
      unpublished = true
  }

  /** A merge or a split. Its result is in the snapshot and nowhere in the queue, so both stand together. */
  async function decide(decision: PatternDecision): Promise<'more'> {
    const names = new Map([...ids].map(([name, id]) => [id, name]))
    const override = toOverride(decision, names)
    let applied: Asks['apply']['answer'] | null = null
    if (override !== null && 'refused' in override) applied = override
    else if (override !== null) applied = await thread.ask('apply', team, { override })
    const refused = applied !== null && 'refused' in applied ? applied.refused : null
    const changes = applied !== null && !('refused' in applied) ? applied : null
    const snapshot = changes === null ? null : (await thread.ask('snapshot', team, {})).snapshot
    await database.transaction().execute(async (transaction) => {
      await fence(transaction, team, owner, sequence)
      if (decision.kind === 'merge' && refused === null) {
        await mergePatterns(transaction, {
          from: decision.patternId,
          into: decision.argument.into,
          reason: 'a person merged them',
          person: decision.person,
        })
      }
      if (changes !== null)
        await store(
          transaction,
          { ...changes, events: decision.kind === 'split' ? changes.events : [] },
          decision.person,
        )
      if (snapshot !== null) await writeSnapshot(transaction, team, sequence, snapshot)
      await settleDecision(transaction, decision.id, refused)
      await announceLearning(transaction, 'patterns')
    })
    if (snapshot !== null) snapshotSequence = sequence
    unpublished = true
    await keep(false)
    return 'more'
  }

  /** Writes down what would have to be learned again, and tells gateways what is new. */
  async function keep(idle: boolean): Promise<void> {
    const now = performance.now()
    const due = Math.max(snapshotEveryMin, size.evidence >> 2)
    if (sequence - snapshotSequence >= due || (idle && sequence > snapshotSequence && now - takenAt >= snapshotIdleMs))
      await save()
    if (
      (unpublished && now - publishedAt >= publishAfterMs) ||
      (takenAt > publishedAt && now - publishedAt >= refreshEveryMs)
    ) {
      unpublished = false
      publishedAt = now
      await publishPatternSet(database, team)
      publishAfterMs = Math.max(publishEveryMs, publishShare * (performance.now() - now))
    }
  }

  async function save(): Promise<void> {
    const { snapshot } = await thread.ask('snapshot', team, {})
    await database.transaction().execute(async (transaction) => {
      await fence(transaction, team, owner, sequence)
      await writeSnapshot(transaction, team, sequence, snapshot)
    })
    snapshotSequence = sequence
  }

  async function forget(): Promise<void> {
    const held = isOpen()
    generation = null
    size = { evidence: 0, characters: 0, patterns: 0 }
    if (held) await thread.ask('close', team, {}).catch(() => {})
  }

  return {
    step,
    rest,
    get usedAt() {
      return usedAt
    },
    get characters() {
      return isOpen() ? size.characters : 0
    },
    get open() {
      return isOpen()
    },
    async close() {
      try {
        if (isOpen() && sequence > snapshotSequence) await save()
      } finally {
        await forget()
      }
    },
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
