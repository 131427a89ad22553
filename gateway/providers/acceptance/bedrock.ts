/** What InvokeModel is known to refuse of a Messages request, although Anthropic's own API takes it. */

/** Source: AWS documentation: Anthropic Claude Messages API, Request and response; public reports of "Extra inputs". */
export const refusedMembers: ReadonlySet<string> = new Set([
  'betas',
  'cache_control',
  'container',
  'context_management',
  'diagnostics',
  'inference_geo',
  'mcp_servers',
  'service_tier',
  'speed',
  'thread',
  'user_profile_id',
])

/** Source: public report: "tools.0.custom.eager_input_streaming: Extra inputs are not permitted". */
export const refusedToolMembers: ReadonlySet<string> = new Set(['eager_input_streaming'])

/** Source: public report: "cache_control.ephemeral.scope: Extra inputs are not permitted". */
export const refusedCacheMembers: ReadonlySet<string> = new Set(['scope'])

/**
 * A word that is not one of these is a 400 "invalid beta flag". Source: AWS documentation: Anthropic Claude Messages
 * API, Request and response (anthropic_beta).
 */
const knownBetas: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'output-128k-2025-02-19',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
])

/** Words that mean here what others mean there. Source: Anthropic documentation: Tool search tool (platforms). */
const otherBetas: Readonly<Record<string, readonly string[]>> = {
  'advanced-tool-use-2025-11-20': ['tool-search-tool-2025-10-19', 'tool-examples-2025-10-29'],
}

/** The header's words, as the body may hold them. */
export function fitBetas(header: string | undefined): { betas: string[]; dropped: string[] } {
  const named = (header ?? '')
    .split(',')
    .map((beta) => beta.trim())
    .filter(Boolean)
  const known = named.flatMap((beta) => (knownBetas.has(beta) ? [beta] : (otherBetas[beta] ?? [])))
  return {
    betas: [...new Set(known)],
    dropped: named.filter((beta) => !knownBetas.has(beta)).map((beta) => `anthropic-beta.${beta}`),
  }
}
