import { bearer } from '../../../db/config/provider-addresses.ts'
import { toFacts, writeForClaude } from '../compatible.ts'
import { isAccessKey, createAwsSigner } from '../aws-signature.ts'
import { createEventStreamTransform, eventStreamType, loadCodec } from '../aws-event-stream.ts'
import { toInvokeBody } from '../bedrock-body.ts'
import type { Place } from '../../../db/config/provider-addresses.ts'
import type { ProviderKind } from '../provider-kind.ts'

const isClaude = (model: string): boolean => /(^|[./])anthropic\.claude/.test(model)
/** Its newer endpoint speaks the dialects as they are. */
const isMantle = ({ host }: Place): boolean => host.startsWith('bedrock-mantle.')
const rootOf = ({ base }: Place): string => base.replace(/\/(openai\/v1|openai|anthropic|v1)$/, '')

/**
 * AWS Bedrock: Claude by InvokeModel, whose body is a Messages request without `model` and `stream` and whose stream is
 * an AWS event stream; everything else by its OpenAI-compatible endpoint. `apiKey` is a Bedrock API key, or `<access
 * key id>:<secret access key>[:<session token>]`, with which each request is signed. Errors: `{message}`; inside a
 * stream an exception of the event stream. Sources:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions-mantle.html
 */
export const bedrock: ProviderKind = {
  ...toFacts('bedrock'),
  // OpenAI's closed models are there by Responses only.
  wiresOf: (model) =>
    isClaude(model) ? ['messages'] : /(^|\.)openai\.(?!gpt-oss)/.test(model) ? ['responses'] : ['chat'],
  toPath({ wire, model, stream }, place) {
    const root = rootOf(place)
    if (wire === 'messages')
      return isMantle(place)
        ? `${root}/anthropic/v1/messages`
        : `${root}/model/${encodeURIComponent(model)}/invoke${stream ? '-with-response-stream' : ''}`
    if (wire === 'responses') return `${root}/openai/v1/responses`
    return `${root}${isMantle(place) ? '' : '/openai'}/v1/chat/completions`
  },
  takesNoQuery: true,
  toOtherPath: (path, place) => (path === '/models' && isMantle(place) ? `${rootOf(place)}/v1/models` : null),
  toCredentials: (apiKey) => (isAccessKey(apiKey) ? [] : bearer(apiKey)),
  createSigner(apiKey, { host }) {
    // Now and not with the first stream, which would wait for it.
    loadCodec()
    return isAccessKey(apiKey) ? createAwsSigner(apiKey, host) : null
  },
  toBody: (body, { wire }, place, header, report) =>
    wire === 'messages' && !isMantle(place) ? toInvokeBody(body, header('anthropic-beta'), report) : body,
  write: { maxTokensField: 'max_completion_tokens', cacheControl: false, reasoningHistory: false },
  writeFor: writeForClaude,
  addsUsage: true,
  unframe: (contentType) => (contentType.startsWith(eventStreamType) ? createEventStreamTransform() : null),
  foreignErrors: ['messages'],
  cannot: [
    'no embeddings, files or batches through /v1',
    'no counting of tokens',
    'an inference profile whose name does not say its model is taken for an OpenAI-compatible one',
  ],
}
