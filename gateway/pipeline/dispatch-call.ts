/**
 * Steps 8 and 9 of a generation: its first call, and where that one brings no answer, the next. All of them share one
 * relay, which sees nothing of an upstream that was given up.
 */
import type { RetriesConfig } from '../../db/words/alias.ts'
import type { ExchangeAttempt } from '../../db/words/exchange.ts'
import type { Log } from '../../db/process/log.ts'
import type { RetryBudget } from '../providers/retry-budget.ts'
import { Attempts } from './failover.ts'
import { openRelay, send, type DispatchParts } from './dispatch.ts'
import { recordCall, type Call, type Calls } from './plan-calls.ts'
import { UndiciSource } from './relay/undici-source.ts'

export interface DispatchCallParts extends DispatchParts {
  retries: Pick<RetriesConfig, 'maxAttempts'>
  retryBudget: RetryBudget
  log: Pick<Log, 'error'>
}

/** `body`: the caller's. The first call's intent is recorded already. */
export async function dispatchCall(parts: DispatchCallParts, first: Call, calls: Calls, body: Buffer): Promise<void> {
  const { exchange } = first.generation
  parts.retryBudget.count()
  const ask = async (call: Call): Promise<void> => {
    exchange.plan = call.plan
    exchange.health = call.health
    if (call.health !== null || attempts.count > 1)
      exchange.answeredBy = ['x-sinew-provider', call.target.name, 'x-sinew-attempts', String(attempts.count)]
    await send(exchange, call.target, call.request, new UndiciSource((source) => attempts.open(call, source, relay)))
  }
  const askAgain = async (call: Call, failed: readonly ExchangeAttempt[]): Promise<void> => {
    call.generation.decided.attempts = [...failed]
    const recorded = await recordCall(parts.recorder, call, body)
    if (recorded === 'refused') throw new Error('the intent of a further call could not be recorded')
    await ask(call)
  }
  const attempts = new Attempts(
    {
      next: () => calls.next(),
      make: (call, failed) => {
        askAgain(call, failed).catch((error: unknown) => {
          parts.log.error({ err: error }, 'a further call could not be made')
          relay.fail(error instanceof Error ? error : new Error(String(error)))
        })
      },
      get left() {
        return exchange.left
      },
    },
    parts.retryBudget,
    parts.retries.maxAttempts,
  )
  const relay = openRelay(parts, exchange, attempts.source)
  await ask(first)
}
