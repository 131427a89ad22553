/**
 * Providers as the hot path calls them: one pool of connections each, what every call has in common worked out once.
 */
import { Pool } from 'undici'
import type { ProviderConfig } from '../../db/words/provider.ts'
import type { WriteOptions } from '../dialects/adapter.ts'
import type { ProviderWire } from '../../db/words/wire.ts'
import { toAcceptance } from './acceptance/table.ts'
import { createAsking, type UsageAsking } from './usage-asking.ts'
import type { Choice } from './resolve-model.ts'
import { kindNamed } from './kinds.ts'
import { toPlace, type GenerationCall } from '../../db/config/provider-addresses.ts'
import { narrowWires } from '../../db/config/provider-kinds.ts'
import type { ProviderKind, Sign } from './provider-kind.ts'

/** Where a call goes and what it says of itself. Headers are name and value, flat. */
export interface Prepared {
  /** On the provider's host, query included. */
  path: string
  /** Take the place of what the caller sent under these names. */
  credentials: string[]
  /** For callers that sent none under these names. */
  defaults: string[]
}

export interface Target extends Choice {
  wires: readonly ProviderWire[]
  kind: ProviderKind
  pool: Pool
  /** The configured address. */
  base: URL
  /** In what this model can be asked: the caller's own is used where it is among them, else the first. */
  wiresOf(model: string): readonly ProviderWire[]
  prepare(call: GenerationCall): Prepared
  /**
   * Anything that is no generation, by its path behind `/v1` and the model that its body names; `null` = this provider
   * has no such endpoint.
   */
  prepareOther(path: string, model?: string | null): Prepared | null
  /** Any path behind the configured address, as it is, with the credentials of its first wire. */
  prepareRaw(path: string): Prepared
  /** The body as this provider takes it, whether it was translated or not; mostly the same bytes. */
  toBody(
    body: Buffer,
    call: GenerationCall,
    header: (name: string) => string | undefined,
    report?: (path: string) => void,
  ): Buffer
  /** Whether the usage of chat streams may be asked for where the caller did not. */
  asking: UsageAsking
  /** How the request is written for this model. */
  writeOptions(model: string): Partial<WriteOptions>
  /** Headers that sign the request as a whole; `null` = credentials do. */
  sign: Sign | null
}

/**
 * How long an idle connection is kept when the server does not announce its own limit: below the 5 s of common
 * application servers, so that a call does not meet its closing; longer for providers behind TLS, whose front ends keep
 * it for a minute and more, and where a new one is dear.
 */
const keepAliveMs = { 'http:': 4_000, 'https:': 30_000 }
const keepAliveMaxMs = 600_000

/** `takesAny`: it gets the names of its family that no provider has. */
export function openTarget(provider: ProviderConfig, takesAny = false): Target {
  const kind = kindNamed(provider.kind)
  const base = new URL(provider.baseUrl)
  const place = toPlace(base, provider.apiVersion)
  const { wires: allowed, apiKey } = provider
  const narrow = (wires: readonly ProviderWire[]): readonly ProviderWire[] => narrowWires(wires, allowed)
  const wires = narrow(kind.wires)
  const configured = Object.entries(provider.headers ?? {}).flat()
  const asking = createAsking(
    provider.streamUsage ?? (typeof kind.addsUsage === 'function' ? kind.addsUsage(place) : kind.addsUsage),
  )
  const fixed = new Map<ProviderWire, Pick<Prepared, 'credentials' | 'defaults'>>()
  const fixedOf = (wire: ProviderWire): Pick<Prepared, 'credentials' | 'defaults'> => {
    const known = fixed.get(wire)
    if (known !== undefined) return known
    const made = {
      credentials: [...configured, ...(apiKey === null ? [] : kind.toCredentials(apiKey, wire, place))],
      defaults: kind.toDefaultHeaders?.(wire) ?? [],
    }
    fixed.set(wire, made)
    return made
  }
  return {
    name: provider.name,
    dialect: provider.dialect,
    wires,
    models: provider.models,
    fromEnvironment: provider.fromEnvironment === true,
    takesAny,
    kind,
    base,
    wiresOf: (model) => (kind.wiresOf === undefined ? wires : narrow(kind.wiresOf(model))),
    prepare: (call) => ({ path: kind.toPath(call, place), ...fixedOf(call.wire) }),
    prepareOther(path, model = null) {
      const found = kind.toOtherPath(path, place, model)
      return found === null
        ? null
        : {
            path: found,
            ...fixedOf(path.startsWith('/messages') ? 'messages' : (wires.find((wire) => wire !== 'google') ?? 'chat')),
          }
    },
    prepareRaw: (path) => ({
      path: kind.toRawPath?.(path, place) ?? place.base + path,
      ...fixedOf(wires[0] ?? 'chat'),
    }),
    toBody: (body, call, header, report = () => {}) => kind.toBody?.(body, call, place, header, report) ?? body,
    asking,
    writeOptions: (model) => ({
      ...kind.write,
      streamUsage: asking.asks,
      ...kind.writeFor?.(model),
      accepts: (wire) => toAcceptance(kind.name, wire, model),
    }),
    sign: apiKey === null ? null : (kind.createSigner?.(apiKey, place) ?? null),
    pool: new Pool(base.origin, {
      // As many connections as there are requests: those are bounded already, and a queue here would be a hidden wait.
      connections: null,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs[base.protocol as keyof typeof keepAliveMs],
      keepAliveMaxTimeout: keepAliveMaxMs,
      headersTimeout: provider.timeouts.firstByteMs,
      bodyTimeout: provider.timeouts.idleMs,
      connect: { timeout: provider.timeouts.connectMs },
    }),
  }
}
