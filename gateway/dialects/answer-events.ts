import type { Answer, AnswerEvent, Part } from './model.ts'

/** A whole answer as events: for an upstream that sends JSON although the caller asked for a stream. */
export function* toAnswerEvents(answer: Answer, drop: (path: string) => void): Generator<AnswerEvent> {
  const { id, model, created, serviceTier } = answer
  yield { kind: 'start', id, model, created, serviceTier, usage: answer.usage }
  let part = 0
  for (const said of answer.parts) yield* toPartEvents(said, part++, drop)
  if (answer.usage !== undefined) yield { kind: 'usage', usage: answer.usage }
  yield { kind: 'stop', stop: answer.stop }
  yield { kind: 'end' }
}

function* toPartEvents(said: Part, part: number, drop: (path: string) => void): Generator<AnswerEvent> {
  switch (said.kind) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      yield { kind: 'open', part, what: { kind: said.kind, path: said.path } }
      if (said.text !== '') yield { kind: 'delta', part, text: said.text }
      if (said.kind === 'text' && said.logprobs !== undefined) yield { kind: 'logprobs', part, json: said.logprobs }
      if (said.kind === 'text') for (const citation of said.citations ?? []) yield { kind: 'citation', part, citation }
      if (said.kind === 'reasoning' && said.opaque !== undefined) yield { kind: 'opaque', part, opaque: said.opaque }
      break
    case 'tool-call':
      yield {
        kind: 'open',
        part,
        what: {
          kind: 'tool-call',
          id: said.id,
          name: said.name,
          custom: said.custom,
          path: said.path,
          signature: said.signature,
        },
      }
      yield { kind: 'delta', part, text: said.arguments }
      break
    case 'image':
      yield { kind: 'open', part, what: { kind: 'image', media: said.media, path: said.path } }
      break
    default:
      drop(said.path)
      return
  }
  yield { kind: 'close', part }
}
