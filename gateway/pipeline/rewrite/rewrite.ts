/**
 * Step 5: everything that may change a request before it goes out, in this order: an experiment's arm or an approved
 * enhancement, transformation rules, and, once the model is decided, tool namespaces. Each is edits of the bytes.
 */
import type { Log } from '../../../db/process/log.ts'
import type { Identified } from '../../../workflows/domain/patterns/identify.ts'
import type { Snapshot } from '../../state/snapshot.ts'
import { chooseEnhancement, type Enhanced } from './choose-enhancement.ts'
import type { ResolveModel } from '../../providers/resolve-model.ts'
import type { Target } from '../../providers/targets.ts'
import type { Generation } from '../generation.ts'
import type { DecidePart } from './experiment.ts'
import { enterNamespace } from './namespace.ts'
import { hasRules, ruleExchange } from './rule-exchange.ts'
import { setHeaders } from './rules.ts'

export interface RewriteParts {
  resolveModel: ResolveModel<Target>
  decidePart: DecidePart
  log: Pick<Log, 'error'>
}

export function rewrite(
  parts: RewriteParts,
  snapshot: Snapshot,
  generation: Generation,
  identified: Identified | null,
): void {
  if (identified !== null) generation.decided.patternId = identified.patternId
  const enhanced = tryLearned(parts, () => findEnhanced(parts, snapshot, generation, identified))
  if (enhanced !== null && generation.view.edit(enhanced.edits)) generation.known.enhancementId = enhanced.enhancementId
  if (hasRules(snapshot.rules)) tryLearned(parts, () => applyRules(parts, snapshot, generation, identified))
}

function findEnhanced(
  parts: RewriteParts,
  snapshot: Snapshot,
  { exchange, facts, parsed, readPrompt, known, decided }: Generation,
  identified: Identified | null,
): Enhanced | null {
  const { patternTeam: team } = exchange.principal
  const experiments = snapshot.experiments.get(team)
  const part =
    experiments === undefined
      ? null
      : parts.decidePart(experiments, exchange.toIntent(known), facts.wire, parsed.json, identified, readPrompt)
  if (part !== null) {
    known.experiment = part.mark
    return part.enhanced
  }
  const served = snapshot.served.get(team)
  const decision = served === undefined ? null : chooseEnhancement(served, facts, parsed.json, identified, readPrompt)
  if (decision === null || 'edits' in decision) return decision
  decided.enhancementSkipped = decision.skipped
  return null
}

function applyRules(
  parts: RewriteParts,
  snapshot: Snapshot,
  generation: Generation,
  identified: Identified | null,
): void {
  const { exchange, facts, view, known, decided, headers } = generation
  const serves = (model: string): boolean => !('code' in parts.resolveModel(model, facts))
  // A rule's condition and its edits are of the body as the steps before left it.
  const { bytes, json } = view.settle()
  const ruled = ruleExchange(
    snapshot.rules,
    exchange.toIntent(known),
    facts.wire,
    identified?.patternId ?? null,
    bytes,
    json,
    serves,
  )
  if (ruled.body !== bytes) view.replace(ruled.body, ruled.json)
  generation.model = ruled.model ?? generation.model
  setHeaders(headers, ruled.headers)
  exchange.answerRules = ruled.answer
  if (ruled.answer?.transform) generation.transforms.push(ruled.answer.transform)
  if (ruled.applied.length > 0) decided.rules = ruled.applied
}

/** What depends on the model that was decided. */
export function rewriteForModel(generation: Generation, model: string): void {
  const { exchange, facts, parsed, known, view } = generation
  const { toolNamespace } = exchange.principal
  if (toolNamespace === 'off') return
  const place = { ...exchange.toIntent(known), toolNamespace, model, original: parsed.json }
  const namespaced = enterNamespace(facts.wire, view.json, place)
  if (namespaced === null || !view.edit(namespaced.edits)) return
  known.namespacePrefix = namespaced.prefix
  generation.transforms.push(namespaced.transform)
}

/** Learned code must not stand between a caller and its answer: where it fails, the prompt goes as it is. */
export function tryLearned<T>({ log }: Pick<RewriteParts, 'log'>, step: () => T): T | null {
  try {
    return step()
  } catch (error) {
    log.error({ err: error }, 'what was learned could not be applied')
    return null
  }
}
