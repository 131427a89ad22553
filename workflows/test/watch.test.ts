import { expect, test } from 'vitest'
import { findModelChanges, readAnswerModel, type ModelVersion } from '../domain/findings/model-versions.ts'
import { findExpired, toKeptFrom } from '../domain/system/retention.ts'
import { findStale, type OpenEnhancement } from '../domain/findings/stale-enhancements.ts'
import { loadRecordedTraffic, toWire } from './recorded-traffic.ts'

const day = (number: number): string => new Date(Date.UTC(2026, 0, number)).toISOString()
const version = (answerModel: string, first: number, last: number, model = 'gpt-4o'): ModelVersion => ({
  provider: 'openai',
  model,
  answerModel,
  firstSeen: day(first),
  lastSeen: day(last),
})

test.each([
  ['chat', '{"id":"c","model":"gpt-4o-2024-08-06","choices":[]}', 'gpt-4o-2024-08-06'],
  ['messages', '{"id":"m","type":"message","model":"claude-sonnet-4-5-20250929"}', 'claude-sonnet-4-5-20250929'],
  ['a stream of chat', 'data: {"id":"c","object":"chat.completion.chunk","model" : "m-1","choices":[]}\n\n', 'm-1'],
  [
    'a stream of messages',
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","model":"m-2"}}\n\n',
    'm-2',
  ],
  [
    'one that comes after a long text',
    `{"choices":[{"message":{"content":"${'x'.repeat(20_000)}"}}],"model":"late"}`,
    'late',
  ],
  ['a text that speaks of one', '{"choices":[{"message":{"content":"put \\"model\\":\\"fake\\" there"}}]}', null],
  ['nothing', '', null],
])('the model is read from %s', (_, text, model) => {
  expect(readAnswerModel(text)).toBe(model)
})

test('every recorded answer that names a model is read', () => {
  const rows = loadRecordedTraffic().filter((row) => row.response !== null && row.status === 200)
  const named = rows.map(toWire).filter((text) => /"model"\s*:\s*"/.test(text.slice(0, 2_000)))
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((text) => readAnswerModel(text) === null)).toEqual([])
})

test('a version that answers for the first time is a change, from the one that answered last', () => {
  expect(findModelChanges([version('a', 1, 9), version('b', 9, 20)])).toEqual([
    { provider: 'openai', model: 'gpt-4o', before: 'a', after: 'b', at: day(9) },
  ])
  expect(
    findModelChanges([version('c', 15, 20), version('a', 1, 20), version('b', 5, 14)]).map(
      ({ before, after }) => `${before} ${after}`,
    ),
  ).toEqual(['a b', 'a c'])
})

test('one version, versions of other names, and one that comes back are none', () => {
  expect(findModelChanges([version('a', 1, 9), version('b', 3, 9, 'gpt-4o-mini')])).toEqual([])
  const once = [version('a', 1, 9), version('b', 5, 6)]
  const back = [version('a', 1, 30), version('b', 5, 6)]
  expect(findModelChanges(back)).toEqual(findModelChanges(once))
})

const proposal = (change: Partial<OpenEnhancement>): OpenEnhancement => ({
  id: 'e',
  patternId: 'p',
  proposedAt: day(1),
  patternVersion: 1,
  templateVersion: 1,
  state: 'proposed',
  ...change,
})

test.each([
  ['a young proposal', {}, 10, null],
  ['an old proposal', {}, 15, 'proposed 14 days ago and still not decided'],
  ['one that is served, however old', { state: 'approved' }, 300, null],
  [
    'one whose pattern has changed',
    { templateVersion: 2 },
    2,
    "the pattern's template has changed since it was made (version 1, now 2)",
  ],
  [
    'one that is served while its pattern has changed',
    { state: 'approved', templateVersion: 3 },
    2,
    "the pattern's template has changed since it was made (version 1, now 3)",
  ],
])('%s', (_, change, today, message) => {
  expect(findStale([proposal(change)], 14, Date.parse(day(today))).map((stale) => stale.message)).toEqual(
    message === null ? [] : [message],
  )
})

test('only whole days before the kept ones go, the oldest first', () => {
  const now = Date.parse('2026-03-10T00:30:00Z')
  const keptFrom = toKeptFrom(now, 2)
  expect(new Date(keptFrom).toISOString()).toBe('2026-03-08T00:00:00.000Z')
  const partitions = ['20260310', '20260308', '20260307', '20251231', '20260307', 'default', '2026031'].map((name) => ({
    day: name,
  }))
  expect(findExpired(partitions, keptFrom)).toEqual(['20251231', '20260307'])
})
