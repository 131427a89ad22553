/** Single variables of the environment, so that each kind of value is refused in the same words everywhere. */
import type { Problem } from '../words/problem.ts'

export type Environment = Record<string, string | undefined>

/** 0 = any free port. */
export function readPort(env: Environment, variable: string, fallback: number, problems: Problem[]): number {
  const text = env[variable]
  if (!text) return fallback
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  problems.push({ path: variable, message: `must be a port from 0 to 65535, not ${JSON.stringify(text)}` })
  return fallback
}

/** The address of a store; `null` = the variable is not set, or wrong. */
export function readStoreUrl(
  env: Environment,
  variable: string,
  protocols: string[],
  problems: Problem[],
): string | null {
  const text = env[variable]
  if (!text) return null
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    // The value may hold a password, so it is not repeated.
    problems.push({
      path: variable,
      message: `must be a ${protocols.map((protocol) => `${protocol}//`).join(' or ')} URL`,
    })
    return null
  }
  return text
}
