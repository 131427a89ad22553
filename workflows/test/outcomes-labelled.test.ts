import { describe, expect, test } from 'vitest'
import { examineAnswer } from '../domain/outcomes/examine.ts'
import { readExpectations } from '../domain/outcomes/expectations.ts'
import { readNextTurn } from '../domain/outcomes/next-turn.ts'
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

describe('texts of 400,000 characters, whatever they are,', () => {
  const length = 400_000
  test.each<[string, string]>([
    ['line breaks', `a${'\n'.repeat(length)}b`],
    ['spaces', `a${' '.repeat(length)}b`],
    ['code fences', '```'.repeat(length / 3)],
    ['an open fence before spaces', `\`\`\`${' '.repeat(length)}`],
    ['one letter', 'a'.repeat(length)],
    ['one Chinese word', '我'.repeat(length)],
    ['what begins like a decline', 'I cannot help but '.repeat(length / 18)],
    ['brackets', '['.repeat(length)],
    ['open places', '{{ '.repeat(length / 3)],
    ['open objects', '{"a":'.repeat(length / 5)],
    ['quotation marks', '"'.repeat(length)],
    ['full stops', '. '.repeat(length / 2)],
    ['nothing that shows', '​'.repeat(length)],
  ])('are looked at in bounded work: %s', (_, text) => {
    const texts = { system: `Return JSON only. ${text.slice(0, 16_000)}`, latest: text.slice(0, 32_768) }
    const given = { content: text, toolCalls: [], hasMedia: false, stopReason: 'stop', refusal: false, cut: false }
    for (const body of [{}, { response_format: { type: 'json_object' } }])
      expect(examineAnswer({ ...readExpectations(body), ...texts }, given).checks.length).toBeLessThan(2)
    expect(readNextTurn(text, `${text}x`)).toBeOneOf([null, 'corrected', 'thanked', 'went_on', 'asked_again'])
  })
})
