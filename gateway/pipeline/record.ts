/**
 * Steps 7 and 9: what is written to the journal, and what happens when it cannot be. The intent before the upstream is
 * called, the outcome before the last byte is released.
 */
import type { JournalWriter } from '../../db/journal/writer.ts'
import type { Intent, JournalEntry, Outcome } from '../../db/journal/records.ts'
import type { JournalConfig } from '../../db/words/config.ts'
import type { Counters } from '../state/loss-counts.ts'

/** `released`: the answer may go out. `refused`: the record is not safe, so it may not. */
export type RecordResult = 'recorded' | 'unrecorded' | 'refused'

export interface Recorder {
  /** Off: nothing is collected, nothing waits. */
  readonly on: boolean
  /** New exchanges are to be refused: the journal is full and may not be passed by. */
  readonly refusing: boolean
  recordIntent(intent: Intent, request: Buffer, sent: Buffer | null): Promise<RecordResult>
  recordRefused(intent: Intent, outcome: Outcome, request: Buffer, response: Buffer): Promise<RecordResult>
  recordOutcome(outcome: Outcome, response: Buffer, done: (result: RecordResult) => void): void
}

export type Journal = Pick<JournalWriter, 'append' | 'full'>

export function createRecorder(
  journal: Journal | null,
  whenFull: JournalConfig['whenFull'],
  counters: Counters,
): Recorder {
  if (journal === null) {
    return {
      on: false,
      refusing: false,
      recordIntent: () => Promise.resolve('unrecorded'),
      recordRefused: () => Promise.resolve('unrecorded'),
      recordOutcome: (_outcome, _response, done) => done('unrecorded'),
    }
  }

  /** An exchange without any record of it. */
  const append = (entry: JournalEntry): Promise<RecordResult> =>
    new Promise((resolve) => {
      // A full journal is not tried again with every request: the writer finds out by itself when there is space.
      if (journal.full && whenFull === 'forward') return resolve(countUnrecorded())
      journal.append(entry, (error) =>
        resolve(error === null ? 'recorded' : whenFull === 'forward' ? countUnrecorded() : 'refused'),
      )
    })

  const countUnrecorded = (): RecordResult => {
    counters.add('unrecorded')
    return 'unrecorded'
  }

  return {
    on: true,
    get refusing() {
      return journal.full && whenFull === 'refuse'
    },
    recordIntent: (intent, request, sent) => append({ kind: 'intent', intent, request, sent }),
    recordRefused: (intent, outcome, request, response) =>
      append({ kind: 'refused', intent, outcome, request, response }),
    recordOutcome(outcome, response, done) {
      journal.append({ kind: 'outcome', outcome, response }, (error) => {
        if (error === null) return done('recorded')
        counters.add('outcomesLost')
        done(whenFull === 'forward' ? 'unrecorded' : 'refused')
      })
    },
  }
}
