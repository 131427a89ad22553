/**
 * What people do to proposals besides deciding them: write one, ask for one, edit one, put one off. Every text is
 * checked as the analyst's are.
 */
import { TRPCError } from '@trpc/server'
import { v7 } from 'uuid'
import { z } from 'zod'
import type { ChangeResult, WrittenTemplate } from '../../db/repositories/enhancements/proposals.ts'
import type { PromptTemplate, ProposalKind } from '../../db/words/enhancement.ts'
import { changedSignal, toEnhancementWorkflowId, workflowNames, type ChangedSignal } from '../../workflows/contract.ts'
import { toExample, toSample } from '../../workflows/domain/analyst/examples.ts'
import {
  checkCandidate,
  countAddedTokens,
  findFault,
  templateCharactersMax,
} from '../../workflows/domain/enhancements/proposal-checks.ts'
import { createRedactor } from '../../workflows/domain/redaction/redact.ts'
import { toClosedMessage } from './enhancement-views.ts'
import { findAnalyst } from './analyst.ts'
import { id, reason, time } from './inputs.ts'
import type { Services } from './services.ts'

const version = z.int().min(1)
const prompt = z.string().max(templateCharactersMax)
const kind = z.enum(['clarify', 'add_context', 'restructure', 'constrain_output', 'shorten'])
const risks = z.array(z.string().trim().min(1).max(1_000)).max(20)
const snoozeDaysMax = 366
const dayMs = 86_400_000

/** With neither text the analyst is asked; a text that is left out or `null` stays as the pattern has it. */
export const createInput = z.strictObject({
  patternId: id,
  system: prompt.nullish(),
  template: prompt.nullish(),
  reason: reason.nullish(),
  risks: risks.optional(),
  kind: kind.nullish(),
})
/** What is left out stays as proposed; `null` goes back to the original. */
export const editInput = z.strictObject({
  id,
  version,
  system: prompt.nullish(),
  template: prompt.nullish(),
  reason: reason.nullish(),
  risks: risks.optional(),
  kind: kind.nullish(),
})
export const snoozeInput = z
  .strictObject({ id, version, until: time.optional(), days: z.number().positive().max(snoozeDaysMax).optional() })
  .refine(({ until, days }) => (until === undefined) !== (days === undefined), {
    path: ['until'],
    message: 'say until when: either until or days',
  })

/** Answers the new enhancement's id. */
export async function createEnhancement(
  services: Services,
  input: z.output<typeof createInput>,
  person: string,
): Promise<string> {
  const pattern = await services.proposals.findPattern(input.patternId)
  if (pattern === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no pattern ${input.patternId}` })
  const asks = typeof input.system !== 'string' && typeof input.template !== 'string'
  if (asks && (await findAnalyst(services)) === null) {
    throw new TRPCError({
      code: 'PRECONDITION_FAILED',
      message: 'system, template: there is no analyst to ask, so write one of them, or switch an analyst on',
    })
  }
  const enhanced = {
    system: input.system ?? pattern.template.system,
    template: input.template ?? pattern.template.template,
  }
  const written = asks
    ? null
    : await check(services, {
        patternId: input.patternId,
        team: pattern.team,
        original: pattern.template,
        enhanced,
        reason: input.reason || null,
        risks: input.risks ?? [],
        kind: input.kind ?? null,
      })
  const enhancementId = v7()
  const workflowId = toEnhancementWorkflowId(enhancementId)
  const made = await services.proposals.create({
    id: enhancementId,
    patternId: input.patternId,
    person,
    original: pattern.template,
    patternVersion: pattern.version,
    written,
    command: { kind: 'start', workflowId, name: workflowNames.enhancement, argument: { enhancementId } },
  })
  if (!made)
    throw new TRPCError({ code: 'CONFLICT', message: 'patternId: the pattern has changed meanwhile; look at it again' })
  services.log.info(
    { enhancement: enhancementId, pattern: input.patternId, person, asks },
    asks ? 'the analyst is asked for an enhancement' : 'enhancement written',
  )
  return enhancementId
}

export async function editEnhancement(
  services: Services,
  input: z.output<typeof editInput>,
  person: string,
): Promise<void> {
  const item = await services.enhancements.find(input.id)
  const pattern = item && (await services.proposals.findPattern(item.patternId))
  if (item === null || pattern === null)
    throw new TRPCError({ code: 'NOT_FOUND', message: `there is no enhancement ${input.id}` })
  const part = (name: 'system' | 'template'): string | null =>
    input[name] === undefined ? (item.enhanced?.[name] ?? item.original[name]) : (input[name] ?? item.original[name])
  const written = await check(services, {
    patternId: item.patternId,
    team: pattern.team,
    original: item.original,
    enhanced: { system: part('system'), template: part('template') },
    reason: input.reason === undefined ? item.reason : input.reason || null,
    risks: input.risks ?? item.risks,
    kind: input.kind === undefined ? item.kind : input.kind,
  })
  answer(input, await services.proposals.edit(toChange(input, person), written))
  services.log.info({ enhancement: input.id, person }, 'enhancement edited')
}

export async function snoozeEnhancement(
  services: Services,
  input: z.output<typeof snoozeInput>,
  person: string,
): Promise<void> {
  const now = Date.now()
  const until = input.until === undefined ? new Date(now + (input.days ?? 0) * dayMs) : new Date(input.until)
  if (until.getTime() <= now) throw new TRPCError({ code: 'BAD_REQUEST', message: 'until: must be in the future' })
  if (until.getTime() > now + snoozeDaysMax * dayMs)
    throw new TRPCError({ code: 'BAD_REQUEST', message: `until: must be within ${snoozeDaysMax} days` })
  answer(input, await services.proposals.snooze(toChange(input, person), until))
  services.log.info({ enhancement: input.id, person, until: until.toISOString() }, 'enhancement snoozed')
}

interface Written {
  patternId: string
  team: string
  original: PromptTemplate
  enhanced: PromptTemplate
  reason: string | null
  risks: string[]
  kind: ProposalKind | null
}

/** The field that is named is the one that changed; where both did, the user text. */
async function check(
  services: Services,
  { patternId, team, original, enhanced, reason: why, risks: known, kind: what }: Written,
): Promise<WrittenTemplate> {
  const redactor = createRedactor()
  const samples = (await services.proposals.findSamples(patternId)).map((exchange) =>
    toSample(toExample(exchange, redactor)),
  )
  const foreign = await services.proposals.findForeign(team)
  const { maxAddedTokens } = services.config.learning.enhance
  const checks = checkCandidate(
    { original, enhanced, reason: why ?? '', risks: known },
    { samples, foreign, maxAddedTokens, byPerson: true },
  )
  const fault = findFault(checks)
  if (fault !== null) {
    const field = enhanced.template === original.template && enhanced.system !== original.system ? 'system' : 'template'
    throw new TRPCError({ code: 'BAD_REQUEST', message: `${field}: ${fault}` })
  }
  return { enhanced, reason: why, risks: known, kind: what, addedTokens: countAddedTokens(original, enhanced), checks }
}

function toChange({ id: enhancementId, version: seen }: { id: string; version: number }, person: string) {
  const argument: ChangedSignal = { version: seen + 1, person }
  return {
    id: enhancementId,
    version: seen,
    person,
    command: {
      kind: 'signal' as const,
      workflowId: toEnhancementWorkflowId(enhancementId),
      name: changedSignal,
      argument,
    },
  }
}

function answer({ id: enhancementId, version: seen }: { id: string; version: number }, result: ChangeResult): void {
  switch (result.kind) {
    case 'done':
      return
    case 'missing':
      throw new TRPCError({ code: 'NOT_FOUND', message: `there is no enhancement ${enhancementId}` })
    case 'stale':
      throw new TRPCError({
        code: 'CONFLICT',
        message: `version: it has changed meanwhile and is now version ${result.version}, not ${seen}; look at it again`,
      })
    case 'closed':
      throw new TRPCError({
        code: 'CONFLICT',
        message: toClosedMessage(result, 'change'),
      })
  }
}
