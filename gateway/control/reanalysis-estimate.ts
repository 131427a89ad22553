/** What a reanalysis would come to, before anybody starts it. */
import { TRPCError } from '@trpc/server'
import type { ExchangeFilter } from '../../db/words/exchange.ts'
import type { ReanalysisCaps } from '../../db/words/reanalysis.ts'
import { findPrice } from '../../workflows/domain/exchanges/cost.ts'
import { toAllowedCalls, toCallUsd, toSeconds } from '../../workflows/domain/reanalysis/reanalysis-budget.ts'
import { findAnalyst } from './analyst.ts'
import type { Services } from './services.ts'

export interface ReanalysisEstimate {
  count: number
  /** `null` = there is neither an earlier run nor anything to probe. */
  seconds: number | null
  /** Where the time comes from: earlier runs, or a short look at what is to be done. */
  basis: 'runs' | 'probe' | 'none'
  /** Patterns that would be put before the analyst, as they stand now and as far as the caps allow. */
  claudeCalls: number
  claudeTokens: number
  /** An upper bound in US dollars; `null` = unknown, because `prices:` has none for the analyst's model. */
  claudeUsd: number | null
}

export async function estimateReanalysis(
  services: Services,
  filter: ExchangeFilter,
  caps: ReanalysisCaps,
): Promise<ReanalysisEstimate> {
  const [measured, analyst] = await Promise.all([
    services.reanalyses.measure(filter, services.config.learning.enhance),
    findAnalyst(services),
  ])
  const callUsd =
    analyst === null ? null : toCallUsd(measured.tokensPerCall, findPrice(services.config.prices, null, analyst.model))
  const claudeCalls = analyst === null ? 0 : toAllowedCalls(measured.weakPatterns, callUsd, caps)
  return {
    count: measured.count,
    seconds: toSeconds(measured.count, measured.perSecond, caps),
    basis: measured.basis,
    claudeCalls,
    claudeTokens: claudeCalls * measured.tokensPerCall,
    claudeUsd: claudeCalls === 0 ? 0 : callUsd === null ? null : claudeCalls * callUsd,
  }
}

/** A limit in dollars on something whose price nobody knows would be no limit. */
export async function checkCaps(services: Services, caps: ReanalysisCaps): Promise<void> {
  if (caps.maxUsd === undefined) return
  const analyst = await findAnalyst(services)
  if (analyst === null || findPrice(services.config.prices, null, analyst.model) !== undefined) return
  throw new TRPCError({
    code: 'BAD_REQUEST',
    message: `caps.maxUsd: prices: has no price for ${analyst.model}, so what a call costs is unknown; set caps.maxClaudeCalls instead`,
  })
}
