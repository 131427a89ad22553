/**
 * The enhancement workflow's steps while it waits for a person: what stands in PostgreSQL decides, the workflow keeps
 * the time.
 */
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import { expire, readLife, remind, returnSnoozed } from '../../db/repositories/enhancements/enhancement-life.ts'
import type { EnhanceConfig } from '../../db/words/config.ts'
import type { EnhancementState } from '../../db/words/enhancement.ts'
import { decideNextStep, type LifeStep } from '../domain/enhancements/enhancement-life.ts'

export interface EnhancementLifeDependencies {
  database: Database
  settings: Pick<EnhanceConfig, 'remindAfterHours' | 'expireAfterHours'>
  log: Pick<Log, 'info'>
}

/** `next: null` = it is over. */
export interface LifeNow {
  state: EnhancementState
  next: { step: LifeStep; at: string } | null
}

export function createEnhancementLifeActivities({ database, settings, log }: EnhancementLifeDependencies) {
  return {
    async readEnhancementLife(enhancementId: string): Promise<LifeNow> {
      const life = await readLife(database, enhancementId)
      if (life === null) return { state: 'failed', next: null }
      const next = decideNextStep(life, settings)
      return { state: life.state, next: next && { step: next.step, at: new Date(next.atMs).toISOString() } }
    },

    /** Looks again before it acts: what a person did meanwhile comes first. */
    async takeEnhancementStep(enhancementId: string): Promise<void> {
      const life = await readLife(database, enhancementId)
      const next = life && decideNextStep(life, settings)
      if (life === null || next === null || next.atMs > Date.now()) return
      const since = Math.max(life.proposedAt, life.remindedAt ?? life.proposedAt)
      const taken =
        next.step === 'return'
          ? await returnSnoozed(database, enhancementId)
          : next.step === 'remind'
            ? await remind(database, enhancementId, since)
            : await expire(database, enhancementId, life.proposedAt)
      if (taken > 0)
        log.info(
          { enhancement: enhancementId, step: next.step },
          'an enhancement that waits for a person moved on by itself',
        )
    },
  }
}

export type EnhancementLifeActivities = ReturnType<typeof createEnhancementLifeActivities>
