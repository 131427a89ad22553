/** What an enhancement that waits for a person does by itself, and when. Pure. */
import type { EnhanceConfig } from '../../../db/words/config.ts'
import type { EnhancementState } from '../../../db/words/enhancement.ts'

export interface Life {
  state: EnhancementState
  /** Since when it has waited for a decision. Milliseconds since 1970, as all moments here. */
  proposedAt: number
  remindedAt: number | null
  snoozedUntil: number | null
}

/**
 * `return`: it comes back to the inbox. `remind`: it is marked as waiting long. `expire`: nobody wanted to decide it.
 */
export type LifeStep = 'return' | 'remind' | 'expire'

const hourMs = 3_600_000

/** `null` = nothing more happens to it by itself: it is decided, or over. */
export function decideNextStep(
  { state, proposedAt, remindedAt, snoozedUntil }: Life,
  settings: Pick<EnhanceConfig, 'remindAfterHours' | 'expireAfterHours'>,
): { step: LifeStep; atMs: number } | null {
  if (state === 'snoozed') return { step: 'return', atMs: snoozedUntil ?? proposedAt }
  if (state !== 'proposed') return null
  const expireAt = proposedAt + settings.expireAfterHours * hourMs
  const remindAt = Math.max(proposedAt, remindedAt ?? proposedAt) + settings.remindAfterHours * hourMs
  return remindAt < expireAt ? { step: 'remind', atMs: remindAt } : { step: 'expire', atMs: expireAt }
}
