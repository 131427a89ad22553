import { Raw, type JsonObject, type JsonTree } from '../json.ts'
import { child, text, unknownMembers } from '../members.ts'
import type { Answer, Part, ReasoningPart, Stop, StopReason } from '../model.ts'
import { toOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { attachSignatures, detachSignatures } from '../signatures.ts'
import { readAnthropicUsage, writeAnthropicUsage } from '../usage.ts'
import { readBlocks } from './content-in.ts'
import { writeCitation, writeToolUse } from './content-out.ts'

const known = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
  'container',
])

export function readMessagesAnswer(body: JsonObject, report: TranslationReport): Answer {
  report.dropAll(unknownMembers(body, known, ''))
  const parts = attachSignatures(readBlocks(body.content, 'content', report))
  const tier = text(child(body, 'usage'), 'service_tier')
  return {
    id: text(body, 'id') ?? '',
    model: text(body, 'model') ?? '',
    parts,
    stop: toStop(
      text(body, 'stop_reason'),
      text(body, 'stop_sequence'),
      parts.some((part) => part.kind === 'tool-call'),
    ),
    usage: readAnthropicUsage(child(body, 'usage')),
    ...(tier === undefined ? {} : { serviceTier: tier === 'standard' ? 'default' : tier }),
  }
}

export function toStop(reason: string | undefined, sequence: string | undefined, called: boolean): Stop {
  const path = 'stop_reason'
  switch (reason) {
    case 'max_tokens':
      return { reason: 'length', path }
    case 'model_context_window_exceeded':
      return { reason: 'window', path }
    case 'refusal':
      return { reason: 'refusal', path }
    case 'pause_turn':
    case 'compaction':
      return { reason: 'pause', path }
    case 'stop_sequence':
      return { reason: 'stop-sequence', path, ...(sequence === undefined ? {} : { sequence }) }
    default:
      return { reason: called ? 'tool' : 'end', path }
  }
}

export function toStopReason(reason: StopReason): string {
  switch (reason) {
    case 'tool':
      return 'tool_use'
    case 'length':
      return 'max_tokens'
    case 'window':
      return 'model_context_window_exceeded'
    case 'refusal':
      return 'refusal'
    case 'pause':
      return 'pause_turn'
    case 'stop-sequence':
      return 'stop_sequence'
    default:
      return 'end_turn'
  }
}

export function writeMessagesAnswer(answer: Answer, report: TranslationReport): JsonTree {
  const content = detachSignatures(answer.parts).flatMap((part) => {
    const block = writeAnswerBlock(part, report)
    return block === undefined ? [] : [block]
  })
  const refused = answer.parts.some((part) => part.kind === 'refusal') && answer.stop.reason === 'end'
  const stop: Stop = refused ? { ...answer.stop, reason: 'refusal' } : answer.stop
  return {
    id: answer.id,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content,
    stop_reason: toStopReason(stop.reason),
    stop_sequence: stop.sequence ?? null,
    usage: {
      ...writeAnthropicUsage(answer.usage ?? {}),
      service_tier: answer.serviceTier === 'default' ? 'standard' : answer.serviceTier,
    },
  }
}

function writeAnswerBlock(part: Part, report: TranslationReport): JsonTree | undefined {
  switch (part.kind) {
    case 'text':
      if (part.logprobs !== undefined && new Raw(part.logprobs).text !== '[]') report.drop(logprobsPath(part.path))
      if (part.text === '' && part.citations === undefined) return undefined
      return { type: 'text', text: part.text, citations: part.citations?.map(writeCitation) }
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return writeThinkingBlock(part)
    case 'tool-call':
      return writeToolUse(part, report)
    default:
      report.drop(part.path)
      return undefined
  }
}

/** Chat says them beside its message, responses inside the text. */
export function logprobsPath(textPath: string): string {
  return textPath.startsWith('choices') ? 'choices[0].logprobs' : `${textPath}.logprobs`
}

function writeThinkingBlock({ text: thinking, opaque }: ReasoningPart): JsonTree {
  if (opaque?.maker === 'anthropic' && opaque.kind === 'encrypted')
    return { type: 'redacted_thinking', data: opaque.value }
  return { type: 'thinking', thinking, signature: opaque === undefined ? '' : toOpaqueField(opaque, 'anthropic') }
}
