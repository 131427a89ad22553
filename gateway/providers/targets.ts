/** Providers as the hot path calls them: one pool of connections each, what every call has in common worked out once. */
import { Pool } from 'undici'
import type { ProviderConfig } from '../../db/types.ts'
import { anthropic } from '../dialects/anthropic.ts'
import { openai } from '../dialects/openai.ts'
import type { Choice } from '../pipeline/resolve-model.ts'

export interface Target extends Choice {
  pool: Pool
  /** Path of the model endpoint on the provider's host. */
  path: string
  /** The model endpoint's whole address, for the record. */
  url: string
  /** Name and value, flat. */
  credentials: string[]
}

/**
 * How long an idle connection is kept when the server does not announce its own limit: below the 5 s of common application
 * servers, so that a call does not meet its closing; longer for providers behind TLS, whose front ends keep it for a minute
 * and more, and where a new one is dear.
 */
const keepAliveMs = { 'http:': 4_000, 'https:': 30_000 }
const keepAliveMaxMs = 600_000

export function openTarget(provider: ProviderConfig): Target {
  const rules = provider.dialect === 'openai' ? openai : anthropic
  const base = new URL(provider.baseUrl)
  const path = base.pathname.replace(/\/+$/, '') + rules.upstreamPath
  return {
    name: provider.name,
    dialect: provider.dialect,
    models: provider.models,
    path,
    url: base.origin + path,
    credentials: provider.apiKey === null ? [] : rules.toCredentials(provider.apiKey),
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
