/** What the readers of all wire formats' answers give. */
import type { Usage } from '../../../db/words/exchange.ts'

export interface ToolCall {
  name: string
  /** As the model wrote them: usually JSON, not always valid. */
  arguments: string
}

export interface AnswerParts {
  content: string
  toolCalls: ToolCall[]
  stopReason: string | null
  /** The model or its provider declared a refusal. */
  declined: boolean
  /** Pictures or sound that no words stand for. */
  hasMedia?: boolean
  usage: Usage | null
  /** As the provider names the answer. */
  id: string | null
}
