/** Tests a rule on samples, through the very code that traffic goes through. */
import type { SinewConfig } from '../../db/words/config.ts'
import type { AppliedRule, TransformationRule } from '../../db/words/rule.ts'
import type { Wire } from '../../db/words/wire.ts'
import type { ServesModel } from '../../workflows/domain/rules/apply.ts'
import { compileRules, type CompiledRules } from '../../workflows/domain/rules/compile.ts'
import { findRequestFaults } from '../../workflows/domain/rules/request-faults.ts'
import { runStream } from '../bytes/sse-stage.ts'
import { prepareAnswerRules } from '../pipeline/relay/answer-rules.ts'
import { withAliases } from '../providers/aliases.ts'
import { createResolveModel, type Choice } from '../providers/resolve-model.ts'
import { applyRules } from '../pipeline/rewrite/rules.ts'
import { kindNamed } from '../providers/kinds.ts'
import type { Sample } from './rule-samples.ts'

/** What a rule does to one sample: to its request, or to its answer. */
export interface SampleResult {
  source: Sample['source']
  exchangeId: string | null
  name: string
  wire: Wire
  /** Whose request it is, and for which model. */
  team: string
  key: string
  requestedModel: string | null
  before: string
  after: string
  changed: boolean
  /** Headers that the rule sets. */
  headers: [string, string][]
  /** Where it routes to, if it does. */
  model: string | null
  /** `null` = its condition does not hold. */
  applied: AppliedRule | null
}

/** Longer bodies are shown up to here. Characters. */
const maxShown = 50_000

export function testRule(
  rule: Omit<TransformationRule, 'id' | 'version' | 'active'>,
  samples: readonly Sample[],
  serves: ServesModel,
): SampleResult[] {
  const rules = compileRules([{ ...rule, id: 'test', version: 1, active: true }])
  return samples.map((sample) =>
    rule.target === 'request' ? testRequest(rules, sample, serves) : testAnswer(rules, sample),
  )
}

function testRequest(rules: CompiledRules, sample: Sample, serves: ServesModel): SampleResult {
  const { body, headers, model, applied } = applyRules(rules, sample.facts, sample.request, sample.json, serves)
  return {
    ...toResult(sample, sample.request, body ?? sample.request),
    headers,
    model,
    applied: applied[0] ?? null,
  }
}

function testAnswer(rules: CompiledRules, sample: Sample): SampleResult {
  const { status, streaming, body } = sample.answer
  const prepared = prepareAnswerRules(rules, sample.facts, sample.json)
  const headers = prepared?.begin(status) ?? []
  const transform = status < 300 ? prepared?.transform : null
  const stream = transform && streaming ? transform.stream() : null
  const after = stream ? runStream([stream], body) : (transform?.json(body) ?? body)
  return { ...toResult(sample, body, after), headers, model: null, applied: prepared?.applied[0] ?? null }
}

function toResult({ source, exchangeId, name, facts, json }: Sample, before: Buffer, after: Buffer) {
  return {
    source,
    exchangeId,
    name,
    wire: facts.wire,
    team: facts.team,
    key: facts.key,
    requestedModel: typeof json.model === 'string' ? json.model : null,
    before: toShown(before),
    after: toShown(after),
    changed: !before.equals(after),
  }
}

function toShown(body: Buffer): string {
  const text = body.toString('utf8')
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
}

/**
 * Samples on which an edit had to be undone, in words. A stored request that was wrong by itself says nothing of the
 * rule.
 */
export function findRefusals(samples: readonly Sample[], results: readonly SampleResult[]): string[] {
  return results.flatMap(({ name, applied, source }, index) => {
    const sample = samples[index] as Sample
    if (
      applied?.result !== 'undone' ||
      (source === 'exchange' && findRequestFaults(sample.facts.wire, sample.json).length > 0)
    )
      return []
    return [`${name}: ${applied.note ?? 'an edit cannot be made'}`]
  })
}

/**
 * Whether the configured providers have a model. Without any, the built-in simulation answers to every name it lists,
 * so nothing is refused.
 */
export function createServesModel({
  providers,
  models,
}: Pick<SinewConfig, 'providers' | 'models'>): (wire: Wire) => ServesModel {
  if (providers.length === 0) return () => () => true
  const resolve = withAliases(
    createResolveModel(
      providers.map((provider): Choice => {
        const kind = kindNamed(provider.kind)
        const allowed = provider.wires
        return {
          name: provider.name,
          dialect: provider.dialect,
          models: provider.models,
          wiresOf: (model) =>
            (kind.wiresOf?.(model) ?? kind.wires).filter((wire) => allowed === undefined || allowed.includes(wire)),
        }
      }),
    ),
    models,
  )
  return (wire) => (model) =>
    !('code' in resolve(model, { dialect: wire === 'messages' ? 'anthropic' : 'openai', wire }))
}
