/** The words of architecture.md as types. Types only: every folder may import this file. */

/** A family of wire formats: whose official client is spoken to, and how its errors and lists look. */
export type Dialect = 'openai' | 'anthropic'

/** A wire format that clients speak: OpenAI Chat Completions, OpenAI Responses, Anthropic Messages. */
export type WireDialect = 'chat' | 'responses' | 'messages'

/** How an exchange ended. `unknown`: no outcome yet, or its gateway died before one was written. */
export type ExchangeStatus = 'ok' | 'error' | 'cancelled' | 'truncated' | 'unknown'

/** Whether an exchange worked. `none`: no verdict can be given (429, 5xx, timeouts, cancelled calls). */
export type Verdict = 'success' | 'failure' | 'none'

/** Tokens as the provider counted them; `null` members were not reported. */
export interface Usage {
  inputTokens: number | null
  outputTokens: number | null
  cachedInputTokens: number | null
  reasoningTokens: number | null
}

export interface Problem {
  /** Where it is: a configuration path such as `providers[0].baseUrl`, or a variable's name. */
  path: string
  message: string
}

export interface Timeouts {
  connectMs: number
  firstByteMs: number
  idleMs: number
}

export interface ProviderConfig {
  name: string
  dialect: Dialect
  /** What the dialect's official client takes: OpenAI with `/v1`, Anthropic without. */
  baseUrl: string
  apiKey: string | null
  /** Bare model names this provider answers to; a trailing `*` matches any ending. */
  models: string[]
  timeouts: Timeouts
}

export interface KeyConfig {
  name: string
  key: string
  team: string
}

export interface AdminConfig {
  name: string
  token: string
}

export interface AnalystConfig {
  baseUrl: string
  apiKey: string
  model: string
  maxCallsPerDay: number
  maxTokensPerDay: number
}

/** What a person switched on in the admin: a configured provider by its name, and the model to ask there. */
export interface AnalystSetting {
  provider: string
  model: string
}

/** US dollars per million tokens. */
export interface Price {
  input: number
  output: number
  cachedInput?: number | undefined
}

export interface JournalConfig {
  recording: 'on' | 'off'
  durability: 'process' | 'fsync'
  whenFull: 'refuse' | 'forward'
}

export interface SinewConfig {
  dataDir: string
  databaseUrl: string | null
  redisUrl: string | null
  /** Empty when neither the file nor the environment names one: the built-in simulation answers then. */
  providers: ProviderConfig[]
  /** Empty when none is configured: a generated one from the data folder is used then. */
  keys: KeyConfig[]
  admins: AdminConfig[]
  claude: AnalystConfig | null
  learning: { enhance: { minExchanges: number; maxSuccessRate: number } }
  journal: JournalConfig
  prices: Record<string, Price>
}

/** A prompt's parts that an enhancement may change; slots are written `{{name}}`; `null` = there is none. */
export interface PromptTemplate {
  system: string | null
  template: string | null
}

/** What the analyst answers through its forced tool; `null` = unchanged. */
export interface Proposal extends PromptTemplate {
  reason: string
  risks: string[]
}

export type EnhancementState = 'drafting' | 'proposed' | 'approved' | 'rejected' | 'failed'

/** One approved enhancement as the hot path needs it. */
export interface ServedEnhancement {
  enhancementId: string
  patternId: string
  team: string
  patternHash: string
  original: PromptTemplate
  enhanced: PromptTemplate
}

/** What gateways serve of the learned; read whole, replaced whole. */
export interface SnapshotContent {
  enhancements: ServedEnhancement[]
}

export type ReanalysisState = 'queued' | 'running' | 'paused' | 'completed' | 'cancelled' | 'failed'

/** Which stored exchanges a list or a reanalysis covers; times are ISO 8601, `to` is exclusive. */
export interface ExchangeFilter {
  from?: string | undefined
  to?: string | undefined
  model?: string | undefined
  provider?: string | undefined
  patternId?: string | undefined
  sessionId?: string | undefined
  status?: ExchangeStatus | undefined
}
