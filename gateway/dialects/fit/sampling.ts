import type { ConversationRequest, SettingName, Settings } from '../model.ts'
import type { Fitting } from './fitting.ts'
import { nameOf, withSettings } from './settings.ts'

/** What happens anyway, and is therefore taken where no other value is. */
const defaults: Partial<Record<SettingName, unknown>> = {
  temperature: 1,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  logprobs: false,
  parallelTools: true,
}

/** With thinking Claude takes a `top_p` from here on. */
const minTopPWithReasoning = 0.95

/** Sampling settings that the model refuses, alone, with its reasoning, or two of them together. */
// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
export function fitSampling(request: ConversationRequest, { accepts, report }: Fitting): ConversationRequest {
  const { settings } = request
  const refused = new Set<SettingName>(accepts.refuses)
  if (isReasoning(settings.reasoning, accepts.reasoning?.onByDefault === true))
    for (const name of accepts.refusesWithReasoning ?? [])
      if (name !== 'topP' || (settings.topP ?? 0) < minTopPWithReasoning) refused.add(name)
  if (
    accepts.oneOfTemperatureAndTopP === true &&
    settings.temperature !== undefined &&
    settings.topP !== undefined &&
    !refused.has('temperature')
  )
    refused.add('topP')
  const changes: Partial<Record<SettingName, undefined>> = {}
  for (const name of refused) {
    const value = settings[name]
    if (value === undefined) continue
    changes[name] = undefined
    if (value !== defaults[name]) report.hint(nameOf(request, name))
  }
  return Object.keys(changes).length === 0 ? request : withSettings(request, changes)
}

function isReasoning(reasoning: Settings['reasoning'], byDefault: boolean): boolean {
  return reasoning === undefined ? byDefault : reasoning.off !== true
}
