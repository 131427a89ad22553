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
export function fitSampling(request: ConversationRequest, fitting: Fitting): ConversationRequest {
  const { settings } = request
  const changes: Partial<Record<SettingName, undefined>> = {}
  for (const name of findRefused(settings, fitting)) {
    const value = settings[name]
    if (value === undefined) continue
    changes[name] = undefined
    if (value !== defaults[name]) fitting.report.hint(nameOf(request, name))
  }
  return Object.keys(changes).length === 0 ? request : withSettings(request, changes)
}

function findRefused(settings: Settings, { accepts }: Fitting): ReadonlySet<SettingName> {
  const refused = new Set<SettingName>(accepts.refuses)
  if (isReasoning(settings.reasoning, accepts.reasoning?.onByDefault === true))
    for (const name of accepts.refusesWithReasoning ?? [])
      if (name !== 'topP' || (settings.topP ?? 0) < minTopPWithReasoning) refused.add(name)
  const sendsTemperature = settings.temperature !== undefined && !refused.has('temperature')
  if (accepts.oneOfTemperatureAndTopP === true && sendsTemperature) refused.add('topP')
  return refused
}

function isReasoning(reasoning: Settings['reasoning'], byDefault: boolean): boolean {
  return reasoning === undefined ? byDefault : reasoning.off !== true
}
