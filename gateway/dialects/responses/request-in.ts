import { isObject, rawText, type JsonObject, type JsonValue } from '../json.ts'
import { child, flag, list, number, objects, text, unknownMembers } from '../members.ts'
import type {
  ConversationRequest,
  OutputFormat,
  Part,
  Reasoning,
  Settings,
  ToolChoice,
  ToolDefinition,
  Turn,
} from '../model.ts'
import { withoutPartners } from '../partners.ts'
import type { TranslationReport } from '../report.ts'
import { readShared, sharedNames } from '../settings.ts'
import { attachSignatures } from '../signatures.ts'
import { refuseStored } from '../stored.ts'
import { readFunctionCall, readItemContent, readReasoningItem } from './items-in.ts'

const known = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'max_output_tokens',
  'temperature',
  'top_p',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'user',
  'metadata',
  'store',
  'service_tier',
  'prompt_cache_key',
  'include',
  'truncation',
  'top_logprobs',
  'previous_response_id',
  'conversation',
  'prompt',
  ...sharedNames,
])
const hints = new Set(['context_management', 'client_metadata'])
/** Answered in every dialect without being asked for. */
const alwaysIncluded = new Set(['reasoning.encrypted_content', 'message.output_text.logprobs'])

export function readResponsesRequest(body: JsonObject, report: TranslationReport): ConversationRequest {
  const items = [...objects(body, 'input')].filter(([item]) => item.type === 'item_reference')
  refuseStored(
    body,
    items.map(([, index]) => `input[${index}]`),
  )
  for (const path of unknownMembers(body, known, '')) {
    if (hints.has(path)) report.hint(path)
    else report.drop(path)
  }
  if (text(body, 'truncation') === 'auto') report.drop('truncation')
  for (const [index, item] of list(body, 'include').entries())
    if (typeof item !== 'string' || !alwaysIncluded.has(item)) report.hint(`include[${index}]`)
  const instructions = text(body, 'instructions')
  if (Array.isArray(body.instructions) && body.instructions.length > 0) report.drop('instructions')
  const system: Turn[] =
    instructions === undefined || instructions === ''
      ? []
      : [{ role: 'system', parts: [{ kind: 'text', text: instructions, path: 'instructions' }], path: 'instructions' }]
  const turns = readInput(body.input, report)
  const tools = readTools(body, report)
  return {
    model: text(body, 'model') ?? '',
    stream: flag(body, 'stream') ?? false,
    turns: [...system, ...withKnownNamespaces(turns, tools, report)],
    tools,
    settings: readSettings(body, report),
    names: {
      maxTokens: 'max_output_tokens',
      temperature: 'temperature',
      topP: 'top_p',
      parallelTools: 'parallel_tool_calls',
      toolChoice: 'tool_choice',
      format: 'text.format',
      reasoning: 'reasoning',
      verbosity: 'text.verbosity',
      logprobs: 'include',
      topLogprobs: 'top_logprobs',
      user: 'user',
      serviceTier: 'service_tier',
      metadata: 'metadata',
      store: 'store',
      promptCacheKey: 'prompt_cache_key',
    },
  }
}

/** Items in a row that one side said are one turn: a model's reasoning, words and calls belong together. */
function readInput(input: JsonValue | undefined, report: TranslationReport): Turn[] {
  if (typeof input === 'string')
    return [{ role: 'user', parts: [{ kind: 'text', text: input, path: 'input' }], path: 'input' }]
  const turns: Array<{ readonly role: Turn['role']; readonly parts: Part[]; readonly path: string }> = []
  const lost = new Set<string>()
  for (const [index, item] of (Array.isArray(input) ? input : []).entries()) {
    const path = `input[${index}]`
    const turn = isObject(item) ? readItem(item, path, report) : undefined
    const last = turns.at(-1)
    if (turn === undefined) {
      report.drop(path, isObject(item) ? text(item, 'type') : undefined)
      const call = isObject(item) ? text(item, 'call_id') : undefined
      if (call !== undefined) lost.add(call)
    } else if (last?.role === turn.role && (turn.role === 'assistant' || turn.role === 'tool'))
      last.parts.push(...turn.parts)
    else turns.push({ ...turn, parts: [...turn.parts] })
  }
  return withoutPartners(turns, lost, report).map((turn) => ({ ...turn, parts: attachSignatures(turn.parts) }))
}

/** A tool that a search has found is called under its own name as a namespace, although it stands by itself. */
function withKnownNamespaces(turns: Turn[], tools: readonly ToolDefinition[], report: TranslationReport): Turn[] {
  const toKey = ({ namespace, name }: { namespace?: string; name: string }): string => JSON.stringify([namespace, name])
  const known = new Set(tools.map(toKey))
  const fit = (part: Part): Part => {
    if (part.kind !== 'tool-call' || part.namespace === undefined || known.has(toKey(part))) return part
    const { namespace, ...call } = part
    if (namespace !== part.name && !known.has(toKey(call))) return part
    report.hint(`${part.path}.namespace`)
    return call
  }
  return turns.map((turn) => ({ ...turn, parts: turn.parts.map(fit) }))
}

function readItem(item: JsonObject, path: string, report: TranslationReport): Turn | undefined {
  switch (item.type ?? 'message') {
    case 'message': {
      const { role } = item
      if (role !== 'user' && role !== 'assistant' && role !== 'system' && role !== 'developer') return undefined
      report.hintAll(unknownMembers(item, new Set(['type', 'id', 'status', 'role', 'content']), path))
      return { role, parts: readItemContent(item.content, `${path}.content`, report), path }
    }
    case 'function_call':
    case 'custom_tool_call':
      return { role: 'assistant', parts: [readFunctionCall(item, path, report)], path }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const parts = readItemContent(item.output, `${path}.output`, report)
      return {
        role: 'tool',
        parts: [
          {
            kind: 'tool-result',
            id: text(item, 'call_id') ?? '',
            parts,
            path: `${path}.output`,
            ...(item.type === 'custom_tool_call_output' ? { custom: true } : {}),
          },
        ],
        path,
      }
    }
    case 'reasoning':
      return { role: 'assistant', parts: [readReasoningItem(item, path)], path }
    default:
      return undefined
  }
}

const toolMembers = new Set(['type', 'name', 'description', 'parameters', 'strict', 'defer_loading', 'format'])

/** Functions and custom tools, those of namespaces too: other dialects have no groups, so each stands by itself. */
function readTools(holder: JsonObject, report: TranslationReport, namespace?: string, place = ''): ToolDefinition[] {
  const tools: ToolDefinition[] = []
  for (const [tool, index] of objects(holder, 'tools')) {
    const path = `${place}tools[${index}]`
    const name = text(tool, 'name')
    if (tool.type === 'namespace' && name !== undefined && namespace === undefined) {
      report.hintAll(unknownMembers(tool, new Set(['type', 'name', 'tools']), path))
      tools.push(...readTools(tool, report, name, `${path}.`))
    } else if (name === undefined || (tool.type !== 'function' && tool.type !== 'custom'))
      report.drop(path, name ?? text(tool, 'type'))
    else tools.push({ ...readTool(tool, name, path, report), ...(namespace === undefined ? {} : { namespace }) })
  }
  return tools
}

function readTool(tool: JsonObject, name: string, path: string, report: TranslationReport): ToolDefinition {
  report.dropAll(unknownMembers(tool, toolMembers, path))
  const description = text(tool, 'description')
  const strict = flag(tool, 'strict')
  return {
    name,
    path,
    ...(description === undefined ? {} : { description }),
    ...(isObject(tool.parameters) ? { schema: rawText(tool.parameters), schemaPath: `${path}.parameters` } : {}),
    ...(strict === undefined ? {} : { strict }),
    ...(tool.defer_loading === true ? { deferred: true } : {}),
    ...(tool.type === 'custom' ? { custom: isObject(tool.format) ? rawText(tool.format) : '{"type":"text"}' } : {}),
  }
}

function readSettings(body: JsonObject, report: TranslationReport): Settings {
  const shape = child(body, 'text')
  if (shape !== undefined) report.dropAll(unknownMembers(shape, new Set(['format', 'verbosity']), 'text'))
  return {
    maxTokens: number(body, 'max_output_tokens'),
    temperature: number(body, 'temperature'),
    topP: number(body, 'top_p'),
    parallelTools: flag(body, 'parallel_tool_calls'),
    toolChoice: readToolChoice(body.tool_choice, report),
    format: readFormat(child(shape, 'format'), report),
    reasoning: readReasoning(child(body, 'reasoning'), report),
    verbosity: text(shape, 'verbosity'),
    logprobs: list(body, 'include').includes('message.output_text.logprobs') ? true : undefined,
    topLogprobs: number(body, 'top_logprobs'),
    user: text(body, 'user'),
    serviceTier: text(body, 'service_tier'),
    metadata: isObject(body.metadata) ? rawText(body.metadata) : undefined,
    store: flag(body, 'store'),
    promptCacheKey: text(body, 'prompt_cache_key'),
    openai: readShared(body),
  }
}

function readToolChoice(choice: JsonValue | undefined, report: TranslationReport): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { kind: choice }
  if (isObject(choice)) {
    const name = text(choice, 'name')
    const namespace = text(choice, 'namespace')
    if ((choice.type === 'function' || choice.type === 'custom') && name !== undefined)
      return {
        kind: 'tool',
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(choice.type === 'custom' ? { custom: true } : {}),
      }
    if (choice.type === 'allowed_tools') {
      const names = [...objects(choice, 'tools')].flatMap(([tool]) =>
        tool.type === 'function' ? (text(tool, 'name') ?? []) : [],
      )
      return { kind: 'allowed', mode: choice.mode === 'required' ? 'required' : 'auto', names }
    }
  }
  report.drop('tool_choice')
  return undefined
}

function readFormat(format: JsonObject | undefined, report: TranslationReport): OutputFormat | undefined {
  if (format === undefined) return undefined
  if (format.type === 'text') return { kind: 'text' }
  if (format.type === 'json_object') return { kind: 'json' }
  if (format.type === 'json_schema' && isObject(format.schema)) {
    const name = text(format, 'name')
    const strict = flag(format, 'strict')
    const description = text(format, 'description')
    return {
      kind: 'schema',
      schema: rawText(format.schema),
      ...(name === undefined ? {} : { name }),
      ...(strict === undefined ? {} : { strict }),
      ...(description === undefined ? {} : { description }),
    }
  }
  report.drop('text.format')
  return undefined
}

function readReasoning(reasoning: JsonObject | undefined, report: TranslationReport): Reasoning | undefined {
  if (reasoning === undefined) return undefined
  report.hintAll(unknownMembers(reasoning, new Set(['effort', 'summary', 'generate_summary']), 'reasoning'))
  const effort = text(reasoning, 'effort')
  const summary = text(reasoning, 'summary') ?? text(reasoning, 'generate_summary')
  if (effort === 'none') return { off: true }
  if (effort === undefined && summary === undefined) return undefined
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) }
}
