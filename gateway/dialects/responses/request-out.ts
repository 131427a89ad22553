import type { WriteOptions } from '../adapter.ts'
import { Raw, type JsonTree } from '../json.ts'
import { toFileName, toUrl } from '../media.ts'
import type { ConversationRequest, Part, SettingName, Settings, TextPart, ToolDefinition, Turn } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { placesOf } from '../tools.ts'
import { reportOrphanedChoice, reportSettings, toEffort, writeShared } from '../settings.ts'

const expressible: ReadonlySet<SettingName> = new Set([
  'maxTokens',
  'temperature',
  'topP',
  'parallelTools',
  'toolChoice',
  'format',
  'reasoning',
  'verbosity',
  'logprobs',
  'topLogprobs',
  'user',
  'serviceTier',
  'metadata',
  'store',
  'promptCacheKey',
])

export function writeResponsesRequest(
  request: ConversationRequest,
  report: TranslationReport,
  _options: WriteOptions,
): JsonTree {
  reportSettings(request, expressible, report)
  reportOrphanedChoice(request, report)
  const { settings } = request
  const instructions = findInstructions(request.turns[0])
  if (instructions?.cache !== undefined) report.hint(`${instructions.path}.cache_control`)
  const tools = request.tools.map((tool) => writeTool(tool, report))
  const reasoning = writeReasoning(request, report)
  return {
    model: request.model,
    instructions: instructions?.text,
    input: request.turns.slice(instructions === undefined ? 0 : 1).flatMap((turn) => writeTurn(turn, report)),
    stream: request.stream ? true : undefined,
    ...(tools.length === 0
      ? {}
      : { tools, tool_choice: writeToolChoice(settings), parallel_tool_calls: settings.parallelTools }),
    max_output_tokens: settings.maxTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    text: writeTextSettings(settings),
    reasoning,
    include: writeInclude(settings),
    top_logprobs: settings.topLogprobs,
    user: settings.user,
    service_tier: settings.serviceTier === 'standard_only' ? 'default' : settings.serviceTier,
    metadata: settings.metadata === undefined ? undefined : new Raw(settings.metadata),
    // The conversation comes whole with every request, so nothing has to be kept at the provider unless the caller
    // wants it.
    store: settings.store ?? false,
    prompt_cache_key: settings.promptCacheKey,
    ...writeShared(settings),
  }
}

/** A single text of the system before all else. */
function findInstructions(first: Turn | undefined): TextPart | undefined {
  if (first?.role !== 'system' || first.parts.length !== 1) return undefined
  const only = first.parts[0]
  return only?.kind === 'text' ? only : undefined
}

function writeTextSettings(settings: Settings): JsonTree {
  const { verbosity } = settings
  const format = writeFormat(settings)
  return format === undefined && verbosity === undefined ? undefined : { format, verbosity }
}

function writeInclude({ reasoning, logprobs }: Settings): JsonTree {
  const include = [
    ...(reasoning === undefined || reasoning.off === true ? [] : ['reasoning.encrypted_content']),
    ...(logprobs === true ? ['message.output_text.logprobs'] : []),
  ]
  return include.length === 0 ? undefined : include
}

function writeTurn(turn: Turn, report: TranslationReport): JsonTree[] {
  if (turn.role === 'assistant') return writeAssistant(turn.parts, report)
  if (turn.role === 'tool') return turn.parts.flatMap((part) => writeResult(part, report))
  const only = turn.parts[0]
  if (turn.parts.length === 1 && only?.kind === 'text') {
    if (only.cache !== undefined) report.hint(`${only.path}.cache_control`)
    return [{ role: turn.role, content: only.text }]
  }
  const content = writeContent(turn.parts, report)
  return content.length === 0 && turn.parts.length > 0
    ? []
    : [{ role: turn.role, content: content.length === 0 ? '' : content }]
}

function writeAssistant(parts: readonly Part[], report: TranslationReport): JsonTree[] {
  const items: JsonTree[] = []
  let said: JsonTree[] = []
  const flush = (): void => {
    if (said.length > 0) items.push({ type: 'message', role: 'assistant', content: said })
    said = []
  }
  for (const part of parts) {
    if ('cache' in part && part.cache !== undefined) report.hint(`${part.path}.cache_control`)
    if (part.kind === 'text') {
      report.hintAll((part.citations ?? []).map((citation) => citation.path))
      said.push({ type: 'output_text', text: part.text, annotations: [] })
    } else if (part.kind === 'refusal') said.push({ type: 'refusal', refusal: part.text })
    else if (part.kind === 'tool-call') {
      flush()
      items.push(
        part.custom === true
          ? { type: 'custom_tool_call', call_id: part.id, name: part.name, input: part.arguments }
          : { type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments },
      )
      if (part.signature !== undefined) report.hint(`${part.path}.extra_content`)
    } else if (part.kind === 'reasoning' && part.opaque?.maker === 'openai') {
      flush()
      const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }]
      items.push({ type: 'reasoning', id: part.opaque.id, summary, encrypted_content: part.opaque.value })
    } else if (part.kind === 'reasoning') report.hintAll(placesOf(part))
    else report.drop(part.path)
  }
  flush()
  return items
}

function writeResult(part: Part, report: TranslationReport): JsonTree[] {
  if (part.kind !== 'tool-result') {
    report.drop(part.path)
    return []
  }
  if (part.failed === true) report.hint(`${part.path}.is_error`)
  if (part.cache !== undefined) report.hint(`${part.path}.cache_control`)
  const only = part.parts[0]
  const output =
    part.parts.length === 0
      ? ''
      : part.parts.length === 1 && only?.kind === 'text'
        ? only.text
        : writeContent(part.parts, report)
  return [{ type: part.custom === true ? 'custom_tool_call_output' : 'function_call_output', call_id: part.id, output }]
}

function writeContent(parts: readonly Part[], report: TranslationReport): JsonTree[] {
  return parts.flatMap((part): JsonTree[] => {
    if ('cache' in part && part.cache !== undefined) report.hint(`${part.path}.cache_control`)
    switch (part.kind) {
      case 'text':
      case 'refusal':
        return [{ type: 'input_text', text: part.text }]
      case 'image':
        return [{ type: 'input_image', image_url: toUrl(part.media), detail: part.detail ?? 'auto' }]
      case 'file':
        if (part.context !== undefined) report.drop(`${part.path}.context`)
        if (part.media.kind === 'url') {
          if (part.name !== undefined) report.hint(part.namePath ?? `${part.path}.title`)
          return [{ type: 'input_file', file_url: part.media.url }]
        }
        return [{ type: 'input_file', filename: toFileName(part.name, part.media), file_data: toUrl(part.media) }]
      case 'audio':
        return [{ type: 'input_audio', input_audio: { data: part.data, format: part.format } }]
      default:
        report.drop(part.path)
        return []
    }
  })
}

function writeTool(tool: ToolDefinition, report: TranslationReport): JsonTree {
  if (tool.cache !== undefined) report.hint(`${tool.path}.cache_control`)
  if (tool.custom !== undefined)
    return { type: 'custom', name: tool.name, description: tool.description, format: new Raw(tool.custom) }
  return {
    type: 'function',
    name: tool.name,
    description: tool.description,
    parameters: new Raw(tool.schema ?? '{"type":"object","properties":{}}'),
    // Strict is this dialect's default and no other's.
    strict: tool.strict ?? false,
  }
}

function writeToolChoice({ toolChoice }: Settings): JsonTree {
  if (toolChoice === undefined) return undefined
  if (toolChoice.kind === 'allowed')
    return {
      type: 'allowed_tools',
      mode: toolChoice.mode,
      tools: toolChoice.names.map((name) => ({ type: 'function', name })),
    }
  if (toolChoice.kind !== 'tool') return toolChoice.kind
  return { type: toolChoice.custom === true ? 'custom' : 'function', name: toolChoice.name }
}

function writeFormat({ format }: Settings): JsonTree {
  if (format === undefined) return undefined
  if (format.kind === 'text') return { type: 'text' }
  if (format.kind === 'json') return { type: 'json_object' }
  return {
    type: 'json_schema',
    name: format.name ?? 'answer',
    description: format.description,
    schema: new Raw(format.schema),
    strict: format.strict ?? false,
  }
}

function writeReasoning({ settings, names }: ConversationRequest, report: TranslationReport): JsonTree {
  const { reasoning } = settings
  if (reasoning === undefined) return undefined
  if (reasoning.off === true) return { effort: 'none' }
  if (reasoning.budgetTokens !== undefined && reasoning.effort === undefined)
    report.hint(`${names.reasoning ?? 'reasoning'}.budget_tokens`)
  const effort =
    reasoning.effort ?? (reasoning.budgetTokens === undefined ? undefined : toEffort(reasoning.budgetTokens))
  // Anthropic's word for a shown summary is `summarized`; `omitted` asks for none.
  const summary =
    reasoning.summary === 'summarized' ? 'auto' : reasoning.summary === 'omitted' ? undefined : reasoning.summary
  return effort === undefined && summary === undefined ? { effort: 'medium' } : { effort, summary }
}
