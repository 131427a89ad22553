/** Ports, hosts and the admin's token. One of the three files that read the environment. */
import { readPort, type Environment } from '../db/config/environment.ts'
import type { SinewConfig } from '../db/words/config.ts'
import type { Problem } from '../db/words/problem.ts'

export interface GatewayConfig {
  host: string
  /** 0 = any free port, for tests. */
  port: number
  adminHost: string
  adminPort: number
  /** The person "admin"; `null` = a generated token from the data folder. */
  adminToken: string | null
}

/** A key that guards an open port must not be guessable. */
const openKeyCharacters = 32
const keyCommand = `node -p "'sk-sinew-' + crypto.randomBytes(24).toString('hex')"`

/** Reads what the data plane and the admin plane listen on; refuses to listen beyond loopback behind a weak key. */
export function readGatewayConfig(
  env: Environment,
  config: SinewConfig,
): { config: GatewayConfig; problems: Problem[] } {
  const problems: Problem[] = []
  const gateway: GatewayConfig = {
    host: env.HOST || '127.0.0.1',
    port: readPort(env, 'PORT', 8080, problems),
    adminHost: env.ADMIN_HOST || '127.0.0.1',
    adminPort: readPort(env, 'ADMIN_PORT', 8081, problems),
    adminToken: env.SINEW_ADMIN_TOKEN || null,
  }
  if (gateway.port !== 0 && gateway.port === gateway.adminPort)
    problems.push({ path: 'ADMIN_PORT', message: `is the same as PORT (${gateway.port})` })
  if (gateway.adminToken !== null && !/^[\x21-\x7e]+$/.test(gateway.adminToken)) {
    problems.push({ path: 'SINEW_ADMIN_TOKEN', message: 'must be printable ASCII without spaces' })
  }
  if (config.admins.some((person) => person.token === gateway.adminToken)) {
    problems.push({
      path: 'SINEW_ADMIN_TOKEN',
      message: 'is also the token of a person in admins; a decision must name one person',
    })
  }
  if (!isLoopback(gateway.host)) requireStrongKeys(gateway.host, config, problems)
  if (!isLoopback(gateway.adminHost)) requireStrongTokens(gateway, config, problems)
  return { config: gateway, problems }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function requireStrongKeys(host: string, config: SinewConfig, problems: Problem[]): void {
  const advice = `listening on ${host} needs a caller's key of at least ${openKeyCharacters} characters; make one with: ${keyCommand}`
  if (config.keys.length === 0)
    problems.push({ path: 'HOST', message: `${advice} and put it under keys: in SINEW_CONFIG` })
  config.keys.forEach((entry, index) => {
    if (entry.key.length < openKeyCharacters) problems.push({ path: `keys[${index}].key`, message: advice })
  })
}

function requireStrongTokens(gateway: GatewayConfig, config: SinewConfig, problems: Problem[]): void {
  const advice = `listening on ${gateway.adminHost} needs tokens of at least ${openKeyCharacters} characters; make one with: ${keyCommand}`
  if (gateway.adminToken !== null && gateway.adminToken.length < openKeyCharacters)
    problems.push({ path: 'SINEW_ADMIN_TOKEN', message: advice })
  config.admins.forEach((person, index) => {
    if (person.token.length < openKeyCharacters) problems.push({ path: `admins[${index}].token`, message: advice })
  })
}
