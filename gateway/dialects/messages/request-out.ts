import type { WriteOptions } from '../adapter.ts'
import { Raw, type JsonTree } from '../json.ts'
import type { ConversationRequest, Part, SettingName, Settings, ToolDefinition, Turn } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { reportOrphanedChoice, reportSettings, toBudget } from '../settings.ts'
import { writeBlocks } from './content-out.ts'

const expressible: ReadonlySet<SettingName> = new Set([
  'maxTokens',
  'temperature',
  'topP',
  'topK',
  'stop',
  'parallelTools',
  'toolChoice',
  'format',
  'reasoning',
  'user',
  'cache',
])

export function writeMessagesRequest(
  request: ConversationRequest,
  report: TranslationReport,
  options: WriteOptions,
): JsonTree {
  reportSettings(request, expressible, report)
  reportOrphanedChoice(request, report)
  const { settings, names } = request
  const { system, turns } = splitSystem(request.turns, report)
  const tools = request.tools.flatMap((tool) => writeTool(tool, report))
  if (settings.toolChoice?.kind === 'allowed') report.drop(`${names.toolChoice ?? 'tool_choice'}.tools`)
  const thinking = writeThinking(settings, report, names.reasoning ?? 'reasoning', options)
  const outputConfig = writeOutputConfig(request, report, thinking.effort)
  return {
    model: request.model,
    max_tokens: settings.maxTokens ?? options.defaultMaxTokens + (thinking.budget ?? 0),
    system: writeSystem(system, report),
    messages: writeTurns(turns, report),
    stream: request.stream ? true : undefined,
    ...(tools.length === 0 ? {} : { tools, tool_choice: writeToolChoice(settings) }),
    temperature: writeTemperature(settings, report, names.temperature ?? 'temperature'),
    top_p: settings.topP,
    top_k: settings.topK,
    stop_sequences: settings.stop,
    thinking: thinking.block,
    output_config: outputConfig,
    metadata: settings.user === undefined ? undefined : { user_id: settings.user },
    cache_control: settings.cache === undefined ? undefined : new Raw(settings.cache),
  }
}

function writeSystem(parts: readonly Part[], report: TranslationReport): JsonTree {
  const blocks = writeBlocks(parts, report)
  const only = blocks.length === 1 ? blocks[0] : undefined
  if (only !== undefined && only.cache_control === undefined) return only.text
  return blocks.length === 0 ? undefined : blocks
}

function writeOutputConfig(
  { settings, names }: ConversationRequest,
  report: TranslationReport,
  effort: string | undefined,
): JsonTree {
  const wanted = settings.format
  const name = names.format ?? 'format'
  if (wanted?.kind === 'json') report.drop(name)
  if (wanted?.kind === 'schema' && wanted.description !== undefined) report.hint(`${name}.description`)
  const format = wanted?.kind === 'schema' ? { type: 'json_schema', schema: new Raw(wanted.schema) } : undefined
  return effort === undefined && format === undefined ? undefined : { effort, format }
}

/** The API has one place for instructions, before everything else; later ones are moved there, and said so. */
function splitSystem(turns: readonly Turn[], report: TranslationReport): { system: Part[]; turns: Turn[] } {
  const system: Part[] = []
  const others: Turn[] = []
  for (const turn of turns) {
    if (turn.role === 'system' || turn.role === 'developer') {
      if (others.length > 0) report.hint(`${turn.path}.position`)
      system.push(...turn.parts)
    } else others.push(turn)
  }
  if (others.length > 0 || system.length === 0) return { system, turns: others }
  // Instructions alone are what some clients send as the whole prompt; the API wants a user's message.
  const last = turns.at(-1)
  report.hint(`${last?.path ?? 'system'}.role`)
  return {
    system: system.slice(0, system.length - (last?.parts.length ?? 0)),
    turns: [{ role: 'user', parts: last?.parts ?? [], path: last?.path ?? 'system' }],
  }
}

function writeTurns(turns: readonly Turn[], report: TranslationReport): JsonTree[] {
  const messages: Array<{ readonly role: string; content: Array<Record<string, JsonTree>> }> = []
  for (const turn of turns) {
    const role = turn.role === 'assistant' ? 'assistant' : 'user'
    const blocks = writeBlocks(turn.parts, report)
    const last = messages.at(-1)
    if (blocks.length === 0) continue
    if (last?.role === role) last.content.push(...blocks)
    else messages.push({ role, content: blocks })
  }
  for (const message of messages) {
    // Results must stand before anything else the user says.
    if (message.role === 'user' && message.content.some((block) => block.type === 'tool_result')) {
      message.content = [
        ...message.content.filter((block) => block.type === 'tool_result'),
        ...message.content.filter((block) => block.type !== 'tool_result'),
      ]
    }
  }
  return messages.map(({ role, content }) => {
    const only = content[0]
    return {
      role,
      content: content.length === 1 && only?.type === 'text' && only.cache_control === undefined ? only.text : content,
    }
  })
}

function writeTool(tool: ToolDefinition, report: TranslationReport): JsonTree[] {
  if (tool.custom !== undefined) {
    report.drop(tool.path, tool.name)
    return []
  }
  return [
    {
      name: tool.name,
      description: tool.description,
      input_schema: new Raw(tool.schema ?? '{"type":"object","properties":{}}'),
      strict: tool.strict,
      cache_control: tool.cache === undefined ? undefined : new Raw(tool.cache),
    },
  ]
}

function writeToolChoice({ toolChoice, parallelTools }: Settings): JsonTree {
  const single = parallelTools === false ? true : undefined
  if (toolChoice === undefined)
    return single === undefined ? undefined : { type: 'auto', disable_parallel_tool_use: single }
  if (toolChoice.kind === 'none') return { type: 'none' }
  if (toolChoice.kind === 'tool') return { type: 'tool', name: toolChoice.name, disable_parallel_tool_use: single }
  const required = toolChoice.kind === 'required' || (toolChoice.kind === 'allowed' && toolChoice.mode === 'required')
  return { type: required ? 'any' : 'auto', disable_parallel_tool_use: single }
}

/** The scale ends at 1 here and at 2 at OpenAI. */
function writeTemperature({ temperature }: Settings, report: TranslationReport, name: string): number | undefined {
  if (temperature === undefined || (temperature >= 0 && temperature <= 1)) return temperature
  report.drop(name)
  return Math.min(1, Math.max(0, temperature))
}

function writeThinking(
  settings: Settings,
  report: TranslationReport,
  name: string,
  options: WriteOptions,
): { block?: JsonTree; effort?: string; budget?: number } {
  const { reasoning } = settings
  if (reasoning === undefined) return {}
  if (reasoning.off === true) return { block: { type: 'disabled' } }
  const display =
    reasoning.summary === undefined ? undefined : reasoning.summary === 'omitted' ? 'omitted' : 'summarized'
  if (reasoning.effort === undefined && reasoning.budgetTokens === undefined)
    return display === undefined ? {} : { block: { type: 'adaptive', display } }
  if (reasoning.budgetTokens === undefined && options.thinking === 'effort' && reasoning.effort !== undefined) {
    if (reasoning.effort === 'minimal') report.hint(name)
    return { block: { type: 'adaptive', display }, effort: reasoning.effort === 'minimal' ? 'low' : reasoning.effort }
  }
  const budget = reasoning.budgetTokens ?? toBudget(reasoning.effort ?? 'medium')
  return { block: { type: 'enabled', budget_tokens: budget, display }, budget }
}
