/** A generation on its way out; the steps of forward.ts fill in what they find. */
import type { Intent } from '../../db/journal/records.ts'
import type { ExchangeDecision } from '../../db/words/exchange.ts'
import type { Wire } from '../../db/words/wire.ts'
import type { Prompt } from '../../workflows/domain/exchanges/prompt.ts'
import type { AnswerTransform } from '../bytes/answer-transform.ts'
import type { JsonView } from '../bytes/json-view.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import type { Exchange } from './exchange.ts'
import type { ParsedBody } from './parse.ts'

/** An endpoint that generates: its bodies are prompts. */
export type GenerationFacts = WireFacts & { wire: Wire }

export interface Generation {
  exchange: Exchange
  facts: GenerationFacts
  /** As it came. */
  parsed: ParsedBody
  /** Of the body as it came; read when it is first asked for, and once. */
  readPrompt: () => Prompt
  /** The body as it will go out. */
  view: JsonView
  /** For the upstream; name and value, flat. */
  headers: string[]
  known: Partial<Intent>
  decided: ExchangeDecision
  transforms: AnswerTransform[]
  /** What is to be looked up; a rule may have named another than the caller. */
  model: string
}
