/** An experiment as people see it: its numbers with the one sentence that may be said of them. */
import type { ExperimentItem } from '../../db/repositories/experiments/experiments-admin.ts'
import { toExperimentWorkflowId, toWorkflowUrl } from '../../workflows/contract.ts'
import { reviveEvaluation, type Evaluation } from '../../workflows/domain/experiments/evaluate.ts'
import type { GuardrailReading } from '../../workflows/domain/experiments/guardrails.ts'
import { minimumHeldBack, type HoldbackEstimate } from '../../workflows/domain/experiments/holdback.ts'
import { toVerdict, type VerdictFacts, type VerdictView } from '../../workflows/domain/experiments/sentence.ts'
import { decideAct } from '../../workflows/domain/experiments/states.ts'
import { guardrailWords } from '../../workflows/domain/experiments/words.ts'
import type { Services } from './services.ts'

/** What the test had shown when a person promoted it stays shown, whatever became of it since. */
function keepEvidence(facts: VerdictFacts): VerdictView {
  const now = toVerdict(facts)
  if (now.showEffect) return now
  const { showEffect, interval } = toVerdict({ ...facts, state: 'promoted' })
  return { ...now, showEffect, interval, note: interval && `Its test had ended with ${interval}.` }
}

/** The share of the traffic that takes part now: none before the start and after the end. */
function toShare({
  state,
  startedAt,
  endedAt,
  settings,
  step,
}: Pick<ExperimentItem, 'state' | 'startedAt' | 'endedAt' | 'settings' | 'step'>): number {
  if (state === 'promoted') return 1
  return startedAt === null || endedAt !== null ? 0 : (settings.ramp[step] ?? 0)
}

function toGuardrails(readings: unknown) {
  return ((readings ?? []) as GuardrailReading[]).map((reading) => ({
    ...reading,
    // Readings of before units were counted by arm have pairs alone.
    units: (reading as Partial<GuardrailReading>).units ?? { control: reading.pairs, treatment: reading.pairs },
    label: guardrailWords[reading.name],
  }))
}

type ShownFacts =
  | 'state'
  | 'metric'
  | 'settings'
  | 'cause'
  | 'startedAt'
  | 'endedAt'
  | 'promotedAt'
  | 'exchangesPerUnit'

function toShownVerdict(
  item: Pick<ExperimentItem, ShownFacts>,
  person: string | null,
  evaluation: Evaluation | null,
  holdback: NonNullable<VerdictFacts['holdback']>,
): VerdictView {
  const until = Date.parse(item.endedAt ?? new Date().toISOString())
  const { state, metric, settings, cause, promotedAt, exchangesPerUnit } = item
  const facts: VerdictFacts = {
    state,
    metric,
    evaluation,
    settings,
    ranMs: item.startedAt === null ? 0 : until - Date.parse(item.startedAt),
    cause,
    person,
    holdback: promotedAt === null ? null : holdback,
    exchangesPerUnit,
  }
  return promotedAt === null ? toVerdict(facts) : keepEvidence(facts)
}

/** The numbers with the one sentence that may be said of them. */
export function toExperimentView(
  services: Pick<Services, 'temporal'>,
  { evaluation: storedEvaluation, guardrails, holdback, person, ...item }: ExperimentItem,
) {
  const workflowId = toExperimentWorkflowId(item.id)
  const evaluation = storedEvaluation === null ? null : reviveEvaluation(storedEvaluation as Evaluation)
  const estimate = holdback as HoldbackEstimate | null
  const ended = item.state === 'promoted' && item.endedAt !== null
  return {
    ...item,
    verdict: toShownVerdict(item, person, evaluation, { estimate, ended }),
    share: toShare(item),
    /** Who brought it to where it is; `null` = it came there by itself. */
    lastActBy: person,
    pairs: evaluation?.pairs ?? 0,
    guardrails: toGuardrails(item.promotedAt === null ? guardrails : evaluation?.guardrails),
    /** Of the units that are held back since the promotion; `null` = it was never promoted. */
    holdbackGuardrails: item.promotedAt === null ? null : toGuardrails(guardrails),
    holdback: ended ? estimate : null,
    minimumHeldBack,
    actions: (['start', 'stop', 'rollback', 'promote'] as const).filter(
      (wanted) => item.endedAt === null && decideAct(item.state, wanted) !== null,
    ),
    workflowId,
    workflowUrl: toWorkflowUrl(services.temporal.uiUrl, services.temporal.namespace, workflowId),
  }
}
