import { describe, expect, test } from 'vitest'
import { developmentPath, heldBackPath, judgeRows, readOutcomeRows, toOutcomesScore } from './eval/outcomes.ts'

describe('labelled exchanges', () => {
  const development = readOutcomeRows(developmentPath)
  const heldBack = readOutcomeRows(heldBackPath)

  test('are at least 400, over all wires, streamed and not, and no two share an id', () => {
    const rows = [...development, ...heldBack]
    expect(rows.length).toBeGreaterThanOrEqual(400)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    const forms = rows.map(({ wire, stream }) => `${wire} ${stream === undefined ? 'whole' : 'streamed'}`)
    expect([...new Set(forms)].sort()).toEqual(
      ['chat', 'google', 'messages', 'responses'].flatMap((wire) => [`${wire} streamed`, `${wire} whole`]),
    )
  })

  test('that no rule was written for are told with a precision of 0.95 and a recall of 0.85', async () => {
    const { accuracy, precision, recall } = toOutcomesScore(await judgeRows(heldBack))
    expect(precision).toBeGreaterThanOrEqual(0.95)
    expect(recall).toBeGreaterThanOrEqual(0.85)
    expect(accuracy).toBeGreaterThanOrEqual(0.9)
  })

  test('that rules were written for are told with 0.97 of each', async () => {
    const { precision, recall } = toOutcomesScore(await judgeRows(development))
    expect(precision).toBeGreaterThanOrEqual(0.97)
    expect(recall).toBeGreaterThanOrEqual(0.97)
  })
})
