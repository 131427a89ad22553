import { createOpenAiKind, writeForClaude } from '../compatible.ts'

/**
 * A Portkey gateway. Hosted, the key is Portkey's and callers or `headers` name what is behind it (`x-portkey-config`,
 * `x-portkey-provider`); on a machine of one's own the key is that provider's. Callers' `x-portkey-*` headers pass.
 * Errors: the provider's, or `{status: "failure", message}`. Sources:
 * https://portkey.ai/docs/api-reference/inference-api/headers, https://github.com/Portkey-AI/gateway
 */
export const portkey = createOpenAiKind({
  name: 'portkey',
  write: { cacheControl: true, reasoningHistory: true, developerRole: true },
  writeFor: writeForClaude,
})
