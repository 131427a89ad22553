import { isObject, rawText, type JsonObject } from '../json.ts'
import { child, flag, list, number, objects, text, unknownMembers } from '../members.ts'
import type {
  ConversationRequest,
  OutputFormat,
  Part,
  SettingName,
  Settings,
  ToolChoice,
  ToolDefinition,
  Turn,
} from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { readShared, sharedNames } from '../settings.ts'
import { refuseStored } from '../stored.ts'
import { withoutPartners } from '../partners.ts'
import { findLostCalls, oldCallId, readContent, readToolCalls } from './content-in.ts'
import { readReasoning, reasoningMembers } from './reasoning.ts'

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

// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
function readTurn(message: JsonObject, path: string, report: TranslationReport): Turn | undefined {
  const { role } = message
  const members = [
    'role',
    'content',
    'cache_control',
    ...(role === 'assistant' ? ['refusal', 'tool_calls', 'function_call', ...reasoningMembers] : []),
    ...(role === 'tool' ? ['tool_call_id'] : []),
    ...(role === 'function' ? ['name'] : []),
  ]
  for (const member of unknownMembers(message, new Set(members), path)) {
    // A participant's name colours the text, it does not carry it; sources of an earlier answer are not its words.
    if (member.endsWith('.name') || member.endsWith('.annotations')) report.hint(member)
    else report.drop(member)
  }
  const content = readContent(message.content, `${path}.content`, report)
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      return { role, parts: content, path }
    case 'assistant': {
      const refusal = text(message, 'refusal')
      const refused: Part[] = refusal === undefined ? [] : [{ kind: 'refusal', text: refusal, path: `${path}.refusal` }]
      return {
        role,
        parts: [...readReasoning(message, path), ...content, ...refused, ...readToolCalls(message, path, report)],
        path,
      }
    }
    case 'tool':
      return {
        role,
        parts: [
          { kind: 'tool-result', id: text(message, 'tool_call_id') ?? '', parts: content, path: `${path}.content` },
        ],
        path,
      }
    case 'function':
      return {
        role: 'tool',
        parts: [
          { kind: 'tool-result', id: oldCallId(text(message, 'name') ?? ''), parts: content, path: `${path}.content` },
        ],
        path,
      }
    default:
      report.drop(`${path}.role`)
      return undefined
  }
}

// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
function readTools(body: JsonObject, report: TranslationReport): ToolDefinition[] {
  const tools: ToolDefinition[] = []
  for (const [old, index] of objects(body, 'functions')) {
    const name = text(old, 'name')
    const description = text(old, 'description')
    if (name === undefined) report.drop(`functions[${index}]`)
    else
      tools.push({
        name,
        path: `functions[${index}]`,
        ...(description === undefined ? {} : { description }),
        ...(isObject(old.parameters)
          ? { schema: rawText(old.parameters), schemaPath: `functions[${index}].parameters` }
          : {}),
      })
  }
  for (const [tool, index] of objects(body, 'tools')) {
    const path = `tools[${index}]`
    const custom = tool.type === 'custom'
    // `type` is missing in the bodies of some clients; a function is what they mean.
    const stated = custom ? child(tool, 'custom') : (child(tool, 'function') ?? undefined)
    const name = text(stated, 'name')
    if (
      stated === undefined ||
      name === undefined ||
      (!custom && tool.type !== undefined && tool.type !== 'function')
    ) {
      report.drop(path, name ?? text(tool, 'type'))
      continue
    }
    report.dropAll(
      unknownMembers(stated, new Set(['name', 'description', 'parameters', 'strict', 'format']), `${path}.function`),
    )
    const description = text(stated, 'description')
    const strict = flag(stated, 'strict')
    tools.push({
      name,
      path,
      ...(description === undefined ? {} : { description }),
      ...(isObject(stated.parameters)
        ? { schema: rawText(stated.parameters), schemaPath: `${path}.function.parameters` }
        : {}),
      ...(strict === undefined ? {} : { strict }),
      ...(custom ? { custom: isObject(stated.format) ? rawText(stated.format) : '{"type":"text"}' } : {}),
      ...(isObject(tool.cache_control) ? { cache: rawText(tool.cache_control) } : {}),
    })
  }
  return tools
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

function readToolChoice(body: JsonObject, report: TranslationReport): ToolChoice | undefined {
  const old = text(child(body, 'function_call'), 'name')
  if (old !== undefined) return { kind: 'tool', name: old }
  const choice = body.tool_choice ?? body.function_call
  if (choice === undefined || choice === null) return undefined
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { kind: choice }
  // Mistral's word.
  if (choice === 'any') return { kind: 'required' }
  if (isObject(choice)) {
    const custom = choice.type === 'custom'
    const name = text(child(choice, custom ? 'custom' : 'function'), 'name')
    if (name !== undefined) return { kind: 'tool', name, ...(custom ? { custom } : {}) }
    const allowed = child(choice, 'allowed_tools')
    if (allowed !== undefined) {
      const names = [...objects(allowed, 'tools')].flatMap(([tool]) => text(child(tool, 'function'), 'name') ?? [])
      return { kind: 'allowed', mode: allowed.mode === 'required' ? 'required' : 'auto', names }
    }
  }
  report.drop('tool_choice')
  return undefined
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
