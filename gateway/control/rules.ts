import { TRPCError } from '@trpc/server'
import { v7 } from 'uuid'
import { z } from 'zod'
import type { RuleItem, RuleVersion } from '../../db/repositories/rules/rules.ts'
import { maxRules, toRuleNotice, type RuleResult } from '../../db/repositories/rules/save-rule.ts'
import type { TransformationRule } from '../../db/words/rule.ts'
import { parseRuleDraft, type RuleDraft } from '../../workflows/domain/rules/parse.ts'
import { router, stored } from './init.ts'
import { byId, id, page, reason } from './inputs.ts'
import { gatherSamples, samplesInput, type Sample, type SamplesInput } from './rule-samples.ts'
import { createServesModel, findRefusals, testRule, type SampleResult } from './rule-test.ts'
import type { Services } from './services.ts'

/** How long a change waits for a gateway to confirm that it applies it now. */
const activeTimeoutMs = 2_000
const maxRemoved = 50

/** As a person sends it: `id` and `version` of the rule it changes, neither for a new one. */
export type RuleInput = RuleDraft & Partial<Pick<TransformationRule, 'id' | 'version'>>

const rule = z.custom<RuleInput>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)
const listInput = z.strictObject({ ...page }).prefault({})
const testInput = z.strictObject({ rule, ...samplesInput })
const saveInput = z.strictObject({
  rule,
  reason: reason.nullish(),
  /** Refuses to save a rule that none of its samples concerns: its test has shown nothing. */
  whenConcerned: z.boolean().default(false),
  ...samplesInput,
})
const removeInput = z.strictObject({ id, version: z.int().min(1), reason: reason.nullish() })

export const rulesRouter = router({
  /** In the order in which they apply; `cursor` is the id of the last one seen. */
  list: stored.input(listInput).query(async ({ ctx, input: { limit, cursor } }) => {
    const all = await ctx.services.rules.list()
    const from = cursor === null ? 0 : all.findIndex((item) => item.id === cursor) + 1
    const items = all.slice(from, from + limit)
    return { items, nextCursor: from + limit < all.length ? (items.at(-1)?.id ?? null) : null }
  }),

  /** Also one that was removed: as it was last, with its history. */
  get: stored.input(byId).query(({ ctx, input }) => load(ctx.services, input.id)),

  /** The ones removed last, newest first. */
  removed: stored.query(({ ctx }) => ctx.services.rules.listRemoved(maxRemoved)),

  /** Changes nothing: what the rule would do to each sample. */
  test: stored.input(testInput).mutation(async ({ ctx, input }) => {
    const { draft } = parseInput(input.rule)
    const { results } = await runTest(ctx.services, draft, input)
    return { results, concerned: countConcerned(results) }
  }),

  /** Tests it first, on the samples or the last exchanges; `served` = a gateway has said that it applies it now. */
  save: stored.input(saveInput).mutation(async ({ ctx, input }) => {
    const { services, person } = ctx
    const { draft, target } = parseInput(input.rule)
    const { refusals, results } = await runTest(services, draft, input)
    if (refusals.length > 0)
      throw new TRPCError({ code: 'BAD_REQUEST', message: `rule: the test fails: ${refusals.slice(0, 5).join('; ')}` })
    if (input.whenConcerned && countConcerned(results) === 0)
      throw new TRPCError({ code: 'PRECONDITION_FAILED', message: toUntested(results.length) })
    // Attached before the change, so that the quickest gateway is heard too.
    const heard = services.changes.waitFor(
      'sinew_snapshot_applied',
      toRuleNotice({ id: target.id, version: target.version + 1 }),
      activeTimeoutMs,
    )
    const saved = toSaved(
      await services.rules.save(target.id, target.version, draft, {
        person: person.name,
        reason: input.reason || null,
      }),
      target,
    )
    services.log.info(
      { rule: saved.id, version: saved.version, person: person.name, active: draft.active },
      'rule saved',
    )
    const served = await heard
    return { ...(await load(services, saved.id)), served, results }
  }),

  remove: stored.input(removeInput).mutation(async ({ ctx, input }) => {
    const { services, person } = ctx
    const heard = services.changes.waitFor(
      'sinew_snapshot_applied',
      toRuleNotice({ id: input.id, version: input.version + 1 }),
      activeTimeoutMs,
    )
    const saved = toSaved(
      await services.rules.remove(input.id, input.version, { person: person.name, reason: input.reason || null }),
      input,
    )
    services.log.info({ rule: saved.id, version: saved.version, person: person.name }, 'rule removed')
    return { ...saved, served: await heard }
  }),
})

type LoadedRule = RuleItem & { history: RuleVersion[]; removed: Pick<RuleVersion, 'person' | 'reason' | 'at'> | null }

async function load(services: Services, ruleId: string): Promise<LoadedRule> {
  const [item, history] = await Promise.all([services.rules.find(ruleId), services.rules.listVersions(ruleId)])
  if (item !== null) return { ...item, history, removed: null }
  const [last] = history
  if (last === undefined) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no rule ${ruleId}` })
  const { person, reason: why, at, version, rule: content } = last
  return {
    ...content,
    id: ruleId,
    version,
    active: false,
    usageCount: 0,
    errorCount: 0,
    lastUsed: null,
    createdAt: history.at(-1)?.at ?? at,
    updatedAt: at,
    person,
    history,
    removed: { person, reason: why, at },
  }
}

/** Every problem at once, each named by its field. */
function parseInput(input: RuleInput): { draft: RuleDraft; target: { id: string; version: number } } {
  const { id: given, version, ...written } = input as Record<string, unknown>
  const problems: string[] = []
  const known = given === undefined ? null : id.safeParse(given)
  if (known !== null && !known.success) problems.push('rule.id: must be an id (a UUID)')
  if (known === null && version !== undefined) problems.push('rule.version: a new rule has none')
  if (known !== null && !(Number.isInteger(version) && (version as number) > 0))
    problems.push('rule.version: must be the version that you saw')
  const parsed = parseRuleDraft(written)
  if ('problems' in parsed) problems.push(...parsed.problems.map(({ path, message }) => `rule.${path}: ${message}`))
  if (problems.length > 0 || 'problems' in parsed)
    throw new TRPCError({ code: 'BAD_REQUEST', message: problems.join('; ') })
  return { draft: parsed.draft, target: { id: known?.data ?? v7(), version: known === null ? 0 : (version as number) } }
}

function countConcerned(results: SampleResult[]): number {
  return results.filter(({ applied }) => applied !== null).length
}

function toUntested(samples: number): string {
  return `its condition holds for none of the ${samples} samples, so its test has shown nothing; choose samples that it concerns, or save it untested`
}

async function runTest(
  services: Services,
  draft: RuleDraft,
  input: SamplesInput,
): Promise<{ results: SampleResult[]; refusals: string[] }> {
  const serves = createServesModel(services.config)
  const isConcerned = (sample: Sample): boolean =>
    (testRule(draft, [sample], serves(sample.facts.wire))[0]?.applied ?? null) !== null
  const samples = await gatherSamples(
    services.ruleSamples,
    input,
    { condition: draft.condition, isConcerned },
    Date.now(),
  )
  const results = samples.flatMap((sample) => testRule(draft, [sample], serves(sample.facts.wire)))
  return { results, refusals: findRefusals(samples, results) }
}

function toSaved(result: RuleResult, asked: { id: string; version: number }): { id: string; version: number } {
  switch (result.kind) {
    case 'done':
      return { id: result.id, version: result.version }
    case 'missing':
      throw new TRPCError({ code: 'NOT_FOUND', message: `there is no rule ${asked.id}` })
    case 'stale':
      throw new TRPCError({
        code: 'CONFLICT',
        message: `version: it has changed meanwhile and is now version ${result.version}, not ${asked.version}; look at it again`,
      })
    case 'taken':
      throw new TRPCError({ code: 'CONFLICT', message: 'rule.name: another rule has this name' })
    case 'full':
      throw new TRPCError({ code: 'CONFLICT', message: `there are ${maxRules} rules already` })
  }
}
