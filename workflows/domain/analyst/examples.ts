/** A stored exchange as a reader sees it who only looks at it: the conversation as text, and the answer. Pure. */
import type { Example } from './analyst-prompt.ts'
import type { ToolCall } from '../exchanges/answer-parts.ts'
import type { Redactor } from '../redaction/redact.ts'
import { toTranscript } from '../exchanges/transcript.ts'

export interface ExampleSource {
  /** The system prompt first; `null` = none that can be shown. */
  messages: readonly unknown[] | null
  content: string | null
  toolCalls: ToolCall[] | null
  reason: string | null
}

/** So much is redacted; what is shown is far shorter, so that no secret is cut in two before it is known as one. */
const charactersMax = 16_384

export function toExample({ messages, content, toolCalls, reason }: ExampleSource, redactor: Redactor): Example {
  const calls = (toolCalls ?? []).map((call) => `[calls ${call.name}: ${call.arguments}]`)
  const answer = [content ?? '', ...calls].filter((part) => part !== '').join('\n') || '(empty)'
  return {
    request: redactor.redact(toTranscript(messages, charactersMax)),
    answer: redactor.redact(answer.slice(0, charactersMax)),
    reason: reason === null ? null : redactor.redact(reason),
  }
}

/** What a proposal is held against. */
export function toSample({ request, answer }: Pick<Example, 'request' | 'answer'>): string {
  return `${request}\n${answer}`
}
