/** One exchange while it lasts: what the steps of forward.ts hand on to each other. */
import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerChange, ExchangeStatus, Usage } from '../../db/words/exchange.ts'
import type { Intent, Outcome } from '../../db/journal/records.ts'
import { readClientIds } from '../../workflows/domain/exchanges/client-ids.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import type { ErrorCode } from '../dialects/refusals.ts'
import type { Health } from '../providers/health.ts'
import type { Load } from '../state/load.ts'
import type { Principal } from './authenticate.ts'
import { createExchangeId } from './ids.ts'
import type { RulesOfAnswer } from './relay/answer-rules.ts'
import type { AnswerPlan } from './outgoing.ts'
import type { Upload } from './upload.ts'

const none: readonly string[] = []

export class Exchange {
  readonly at: number = Date.now()
  readonly id: string = createExchangeId(this.at)
  readonly startedAt: number = performance.now()
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly facts: WireFacts
  readonly principal: Principal
  /** Bytes of the caller's body, or what it announced where the body is not read. */
  requestBytes = 0
  intent: Intent | null = null
  /** The journal has its intent: an outcome must follow. */
  recorded = false
  /** The caller is gone. */
  left = false
  /** Called once when the caller goes before its answer is whole. */
  onLeave: (() => void) | null = null
  sentAt: number | null = null
  /** How the answer is changed on its way; `null` = it is not. */
  plan: AnswerPlan | null = null
  /** Transformation rules for the answer; `null` = there are none. */
  answerRules: RulesOfAnswer | null = null
  /**
   * As the upstream stated it, where the caller's bytes may not say it; `null` = it stated none; absent = those bytes
   * say it.
   */
  usage: Usage | null | undefined
  /** Who answers, and after how many calls, for the answer's head (flat); empty where nothing was chosen. */
  answeredBy: readonly string[] = none
  /** Of the deployment that answers, where one was chosen. */
  health: Pick<Health, 'fail'> | null = null
  /** What the answer lost on its way. */
  dropped: readonly string[] = none
  firstByteAt: number | null = null
  /** The body, where it is streamed and not held. */
  upload: Pick<Upload, 'toDigest'> | null = null

  private readonly load: Pick<Load, 'heldBytes'>
  private heldBytes = 0
  private upstreamHash: Hash | null = null
  private upstreamBytes = 0

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    facts: WireFacts,
    principal: Principal,
    load: Pick<Load, 'heldBytes'>,
  ) {
    this.load = load
    this.request = request
    this.response = response
    this.facts = facts
    this.principal = principal
    response.on('close', () => {
      this.load.heldBytes -= this.heldBytes
      this.heldBytes = 0
      if (response.writableFinished || this.left) return
      this.left = true
      this.onLeave?.()
    })
  }

  /** Bytes kept in memory for this exchange until its answer is out. */
  hold(bytes: number): void {
    this.heldBytes += bytes
    this.load.heldBytes += bytes
  }

  /** The upstream's bytes, where the caller gets others: their digest stands on the record. */
  seeUpstream(chunk: Buffer): void {
    this.upstreamHash ??= createHash('sha256')
    this.upstreamHash.update(chunk)
    this.upstreamBytes += chunk.length
  }

  /** What is known at any moment; the steps fill in what they find. */
  toIntent(known: Partial<Intent>): Intent {
    // Where the body was not read, the headers alone say whose it is.
    const ids =
      known.sessionKey === undefined
        ? readClientIds((name) => this.request.headers[name], null, null)
        : { session: known.sessionKey, endUser: null }
    return {
      id: this.id,
      at: this.at,
      dialect: this.facts.dialect,
      endpoint: this.facts.endpoint,
      keyName: this.principal.keyName,
      team: this.principal.team,
      ...(this.principal.patternTeam !== this.principal.team && { patternTeam: this.principal.patternTeam }),
      requestedModel: known.requestedModel ?? null,
      provider: known.provider ?? null,
      model: known.model ?? null,
      stream: known.stream ?? false,
      target: known.target ?? null,
      headers: known.headers ?? [],
      sessionKey: ids.session,
      endUser: known.endUser ?? ids.endUser,
      enhancementId: known.enhancementId ?? null,
      requestBytes: this.requestBytes,
      ...(known.namespacePrefix !== undefined && { namespacePrefix: known.namespacePrefix }),
      ...(known.experiment !== undefined && { experiment: known.experiment }),
      ...(known.decision !== undefined && hasAny(known.decision) && { decision: known.decision }),
    }
  }

  toOutcome(
    status: ExchangeStatus,
    httpStatus: number | null,
    errorCode: ErrorCode | null,
    answer: Pick<Outcome, 'headers' | 'responseBytes' | 'responseDigest'>,
  ): Outcome {
    const now = performance.now()
    return {
      id: this.id,
      at: Date.now(),
      status,
      httpStatus,
      errorCode,
      headers: answer.headers,
      timings: {
        sentMs: this.since(this.sentAt),
        firstByteMs: this.since(this.firstByteAt),
        totalMs: round(now - this.startedAt),
      },
      responseBytes: answer.responseBytes,
      responseDigest: answer.responseDigest,
      ...(this.usage !== undefined && { usage: this.usage }),
      ...this.toChange(),
    }
  }

  private toChange(): { change?: AnswerChange } {
    const rules = this.answerRules?.applied ?? []
    if (this.upstreamHash === null && rules.length === 0 && this.upload === null) return {}
    const change: AnswerChange =
      this.upstreamHash === null
        ? {}
        : { upstream: { bytes: this.upstreamBytes, digest: this.upstreamHash.copy().digest('hex') } }
    return {
      change: {
        ...change,
        ...(this.upload !== null && { upload: this.upload.toDigest() }),
        ...(this.dropped.length > 0 && { dropped: [...this.dropped] }),
        ...(rules.length > 0 && { rules }),
      },
    }
  }

  private since(moment: number | null): number | null {
    return moment === null ? null : round(moment - this.startedAt)
  }
}

function hasAny(members: object): boolean {
  for (const _ in members) return true
  return false
}

/** Hundredths of a millisecond say enough, and the journal is read by people too. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
