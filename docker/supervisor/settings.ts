/** All configuration, read before anything is started. */
import { readConfig } from '../../db/config/config.ts'
import type { Environment } from '../../db/config/environment.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import type { Problem } from '../../db/words/problem.ts'
import { readGatewayConfig, type GatewayConfig } from '../../gateway/config.ts'
import { readTemporalConfig, type TemporalConfig } from '../../temporal.config.ts'

export interface Settings {
  sinew: SinewConfig
  gateway: GatewayConfig
  temporal: TemporalConfig
}

export function readSettings(env: Environment): { settings: Settings; problems: Problem[] } {
  const sinew = readConfig(env)
  const gateway = readGatewayConfig(env, sinew.config)
  const temporal = readTemporalConfig(env)
  return {
    settings: { sinew: sinew.config, gateway: gateway.config, temporal: temporal.config },
    problems: [
      ...sinew.problems,
      ...gateway.problems,
      ...temporal.problems,
      ...findClashes(gateway.config, temporal.config),
    ],
  }
}

/** The two readers cannot see that a port of one is a port of the other. */
function findClashes(gateway: GatewayConfig, temporal: TemporalConfig): Problem[] {
  if (!temporal.local) return []
  const planes = { PORT: gateway.port, ADMIN_PORT: gateway.adminPort }
  const local = { TEMPORAL_PORT: temporal.localPort, TEMPORAL_UI_PORT: temporal.localUiPort }
  return Object.entries(local).flatMap(([variable, port]) =>
    Object.entries(planes)
      .filter(([, other]) => port !== 0 && port === other)
      .map(([name]) => ({ path: variable, message: `is the same as ${name} (${port})` })),
  )
}
