/** Enhancements as people read them: what stands now, and who brought it there. */
import { TRPCError } from '@trpc/server'
import type { Closed, EnhancementItem } from '../../db/repositories/enhancements/enhancements.ts'
import { toEnhancementWorkflowId, toWorkflowUrl } from '../../workflows/contract.ts'
import { toPlainCause } from '../../workflows/domain/experiments/words.ts'
import type { Services } from './services.ts'

export function toView(services: Services, item: EnhancementItem) {
  const workflowId = toEnhancementWorkflowId(item.id)
  return {
    ...item,
    failure: item.failure === null ? null : toPlainCause(item.failure),
    approvalsNeeded: services.config.learning.enhance.approvals,
    workflowId,
    workflowUrl: toWorkflowUrl(services.temporal.uiUrl, services.temporal.namespace, workflowId),
  }
}

export async function load(services: Services, id: string) {
  const item = await services.enhancements.find(id)
  if (item === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no enhancement ${id}` })
  return toView(services, item)
}

/** Names the one who brought it there, and nobody where it came there by itself. */
export function toClosedMessage({ state, person }: Closed, act: 'decide' | 'change' | 'withdraw'): string {
  if (act === 'withdraw' && state !== 'withdrawn') return `it is ${state}, so there is nothing to withdraw`
  return person === null ? `it is ${state}, so there is nothing to ${act}` : `it was ${state} by ${person} already`
}
