import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { Decision, DecisionResult, EnhancementItem } from '../../db/repositories/enhancements.ts'
import { decidedSignal, toEnhancementWorkflowId, toWorkflowUrl, type DecidedSignal } from '../../workflows/contract.ts'
import { router, stored } from './init.ts'
import { byId, id, page, reason } from './inputs.ts'
import type { Services } from './services.ts'

/** So long an approval waits for a gateway to say that it serves it now. */
const activeTimeoutMs = 2_000

const listInput = z.strictObject({ ...page, state: z.enum(['drafting', 'proposed', 'approved', 'rejected', 'failed']).optional(), patternId: id.optional() }).prefault({})
const version = z.int().min(1)
const approveInput = z.strictObject({ id, version, mode: z.enum(['serve', 'experiment']), reason: reason.nullish() })
const rejectInput = z.strictObject({ id, version, reason: reason.min(1, 'say why, for the one who reads it later') })

export const enhancementsRouter = router({
  list: stored.input(listInput).query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const { items, nextCursor } = await ctx.services.enhancements.list(filter, limit, cursor)
    return { items: items.map((item) => toView(ctx.services, item)), nextCursor }
  }),

  get: stored.input(byId).query(({ ctx, input }) => load(ctx.services, input.id)),

  approve: stored.input(approveInput).mutation(async ({ ctx, input }) => {
    if (input.mode === 'experiment') throw new TRPCError({ code: 'BAD_REQUEST', message: 'mode: experiments are not available yet' })
    // Attached before the decision, so that the quickest gateway is heard too.
    const applied = ctx.services.changes.waitFor('sinew_snapshot_applied', input.id, activeTimeoutMs)
    await decide(ctx.services, toDecision({ id: input.id, version: input.version, reason: input.reason || null }, 'approved', ctx.person.name))
    const active = await applied
    return { ...(await load(ctx.services, input.id)), active }
  }),

  reject: stored.input(rejectInput).mutation(async ({ ctx, input }) => {
    await decide(ctx.services, toDecision(input, 'rejected', ctx.person.name))
    return { ...(await load(ctx.services, input.id)), active: false }
  }),
})

function toView(services: Services, item: EnhancementItem) {
  const workflowId = toEnhancementWorkflowId(item.id)
  return { ...item, workflowId, workflowUrl: toWorkflowUrl(services.temporal.uiUrl, services.temporal.namespace, workflowId) }
}

async function load(services: Services, id: string) {
  const item = await services.enhancements.find(id)
  if (item === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no enhancement ${id}` })
  return toView(services, item)
}

function toDecision(input: { id: string; version: number; reason: string | null }, state: 'approved' | 'rejected', person: string): Decision {
  const argument: DecidedSignal = { state, version: input.version + 1, person }
  return {
    ...input, state, mode: state === 'approved' ? 'serve' : null, person,
    command: { kind: 'signal', workflowId: toEnhancementWorkflowId(input.id), name: decidedSignal, argument },
  }
}

async function decide(services: Services, decision: Decision): Promise<void> {
  const result = await services.enhancements.decide(decision)
  if (result.kind === 'missing') throw new TRPCError({ code: 'NOT_FOUND', message: `there is no enhancement ${decision.id}` })
  if (result.kind !== 'done') throw new TRPCError({ code: 'CONFLICT', message: toConflict(result, decision) })
  services.log.info({ enhancement: decision.id, person: decision.person, state: decision.state }, 'enhancement decided')
}

function toConflict(result: Exclude<DecisionResult, { kind: 'done' | 'missing' }>, decision: Decision): string {
  switch (result.kind) {
    case 'stale':
      return `version: it has changed meanwhile and is now version ${result.version}, not ${decision.version}; look at it again`
    case 'decided':
      return result.decidedBy === null ? `it is ${result.state}, so there is nothing to decide` : `it was ${result.state} by ${result.decidedBy} already`
    case 'occupied':
      return 'another enhancement of this pattern is served already'
  }
}
