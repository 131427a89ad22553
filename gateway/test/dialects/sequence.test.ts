import { expect, test } from 'vitest'
import type { AnswerEvent } from '../../dialects/model.ts'
import { createSequencer } from '../../dialects/sequence.ts'

const call = (part: number): AnswerEvent => ({
  kind: 'open',
  part,
  what: { kind: 'tool-call', id: `call_${part}`, name: 'f', path: `tool_calls[${part}]` },
})
const delta = (part: number, text: string): AnswerEvent => ({ kind: 'delta', part, text })
const close = (part: number): AnswerEvent => ({ kind: 'close', part })

test('calls that come one after the other are not held back: the first is closed as soon as its arguments are whole', () => {
  const sequence = createSequencer()
  expect(sequence(call(0))).toEqual([call(0)])
  expect(sequence(delta(0, '{"a":"}"'))).toEqual([delta(0, '{"a":"}"')])
  expect(sequence(delta(0, '}'))).toEqual([delta(0, '}')])
  expect(sequence(call(1))).toEqual([close(0), call(1)])
  expect(sequence(close(0))).toEqual([])
})

test('interleaved calls come out one after the other, nothing lost', () => {
  const sequence = createSequencer()
  const events = [
    call(0),
    delta(0, '{"a"'),
    call(1),
    delta(1, '{"b":'),
    delta(0, ':1}'),
    delta(1, '2}'),
    close(0),
    close(1),
    { kind: 'end' } as const,
  ].flatMap(sequence)
  expect(events).toEqual([
    call(0),
    delta(0, '{"a"'),
    delta(0, ':1}'),
    close(0),
    call(1),
    delta(1, '{"b":'),
    delta(1, '2}'),
    close(1),
    { kind: 'end' },
  ])
})

test('what is held back has an end', () => {
  const sequence = createSequencer()
  const events = [call(0), call(1), delta(1, 'x'.repeat(5_000_000)), delta(1, 'y')].flatMap(sequence)
  expect(events.at(-1)?.kind).toBe('error')
})
