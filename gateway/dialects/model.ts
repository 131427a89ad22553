/**
 * The one model in the middle: every dialect is read into it and written from it, so that n dialects cost n adapters.
 * JSON that belongs to callers (arguments, schemas) stays text. `path` is where a thing stood in the body it was read
 * from: what cannot be written is reported under the name its author knows.
 */
export type Media =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'text'; readonly mediaType: string; readonly text: string }
  | { readonly kind: 'url'; readonly url: string }

/**
 * Proof of reasoning that only its maker can read: a signature, encrypted reasoning, a thought signature. It must come
 * back unchanged.
 */
export interface Opaque {
  /** Who can read it. */
  readonly maker: string
  /** `signature` stands beside readable text, `encrypted` instead of it. */
  readonly kind: 'signature' | 'encrypted'
  readonly value: string
  readonly id?: string
}

export interface Citation {
  readonly kind: 'url'
  readonly url: string
  readonly title?: string
  /** Characters of the part's text, where the dialect says them. */
  readonly start?: number
  readonly end?: number
  /** Members that only their own dialect knows; carried along, because readers ignore what they do not know. */
  readonly extra?: Readonly<Record<string, string | number | null>>
  readonly path: string
}

interface Placed {
  readonly path: string
}
/** Raw JSON of a cache marker (`cache_control`), where the part carried one. */
interface Cacheable {
  readonly cache?: string
}

export interface TextPart extends Placed, Cacheable {
  readonly kind: 'text'
  readonly text: string
  readonly citations?: readonly Citation[]
  /** Raw JSON list, the same in chat and responses. */
  readonly logprobs?: string
}
export interface RefusalPart extends Placed {
  readonly kind: 'refusal'
  readonly text: string
}
export interface ImagePart extends Placed, Cacheable {
  readonly kind: 'image'
  readonly media: Media
  readonly detail?: string
}
export interface FilePart extends Placed, Cacheable {
  readonly kind: 'file'
  readonly media: Media
  readonly name?: string
  /** Where the name stood. */
  readonly namePath?: string
  readonly context?: string
}
export interface AudioPart extends Placed {
  readonly kind: 'audio'
  readonly data: string
  readonly format: string
}
export interface ReasoningPart extends Placed {
  readonly kind: 'reasoning'
  readonly text: string
  readonly opaque?: Opaque
  /** Further places that it was read from. */
  readonly alsoAt?: readonly string[]
}
export interface ToolCallPart extends Placed, Cacheable {
  readonly kind: 'tool-call'
  readonly id: string
  readonly name: string
  /** The group of tools that it belongs to, where the dialect has such groups. */
  readonly namespace?: string
  /** The text of a JSON object, as its author wrote it; for a custom tool, free text. */
  readonly arguments: string
  readonly custom?: boolean
  readonly signature?: Opaque
}
export interface ToolResultPart extends Placed, Cacheable {
  readonly kind: 'tool-result'
  readonly id: string
  readonly parts: readonly Part[]
  readonly failed?: boolean
  readonly custom?: boolean
}
/** What only its own dialect has words for: provider-run tools, compaction, references to stored files. */
export interface ForeignPart extends Placed {
  readonly kind: 'foreign'
  readonly type: string
}

export type Part =
  | TextPart
  | RefusalPart
  | ImagePart
  | FilePart
  | AudioPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | ForeignPart

export interface Turn extends Placed {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  readonly parts: readonly Part[]
}

export interface ToolDefinition extends Placed, Cacheable {
  readonly name: string
  readonly namespace?: string
  readonly description?: string
  /** Raw JSON; absent for custom tools. */
  readonly schema?: string
  /** Where it stood. */
  readonly schemaPath?: string
  readonly strict?: boolean
  /** Raw JSON of a custom (free text) tool's format. */
  readonly custom?: string
  readonly deferred?: boolean
}

export type ToolChoice =
  | { readonly kind: 'auto' | 'none' | 'required' }
  | { readonly kind: 'tool'; readonly name: string; readonly namespace?: string; readonly custom?: boolean }
  /** Only these of the tools may be called now; the list of tools itself stays as it is, for the provider's cache. */
  | { readonly kind: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] }

export type OutputFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema'
      readonly schema: string
      readonly name?: string
      readonly strict?: boolean
      readonly description?: string
    }

export interface Reasoning {
  readonly effort?: string
  readonly budgetTokens?: number
  /**
   * The caller wants to see a summary of the reasoning; the word is the dialect's (`auto`, `detailed`, `summarized`).
   */
  readonly summary?: string
  readonly off?: boolean
}

/** Settings that more than one dialect knows. */
export interface Settings {
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly stop?: readonly string[]
  readonly seed?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly parallelTools?: boolean
  readonly toolChoice?: ToolChoice
  readonly format?: OutputFormat
  readonly reasoning?: Reasoning
  readonly verbosity?: string
  readonly logprobs?: boolean
  readonly topLogprobs?: number
  readonly user?: string
  readonly serviceTier?: string
  /** Raw JSON of a map of strings. */
  readonly metadata?: string
  readonly store?: boolean
  readonly promptCacheKey?: string
  /** Raw JSON: one cache marker for the whole request. */
  readonly cache?: string
  /** Members that OpenAI's two dialects share by name and meaning, as raw JSON. */
  readonly openai?: Readonly<Record<string, string>>
}
export type SettingName = keyof Settings

export interface ConversationRequest {
  readonly model: string
  readonly stream: boolean
  readonly turns: readonly Turn[]
  readonly tools: readonly ToolDefinition[]
  readonly settings: Settings
  /** What the caller's dialect calls each setting. */
  readonly names: Readonly<Partial<Record<SettingName, string>>>
}

export type StopReason = 'end' | 'tool' | 'length' | 'stop-sequence' | 'refusal' | 'pause' | 'window'
export interface Stop {
  readonly reason: StopReason
  readonly sequence?: string
  readonly path: string
}

export interface Usage {
  /** All input tokens, cached ones included. */
  readonly input?: number
  readonly output?: number
  readonly cacheRead?: number
  /** All that was written to the cache; of that, `cacheWrite1h` stays for an hour. */
  readonly cacheWrite?: number
  readonly cacheWrite1h?: number
  readonly reasoning?: number
}

export interface Answer {
  readonly id: string
  readonly model: string
  /** Seconds, where the dialect says it. */
  readonly created?: number
  readonly parts: readonly Part[]
  readonly stop: Stop
  readonly usage?: Usage
  readonly serviceTier?: string
}

export interface WireError {
  readonly type: string
  readonly message: string
  readonly code?: string | null
  readonly param?: string | null
  readonly status?: number
}

/** What opens a part of a streamed answer. Deltas are its text, or the text of its arguments. */
export type OpenPart =
  | { readonly kind: 'text' | 'refusal' | 'reasoning'; readonly path: string }
  /** A generated picture comes whole. */
  | { readonly kind: 'image'; readonly media: Media; readonly path: string }
  | {
      readonly kind: 'tool-call'
      readonly id: string
      readonly name: string
      readonly custom?: boolean
      /** Where it comes with the call's name; a later one is an `opaque` event. */
      readonly signature?: Opaque
      readonly path: string
    }

/**
 * A streamed answer. `damage` is the translator's own business; writers never see it. After sequencing (see
 * sequence.ts) one part is open at a time, and every part is closed before `stop`.
 */
export type AnswerEvent =
  | {
      readonly kind: 'start'
      readonly id: string
      readonly model: string
      readonly created?: number
      readonly usage?: Usage
      readonly serviceTier?: string
    }
  | { readonly kind: 'open'; readonly part: number; readonly what: OpenPart }
  | { readonly kind: 'delta'; readonly part: number; readonly text: string }
  | { readonly kind: 'logprobs'; readonly part: number; readonly json: string }
  | { readonly kind: 'citation'; readonly part: number; readonly citation: Citation }
  | { readonly kind: 'opaque'; readonly part: number; readonly opaque: Opaque }
  | { readonly kind: 'close'; readonly part: number }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'stop'; readonly stop: Stop }
  /** An event that could not be read: what follows is still told, but never as a whole answer. */
  | { readonly kind: 'damage'; readonly error: WireError }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: WireError }
