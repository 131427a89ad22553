/**
 * Step 5: everything that may change a request before it goes out, in this order: an experiment's arm or an approved
 * enhancement, transformation rules, and, once the model is decided, tool namespaces. Each is edits of the bytes.
 */
import type { Intent } from '../../../db/journal/records.ts'
import type { ExchangeDecision } from '../../../db/words/exchange.ts'
import type { Identified } from '../../../workflows/domain/patterns/identify.ts'
import type { Snapshot } from '../../state/snapshot.ts'
import type { AnswerTransform } from '../../bytes/answer-transform.ts'
import { decideEnhancement, type Enhanced } from './enhance.ts'
import type { Exchange } from '../exchange.ts'
import type { ForwardParts, GenerationRules } from '../forward.ts'
import { editJson } from '../../bytes/json-edit.ts'
import { enterNamespace } from './namespace.ts'
import type { ParsedBody } from '../parse.ts'
import { hasRules, ruleExchange } from './rule-exchange.ts'
import { setHeaders } from './rules.ts'

/** A generation on its way out; the steps fill in what they find. */
export interface Generation {
  exchange: Exchange
  rules: GenerationRules
  /** As it came. */
  parsed: ParsedBody
  original: Buffer
  /** As rewritten so far: `original` itself until something changes it. */
  body: Buffer
  /** For the upstream; name and value, flat. */
  headers: string[]
  known: Partial<Intent>
  decided: ExchangeDecision
  transforms: AnswerTransform[]
  /** What is to be looked up; a rule may have named another than the caller. */
  model: string
}

type Parts = Pick<ForwardParts, 'decidePart' | 'resolveModel' | 'log'>

export function rewrite(parts: Parts, snapshot: Snapshot, generation: Generation, identified: Identified | null): void {
  if (identified !== null) generation.decided.patternId = identified.patternId
  const enhanced = tryLearned(parts, () => findEnhanced(parts, snapshot, generation, identified))
  const body = enhanced && editJson(generation.body, enhanced.edits)
  if (body) {
    generation.body = body
    generation.known.enhancementId = enhanced.enhancementId
  }
  if (hasRules(snapshot.rules)) tryLearned(parts, () => applyRules(parts, snapshot, generation, identified))
}

function findEnhanced(
  parts: Parts,
  snapshot: Snapshot,
  { exchange, rules, parsed, known, decided }: Generation,
  identified: Identified | null,
): Enhanced | null {
  const { patternTeam: team } = exchange.principal
  const experiments = snapshot.experiments.get(team)
  const part =
    experiments === undefined
      ? null
      : parts.decidePart(experiments, exchange.toIntent(known), rules.wire, parsed.json, identified)
  if (part !== null) {
    known.experiment = part.mark
    return part.enhanced
  }
  const served = snapshot.served.get(team)
  const decision = served === undefined ? null : decideEnhancement(served, rules, parsed.json, identified)
  if (decision === null || 'edits' in decision) return decision
  decided.enhancementSkipped = decision.skipped
  return null
}

function applyRules(parts: Parts, snapshot: Snapshot, generation: Generation, identified: Identified | null): void {
  const { exchange, rules, parsed, known, decided, headers, body } = generation
  const serves = (model: string): boolean => !('code' in parts.resolveModel(model, rules))
  const ruled = ruleExchange(
    snapshot.rules,
    exchange.toIntent(known),
    rules.wire,
    identified?.patternId ?? null,
    body,
    body === generation.original ? parsed.json : null,
    serves,
  )
  generation.body = ruled.body
  generation.model = ruled.model ?? generation.model
  setHeaders(headers, ruled.headers)
  exchange.answerRules = ruled.answer
  if (ruled.answer?.transform) generation.transforms.push(ruled.answer.transform)
  if (ruled.applied.length > 0) decided.rules = ruled.applied
}

/** What depends on the model that was decided. */
export function rewriteForModel(generation: Generation, model: string): void {
  const { exchange, rules, parsed, known, body } = generation
  const { toolNamespace } = exchange.principal
  if (toolNamespace === 'off') return
  const namespaced = enterNamespace(rules.wire, body, body === generation.original ? parsed.json : null, {
    ...exchange.toIntent(known),
    toolNamespace,
    model,
    original: parsed.json,
  })
  if (namespaced === null) return
  generation.body = namespaced.body
  known.namespacePrefix = namespaced.prefix
  generation.transforms.push(namespaced.transform)
}

/** Learned code must not stand between a caller and its answer: where it fails, the prompt goes as it is. */
export function tryLearned<T>({ log }: Pick<ForwardParts, 'log'>, step: () => T): T | null {
  try {
    return step()
  } catch (error) {
    log.error({ err: error }, 'what was learned could not be applied')
    return null
  }
}
