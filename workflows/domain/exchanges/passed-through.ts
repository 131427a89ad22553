/**
 * Answers of calls that pass through: embeddings count tokens, and some others do; nothing else of them is read. Pure.
 */
import type { AnswerParts } from './answer-parts.ts'
import { asObject } from '../json/json.ts'
import { readOpenAiUsage } from './usage.ts'

export function readPassedThrough(body: unknown): AnswerParts {
  return {
    content: '',
    toolCalls: [],
    stopReason: null,
    declined: false,
    id: null,
    usage: readOpenAiUsage(asObject(asObject(body)?.usage)),
  }
}
