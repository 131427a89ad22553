/** The analyst as people see and switch it: from the configuration, else by a person who is told where prompts go. */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { chooseAnalyst, findAnalystCandidates, whyNoAnalyst } from '../../db/config/analyst-choice.ts'
import type { StoredState } from '../../db/repositories/system/system.ts'
import type { AnalystConfig, AnalystSetting } from '../../db/words/analyst.ts'
import { analystSwitchedSignal, toEnhancementWorkflowId } from '../../workflows/contract.ts'
import type { Services } from './services.ts'

const defaultModel = 'claude-sonnet-4-5'

export const switchInput = z.strictObject({
  provider: z.string().min(1).max(64).nullable(),
  model: z
    .string()
    .max(300)
    .regex(/^[\x21-\x7e]+$/, 'must be the name of a model, without spaces')
    .default(defaultModel),
})

/** `configured: null` = not known while PostgreSQL is away, which keeps what people switched. */
export function toAnalystView({ config }: Pick<Services, 'config'>, stored: StoredState | null) {
  const setting = config.claude === null ? (stored?.analyst.setting ?? null) : null
  const analyst = chooseAnalyst(config, setting?.value ?? null)
  return {
    configured: analyst === null && stored === null ? null : analyst !== null,
    source: toSource(config, analyst),
    ...toSwitch(setting),
    ...toChosen(analyst),
    candidates: findAnalystCandidates(config).map((provider) => ({
      provider: provider.name,
      host: new URL(provider.baseUrl).host,
    })),
    callsToday: stored?.analyst.callsToday ?? null,
    tokensToday: stored?.analyst.tokensToday ?? null,
  }
}

function toSource({ claude }: Services['config'], analyst: AnalystConfig | null): 'configuration' | 'admin' | null {
  if (claude !== null) return 'configuration'
  return analyst === null ? null : 'admin'
}

/** What was switched on, also when the configuration has lost it since, and who switched it last, on or off. */
function toSwitch(setting: StoredState['analyst']['setting']) {
  return {
    provider: setting?.value?.provider ?? null,
    switchedBy: setting?.updatedBy ?? null,
    switchedAt: setting?.updatedAt ?? null,
  }
}

function toChosen(analyst: AnalystConfig | null) {
  return {
    model: analyst?.model ?? null,
    host: analyst === null ? null : new URL(analyst.baseUrl).host,
    maxCallsPerDay: analyst?.maxCallsPerDay ?? null,
    maxTokensPerDay: analyst?.maxTokensPerDay ?? null,
  }
}

export async function switchAnalyst(
  services: Services,
  { provider, model }: z.output<typeof switchInput>,
  person: string,
): Promise<void> {
  if (services.config.claude !== null) {
    throw new TRPCError({
      code: 'CONFLICT',
      message: 'the configuration names the analyst under claude:, so it cannot be switched here; change it there',
    })
  }
  const value = provider === null ? null : toSetting(services, provider, model)
  await services.settings.switchAnalyst(value, person, (enhancementId) => ({
    kind: 'signal',
    workflowId: toEnhancementWorkflowId(enhancementId),
    name: analystSwitchedSignal,
    argument: {},
  }))
  services.log.info(
    { person, provider, model: value?.model },
    value === null ? 'analyst switched off' : 'analyst switched on',
  )
}

function toSetting({ config }: Services, name: string, model: string): AnalystSetting {
  const found = config.providers.find((provider) => provider.name === name)
  const fault = found === undefined ? `there is no configured provider ${name}` : whyNoAnalyst(found)
  if (fault !== null) throw new TRPCError({ code: 'BAD_REQUEST', message: `provider: ${fault}` })
  return { provider: name, model }
}

/** Who would be asked now: one small read, and none where the configuration says it all. */
export async function findAnalyst({
  config,
  settings,
}: Pick<Services, 'config' | 'settings'>): Promise<AnalystConfig | null> {
  const setting =
    config.claude === null && findAnalystCandidates(config).length > 0 ? await settings.readAnalyst() : null
  return chooseAnalyst(config, setting?.value ?? null)
}

/** For notes on patterns. */
export async function hasAnalyst(services: Services): Promise<boolean> {
  return (await findAnalyst(services)) !== null
}
