/** Providers as the configuration means them: where the file says nothing, their kind decides. */
import { familyOf, inferKind, knownKinds, speaks, type KnownKind } from './provider-kinds.ts'
import type { Problem } from '../words/problem.ts'
import type { ProviderConfig, Timeouts } from '../words/provider.ts'
import type { Family, ProviderWire } from '../words/wire.ts'

/** An entry of the file, each member of its right type. */
export interface WrittenProvider extends Pick<ProviderConfig, 'name' | 'models' | 'timeouts'> {
  kind?: string | null | undefined
  dialect?: Family | null | undefined
  wires?: ProviderWire[] | null | undefined
  baseUrl?: string | null | undefined
  apiKey?: string | null | undefined
  headers?: Record<string, string> | null | undefined
  streamUsage?: boolean | null | undefined
  apiVersion?: string | null | undefined
}

/** Providers that a key in the environment brings; a provider of the same name in the file comes first and wins. */
export function environmentProviders(
  env: Record<string, string | undefined>,
  configured: ProviderConfig[],
  timeouts: Timeouts,
): ProviderConfig[] {
  return knownKinds.flatMap((known) => {
    const { name: kind, wires, baseUrl, models = [] } = known
    const apiKey = keyOf(known, env)
    if (apiKey === null || baseUrl === null || configured.some((other) => other.name === kind)) return []
    return [
      {
        name: kind,
        kind,
        dialect: familyOf(wires[0] as ProviderWire),
        baseUrl,
        apiKey,
        models: [...models],
        timeouts,
        fromEnvironment: true,
      },
    ]
  })
}

function keyOf({ variables = [] }: KnownKind, env: Record<string, string | undefined>): string | null {
  return variables.map((variable) => env[variable]).find(Boolean) ?? null
}

/**
 * A dialect that the file names narrows a provider that speaks several. The list is empty where something required is
 * missing, which has been reported. A key from the environment goes to its provider's own address only, never to one
 * that the file names.
 */
export function toProvider(entered: WrittenProvider, env: Record<string, string | undefined>): ProviderConfig[] {
  const { kind: named, dialect, wires, baseUrl: written, apiKey, headers, streamUsage, apiVersion, ...entry } = entered
  const kind = inferKind({ name: entry.name, kind: named ?? null, dialect: dialect ?? null, baseUrl: written ?? null })
  const baseUrl = written ?? kind?.baseUrl
  if (kind === null || baseUrl === undefined || baseUrl === null) return []
  const narrowed = wires ?? narrowWires(kind, dialect)
  return [
    {
      ...entry,
      kind: kind.name,
      dialect: dialect ?? familyOf((narrowed ?? kind.wires)[0] as ProviderWire),
      baseUrl,
      apiKey: apiKey ?? (written ? null : keyOf(kind, env)),
      ...(narrowed && { wires: narrowed }),
      ...toOptionalMembers({ headers, streamUsage, apiVersion }),
    },
  ]
}

function narrowWires({ wires }: KnownKind, dialect: Family | null | undefined): ProviderWire[] | null {
  return dialect ? wires.filter((wire) => familyOf(wire) === dialect) : null
}

/** Members that are left out where the file leaves them out or empty. */
function toOptionalMembers({
  headers,
  streamUsage,
  apiVersion,
}: Pick<WrittenProvider, 'headers' | 'streamUsage' | 'apiVersion'>): Pick<
  ProviderConfig,
  'headers' | 'streamUsage' | 'apiVersion'
> {
  return {
    ...(headers && { headers }),
    ...(typeof streamUsage === 'boolean' && { streamUsage }),
    ...(apiVersion && { apiVersion }),
  }
}

/**
 * Which members a provider needs depends on its kind. Works on the file as it was written, so that all problems are
 * reported at once.
 */
export function reportKinds(raw: unknown, problems: Problem[]): void {
  const entries: unknown = (raw as Record<string, unknown> | null)?.providers
  if (!Array.isArray(entries)) return
  entries.forEach((entry: unknown, index) => {
    if (entry === null || typeof entry !== 'object') return
    const written = (member: string): string | null => {
      const value = (entry as Record<string, unknown>)[member]
      return value === undefined || value === null ? null : String(value)
    }
    const [name, named, dialect, baseUrl] = ['name', 'kind', 'dialect', 'baseUrl'].map(written) as [
      string | null,
      string | null,
      Family | null,
      string | null,
    ]
    const report = (member: string, message: string): unknown =>
      problems.push({ path: `providers[${index}].${member}`, message })
    // The schema reports an unknown dialect.
    if (dialect !== null && dialect !== 'openai' && dialect !== 'anthropic') return
    const kind: KnownKind | null = inferKind({ name, kind: named, dialect, baseUrl })
    if (kind === null) {
      if (named !== null) return
      report('dialect', 'is required where neither kind nor name says what the provider speaks: openai or anthropic')
      if (baseUrl === null) report('baseUrl', 'is required')
      return
    }
    if (dialect !== null && !speaks(kind, dialect)) report('dialect', `${kind.name} does not speak it; leave it out`)
    if (baseUrl === null && kind.baseUrl === null) report('baseUrl', `is required for ${kind.name}`)
    const { wires } = entry as { wires?: unknown }
    if (Array.isArray(wires) && wires.some((wire) => !kind.wires.includes(wire as ProviderWire)))
      report('wires', `${kind.name} speaks ${kind.wires.join(', ')}`)
  })
}
