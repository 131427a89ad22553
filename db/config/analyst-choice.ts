/**
 * Who is asked for better prompts: the configuration's analyst, else the provider that a person switched on, else
 * nobody.
 */
import { defaultAnalystCaps } from './file-schema.ts'
import { findKind } from './provider-kinds.ts'
import type { AnalystConfig, AnalystSetting } from '../words/analyst.ts'
import type { SinewConfig } from '../words/config.ts'
import type { ProviderConfig } from '../words/provider.ts'

type Configured = Pick<SinewConfig, 'claude' | 'providers'>

/** What a person may switch on: it speaks the Messages API, and its key is here. */
export function findAnalystCandidates({ providers }: Pick<Configured, 'providers'>): ProviderConfig[] {
  return providers.filter((provider) => whyNoAnalyst(provider) === null)
}

/** `null` = it may be asked. */
export function whyNoAnalyst({ name, kind, dialect, apiKey }: ProviderConfig): string | null {
  // Its key signs requests, or has another header: it must not reach the Anthropic API's client.
  if (findKind(kind)?.unusual === true) return `${name} is ${kind}, which is not called as the Anthropic API is`
  if (dialect !== 'anthropic')
    return `${name} speaks the ${dialect} dialect; an analyst is asked in the anthropic dialect`
  return apiKey === null ? `${name} has no apiKey in the configuration` : null
}

/** `claude:` always wins. A provider that has left the configuration since it was switched on is asked nothing. */
export function chooseAnalyst(configured: Configured, setting: AnalystSetting | null): AnalystConfig | null {
  if (configured.claude !== null || setting === null) return configured.claude
  const chosen = findAnalystCandidates(configured).find(({ name }) => name === setting.provider)
  if (chosen === undefined || chosen.apiKey === null) return null
  return { baseUrl: chosen.baseUrl, apiKey: chosen.apiKey, model: setting.model, ...defaultAnalystCaps }
}
