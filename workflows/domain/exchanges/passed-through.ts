/**
 * Answers of calls that pass through: embeddings count tokens, and some others do; nothing else of them is read. Pure.
 */
import type { AnswerParts } from './answer-parts.ts'
import { asCount, asObject } from '../json/json.ts'
import { readResponseUsage } from './responses-answer.ts'

export function readPassedThrough(body: unknown): AnswerParts {
  const usage = asObject(asObject(body)?.usage)
  const counted = readResponseUsage(usage)
  return {
    content: '',
    toolCalls: [],
    stopReason: null,
    declined: false,
    cacheWriteTokens: null,
    id: null,
    usage: counted && {
      ...counted,
      inputTokens: counted.inputTokens ?? asCount(usage?.prompt_tokens),
      outputTokens: counted.outputTokens ?? asCount(usage?.completion_tokens),
    },
  }
}
