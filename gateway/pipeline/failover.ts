/**
 * A request that is asked of one deployment after the other, until one answers. It stands between the upstream and the
 * relay: once anything of an answer has gone on to the relay, nothing is asked again.
 */
import type { ExchangeAttempt } from '../../db/words/exchange.ts'
import type { RetryBudget } from '../providers/retry-budget.ts'
import type { AnswerHeaders } from './headers.ts'
import type { Call } from './plan-calls.ts'
import { isReusedConnection, judgeError, judgeStatus, reachedNobody, readRetryAfter } from './failover-verdicts.ts'
import type { AnswerHead, Sink, Source } from './relay/ends.ts'

/** How a request goes on to its next call. */
export interface Onward {
  /** The call of the next deployment; `null` = there is none. */
  next(): Call | null
  /** Makes it; the relay is told where it cannot be made. `failed`: what the calls before it came to. */
  make(call: Call, failed: readonly ExchangeAttempt[]): void
  /** The caller is gone, so that nobody waits for an answer. */
  readonly left: boolean
}

export class Attempts {
  readonly source = new SwitchedSource()
  private readonly onward: Onward
  private readonly budget: RetryBudget
  private readonly maxAttempts: number
  private readonly failed: ExchangeAttempt[] = []

  constructor(onward: Onward, budget: RetryBudget, maxAttempts: number) {
    this.onward = onward
    this.budget = budget
    this.maxAttempts = maxAttempts
  }

  /** How many calls have been made. */
  get count(): number {
    return this.failed.length + 1
  }

  /** What takes the answer of this call. */
  open(call: Call, source: Source, relay: Sink): Sink {
    this.source.current = source
    call.health?.ask()
    return new Attempt(this, call, source, relay)
  }

  /**
   * Whether another deployment is asked instead; if so, it is being asked. A call that reached nobody has cost nobody
   * anything, so the one in its place is no further one.
   */
  goOn(attempt: ExchangeAttempt, reachedNobody = false): boolean {
    return this.tryTo(attempt, () => this.onward.next(), reachedNobody)
  }

  /** The same call once more, on a new connection. */
  repeat(call: Call, attempt: ExchangeAttempt): boolean {
    return this.failed.length === 0 && this.tryTo(attempt, () => call)
  }

  private tryTo(attempt: ExchangeAttempt, choose: () => Call | null, free = false): boolean {
    if (this.onward.left || this.count >= this.maxAttempts) return false
    const call = choose()
    if (call === null || !(free || this.budget.take())) return false
    this.failed.push(attempt)
    this.onward.make(call, this.failed)
    return true
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

class Attempt implements Sink {
  private readonly attempts: Attempts
  private readonly call: Call
  private readonly source: Source
  private readonly relay: Sink
  private readonly askedAt = performance.now()
  private began = false
  /** Another call has taken its place. */
  private over = false

  constructor(attempts: Attempts, call: Call, source: Source, relay: Sink) {
    this.attempts = attempts
    this.call = call
    this.source = source
    this.relay = relay
  }

  start(): void {
    this.relay.start()
  }

  begin(head: AnswerHead): void {
    this.began = true
    this.noteHealth(head)
    if (judgeStatus(head.status) !== 'answer' && this.attempts.goOn(this.describe(head.status, null))) {
      this.over = true
      this.source.abort('another deployment is asked')
    } else this.relay.begin(head)
  }

  data(chunk: Buffer): void {
    if (!this.over) this.relay.data(chunk)
  }

  end(trailers: AnswerHeaders): void {
    if (!this.over) this.relay.end(trailers)
  }

  fail(error: Error & { code?: string }): void {
    if (this.over) return
    if (this.began || judgeError(error) === 'caller') return this.relay.fail(error)
    const attempt = this.describe(null, error.code ?? error.name)
    // A connection that its server closed just as it was used again: it has not read the request.
    if (isReusedConnection(error) && this.attempts.repeat(this.call, attempt)) this.over = true
    else {
      this.call.health?.fail()
      if (this.attempts.goOn(attempt, reachedNobody(error))) this.over = true
      else this.relay.fail(error)
    }
  }

  private noteHealth({ status, headers }: AnswerHead): void {
    const { health } = this.call
    if (health === null) return
    switch (judgeStatus(status)) {
      case 'answer':
        return health.succeed(performance.now() - this.askedAt)
      case 'busy':
        return health.wait(readRetryAfter(headers))
      case 'failed':
        return health.fail()
    }
  }

  private describe(status: number | null, error: string | null): ExchangeAttempt {
    const { target, generation } = this.call
    const ms = Math.round(performance.now() - this.askedAt)
    return { provider: target.name, model: generation.known.model ?? null, status, error, ms }
  }
}
