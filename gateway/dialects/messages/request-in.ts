import { isObject, rawText, type JsonObject } from '../json.ts'
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
import { withoutBillingLine } from '../billing-line.ts'
import type { TranslationReport } from '../report.ts'
import { attachSignatures } from '../signatures.ts'
import { refuseStored } from '../stored.ts'
import { readBlocks } from './content-in.ts'

const known = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
  'cache_control',
  'betas',
])
const hints = new Set(['inference_geo', 'context_management', 'speed'])
const toolMembers = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control', 'defer_loading'])

export function readMessagesRequest(body: JsonObject, report: TranslationReport): ConversationRequest {
  refuseStored(body)
  for (const path of unknownMembers(body, known, '')) {
    if (hints.has(path)) report.hint(path)
    else report.drop(path)
  }
  const system = readSystem(body, report)
  const turns: Turn[] = system.length === 0 ? [] : [{ role: 'system', parts: system, path: 'system' }]
  for (const [message, index] of objects(body, 'messages', (index) => report.drop(`messages[${index}]`))) {
    turns.push(...readTurn(message, `messages[${index}]`, report))
  }
  return {
    model: text(body, 'model') ?? '',
    stream: flag(body, 'stream') ?? false,
    turns,
    tools: readTools(body, report),
    settings: readSettings(body, report),
    names: {
      maxTokens: 'max_tokens',
      temperature: 'temperature',
      topP: 'top_p',
      topK: 'top_k',
      stop: 'stop_sequences',
      toolChoice: 'tool_choice',
      parallelTools: 'tool_choice.disable_parallel_tool_use',
      format: body.output_format === undefined ? 'output_config.format' : 'output_format',
      reasoning: body.thinking === undefined ? 'output_config.effort' : 'thinking',
      user: 'metadata.user_id',
      serviceTier: 'service_tier',
      cache: 'cache_control',
    },
  }
}

function readSystem(body: JsonObject, report: TranslationReport): Part[] {
  return readBlocks(body.system, 'system', report).flatMap((part) => {
    const written = part.kind === 'text' ? withoutBillingLine(part.text) : undefined
    if (part.kind !== 'text' || written === undefined || written === part.text) return [part]
    report.hint(part.path)
    return written === '' ? [] : [{ ...part, text: written }]
  })
}

function readTurn(message: JsonObject, path: string, report: TranslationReport): Turn[] {
  report.dropAll(unknownMembers(message, new Set(['role', 'content']), path))
  const { role } = message
  const parts = readBlocks(message.content, `${path}.content`, report)
  if (role === 'assistant') return [{ role, parts: attachSignatures(parts), path }]
  if (role === 'system') return [{ role, parts, path }]
  if (role !== 'user') {
    report.drop(`${path}.role`)
    return []
  }
  if (parts.length === 0) return [{ role, parts, path }]
  // Results of tools are the user's here and a role of their own elsewhere; the order of both kinds is kept.
  const turns: Array<{ readonly role: 'tool' | 'user'; readonly parts: Part[]; readonly path: string }> = []
  for (const part of parts) {
    const kind = part.kind === 'tool-result' ? 'tool' : 'user'
    const last = turns.at(-1)
    if (last?.role === kind) last.parts.push(part)
    else turns.push({ role: kind, parts: [part], path })
  }
  return turns
}

function readTools(body: JsonObject, report: TranslationReport): ToolDefinition[] {
  const tools: ToolDefinition[] = []
  for (const [tool, index] of objects(body, 'tools')) {
    const path = `tools[${index}]`
    const name = text(tool, 'name')
    if (name === undefined || (tool.type !== undefined && tool.type !== null && tool.type !== 'custom')) {
      report.drop(path, name ?? text(tool, 'type'))
      continue
    }
    for (const member of unknownMembers(tool, toolMembers, path)) {
      // How finely the arguments are streamed changes nothing of what they are.
      if (member === `${path}.eager_input_streaming`) report.hint(member)
      else report.drop(member)
    }
    const description = text(tool, 'description')
    const strict = flag(tool, 'strict')
    tools.push({
      name,
      path,
      ...(description === undefined ? {} : { description }),
      ...(isObject(tool.input_schema)
        ? { schema: rawText(tool.input_schema), schemaPath: `${path}.input_schema` }
        : {}),
      ...(strict === undefined ? {} : { strict }),
      ...(tool.defer_loading === true ? { deferred: true } : {}),
      ...(isObject(tool.cache_control) ? { cache: rawText(tool.cache_control) } : {}),
    })
  }
  return tools
}

function readSettings(body: JsonObject, report: TranslationReport): Settings {
  const stop = list(body, 'stop_sequences').filter((item): item is string => typeof item === 'string')
  const choice = child(body, 'tool_choice')
  const config = child(body, 'output_config')
  const metadata = child(body, 'metadata')
  if (config !== undefined) report.dropAll(unknownMembers(config, new Set(['effort', 'format']), 'output_config'))
  if (metadata !== undefined) report.hintAll(unknownMembers(metadata, new Set(['user_id']), 'metadata'))
  const parallel = flag(choice, 'disable_parallel_tool_use')
  return {
    maxTokens: number(body, 'max_tokens'),
    temperature: number(body, 'temperature'),
    topP: number(body, 'top_p'),
    topK: number(body, 'top_k'),
    stop: stop.length === 0 ? undefined : stop,
    parallelTools: parallel === undefined ? undefined : !parallel,
    toolChoice: readToolChoice(choice, report),
    format: readFormat(child(body, 'output_format') ?? child(config, 'format'), report),
    reasoning: readThinking(child(body, 'thinking'), text(config, 'effort'), report),
    user: text(metadata, 'user_id'),
    serviceTier: text(body, 'service_tier'),
    cache: isObject(body.cache_control) ? rawText(body.cache_control) : undefined,
  }
}

function readToolChoice(choice: JsonObject | undefined, report: TranslationReport): ToolChoice | undefined {
  if (choice === undefined) return undefined
  if (choice.type === 'auto' || choice.type === 'none') return { kind: choice.type }
  if (choice.type === 'any') return { kind: 'required' }
  const name = text(choice, 'name')
  if (choice.type === 'tool' && name !== undefined) return { kind: 'tool', name }
  report.drop('tool_choice')
  return undefined
}

function readFormat(format: JsonObject | undefined, report: TranslationReport): OutputFormat | undefined {
  if (format === undefined) return undefined
  if (format.type === 'json_schema' && isObject(format.schema))
    return { kind: 'schema', schema: rawText(format.schema) }
  report.drop('output_config.format')
  return undefined
}

function readThinking(
  thinking: JsonObject | undefined,
  effort: string | undefined,
  report: TranslationReport,
): Reasoning | undefined {
  const budgetTokens = thinking?.type === 'enabled' ? number(thinking, 'budget_tokens') : undefined
  const summary = text(thinking, 'display')
  if (thinking?.type === 'disabled') {
    if (effort !== undefined) report.hint('output_config.effort')
    return { off: true }
  }
  if (thinking === undefined && effort === undefined) return undefined
  return {
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(summary === undefined ? {} : { summary }),
  }
}
