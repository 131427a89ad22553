/**
 * Steps 8 and 9 of a generation: its first call, and where that one brings no answer, the next. All of them share one
 * relay, which sees nothing of an upstream that was given up; once anything of an answer has gone on to the relay,
 * nothing is asked again.
 */
import type { RetriesConfig } from '../../db/words/alias.ts'
import type { ExchangeAttempt } from '../../db/words/exchange.ts'
import type { Log } from '../../db/process/log.ts'
import type { RetryBudget } from '../providers/retry-budget.ts'
import { openRelay, send, type DispatchParts } from './dispatch.ts'
import type { Exchange } from './exchange.ts'
import { isReusedConnection, judgeError, judgeStatus, readRetryAfter } from './failover-verdicts.ts'
import type { AnswerHeaders } from './headers.ts'
import { recordCall, type Call, type Calls } from './plan-calls.ts'
import type { AnswerHead, Sink, Source } from './relay/ends.ts'
import { UndiciSource } from './relay/undici-source.ts'

export interface FailoverParts extends DispatchParts {
  retries: Pick<RetriesConfig, 'maxAttempts'>
  retryBudget: RetryBudget
  log: Pick<Log, 'error'>
}

/** `body`: the caller's. The first call's intent is recorded already. */
export async function dispatchCalls(parts: FailoverParts, first: Call, calls: Calls, body: Buffer): Promise<void> {
  parts.retryBudget.count()
  await new Failover(parts, first.exchange, calls, body).ask(first)
}

const none: readonly ExchangeAttempt[] = []

class Failover {
  readonly relay: Sink
  private readonly parts: FailoverParts
  private readonly exchange: Exchange
  private readonly calls: Calls
  private readonly body: Buffer
  private readonly source = new SwitchedSource()
  /** The calls that brought no answer. */
  private failed: readonly ExchangeAttempt[] = none

  constructor(parts: FailoverParts, exchange: Exchange, calls: Calls, body: Buffer) {
    this.parts = parts
    this.exchange = exchange
    this.calls = calls
    this.body = body
    this.relay = openRelay(parts, exchange, this.source)
  }

  async ask(call: Call): Promise<void> {
    const { exchange } = this
    exchange.plan = call.plan
    exchange.health = call.health
    const count = this.failed.length + 1
    if (call.health !== null || count > 1)
      exchange.answeredBy = ['x-sinew-provider', call.target.name, 'x-sinew-attempts', String(count)]
    await send(exchange, call.target, call.request, new UndiciSource((source) => this.open(call, source)))
  }

  /**
   * Whether another deployment is asked instead; if so, it is being asked. `free`: the call reached nobody, so it has
   * cost nobody anything, and the one in its place is no further one.
   */
  goOn(attempt: ExchangeAttempt, free = false): boolean {
    return this.mayGoOn() && this.replace(this.calls.next(), attempt, free)
  }

  /** The same call once more, on a new connection. */
  repeat(call: Call, attempt: ExchangeAttempt): boolean {
    return this.failed.length === 0 && this.mayGoOn() && this.replace(call, attempt, false)
  }

  private mayGoOn(): boolean {
    return !this.exchange.left && this.failed.length + 1 < this.parts.retries.maxAttempts
  }

  private replace(call: Call | null, attempt: ExchangeAttempt, free: boolean): boolean {
    if (call === null || !(free || this.parts.retryBudget.take())) return false
    this.failed = [...this.failed, attempt]
    this.askAgain(call).catch((error: unknown) => {
      this.parts.log.error({ err: error }, 'a further call could not be made')
      this.relay.fail(error instanceof Error ? error : new Error(String(error)))
    })
    return true
  }

  private async askAgain(call: Call): Promise<void> {
    call.decided.attempts = [...this.failed]
    const recorded = await recordCall(this.parts.recorder, call, this.body)
    if (recorded === 'refused') throw new Error('the intent of a further call could not be recorded')
    await this.ask(call)
  }

  private open(call: Call, source: Source): Sink {
    this.source.current = source
    call.health?.ask()
    return new Attempt(this, call, source)
  }
}

/** The upstream that is asked now, as the relay sees it. */
class SwitchedSource implements Source {
  current: Source | null = null

  pause(): void {
    this.current?.pause()
  }

  resume(): void {
    this.current?.resume()
  }

  abort(reason: string): void {
    this.current?.abort(reason)
  }
}

/** One call: its answer goes to the relay, or another call takes its place. */
class Attempt implements Sink {
  private readonly failover: Failover
  private readonly call: Call
  private readonly source: Source
  private readonly relay: Sink
  private readonly askedAt = performance.now()
  private began = false
  /** Another call has taken its place. */
  private over = false

  constructor(failover: Failover, call: Call, source: Source) {
    this.failover = failover
    this.call = call
    this.source = source
    this.relay = failover.relay
  }

  start(): void {
    this.relay.start()
  }

  begin(head: AnswerHead): void {
    this.began = true
    const verdict = judgeStatus(head.status)
    if (verdict === 'answer') this.call.health?.succeed(performance.now() - this.askedAt)
    else if (verdict === 'busy') this.call.health?.wait(readRetryAfter(head.headers))
    else this.call.health?.fail()
    if (verdict === 'answer' || !this.failover.goOn(this.describe(head.status, null))) return this.relay.begin(head)
    this.over = true
    this.source.abort('another deployment is asked')
  }

  data(chunk: Buffer): void {
    if (!this.over) this.relay.data(chunk)
  }

  end(trailers: AnswerHeaders): void {
    if (!this.over) this.relay.end(trailers)
  }

  fail(error: Error & { code?: string }): void {
    if (this.over) return
    this.over = !this.began && this.isReplaced(error)
    if (!this.over) this.relay.fail(error)
  }

  private isReplaced(error: Error & { code?: string }): boolean {
    const verdict = judgeError(error)
    if (verdict === 'caller') return false
    const attempt = this.describe(null, error.code ?? error.name)
    // A connection that its server closed just as it was used again: it has not read the request.
    if (isReusedConnection(error) && this.failover.repeat(this.call, attempt)) return true
    this.call.health?.fail()
    return this.failover.goOn(attempt, verdict === 'unreached')
  }

  private describe(status: number | null, error: string | null): ExchangeAttempt {
    const { target, known } = this.call
    const ms = Math.round(performance.now() - this.askedAt)
    return { provider: target.name, model: known.model ?? null, status, error, ms }
  }
}
