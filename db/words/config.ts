/** The configuration file as it is used: checked and filled in. Types only: every folder may import this file. */
import type { AliasConfig, RetriesConfig } from './alias.ts'
import type { AnalystConfig } from './analyst.ts'
import type { ExperimentsConfig } from './experiment.ts'
import type { ProviderConfig } from './provider.ts'

export interface KeyConfig {
  name: string
  key: string
  team: string
  /**
   * What the names of its callers' tools get in front on the way out: one prefix a `session` or `model`, or this one.
   * Without it `off`.
   */
  toolNamespace?: 'off' | 'session' | 'model' | (string & {}) | undefined
}

export interface AdminConfig {
  name: string
  token: string
}

/** US dollars per million tokens. */
export interface Price {
  input: number
  output: number
  cachedInput?: number | undefined
  /** For writing to the cache for five minutes, and for an hour; absent = 1.25 times and twice the input. */
  cacheWrite5m?: number | undefined
  cacheWrite1h?: number | undefined
}

export interface JournalConfig {
  recording: 'on' | 'off'
  durability: 'process' | 'fsync'
  whenFull: 'refuse' | 'forward'
}

/** What the scheduled jobs compare: the last hours with the days before them. */
export interface WatchConfig {
  recentHours: number
  baselineDays: number
  staleAfterDays: number
}

export interface EnhanceConfig {
  minExchanges: number
  maxSuccessRate: number
  /** Two = nobody's yes is enough alone. */
  approvals: number
  remindAfterHours: number
  expireAfterHours: number
  maxAddedTokens: number
}

/** The analyst looks at a share of answers without knowing whose they are; off while it may make no calls. */
export interface JudgeConfig {
  maxCallsPerDay: number
  maxTokensPerDay: number
  /** Of the exchanges that look like successes. */
  share: number
}

/**
 * Stored requests that are sent again with a proposal's template before people see it; off while it may make no calls.
 */
export interface ReplayConfig {
  maxCalls: number
  maxCallsPerDay: number
}

export interface LearningConfig {
  /** Whether all teams' prompts are learned together; each team's own otherwise. */
  patterns: { shared: boolean }
  enhance: EnhanceConfig
  judge: JudgeConfig
  replay: ReplayConfig
  watch: WatchConfig
}

/** How large a caller's body may be, in MiB. */
export interface BodiesConfig {
  /** Of prompts: they are held in memory while they are read and rewritten. */
  generationMiB: number
  /** Of everything else: files, batch inputs, sound, pictures. Large ones are streamed to the provider. */
  passThroughMiB: number
}

/** The team that shared patterns belong to: no key can be of it. */
export type SharedTeam = '*'

export interface SinewConfig {
  dataDir: string
  databaseUrl: string | null
  redisUrl: string | null
  /** Empty when neither the file nor the environment names one: the built-in simulation answers then. */
  providers: ProviderConfig[]
  /** Names of the operator's own, each for several deployments. */
  models: AliasConfig[]
  retries: RetriesConfig
  /** Empty when none is configured: a generated one from the data folder is used then. */
  keys: KeyConfig[]
  admins: AdminConfig[]
  claude: AnalystConfig | null
  learning: LearningConfig
  experiments: ExperimentsConfig
  /** `null` = nothing is ever let go of. */
  retention: { days: number } | null
  journal: JournalConfig
  /**
   * What happens to a request that the provider's dialect cannot express whole: a 400 that names the fields, or sent
   * without them.
   */
  untranslatable: 'refuse' | 'drop'
  prices: Record<string, Price>
  bodies: BodiesConfig
  /** Which web pages may call the gateway from a browser; none = no page may. `*` = every page. */
  cors: { origins: string[] }
}
