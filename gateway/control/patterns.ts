import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { PatternItem } from '../../db/repositories/patterns/patterns.ts'
import { hasAnalyst } from './analyst.ts'
import { router, stored } from './init.ts'
import { byId, id, page, reason } from './inputs.ts'
import { readPatternDetails } from './pattern-view.ts'
import type { Services } from './services.ts'
import type { NewDecision } from '../../db/repositories/patterns/decide-pattern.ts'
import { toPatternTitle } from '../../workflows/domain/patterns/pattern.ts'

const cursor = z
  .string()
  .regex(/^\d{1,18}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a nextCursor of this list')
  .transform((text) => ({ frequency: Number(text.split('.')[0]), id: text.split('.')[1] ?? '' }))
const listInput = z
  .strictObject({
    limit: page.limit,
    cursor: cursor.nullish().transform((found) => found ?? null),
    order: z.enum(['newest', 'frequent']).default('newest'),
  })
  .prefault({})

const why = reason.nullish().transform((text) => text || null)
const mergeInput = z
  .strictObject({ id, into: id, reason: why })
  .refine((input) => input.id !== input.into, { path: ['into'], message: 'must be another pattern' })
const splitInput = z.strictObject({
  id,
  containing: z.string().min(1, 'must be a text that some of its prompts hold').max(2_000),
  reason: why,
})
const renameInput = z.strictObject({
  id,
  title: z
    .string()
    .trim()
    .min(1, 'must have a character at least; null takes the automatic title again')
    .max(200)
    .nullable(),
  reason: why,
})
const muteInput = z.strictObject({ id, muted: z.boolean().default(true), reason: why })

/**
 * How long a merge or a split waits for the team's miner. It stands in any case, and is done when the miner comes to
 * it.
 */
const appliedTimeoutMs = 3_000

export const patternsRouter = router({
  list: stored.input(listInput).query(async ({ ctx, input }) => {
    const [{ items, nextCursor }, analyst] = await Promise.all([
      ctx.services.patterns.list(input.order, input.limit, input.cursor),
      hasAnalyst(ctx.services),
    ])
    return { items: items.map((item) => toView(ctx.services, item, analyst)), nextCursor }
  }),

  get: stored.input(byId).query(async ({ ctx, input }) => {
    const item = await ctx.services.patterns.find(input.id)
    if (item === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no pattern ${input.id}` })
    return {
      ...toView(ctx.services, item, await hasAnalyst(ctx.services)),
      ...(await readPatternDetails(ctx.services, item, input.id)),
    }
  }),

  /** `id` becomes part of `into`, with all it has counted; its id stays valid. */
  merge: stored.input(mergeInput).mutation(async ({ ctx, input }) => {
    const [from, into] = await Promise.all([load(ctx.services, input.id), load(ctx.services, input.into)])
    if (from.team !== into.team)
      throw new TRPCError({
        code: 'BAD_REQUEST',
        message: 'into: is a pattern of another team; teams do not share patterns',
      })
    if (from.id === into.id)
      throw new TRPCError({ code: 'CONFLICT', message: 'into: the two patterns are one already' })
    return decide(ctx.services, {
      patternId: from.id,
      kind: 'merge',
      argument: { into: into.id },
      person: ctx.person.name,
      reason: input.reason,
    })
  }),

  /** Prompts of it that hold the text become a pattern of their own. */
  split: stored.input(splitInput).mutation(async ({ ctx, input }) => {
    const item = await load(ctx.services, input.id)
    if (item.source === 'opening')
      throw new TRPCError({
        code: 'CONFLICT',
        message: 'id: this pattern is only an opening so far; it can be split once a template is learned for it',
      })
    return decide(ctx.services, {
      patternId: item.id,
      kind: 'split',
      argument: { containing: input.containing },
      person: ctx.person.name,
      reason: input.reason,
    })
  }),

  rename: stored.input(renameInput).mutation(async ({ ctx, input }) => {
    const item = await load(ctx.services, input.id)
    const argument = { title: input.title ?? toPatternTitle(item.template), automatic: input.title === null }
    return decide(ctx.services, {
      patternId: item.id,
      kind: 'rename',
      argument,
      person: ctx.person.name,
      reason: input.reason,
    })
  }),

  /** Nothing is proposed for a muted pattern. */
  mute: stored.input(muteInput).mutation(async ({ ctx, input }) => {
    const item = await load(ctx.services, input.id)
    return decide(ctx.services, {
      patternId: item.id,
      kind: 'mute',
      argument: { muted: input.muted },
      person: ctx.person.name,
      reason: input.reason,
    })
  }),
})

async function load(services: Services, id: string): Promise<PatternItem> {
  const item = await services.patterns.find(id)
  if (item === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no pattern ${id}` })
  return item
}

/** `applied`: whether it is done; else the learner does it when it comes to it. */
async function decide(services: Services, decision: NewDecision) {
  const decisionId = await services.patternDetails.decide(decision)
  if (decisionId === null)
    throw new TRPCError({ code: 'NOT_FOUND', message: `there is no pattern ${decision.patternId}` })
  const { kind, patternId, person } = decision
  services.log.info({ pattern: patternId, person, kind }, 'a person changed a pattern')
  const settled = await waitUntilSettled(services, decisionId)
  if (settled !== null && settled.refused !== null) throw new TRPCError({ code: 'CONFLICT', message: settled.refused })
  return {
    decisionId,
    applied: settled !== null,
    pattern: toView(services, await load(services, patternId), await hasAnalyst(services)),
  }
}

/** The miner announces what it has done; PostgreSQL holds what it did before anybody listened. */
async function waitUntilSettled(services: Services, decisionId: string): Promise<{ refused: string | null } | null> {
  const announced = services.changes.waitFor('sinew_learning', decisionId, appliedTimeoutMs)
  const before = await services.patternDetails.findDecision(decisionId)
  if (before !== null && before.appliedAt !== null) return before
  await announced
  const after = await services.patternDetails.findDecision(decisionId)
  return after !== null && after.appliedAt !== null ? after : null
}

/** With what stands between a weak pattern and a better prompt, in words. */
function toView(services: Services, item: PatternItem, analyst: boolean) {
  const { minExchanges, maxSuccessRate } = services.config.learning.enhance
  const weak = !item.muted && item.successRate !== null && item.successRate <= maxSuccessRate
  const missing = Math.max(0, minExchanges - item.frequency)
  const note =
    !weak || item.enhancementId !== null
      ? null
      : missing > 0
        ? `${missing} more exchanges until a better prompt is asked for`
        : analyst
          ? null
          : 'no analyst configured'
  return { ...item, weak, note }
}
