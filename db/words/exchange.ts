/** An exchange: one request through the gateway with its answer. Types only: every folder may import this file. */
import type { Verdict } from './outcome.ts'
import type { AppliedRule } from './rule.ts'

/** How an exchange ended. `unknown`: no outcome yet, or its gateway died before one was written. */
export type ExchangeStatus = 'ok' | 'error' | 'cancelled' | 'truncated' | 'unknown'

/** Milliseconds from the request's arrival. */
export interface ExchangeTimings {
  sentMs: number | null
  firstByteMs: number | null
  totalMs: number
}

/** Tokens as the provider counted them; `null` members were not reported. */
export interface Usage {
  /** All of it, on every wire: what was read from or written to a cache is a part of it. */
  inputTokens: number | null
  outputTokens: number | null
  /** Of the input, read from the provider's cache. */
  cachedInputTokens: number | null
  /** Of the input, written to the provider's cache for five minutes, and for an hour; absent = nothing. */
  cacheWrite5mTokens?: number
  cacheWrite1hTokens?: number
  reasoningTokens: number | null
}

/** What learning needs of a request, read from its body once. */
export interface RequestReading {
  /** The tools on offer, as one text: prompts of different structure never share a pattern. */
  structure: string
  system: string | null
  /** The first message of the user's. */
  user: string | null
  /** The user's latest text, where the request ends with one that somebody may ask again. */
  latest: string | null
}

/**
 * What the gateway decided of a request on its way, so that it can be explained later. Members are there where there is
 * something to say.
 */
export interface ExchangeDecision {
  /** The caller's body came compressed; what is kept of it, and was sent on, is the plain one. */
  encoded?: EncodedBody
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
  /** Deployments that were asked before the one that the record names, in order. */
  attempts?: ExchangeAttempt[]
}

/** A call of a deployment that did not answer, so that another was asked. */
export interface ExchangeAttempt {
  provider: string
  model: string | null
  /** The HTTP status; `null` = there was no answer. */
  status: number | null
  /** What kept it from answering, as its code; `null` = it answered. */
  error: string | null
  ms: number
}

/** A body as it came over the wire; the digest is SHA-256 in hex. */
export interface EncodedBody {
  /** As `content-encoding` said. */
  encoding: string
  bytes: number
  digest: string
}

/** What the gateway changed of an answer on its way. */
export interface AnswerChange {
  /** Rules for answers whose condition held. */
  rules?: AppliedRule[]
  /** What the translation of the answer left out. */
  dropped?: string[]
  /** A request that was too large to be held: the record keeps its beginning, and this of the whole. */
  upload?: { bytes: number; digest: string }
  /** The upstream's own bytes, where the caller got others; the digest is SHA-256 in hex. */
  upstream?: { bytes: number; digest: string }
}

/** Which stored exchanges a list or a reanalysis covers; times are ISO 8601, `to` is exclusive. */
export interface ExchangeFilter {
  from?: string | undefined
  to?: string | undefined
  /** Whatever the case; `*` stands for any characters. */
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
  /** Code of something that was found of its outcome. */
  reason?: string | undefined
  /** Of any experiment, or of the one that is named. */
  arm?: 'control' | 'treatment' | undefined
  experimentId?: string | undefined
  /** Within the request's messages or the answer's text. */
  text?: string | undefined
}
