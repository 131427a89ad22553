/** The words of architecture.md as types. Types only: every folder may import this file. */

/** A family of wire formats: whose official client is spoken to, and how its errors and lists look. */
export type Dialect = 'openai' | 'anthropic'

/** A wire format that clients speak: OpenAI Chat Completions, OpenAI Responses, Anthropic Messages. */
export type WireDialect = 'chat' | 'responses' | 'messages'

/** How an exchange ended. `unknown`: no outcome yet, or its gateway died before one was written. */
export type ExchangeStatus = 'ok' | 'error' | 'cancelled' | 'truncated' | 'unknown'

/** Whether an exchange worked. `none`: no verdict can be given (429, 5xx, timeouts, cancelled calls). */
export type Verdict = 'success' | 'failure' | 'none'

/** One thing that was found of an exchange's outcome: a code for programs, words for people. */
export interface OutcomeReason {
  code: string
  message: string
}

/** What a caller says of an exchange: yes or no, a grade from 0 to 1, or a label of its own. */
export type FeedbackValue = boolean | number | string

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

/** A wire format that a provider can be asked in. */
export type ProviderWire = 'chat' | 'responses' | 'messages' | 'google'

export interface ProviderConfig {
  name: string
  /** A row of the table in gateway/providers/kinds.ts. */
  kind: string
  /** Its family: what it is asked in where nothing else is said. */
  dialect: Dialect
  /** What it may be asked in; absent = all that its kind speaks. */
  wires?: readonly ProviderWire[]
  /** What the dialect's official client takes: OpenAI with `/v1`, Anthropic without. */
  baseUrl: string
  /** Sent with every request, whatever the caller sends under that name. */
  headers?: Readonly<Record<string, string>>
  /** Whether the usage of chat streams is asked for where the caller did not; absent = as its kind allows. */
  streamUsage?: boolean
  /** Azure's: a date makes its addresses those of deployments. */
  apiVersion?: string
  apiKey: string | null
  /** Bare model names this provider answers to; a trailing `*` matches any ending. */
  models: string[]
  timeouts: Timeouts
}

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

/** The team that shared patterns belong to: no key can be of it. */
export type SharedTeam = '*'

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
}

/** A prompt's parts that an enhancement may change; slots are written `{{name}}`; `null` = there is none. */
export interface PromptTemplate {
  system: string | null
  template: string | null
}

/** What a changed template does. */
export type ProposalKind = 'clarify' | 'add_context' | 'restructure' | 'constrain_output' | 'shorten'

/** What the analyst answers through its forced tool; `null` = unchanged. */
export interface Proposal extends PromptTemplate {
  reason: string
  risks: string[]
  kind?: ProposalKind | undefined
  /** By how much the success rate is thought to rise: 0.2 = from 60 % to 80 %. */
  expectedGain?: number | undefined
}

/** One thing that was looked at before a person may approve. */
export interface ProposalCheck {
  name: string
  passed: boolean
  /** What was looked at, or what is wrong. */
  note: string
}

/** One person's yes, where two are asked for; it holds for the version that was seen. */
export interface Approval {
  person: string
  at: string
  version: number
  mode: string
  reason: string | null
}

/** Stored requests sent again with the changed template. */
export interface ReplayResult {
  calls: number
  /** Of those, how many worked; the originals of all of them had failed. */
  successes: number
  failures: number
}

/** `withdrawn`: its experiment ended without a promotion. */
export type EnhancementState =
  | 'drafting'
  | 'proposed'
  | 'snoozed'
  | 'approved'
  | 'rejected'
  | 'failed'
  | 'expired'
  | 'withdrawn'

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
  experiments: ServedExperiment[]
  /** Active ones, in their order. */
  rules: TransformationRule[]
}

/**
 * What the gateway decided of a request on its way, so that it can be explained later. Members are there where there is
 * something to say.
 */
export interface ExchangeDecision {
  /** The wire format the provider was spoken to in, where it is not the caller's. */
  upstreamWire?: string
  /** What the translation of the request left out. */
  dropped?: string[]
  /** The rules whose condition held, in order, and what became of them. */
  rules?: AppliedRule[]
  /** The pattern the gateway saw, by the templates it knew then. */
  patternId?: string
  /** Why an approved enhancement of that pattern was not applied. */
  enhancementSkipped?: string
}

/** What the gateway changed of an answer on its way. */
export interface AnswerChange {
  /** Rules for answers whose condition held. */
  rules?: AppliedRule[]
  /** What the translation of the answer left out. */
  dropped?: string[]
  /** The upstream's own bytes, where the caller got others; the digest is SHA-256 in hex. */
  upstream?: { bytes: number; digest: string }
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
  team?: string | undefined
  /** The name of the caller's key. */
  key?: string | undefined
  endpoint?: string | undefined
  outcome?: Verdict | undefined
  /** Within the request's messages or the answer's text. */
  text?: string | undefined
}

/** What a reanalysis may use at most; absent = no limit of its own (the analyst's daily caps hold in any case). */
export interface ReanalysisCaps {
  maxPerSecond?: number | undefined
  maxClaudeCalls?: number | undefined
  maxUsd?: number | undefined
}

/** A place in a JSON body, outermost member first; a negative number counts from the end of its list. */
export type RulePath = (string | number)[]

/** Whose texts a rule means; `all` has the model's and the tools' too. */
export type RuleTexts = 'system' | 'user' | 'all'

/** One change a rule makes. `maxTokens` as a parameter means the wire's own name of it. */
export type RuleEdit =
  /** Missing objects on the way to the place are made. */
  | { kind: 'set'; path: RulePath; value: unknown }
  | { kind: 'remove'; path: RulePath }
  | { kind: 'rename'; path: RulePath; to: string }
  /** `pattern` in RE2's language; `with` may name groups: `$1`, `${name}`. */
  | { kind: 'replaceText'; in: RuleTexts; pattern: string; with: string }
  | { kind: 'addMessage'; role: 'system' | 'user'; position: 'first' | 'last'; text: string }
  | {
      kind: 'changeMessage'
      role: 'system' | 'user'
      which: 'first' | 'last' | 'all'
      change: 'replace' | 'prepend' | 'append'
      text: string
    }
  | { kind: 'cap'; parameter: string; most: number }
  | { kind: 'default'; parameter: string; value: number }
  | { kind: 'routeTo'; model: string }
  | { kind: 'addHeader'; name: string; value: string }

/** A rule: condition → edits of request or answer, in order. */
export interface TransformationRule {
  id: string
  name: string
  /** Lower comes first; rules of one order follow each other by id. */
  order: number
  active: boolean
  target: 'request' | 'answer'
  /** A CEL expression; empty = always. */
  condition: string
  edits: RuleEdit[]
  /** Counts its changes. */
  version: number
}

/**
 * What became of a rule on one exchange; rules whose condition did not hold are not listed. `applied`: at least one
 * edit
 * changed something. `unchanged`: there was nothing to change. `undone`: an edit would have made the body invalid, so
 * it was
 * left out. `skipped`: edits that a streamed answer cannot have. `error`: the condition failed, so it did not hold.
 */
export interface AppliedRule {
  id: string
  version: number
  result: 'applied' | 'unchanged' | 'undone' | 'skipped' | 'error'
  /** Which edit and why, for everything but `applied` and `unchanged`; never text of the body. */
  note?: string
}

/**
 * One change of one place of a JSON body. `set` replaces a value or adds a member; `insert` puts an element in before
 * the one at the place.
 */
export type BodyEdit =
  | { kind: 'set'; path: RulePath; json: string }
  | { kind: 'insert'; path: RulePath; json: string }
  | { kind: 'remove'; path: RulePath }
  | { kind: 'rename'; path: RulePath; to: string }

/** An experiment as gateways need it: a test of an enhancement, or the hold-back after its promotion. */
export interface ServedExperiment {
  experimentId: string
  /**
   * What its pattern has become part of, where it was merged: requests are identified by it. Units are drawn by the
   * pattern it was made for.
   */
  mergedInto?: string | null
  /** Counts the splits: a promotion makes a new one, with a new salt. */
  version: number
  enhancementId: string
  patternId: string
  patternHash: string
  team: string
  salt: string
  /** Share of the units that take part, 0 to 1. */
  share: number
  /** Of those, the share that keeps its prompt. */
  controlShare: number
  /** Only requests for this model take part; `null` = for any. */
  model: string | null
  original: PromptTemplate
  enhanced: PromptTemplate
}

/** What an exchange says of its experiment; an exchange that takes part in none has no mark. */
export interface ExperimentMark {
  id: string
  version: number
  /** 32 hex digits of a hash. */
  unit: string
  /** As it was drawn: also where the enhancement could not be applied, and the prompt went as it was. */
  arm: 'control' | 'treatment'
}

export type ExperimentState =
  | 'proposed'
  | 'ramping'
  | 'running'
  | 'won'
  | 'promoted'
  | 'no_effect'
  | 'lost'
  | 'rolled_back'
  | 'blocked_srm'
  | 'expired'
  | 'stopped'

/** What an experiment is held to, frozen when it is made. */
export interface ExperimentSettings {
  direction: 'maximise' | 'minimise'
  /** Chance of a false verdict, two-sided. */
  alpha: number
  /** Units of both arms at which the interval is tightest: a plan, which the verdict's validity does not hang on. */
  expectedUnits: number
  /** Pairs below which nothing is said of the effect. */
  minimumPairs: number
  /** Pairs after which it ends without effect. */
  maximumPairs: number
  /** Shares of the traffic that are exposed, step after step; half of them is control. */
  ramp: number[]
  stepMs: number
  /** Units per arm that a step must have seen. */
  stepUnits: number
  /** How long after its exposure a unit's outcome is taken. */
  windowMs: number
  /** No win before this; a roll-back never waits. */
  minimumRunMs: number
  maximumRunMs: number
  /** Share of control after promotion, and how long. */
  holdback: number
  holdbackMs: number
  /** Chance of a false alarm of each guardrail. */
  guardrailAlpha: number
  /** Share of false discoveries over all experiments, and of which time. */
  fleetLevel: number
  fleetPeriodMs: number
  /**
   * By how much the mean cost and the bound of a dear unit may rise, as a share: a better prompt may be a longer one,
   * which its approver saw.
   */
  costIncrease: number
}

/**
 * `experiments:` of the configuration: what new experiments are held to, and how often the running ones are looked at.
 */
export interface ExperimentsConfig extends Omit<ExperimentSettings, 'direction'> {
  evaluateEveryMs: number
}

/** What the pattern's exchanges were like before; `null` = not known, and the guardrail that needs it says so. */
export interface ExperimentBaseline {
  exchanges: number
  latencyP95Ms: number | null
  costP95Usd: number | null
  costP99Usd: number | null
}
