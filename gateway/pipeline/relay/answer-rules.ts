/**
 * Transformation rules on the answers to one request: headers for any answer, edits for whole ones of 2xx, and for
 * streams what can be done piece by piece with the same result as on the whole (answer-text-stream.ts). The record says
 * what was not.
 */
import type { AppliedRule } from '../../../db/words/rule.ts'
import {
  changesBodies,
  listStreamedReplacements,
  matchAnswerRules,
  tellStreamedAnswer,
  tellUntouchedAnswer,
  type AnswerRules,
} from '../../../workflows/domain/rules/apply.ts'
import type { CompiledRules } from '../../../workflows/domain/rules/compile.ts'
import type { CallFacts } from '../../../workflows/domain/rules/facts.ts'
import { createTextStream } from './answer-text-stream.ts'
import type { AnswerTransform } from '../../bytes/answer-transform.ts'
import { rewriteAnswer } from '../rewrite/rules.ts'

export interface RulesOfAnswer {
  /** Among the transforms of the answer; `null` = no rule that holds changes bodies. */
  transform: AnswerTransform | null
  /** The answer has begun: which headers it gets, names in lower case. */
  begin(status: number): [string, string][]
  /** What became of the rules up to now. */
  readonly applied: AppliedRule[]
}

/** `body`: the request as the rules left it. `null` = there are no rules for answers. */
export function prepareAnswerRules(
  rules: CompiledRules,
  facts: CallFacts,
  body: Record<string, unknown>,
): RulesOfAnswer | null {
  if (rules.answer.length === 0) return null
  let matched = matchAnswerRules(rules, facts, body, 200)
  let tell = (): AppliedRule[] => tellUntouchedAnswer(matched, 'no body of success')
  return {
    transform: changesBodies(matched)
      ? toTransform(
          facts,
          () => matched,
          (told) => (tell = told),
        )
      : null,
    begin(status) {
      if (status !== 200) matched = matchAnswerRules(rules, facts, body, status)
      return matched.headers
    },
    get applied() {
      return tell()
    },
  }
}

function toTransform(
  facts: CallFacts,
  current: () => AnswerRules,
  onTold: (tell: () => AppliedRule[]) => void,
): AnswerTransform {
  return {
    json(body) {
      const { body: changed, applied } = rewriteAnswer(current(), facts, body)
      onTold(() => applied)
      return changed
    },
    stream() {
      const matched = current()
      const changed = new Set<string>()
      onTold(() => tellStreamedAnswer(matched, changed))
      return createTextStream(facts.wire, listStreamedReplacements(matched), changed)
    },
  }
}
