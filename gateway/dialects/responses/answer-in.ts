import { readOpenAiError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { child, number, objects, text, unknownMembers } from '../members.ts'
import type { Answer, ForeignPart, ImagePart, Part, Stop, WireError } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { attachSignatures } from '../signatures.ts'
import { readOpenAiUsage } from '../usage.ts'
import { readFunctionCall, readItemContent, readReasoningItem } from './items-in.ts'

/** The envelope, and the request repeated back: nothing of it is the answer. */
export const responseEnvelope: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created_at',
  'completed_at',
  'status',
  'status_details',
  'model',
  'output',
  'output_text',
  'usage',
  'error',
  'incomplete_details',
  'instructions',
  'tools',
  'tool_choice',
  'tool_calls',
  'parallel_tool_calls',
  'previous_response_id',
  'reasoning',
  'temperature',
  'top_p',
  'text',
  'truncation',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'store',
  'user',
  'service_tier',
  'background',
  'conversation',
  'billing',
  'frequency_penalty',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'safety_identifier',
  'top_logprobs',
  'tool_usage',
  'total_tokens',
  'context_management',
  'prompt',
])

export function readResponsesAnswer(body: JsonObject, report: TranslationReport): Answer {
  report.dropAll(unknownMembers(body, responseEnvelope, ''))
  const parts: Part[] = []
  for (const [item, index] of objects(body, 'output')) parts.push(...readOutputItem(item, `output[${index}]`, report))
  const created = number(body, 'created_at')
  const tier = text(body, 'service_tier')
  return {
    id: text(body, 'id') ?? '',
    model: text(body, 'model') ?? '',
    ...(created === undefined ? {} : { created }),
    parts: attachSignatures(parts),
    stop: toStop(
      body,
      parts.some((part) => part.kind === 'tool-call'),
    ),
    usage: readOpenAiUsage(child(body, 'usage')),
    ...(tier === undefined || tier === 'auto' ? {} : { serviceTier: tier }),
  }
}

export function readOutputItem(item: JsonObject, path: string, report: TranslationReport): Part[] {
  switch (item.type) {
    case 'message':
      if (item.role !== undefined && item.role !== 'assistant') return [{ kind: 'foreign', type: 'message', path }]
      report.hintAll(unknownMembers(item, new Set(['type', 'id', 'status', 'role', 'content']), path))
      return readItemContent(item.content, `${path}.content`, report)
    case 'function_call':
    case 'custom_tool_call':
      return [readFunctionCall(item, path, report)]
    case 'reasoning': {
      const part = readReasoningItem(item, path)
      return part.text === '' && part.opaque === undefined ? [] : [part]
    }
    case 'image_generation_call':
      return [readPicture(item, path)]
    default:
      return [{ kind: 'foreign', type: text(item, 'type') ?? 'item', path }]
  }
}

/** A picture that the provider's own tool made. One that is not finished has no picture yet. */
export function readPicture(item: JsonObject, path: string): ImagePart | ForeignPart {
  const data = text(item, 'result')
  if (data === undefined || data === '') return { kind: 'foreign', type: 'image_generation_call', path }
  const mediaType = `image/${text(item, 'output_format') ?? 'png'}`
  return { kind: 'image', media: { kind: 'base64', mediaType, data }, path }
}

/** `{error: …}` of a response, and of the events that say it failed: `{type: "error", code, message, param}`. */
export function readResponsesError(body: JsonObject): WireError | undefined {
  const response = child(body, 'response')
  if (response !== undefined) return readOpenAiError(response)
  const { code } = body
  if (body.type !== 'error' || child(body, 'error') !== undefined || typeof code !== 'string')
    return readOpenAiError(body)
  return {
    type: code,
    message: text(body, 'message') ?? 'The upstream failed.',
    code,
    param: text(body, 'param') ?? null,
  }
}

export function toStop(response: JsonObject, called: boolean): Stop {
  const status = text(response, 'status') ?? 'completed'
  const path = 'status'
  const reason = text(child(response, 'incomplete_details'), 'reason')
  if (reason === 'content_filter') return { reason: 'refusal', path }
  if (status === 'incomplete' || reason !== undefined) return { reason: 'length', path }
  // A background answer that is still being made has ended in no dialect.
  if (status === 'queued' || status === 'in_progress' || status === 'cancelled') return { reason: 'pause', path }
  return { reason: called ? 'tool' : 'end', path }
}
