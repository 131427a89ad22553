/**
 * What the mining thread holds of one team, and how far that goes: restored from the snapshot and what was taken since,
 * written down from time to time, dropped when it may be wrong.
 */
import type { Database } from '../../../db/database.ts'
import { findPrompts } from '../../../db/repositories/exchanges/readings.ts'
import { findLearned } from '../../../db/repositories/patterns/pattern-changes.ts'
import {
  claimTeam,
  fence,
  findTaken,
  readSnapshot,
  writeSnapshot,
  type Queued,
} from '../../../db/repositories/patterns/pattern-miners.ts'
import type { Log } from '../../../db/process/log.ts'
import type { MiningThread } from './mining-client.ts'
import type { Asks, Taken, TeamSize } from './mining-protocol.ts'

/**
 * Another learner takes over a team after this. Learning a batch takes a second or two, and more where several learners
 * share a busy machine; the lease is renewed before and after.
 */
const leaseMs = 5_000
const replayBatch = 256
/** Snapshots are as large as the evidence: the more of it, the more is taken in between. */
const minSnapshotEvery = 256
const snapshotIdleMs = 10_000

export interface TeamMemoryOptions {
  database: Database
  thread: MiningThread
  team: string
  /** This process, among all learners. */
  owner: string
  log: Pick<Log, 'warn'>
}

export class TeamMemory {
  private readonly options: TeamMemoryOptions
  /** Exchanges taken; what the thread holds is exactly these. */
  sequence = 0
  /** Stored patterns by the miner's names. */
  ids = new Map<string, string>()
  /** What was learned anew under new names, because the snapshot could not be read: the caller stores it. */
  unstored: Asks['learn']['answer'][] = []
  /** Rises when the team is read anew: gateways may have newer templates than the snapshot, or older ones. */
  timesOpened = 0
  private snapshotSequence = 0
  private generation: number | null = null
  private size: TeamSize = { evidence: 0, characters: 0, patterns: 0 }
  private takenAt = -Infinity

  constructor(options: TeamMemoryOptions) {
    this.options = options
  }

  get isOpen(): boolean {
    return this.generation !== null && this.generation === this.options.thread.generation
  }

  get characters(): number {
    return this.isOpen ? this.size.characters : 0
  }

  get lastTakenAt(): number {
    return this.takenAt
  }

  /** Answers whether it is this process's turn, with all that was taken so far learned. */
  async claim(): Promise<boolean> {
    const claimed = await this.renewLease()
    if (claimed === null) await this.forget()
    else if (!this.isOpen || claimed.sequence !== this.sequence) await this.open(claimed.sequence)
    return claimed !== null
  }

  renewLease(): ReturnType<typeof claimTeam> {
    const { database, team, owner } = this.options
    return claimTeam(database, team, owner, leaseMs)
  }

  /** Throws where another process has taken the team over meanwhile. */
  fence(transaction: Database): Promise<void> {
    return fence(transaction, this.options.team, this.options.owner, this.sequence)
  }

  ask<Kind extends keyof Asks>(kind: Kind, ask: Asks[Kind]['ask']): Promise<Asks[Kind]['answer']> {
    return this.options.thread.ask(kind, this.options.team, ask)
  }

  async learn(queued: Queued[]): Promise<Asks['learn']['answer']> {
    const learned = await this.ask('learn', { taken: await this.read(queued) })
    this.size = learned.size
    await this.renewLease()
    return learned
  }

  /** The step's transaction is through. */
  endTaking(count: number): void {
    this.sequence += count
    this.takenAt = performance.now()
  }

  /** Which pattern explains each stored exchange now, by the miner's names. */
  async find(exchangeIds: string[]): Promise<(string | null)[]> {
    const queued = exchangeIds.map((exchangeId) => ({ position: '0', exchangeId, skipped: false }))
    return (await this.ask('find', { taken: await this.read(queued) })).patterns
  }

  isSnapshotDue(idle: boolean): boolean {
    const taken = this.sequence - this.snapshotSequence
    const enough = taken >= Math.max(minSnapshotEvery, this.size.evidence >> 2)
    return enough || (idle && taken > 0 && performance.now() - this.takenAt >= snapshotIdleMs)
  }

  async packSnapshot(): Promise<Uint8Array> {
    return (await this.ask('snapshot', {})).snapshot
  }

  writeSnapshot(transaction: Database, snapshot: Uint8Array): Promise<void> {
    return writeSnapshot(transaction, this.options.team, this.sequence, snapshot)
  }

  /** The transaction that wrote the snapshot is through. */
  endSaving(): void {
    this.snapshotSequence = this.sequence
  }

  async save(): Promise<void> {
    const snapshot = await this.packSnapshot()
    await this.options.database.transaction().execute(async (transaction) => {
      await this.fence(transaction)
      await this.writeSnapshot(transaction, snapshot)
    })
    this.endSaving()
  }

  async close(): Promise<void> {
    try {
      if (this.isOpen && this.sequence > this.snapshotSequence) await this.save()
    } finally {
      await this.forget()
    }
  }

  async forget(): Promise<void> {
    const held = this.isOpen
    this.generation = null
    this.size = { evidence: 0, characters: 0, patterns: 0 }
    if (held) await this.ask('close', {}).catch(() => {})
  }

  private async open(upTo: number): Promise<void> {
    const { database, thread, team, log } = this.options
    await this.forget()
    this.unstored = []
    this.ids = await findLearned(database, team)
    const kept = await readSnapshot(database, team)
    const lastPattern = Math.max(0, ...[...this.ids.keys()].map((name) => Number(name.slice(1)) || 0))
    // Before the first snapshot all that was taken is learned again, and its patterns get the names they have.
    const firstPattern = kept.snapshot === null && upTo > 0 ? 1 : lastPattern + 1
    const { restored } = await this.ask('open', { snapshot: kept.snapshot, firstPattern })
    this.generation = thread.generation
    if (!restored)
      log.warn(
        { team },
        'what was learned of a team could not be read; it is learned anew, and its patterns stay for those who refer to them',
      )
    this.sequence = this.snapshotSequence = kept.sequence
    while (this.sequence < upTo) {
      const taken = await findTaken(database, team, this.sequence, replayBatch)
      if (taken.length === 0) break
      const learned = await this.learn(taken)
      if (!restored) this.unstored.push(learned)
      this.sequence = taken.at(-1)?.sequence ?? this.sequence
    }
    this.sequence = upTo
    this.timesOpened++
  }

  private async read(queued: Queued[]): Promise<Taken[]> {
    const wanted = queued.flatMap(({ exchangeId, skipped }) => (skipped ? [] : [exchangeId]))
    const prompts = await findPrompts(this.options.database, wanted)
    return queued.map(({ exchangeId }) => {
      const prompt = prompts.get(exchangeId)
      if (prompt === undefined) return null
      const { structure, system, user, sessionId } = prompt
      return { structure, system, user, conversation: sessionId }
    })
  }
}
