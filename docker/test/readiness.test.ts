import { expect, test } from 'vitest'
import { createReadiness } from '../supervisor/readiness.ts'
import { waitFor } from './product.ts'

const names = ['gateway', 'control', 'learner']

test("a Temporal server of the user's own that does not answer is said to be unavailable, and said again once it does", async () => {
  const ready: string[] = []
  const readiness = createReadiness({
    names,
    print: () => {},
    onServing: () => {},
    onReady: (temporal) => ready.push(temporal),
    temporalUrl: 'http://temporal',
    externalTemporalMs: 1,
  })
  readiness.mark('gateway')
  readiness.mark('control')
  await waitFor(() => ready.length === 1, 'it is given up')
  readiness.mark('learner')
  expect(ready).toEqual(['unavailable', 'http://temporal'])
  readiness.close()
})

test('ready waits for all parts, whatever their order, and is said once', () => {
  const ready: string[] = []
  const readiness = createReadiness({
    names,
    print: () => {},
    onServing: () => ready.push('serving'),
    onReady: (temporal) => ready.push(temporal),
    temporalUrl: 'http://temporal',
  })
  for (const name of ['learner', 'control', 'gateway', 'gateway', 'learner']) readiness.mark(name)
  expect(ready).toEqual(['serving', 'http://temporal'])
  readiness.close()
})
