/**
 * Where Temporal is: a cluster or Temporal Cloud by the official SDKs' environment configuration (`TEMPORAL_ADDRESS`,
 * …), else the local development server. One of the three files that read the environment.
 */
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig'
import { readPort, type Environment } from './db/config/environment.ts'
import type { Problem } from './db/words/problem.ts'

export interface TemporalConfig {
  /** How to connect, as both `Connection` and `NativeConnection` take it. */
  connection: ClientConnectConfig['connectionOptions'] & { address: string }
  /** No address was given: the supervisor starts the local development server. */
  local: boolean
  namespace: string
  localPort: number
  localUiPort: number
  /** The Web UI's base for links to workflows; `null` = unknown. */
  uiUrl: string | null
  taskQueue: string
}

/** Never throws: what is wrong comes back as problems, and then nothing may start. */
export function readTemporalConfig(env: Environment): { config: TemporalConfig; problems: Problem[] } {
  const problems: Problem[] = []
  const profile = readProfile(env, problems)
  const address = profile.connectionOptions.address
  const localPort = readPort(env, 'TEMPORAL_PORT', 7233, problems)
  const localUiPort = readPort(env, 'TEMPORAL_UI_PORT', 8233, problems)
  if (address !== undefined && !/^[^\s/]+:\d{1,5}$/.test(address)) {
    problems.push({ path: 'TEMPORAL_ADDRESS', message: `must be host:port, not ${JSON.stringify(address)}` })
  }
  if (env.TEMPORAL_UI_URL && !URL.canParse(env.TEMPORAL_UI_URL))
    problems.push({ path: 'TEMPORAL_UI_URL', message: 'must be a URL' })
  if (localPort !== 0 && localPort === localUiPort)
    problems.push({ path: 'TEMPORAL_UI_PORT', message: `is the same as TEMPORAL_PORT (${localPort})` })
  const local = address === undefined
  if (local && (env.TEMPORAL_API_KEY || profile.connectionOptions.tls)) {
    problems.push({
      path: 'TEMPORAL_ADDRESS',
      message: 'is not set, but TEMPORAL_API_KEY or TEMPORAL_TLS_* is: they are for a server of your own',
    })
  }
  return {
    config: {
      connection: { ...profile.connectionOptions, address: address ?? `127.0.0.1:${localPort}` },
      local,
      namespace: profile.namespace || 'default',
      localPort,
      localUiPort,
      uiUrl: env.TEMPORAL_UI_URL?.replace(/\/+$/, '') || (local ? `http://127.0.0.1:${localUiPort}` : null),
      taskQueue: 'sinew',
    },
    problems,
  }
}

function readProfile(env: Environment, problems: Problem[]): ClientConnectConfig {
  try {
    const overrides = Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])),
    )
    // A configuration file counts only when it is named: an unrelated profile of this user must not redirect the
    // product.
    return loadClientConnectConfig({ overrideEnvVars: overrides, disableFile: !env.TEMPORAL_CONFIG_FILE })
  } catch (error) {
    problems.push({ path: 'TEMPORAL_*', message: error instanceof Error ? error.message : String(error) })
    return { connectionOptions: {} }
  }
}
