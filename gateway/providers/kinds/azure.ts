import { bearer, createOpenAiKind } from '../compatible.ts'
import type { Place } from '../provider-kind.ts'

/**
 * What people copy from the portal: the resource, the resource with `/openai`, `/openai/v1`, or one deployment of it.
 */
const resourceOf = ({ base }: Place): string => base.replace(/\/openai(\/v1|\/deployments\/.*)?$/, '')

/**
 * With a version in the configuration: deployments stand in the address. Without: the v1 address, where they are the
 * model.
 */
const versioned = (path: string, { apiVersion }: Place): string => `${path}?api-version=${apiVersion}`

/** Of the endpoints that are no generation, these belong to a deployment. */
const ofDeployments = /^\/(embeddings|images|audio)\b/

/**
 * Azure OpenAI. A model is the name of a deployment. A key from the portal, or a token of Microsoft Entra ID. Errors:
 * `{error: {code, message}}`, of the gateway before it `{statusCode, message}`. Sources:
 * https://learn.microsoft.com/en-us/azure/ai-foundry/openai/api-version-lifecycle,
 * https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference
 */
export const azure = createOpenAiKind({
  name: 'azure',
  baseUrl: null,
  wires: ['chat', 'responses'],
  toPath({ wire, model }, place) {
    const root = resourceOf(place)
    const end = wire === 'responses' ? '/responses' : '/chat/completions'
    if (place.apiVersion === null) return `${root}/openai/v1${end}`
    return versioned(
      wire === 'responses' ? `${root}/openai${end}` : `${root}/openai/deployments/${encodeURIComponent(model)}${end}`,
      place,
    )
  },
  toOtherPath(path, place, model) {
    if (path.startsWith('/messages')) return null
    if (place.apiVersion === null) return `${resourceOf(place)}/openai/v1${path}`
    if (!ofDeployments.test(path)) return versioned(`${resourceOf(place)}/openai${path}`, place)
    return model === null
      ? null
      : versioned(`${resourceOf(place)}/openai/deployments/${encodeURIComponent(model)}${path}`, place)
  },
  // A token is three words of base64 between dots; keys have none.
  toCredentials: (apiKey) => (/^eyJ[^.]*\.[^.]+\.[^.]+$/.test(apiKey) ? bearer(apiKey) : ['api-key', apiKey]),
  // Versions before know no stream_options, and refuse them.
  addsUsage: ({ apiVersion }) => apiVersion === null || apiVersion >= '2024-09-01',
  write: { maxTokensField: 'max_completion_tokens', developerRole: true },
  cannot: [
    'with apiVersion: no embeddings, pictures or speech without a model in the body, because their addresses name a deployment',
  ],
})
