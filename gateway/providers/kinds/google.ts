import { bearer } from '../compatible.ts'
import type { Place, ProviderKind } from '../provider-kind.ts'

/** The address may be that of the endpoint that does as OpenAI does; both stand under one root. */
const rootOf = ({ base }: Place): string => base.replace(/\/openai$/, '')

/**
 * Google Gemini by its own API: the model and the streaming stand in the address. Thoughts are counted beside the
 * answer. What is no generation goes to its OpenAI-compatible endpoint. Errors: `{error: {code, message, status}}`,
 * also in a list. Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/openai
 */
export const google: ProviderKind = {
  name: 'google',
  wires: ['google'],
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  toPath({ model, stream }, place) {
    const name = model
      .replace(/^models\//, '')
      .split('/')
      .map(encodeURIComponent)
      .join('/')
    return `${rootOf(place)}/${name.includes('/') ? name : `models/${name}`}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
  },
  toOtherPath: (path, place) => (path.startsWith('/messages') ? null : `${rootOf(place)}/openai${path}`),
  toCredentials: (apiKey, wire) => (wire === 'google' ? ['x-goog-api-key', apiKey] : bearer(apiKey)),
  write: {},
  // https://ai.google.dev/gemini-api/docs/thinking: levels since Gemini 3.
  // https://ai.google.dev/gemini-api/docs/thought-signatures: since then a call without one is refused, and this word
  // stands for it.
  writeFor: (model) =>
    /gemini-[12]/.test(model) ? { thinking: 'budget' } : { callSignature: 'skip_thought_signature_validator' },
  addsUsage: false,
  cannot: ['no parallel_tool_calls: false', 'no custom (free text) tools', 'no cache markers: caching is its own'],
}
