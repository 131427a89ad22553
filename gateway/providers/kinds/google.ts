import { googleRoot } from '../../../db/config/provider-addresses.ts'
import { toFacts } from '../compatible.ts'
import type { ProviderKind } from '../provider-kind.ts'

/**
 * Google Gemini by its own API: the model and the streaming stand in the address. Thoughts are counted beside the
 * answer. What is no generation goes to its OpenAI-compatible endpoint. Errors: `{error: {code, message, status}}`,
 * also in a list. Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/openai
 */
export const google: ProviderKind = {
  ...toFacts('google'),
  toOtherPath: (path, place) => (path.startsWith('/messages') ? null : `${googleRoot(place)}/openai${path}`),
  // https://ai.google.dev/api/files: files are uploaded in front of the version, and requests name them by address.
  toRawPath: (path, place) =>
    path.startsWith('/upload/') ? `/upload${googleRoot(place)}${path.slice('/upload'.length)}` : place.base + path,
  namesByAddress: ['uri', 'fileUri', 'file_uri'],
  write: {},
  // https://ai.google.dev/gemini-api/docs/thinking: levels since Gemini 3.
  // https://ai.google.dev/gemini-api/docs/thought-signatures: since then a call without one is refused, and this word
  // stands for it.
  writeFor: (model) =>
    /gemini-[12]/.test(model) ? { thinking: 'budget' } : { callSignature: 'skip_thought_signature_validator' },
  addsUsage: false,
  cannot: ['no parallel_tool_calls: false', 'no custom (free text) tools', 'no cache markers: caching is its own'],
}
