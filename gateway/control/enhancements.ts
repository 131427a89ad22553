import { TRPCError } from '@trpc/server'
import { v7 } from 'uuid'
import { z } from 'zod'
import type { ProposalCheck } from '../../db/words/enhancement.ts'
import type { Decision, DecisionResult } from '../../db/repositories/enhancements/enhancements.ts'
import { decidedSignal, toEnhancementWorkflowId, type DecidedSignal } from '../../workflows/contract.ts'
import {
  createEnhancement,
  createInput,
  editEnhancement,
  editInput,
  snoozeEnhancement,
  snoozeInput,
} from './enhancement-changes.ts'
import { act, toSettings, toStartCommand } from './experiments.ts'
import { load, toClosedMessage, toView } from './enhancement-views.ts'
import { router, stored } from './init.ts'
import { byId, id, page, reason } from './inputs.ts'
import type { Services } from './services.ts'

/** How long an approval waits for a gateway to confirm that it serves it now. */
const activeTimeoutMs = 2_000

const listInput = z
  .strictObject({
    ...page,
    state: z
      .enum(['drafting', 'proposed', 'snoozed', 'approved', 'rejected', 'failed', 'expired', 'withdrawn'])
      .optional(),
    patternId: id.optional(),
  })
  .prefault({})
const version = z.int().min(1)
const approveInput = z
  .strictObject({
    id,
    version,
    mode: z.enum(['serve', 'experiment']).default('experiment'),
    reason: reason.nullish(),
    /** The named risks of the proposal, by their ids; each has to be accepted. */
    acceptedRisks: z.array(z.string().max(100)).max(200).default([]),
  })
  .refine((input) => input.mode === 'experiment' || Boolean(input.reason), {
    path: ['reason'],
    message: 'say why it needs no trial before everybody gets it',
  })
const rejectInput = z.strictObject({ id, version, reason: reason.min(1, 'say why, for the one who reads it later') })

const withdrawInput = z.strictObject({ id, version, reason: reason.min(1, 'say why, for the one who reads it later') })

export const enhancementsRouter = router({
  list: stored.input(listInput).query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const { items, nextCursor } = await ctx.services.enhancements.list(filter, limit, cursor)
    return { items: items.map((item) => toView(ctx.services, item)), nextCursor }
  }),

  get: stored.input(byId).query(({ ctx, input }) => load(ctx.services, input.id)),

  approve: stored.input(approveInput).mutation(async ({ ctx, input }) => {
    // Attached before the decision, so that the quickest gateway is heard too.
    const applied = ctx.services.changes.waitFor('sinew_snapshot_applied', input.id, activeTimeoutMs)
    const decided = await decide(ctx.services, {
      ...toDecision(
        ctx.services,
        { id: input.id, version: input.version, reason: input.reason || null },
        'approved',
        ctx.person.name,
      ),
      acceptedRisks: input.acceptedRisks,
      ...toMode(ctx.services, input.id, input.mode, ctx.person.name),
    })
    // Where another person's yes is missing nothing is served, so there is nothing to wait for.
    const active = decided && (await applied)
    return { ...(await load(ctx.services, input.id)), active }
  }),

  reject: stored.input(rejectInput).mutation(async ({ ctx, input }) => {
    await decide(ctx.services, toDecision(ctx.services, input, 'rejected', ctx.person.name))
    return { ...(await load(ctx.services, input.id)), active: false }
  }),

  /**
   * Takes back what is served or tried: all traffic goes with the prompt as it was, from the next request on. What is
   * being tried is taken back by rolling back its experiment.
   */
  withdraw: stored.input(withdrawInput).mutation(async ({ ctx, input }) => {
    const active = await withdraw(ctx.services, input, ctx.person.name)
    return { ...(await load(ctx.services, input.id)), active }
  }),

  /** What menus show beside the inbox: a number, without the proposals. */
  count: stored.query(async ({ ctx }) => ({ waiting: await ctx.services.enhancements.countWaiting() })),

  create: stored
    .input(createInput)
    .mutation(async ({ ctx, input }) =>
      load(ctx.services, await createEnhancement(ctx.services, input, ctx.person.name)),
    ),

  edit: stored.input(editInput).mutation(async ({ ctx, input }) => {
    await editEnhancement(ctx.services, input, ctx.person.name)
    return load(ctx.services, input.id)
  }),

  snooze: stored.input(snoozeInput).mutation(async ({ ctx, input }) => {
    await snoozeEnhancement(ctx.services, input, ctx.person.name)
    return load(ctx.services, input.id)
  }),
})

function toDecision(
  { config }: Services,
  input: { id: string; version: number; reason: string | null },
  state: 'approved' | 'rejected',
  person: string,
): Decision {
  const argument: DecidedSignal = { state, version: input.version + 1, person }
  return {
    ...input,
    state,
    mode: state === 'approved' ? 'serve' : null,
    person,
    approvals: config.learning.enhance.approvals,
    acceptedRisks: [],
    command: { kind: 'signal', workflowId: toEnhancementWorkflowId(input.id), name: decidedSignal, argument },
  }
}

/** An experiment stands with the approval or not at all: prepared by somebody, or with the configuration's settings. */
function toMode(
  services: Services,
  enhancementId: string,
  mode: 'serve' | 'experiment',
  person: string,
): Pick<Decision, 'mode' | 'experiment'> {
  if (mode === 'serve') return { mode }
  const fallback = {
    id: v7(),
    enhancementId,
    metric: 'success',
    settings: toSettings(services, 'success'),
    model: null,
    hypothesis: null,
    person,
  }
  return { mode, experiment: { fallback, toCommand: toStartCommand } }
}

/** False when another person's yes is needed before anything is served. */
async function decide(services: Services, decision: Decision): Promise<boolean> {
  const result = await services.enhancements.decide(decision)
  if (result.kind === 'missing')
    throw new TRPCError({ code: 'NOT_FOUND', message: `there is no enhancement ${decision.id}` })
  if (result.kind === 'risks') throw new TRPCError({ code: 'BAD_REQUEST', message: toRisksMessage(result.unaccepted) })
  if (result.kind !== 'done' && result.kind !== 'waiting')
    throw new TRPCError({ code: 'CONFLICT', message: toConflict(result, decision) })
  services.log.info(
    { enhancement: decision.id, person: decision.person, state: decision.state },
    result.kind === 'done' ? 'enhancement decided' : 'enhancement approved; another person is asked',
  )
  return result.kind === 'done'
}

function toRisksMessage(unaccepted: ProposalCheck[]): string {
  const named = unaccepted.map(({ risk, note }) => `${risk?.id ?? ''} (${note})`).join('; ')
  return `acceptedRisks: the proposal has risks that you have not accepted: ${named}`
}

/** Whether a gateway has said in time that it goes by it. */
async function withdraw(services: Services, input: z.output<typeof withdrawInput>, person: string): Promise<boolean> {
  const applied = services.changes.waitFor('sinew_snapshot_applied', input.id, activeTimeoutMs)
  const result = await services.enhancements.withdraw({ ...input, person })
  switch (result.kind) {
    case 'done':
      services.log.info({ enhancement: input.id, person }, 'enhancement withdrawn')
      return applied
    case 'missing':
      throw new TRPCError({ code: 'NOT_FOUND', message: `there is no enhancement ${input.id}` })
    case 'experiment':
      return (await act(services, { id: result.id, reason: input.reason }, 'rollback', person)).active
    case 'stale':
    case 'closed':
      throw new TRPCError({ code: 'CONFLICT', message: toConflict(result, { ...input, person }, 'withdraw') })
  }
}

function toConflict(
  result: Exclude<DecisionResult, { kind: 'done' | 'waiting' | 'missing' | 'risks' }>,
  decision: Pick<Decision, 'person' | 'version'>,
  act: 'decide' | 'withdraw' = 'decide',
): string {
  switch (result.kind) {
    case 'approvedBefore':
      return `${decision.person} has approved it already; learning.enhance.approvals asks for another person`
    case 'otherMode':
      return `mode: ${result.person} approved it for ${result.mode}; both people must mean the same`
    case 'stale':
      return `version: it has changed meanwhile and is now version ${result.version}, not ${decision.version}; look at it again`
    case 'closed':
      return toClosedMessage(result, act)
    case 'occupied':
      return 'another enhancement of this pattern is served already, or being tried'
  }
}
