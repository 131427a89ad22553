/** Transformation rules on one exchange: its request now, its answer when it comes. */
import type { Intent } from '../../../db/journal/records.ts'
import type { Wire } from '../../../db/words/wire.ts'
import type { ServesModel } from '../../../workflows/domain/rules/apply.ts'
import type { CompiledRules } from '../../../workflows/domain/rules/compile.ts'
import type { CallFacts } from '../../../workflows/domain/rules/facts.ts'
import { prepareAnswerRules, type RulesOfAnswer } from '../relay/answer-rules.ts'
import { applyRules, type RewrittenRequest } from './rules.ts'

/** Without rules nothing is looked at. */
export function hasRules(rules: CompiledRules): boolean {
  return rules.request.length > 0 || rules.answer.length > 0
}

export interface RuledExchange extends Omit<RewrittenRequest, 'body'> {
  /** The very buffer where nothing changes. */
  body: Buffer
  answer: RulesOfAnswer | null
}

const monotonicMs = (): number => performance.now()

export function toCallFacts(
  intent: Pick<Intent, 'dialect' | 'keyName' | 'team' | 'sessionKey' | 'headers' | 'at'>,
  wire: Wire,
  patternId: string | null,
): CallFacts {
  return {
    dialect: intent.dialect,
    wire,
    key: intent.keyName,
    team: intent.team,
    session: intent.sessionKey ?? '',
    pattern: patternId ?? '',
    taskClass: '',
    headers: intent.headers,
    now: intent.at,
    clock: monotonicMs,
  }
}

/** `json`: what `body` says. `serves`: whether somebody has a model. */
export function ruleExchange(
  rules: CompiledRules,
  intent: Intent,
  wire: Wire,
  patternId: string | null,
  body: Buffer,
  json: Record<string, unknown>,
  serves: ServesModel,
): RuledExchange {
  const facts = toCallFacts(intent, wire, patternId)
  const { body: changed, json: said, headers, model, applied } = applyRules(rules, facts, body, json, serves)
  return { body: changed ?? body, json: said, headers, model, applied, answer: prepareAnswerRules(rules, facts, said) }
}
