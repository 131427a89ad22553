/**
 * Step 5, before an approved enhancement is looked for: whether the request takes part in an experiment, and in which
 * arm. Two short hashes for the unit's numbers and one for its name; nothing waits. The pattern is that of the request
 * as it came.
 */
import type { ExperimentMark, ServedExperiment } from '../../../db/words/experiment.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { drawNumber, isExposed, toArm, toUnit } from '../../../workflows/domain/experiments/assignment.ts'
import { fingerprintPrompt } from '../../../workflows/domain/patterns/fingerprint.ts'
import type { Identified } from '../../../workflows/domain/patterns/identify.ts'
import type { Prompt } from '../../../workflows/domain/exchanges/prompt.ts'
import type { ExposedUnits } from '../../state/exposed-units.ts'
import type { ExperimentsOfTeam } from '../../state/served.ts'
import { applyTo, type Enhanced } from './choose-enhancement.ts'

export interface Participant {
  team: string
  keyName: string
  /** As the client gave it; a derived one is none. */
  sessionKey: string | null
  endUser: string | null
  /** What tells its conversation from others where the client names nobody. */
  opening: string
  requestedModel: string | null
}

/**
 * `mayExpose`: the gateway has heard of PostgreSQL lately. Where it has not, units that take part already go on in
 * their arm and nobody joins them: a roll-back could not be heard. `null` = the request goes as if there were no
 * experiment.
 */
export function takePart(
  experiment: ServedExperiment,
  participant: Participant,
  exposed: ExposedUnits,
  mayExpose: boolean,
): ExperimentMark | null {
  if (experiment.model !== null && experiment.model !== participant.requestedModel) return null
  const unit = toUnit({ ...participant, patternId: experiment.patternId })
  if (!isExposed(experiment, unit)) return null
  const drawn = drawNumber(experiment, unit)
  if (!mayExpose && !exposed.has(drawn)) return null
  exposed.add(drawn)
  return { id: experiment.experimentId, version: experiment.version, unit, arm: toArm(experiment, drawn) }
}

export interface Part {
  mark: ExperimentMark
  /** `null` = the control's prompt, which goes as it is. */
  enhanced: Enhanced | null
}

export type DecidePart = (
  experiments: ExperimentsOfTeam | undefined,
  caller: Omit<Participant, 'opening'> & { id: string },
  wire: Wire,
  body: Record<string, unknown>,
  identified: Identified | null,
  readPrompt: () => Prompt,
) => Part | null

/** How long a gateway goes on exposing new units without word from PostgreSQL. */
const maxSilenceMs = 60_000

/** Only requests that the enhancement fits take part, in both arms alike: the others would be the same prompt twice. */
export function createDecidePart(snapshots: { readonly ageMs: number }, exposed: ExposedUnits): DecidePart {
  return (experiments, caller, wire, body, identified, readPrompt) => {
    if (experiments === undefined) return null
    const prompt = readPrompt()
    const opening = experiments.byOpening.size > 0 ? (fingerprintPrompt(prompt)?.hash ?? null) : null
    const experiment = findExperiment(experiments, identified?.patternId ?? null, opening)
    if (experiment === null) return null
    const applied = applyTo(experiment, prompt, wire, body)
    if ('refused' in applied) return null
    const participant = { ...caller, opening: readConversationOpening(prompt, body) ?? caller.id }
    const mark = takePart(experiment, participant, exposed, snapshots.ageMs <= maxSilenceMs)
    if (mark === null) return null
    return {
      mark,
      enhanced: mark.arm === 'control' ? null : { enhancementId: experiment.enhancementId, edits: applied.edits },
    }
  }
}

/**
 * The text that opened the conversation stands in each of its requests; where the provider keeps the conversation, there
 * is only the answer that this request goes on from.
 */
function readConversationOpening({ user }: Prompt, body: Record<string, unknown>): string | null {
  const { previous_response_id: previous } = body
  return user?.text ?? (typeof previous === 'string' && previous !== '' ? previous : null)
}

/** `null` = the pattern has no experiment, or the prompt no pattern. */
export function findExperiment(
  { byPattern, byOpening }: ExperimentsOfTeam,
  patternId: string | null,
  opening: string | null,
): ServedExperiment | null {
  return (patternId !== null && byPattern.get(patternId)) || (opening !== null && byOpening.get(opening)) || null
}
