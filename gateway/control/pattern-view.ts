/**
 * What is known of a pattern, put together for people: numbers with their certainty, kind, trend, likeness, lineage.
 */
import type { PatternItem } from '../../db/repositories/patterns/patterns.ts'
import { classifyPattern } from '../../workflows/domain/patterns/pattern-kind.ts'
import { toInterval, weighKeys } from '../../workflows/domain/patterns/key-share.ts'
import { readTrend } from '../../workflows/domain/patterns/pattern-trend.ts'
import { findSimilar, toComparable } from '../../workflows/domain/patterns/similar-patterns.ts'
import type { MinedTemplate } from '../../workflows/domain/mining/types.ts'
import type { Services } from './services.ts'

/** How many of a team's patterns are compared: the most frequent ones. */
const maxCompared = 1_000

/** `askedFor`: an id that may have been merged since. */
export async function readPatternDetails(services: Services, item: PatternItem, askedFor: string) {
  const { patternDetails: details } = services
  const [days, models, keys, examples, lineage, decisions, forms, failureReasons, agreement] = await Promise.all([
    details.findDays(item.id),
    details.findModels(item.id),
    details.findKeys(item.id),
    details.findExamples(item.id),
    details.findLineage(item.id),
    details.findDecisions(item.id),
    details.findForms(item.team, item.id, maxCompared),
    details.findFailureReasons(item.id),
    services.verdictAgreement.find(item.id),
  ])
  const weighed = weighKeys(keys.map(({ name, successes, failures }) => ({ keyName: name, successes, failures })))
  const comparable = forms.map(({ id, template, templates }) => ({
    id,
    templates: (templates as MinedTemplate[] | null) ?? [toComparable(template)],
  }))
  const { similar, family } = findSimilar(item.id, comparable)
  const named = new Map(forms.map(({ id, title, frequency }) => [id, { id, title, frequency }]))
  const structure = comparable.find(({ id }) => id === item.id)?.templates[0]?.structure ?? ''
  const priced = models.reduce((sum, model) => sum + model.priced, 0)
  const costUsd = models.reduce((sum, model) => sum + model.costUsd, 0)
  return {
    /** Where the id that was asked for has become part of this pattern. */
    mergedFrom: askedFor === item.id ? null : askedFor,
    /** The success rate that counts: no key weighs more than a fifth in it. `null` = nothing is judged. */
    success: toInterval(weighed.successes, weighed.failures),
    /** What one key counts at most; `null` = all in full. */
    keyCap: weighed.cap,
    kind: classifyPattern(item.template, structure),
    trend: readTrend(days, new Date().toISOString().slice(0, 10)),
    days,
    models,
    keys,
    examples,
    /** Of its latest failures, by what decided each. */
    failureReasons,
    /** The rules' verdicts beside what people said of the same exchanges. */
    agreement: {
      ...agreement,
      sensitivity: toInterval(agreement.foundFailures, agreement.failures - agreement.foundFailures),
      specificity: toInterval(agreement.keptSuccesses, agreement.successes - agreement.keptSuccesses),
    },
    lineage,
    decisions,
    /** `null` = no price is known. */
    costUsd: priced > 0 ? costUsd : null,
    costPerExchangeUsd: priced > 0 ? costUsd / priced : null,
    similar: similar.flatMap(({ id, similarity }) => {
      const other = named.get(id)
      return other === undefined ? [] : [{ ...other, similarity }]
    }),
    family: family.flatMap((id) => named.get(id) ?? []),
    templates: comparable.find(({ id }) => id === item.id)?.templates.length ?? 0,
  }
}
