import type { ProviderWire } from '../../db/words/wire.ts'
import { findParsedFailure } from '../domain/exchanges/answer-failure.ts'
import { readParsedAnswer, type Answer } from '../domain/exchanges/answer.ts'
import { parseRecorded } from '../domain/exchanges/recorded-answer.ts'

type Failure = ReturnType<typeof findParsedFailure>

/** What the record has of an answer. `stream`: the caller asked for one. */
export function readAnswer(wire: ProviderWire | null, stream: boolean, text: string): Answer {
  const { id: _id, ...answer } = readParsedAnswer(wire, parseRecorded(stream, text))
  return answer
}

export function findRecordedFailure(
  wire: Parameters<typeof findParsedFailure>[0],
  text: string,
  { stream, cut }: { stream: boolean; cut: boolean },
): Failure {
  return findParsedFailure(wire, parseRecorded(stream, text), cut)
}
