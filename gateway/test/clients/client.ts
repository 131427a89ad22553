/**
 * A client library as the suite sees it: each speaks through its own means, and says what it heard in the same words.
 */
import type { Wire } from '../../../db/words/wire.ts'
import type { Said, SaidCall } from './said.ts'

export interface Ask {
  prompt: string
  system?: string
  stream: boolean
}

export interface Heard {
  text: string
  calls: SaidCall[]
  /** `null` = the library does not tell. */
  stop: Said['stop'] | null
  /** Cached tokens are counted in. */
  usage: { input: number; output: number; cached: number | null }
}

/** What a caller's tool gives for a call. */
export type RunTool = (call: SaidCall) => string

export interface Conversation {
  say(ask: Ask): Promise<Heard>
  /** Offers the tools, runs every call, sends the results, and answers what came of it. */
  useTools(ask: Ask, run: RunTool): Promise<{ first: Heard; last: Heard }>
  /** Facts in the form of a schema. */
  extract(ask: Ask): Promise<unknown>
  /** Reads a stream's beginning and goes away. */
  leave(ask: Ask): Promise<void>
  /** What the library's own error says. */
  readFailure(error: unknown): { status: number | null; message: string }
}

export interface Client {
  name: string
  wire: Wire
  /** A bare name that the library takes for a model of its own. */
  model: string
  /** All that a user changes: the address and the key. `provider`: what the one behind it speaks. */
  open(url: string, key: string, model: string, provider: Wire): Conversation
  /** It shows that the model refused. */
  tellsRefusals?: boolean
  /** What the library does by itself, without a gateway too. */
  limits?: {
    /**
     * It takes the input's tokens from a stream's first event alone, where providers of other formats have not counted
     * yet.
     */
    readsInputFirst?: boolean
    /** It passes over the error events of this format: its answer has no end and no usage then. */
    deafToErrors?: Wire
  }
}

/** The tools on offer, as JSON schemas. */
export const tools = {
  weather: {
    description: 'The weather of a city',
    schema: {
      type: 'object' as const,
      properties: { city: { type: 'string' }, days: { type: 'array', items: { type: 'integer' } } },
      required: ['city'],
    },
  },
  clock: { description: 'What time it is', schema: { type: 'object' as const, properties: {} } },
}

export const factsSchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
}
