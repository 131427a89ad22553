import { isObject, rawText, type JsonObject } from '../json.ts'
import { child, flag, list, number, objects, text, unknownMembers } from '../members.ts'
import type { ConversationRequest, OutputFormat, SettingName, Settings, Turn } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { readShared, sharedNames } from '../settings.ts'
import { refuseStored } from '../stored.ts'
import { withoutPartners } from '../partners.ts'
import { findLostCalls } from './content-in.ts'
import { readToolChoice, readTools } from './tools-in.ts'
import { readTurn } from './turns-in.ts'

const known = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'n',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'logprobs',
  'top_logprobs',
  'user',
  'service_tier',
  'metadata',
  'store',
  'prompt_cache_key',
  'functions',
  'function_call',
  'reasoning',
  ...sharedNames,
])
/** Members that cannot change what the model answers. */
const hints = new Set(['prediction'])

export function readChatRequest(body: JsonObject, report: TranslationReport): ConversationRequest {
  refuseStored(body)
  for (const path of unknownMembers(body, known, '')) {
    if (path === 'modalities' && isTextOnly(body)) continue
    if (hints.has(path)) report.hint(path)
    else report.drop(path)
  }
  if ((number(body, 'n') ?? 1) !== 1) report.drop('n')
  const turns: Turn[] = []
  const lost = new Set<string>()
  for (const [message, index] of objects(body, 'messages', (index) => report.drop(`messages[${index}]`))) {
    const turn = readTurn(message, `messages[${index}]`, report)
    if (turn === undefined) continue
    turns.push(turn)
    for (const id of findLostCalls(message, turn.parts)) lost.add(id)
  }
  return {
    model: text(body, 'model') ?? '',
    stream: flag(body, 'stream') ?? false,
    turns: withoutPartners(turns, lost, report),
    tools: readTools(body, report),
    settings: readSettings(body, report),
    names: settingNames(body),
  }
}

/** The default. */
function isTextOnly(body: JsonObject): boolean {
  return list(body, 'modalities').every((modality) => modality === 'text')
}

function readSettings(body: JsonObject, report: TranslationReport): Settings {
  const stop =
    typeof body.stop === 'string'
      ? [body.stop]
      : list(body, 'stop').filter((item): item is string => typeof item === 'string')
  return {
    maxTokens: number(body, 'max_completion_tokens') ?? number(body, 'max_tokens'),
    temperature: number(body, 'temperature'),
    topP: number(body, 'top_p'),
    topK: number(body, 'top_k'),
    stop: stop.length === 0 ? undefined : stop,
    seed: number(body, 'seed'),
    frequencyPenalty: number(body, 'frequency_penalty'),
    presencePenalty: number(body, 'presence_penalty'),
    parallelTools: flag(body, 'parallel_tool_calls'),
    toolChoice: readToolChoice(body, report),
    format: readFormat(body, report),
    reasoning: readEffort(body, report),
    verbosity: text(body, 'verbosity'),
    logprobs: flag(body, 'logprobs'),
    topLogprobs: number(body, 'top_logprobs'),
    user: text(body, 'user'),
    serviceTier: text(body, 'service_tier'),
    metadata: isObject(body.metadata) ? rawText(body.metadata) : undefined,
    store: flag(body, 'store'),
    promptCacheKey: text(body, 'prompt_cache_key'),
    openai: readShared(body),
  }
}

function settingNames(body: JsonObject): Partial<Record<SettingName, string>> {
  return {
    maxTokens: body.max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens',
    temperature: 'temperature',
    topP: 'top_p',
    topK: 'top_k',
    stop: 'stop',
    seed: 'seed',
    frequencyPenalty: 'frequency_penalty',
    presencePenalty: 'presence_penalty',
    parallelTools: 'parallel_tool_calls',
    toolChoice: 'tool_choice',
    format: 'response_format',
    reasoning: 'reasoning_effort',
    verbosity: 'verbosity',
    logprobs: 'logprobs',
    topLogprobs: 'top_logprobs',
    user: 'user',
    serviceTier: 'service_tier',
    metadata: 'metadata',
    store: 'store',
    promptCacheKey: 'prompt_cache_key',
  }
}

/** `reasoning_effort`, or OpenRouter's object of the same meaning. */
function readEffort(body: JsonObject, report: TranslationReport): Settings['reasoning'] {
  const stated = child(body, 'reasoning')
  const effort = text(body, 'reasoning_effort') ?? text(stated, 'effort')
  const budgetTokens = number(stated, 'max_tokens')
  if (stated !== undefined)
    report.hintAll(unknownMembers(stated, new Set(['effort', 'max_tokens', 'enabled']), 'reasoning'))
  if (effort === 'none' || flag(stated, 'enabled') === false) return { off: true }
  if (effort !== undefined) return { effort }
  if (budgetTokens !== undefined) return { budgetTokens }
  return flag(stated, 'enabled') === true ? {} : undefined
}

function readFormat(body: JsonObject, report: TranslationReport): OutputFormat | undefined {
  const format = child(body, 'response_format')
  if (format === undefined) return undefined
  if (format.type === 'text') return { kind: 'text' }
  if (format.type === 'json_object') return { kind: 'json' }
  const stated = child(format, 'json_schema')
  if (format.type === 'json_schema' && isObject(stated?.schema)) {
    const name = text(stated, 'name')
    const strict = flag(stated, 'strict')
    const description = text(stated, 'description')
    return {
      kind: 'schema',
      schema: rawText(stated.schema),
      ...(name === undefined ? {} : { name }),
      ...(strict === undefined ? {} : { strict }),
      ...(description === undefined ? {} : { description }),
    }
  }
  report.drop('response_format')
  return undefined
}
