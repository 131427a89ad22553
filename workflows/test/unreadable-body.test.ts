/** A fault in reading one body costs nobody a record: not the others of its batch, and not its own. */
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { readFolds, toBatchRows } from '../learner/shipping/batch-rows.ts'
import { foldEntries } from '../learner/shipping/fold.ts'
import { toIntent, toOutcome } from './journal-input.ts'

/** A body on which whatever reads its text fails. */
function toUnreadable(body: Buffer): Buffer {
  return Object.assign(Buffer.from(body), {
    toString: () => {
      throw new TypeError('a fault of ours')
    },
  })
}

test('the record is stored with its bytes, the fault is told, and the others are read', () => {
  const [faulty, sound] = [v7(), v7()]
  const entries = [toIntent(faulty), toOutcome(faulty), toIntent(sound), toOutcome(sound)]
  const { folds } = foldEntries(
    entries.map((entry, offset) => ({ entry, at: { segment: 1, offset } })),
    () => null,
  )
  const [first] = folds
  if (first?.intent) first.intent.request = toUnreadable(first.intent.request)
  const faults: string[] = []
  const reportFault = (exchangeId: string): void => void faults.push(exchangeId)
  const read = readFolds(folds, reportFault)
  const { rows, orphans } = toBatchRows({ folds, opened: null, stored: new Map(), read, reportFault }, [], {})
  expect(faults).toEqual([faulty])
  expect(orphans).toEqual([])
  expect(rows.requests.map(({ id, reading }) => [id, reading === null])).toEqual([
    [faulty, true],
    [sound, false],
  ])
  expect(rows.requests.every(({ original, finished_at }) => original !== null && finished_at !== undefined)).toBe(true)
  expect(rows.responses.map(({ id }) => id)).toEqual([faulty, sound])
})
