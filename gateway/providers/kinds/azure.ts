import { azureRoot, withAzureVersion } from '../../../db/config/provider-addresses.ts'
import { createOpenAiKind } from '../compatible.ts'

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
  toOtherPath(path, place, model) {
    if (path.startsWith('/messages')) return null
    if (place.apiVersion === null) return `${azureRoot(place)}/openai/v1${path}`
    if (!ofDeployments.test(path)) return withAzureVersion(`${azureRoot(place)}/openai${path}`, place)
    return model === null
      ? null
      : withAzureVersion(`${azureRoot(place)}/openai/deployments/${encodeURIComponent(model)}${path}`, place)
  },
  // Versions before know no stream_options, and refuse them.
  addsUsage: ({ apiVersion }) => apiVersion === null || apiVersion >= '2024-09-01',
  write: { maxTokensField: 'max_completion_tokens', developerRole: true },
  cannot: [
    'with apiVersion: no embeddings, pictures or speech without a model in the body, because their addresses name a deployment',
  ],
})
