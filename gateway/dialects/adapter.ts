import type { Acceptance } from './acceptance-facts.ts'
import type { JsonObject, JsonTree } from './json.ts'
import type { Answer, AnswerEvent, ConversationRequest, SettingName, WireError } from './model.ts'
import type { TranslationReport } from './report.ts'
import type { ProviderWire } from '../../db/words/wire.ts'

/**
 * What a provider's table row says about how its dialect is to be written. Every member has a default in
 * `defaultWriteOptions`.
 */
export interface WriteOptions {
  /** For dialects that require a limit, when the caller's did not name one. */
  readonly defaultMaxTokens: number
  /** Chat: the name of the token limit; most compatible servers know only `max_tokens`. */
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens'
  /** Chat: whether `stream_options.include_usage` may be asked for. */
  readonly streamUsage: boolean
  /** Chat: whether the provider accepts `cache_control` on parts (OpenRouter and LiteLLM do, OpenAI does not). */
  readonly cacheControl: boolean
  /** Chat: whether earlier reasoning is sent back (`reasoning_content`, `reasoning_details`). */
  readonly reasoningHistory: boolean
  /** Chat: whether the provider knows the role `developer`; elsewhere its messages are the system's. */
  readonly developerRole: boolean
  /**
   * Settings that the dialect knows and this provider does not: it would refuse the request, or ignore them in silence.
   */
  readonly unsupported: readonly SettingName[]
  /** Whether ids of calls must be nine letters and digits. */
  readonly shortCallIds: boolean
  /** Google: stands for the signature of a call that another maker's model made, where one is demanded. */
  readonly callSignature: string | null
  /**
   * Messages: `effort` writes adaptive thinking, `budget` a number of tokens, for models that know only that. Google: a
   * level or a number of tokens.
   */
  readonly thinking: 'effort' | 'budget'
  /** What the model takes, asked in this wire. */
  readonly accepts: (wire: ProviderWire) => Acceptance
}

export const defaultWriteOptions: WriteOptions = {
  defaultMaxTokens: 16_384,
  maxTokensField: 'max_completion_tokens',
  streamUsage: true,
  cacheControl: true,
  reasoningHistory: true,
  developerRole: true,
  unsupported: [],
  shortCallIds: false,
  callSignature: null,
  thinking: 'effort',
  accepts: () => ({}),
}

/** One event of an upstream's stream, parsed. `name` is that of its `event:` line, else `message`. */
export interface StreamEvent {
  readonly name: string
  readonly body: JsonObject
}

/**
 * Reads one dialect's stream. Events may interleave parts; the sequencer puts them in order. Whether the answer failed
 * is decided elsewhere, for all dialects (see translate-stream.ts).
 */
export interface StreamReader {
  read(event: StreamEvent): AnswerEvent[]
  /** `data: [DONE]`, where it means the end of the answer. Elsewhere some servers add it, and it means nothing. */
  done?(): AnswerEvent[]
  /** The upstream closed: an error event when the answer was not complete. */
  end(): AnswerEvent[]
}

/** What writers see: damage is dealt with before. */
export type WritableEvent = Exclude<AnswerEvent, { kind: 'damage' }>

export interface StreamWriter {
  /** The bytes, as text, that say this event in the dialect; empty when it has nothing to say yet. */
  write(event: WritableEvent): string
}

export interface StreamWriteOptions {
  /** Chat: whether the caller asked for the usage chunk. */
  readonly includeUsage: boolean
}

/** The side that faces a provider. */
export interface ProviderAdapter {
  writeRequest(request: ConversationRequest, report: TranslationReport, options: WriteOptions): JsonTree
  /** Whether a body is an answer of this dialect at all. */
  isAnswer(body: JsonObject): boolean
  readAnswer(body: JsonObject, report: TranslationReport): Answer
  /** The error a body states, if it states one. */
  readError(body: JsonObject): WireError | undefined
  createStreamReader(report: TranslationReport): StreamReader
}

/** Both sides: what clients speak too. */
export interface Adapter extends ProviderAdapter {
  readRequest(body: JsonObject, report: TranslationReport): ConversationRequest
  writeAnswer(answer: Answer, report: TranslationReport): JsonTree
  writeError(error: WireError): JsonTree
  createStreamWriter(report: TranslationReport, options: StreamWriteOptions): StreamWriter
}
