import type { WriteOptions } from '../adapter.ts'
import { Raw, type JsonTree } from '../json.ts'
import type {
  ConversationRequest,
  Part,
  ReasoningPart,
  SettingName,
  Settings,
  ToolCallPart,
  ToolDefinition,
  ToolResultPart,
  Turn,
} from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { reportOrphanedChoice, reportSettings, toEffort, writeShared } from '../settings.ts'
import { placesOf } from '../tools.ts'
import { writeContent, writeToolCall } from './content-out.ts'
import { writeReasoning } from './reasoning.ts'

const expressible: ReadonlySet<SettingName> = new Set([
  'maxTokens',
  'temperature',
  'topP',
  'stop',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
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
  'openai',
])

export function writeChatRequest(
  request: ConversationRequest,
  report: TranslationReport,
  options: WriteOptions,
): JsonTree {
  reportSettings(request, expressible, report)
  reportOrphanedChoice(request, report)
  const { settings } = request
  const tools = request.tools.map((tool) => writeTool(tool, report, options))
  return {
    model: request.model,
    messages: request.turns.flatMap((turn) => writeTurn(turn, report, options)),
    stream: request.stream ? true : undefined,
    stream_options: request.stream && options.streamUsage ? { include_usage: true } : undefined,
    tools: tools.length === 0 ? undefined : tools,
    tool_choice: tools.length === 0 ? undefined : writeToolChoice(settings),
    parallel_tool_calls: tools.length === 0 ? undefined : settings.parallelTools,
    [options.maxTokensField]: settings.maxTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    stop: writeStop(request, report),
    seed: settings.seed,
    frequency_penalty: settings.frequencyPenalty,
    presence_penalty: settings.presencePenalty,
    response_format: writeFormat(settings),
    reasoning_effort: writeEffort(request, report),
    verbosity: settings.verbosity,
    logprobs: settings.logprobs,
    top_logprobs: settings.topLogprobs,
    user: settings.user,
    service_tier: settings.serviceTier === 'standard_only' ? 'default' : settings.serviceTier,
    metadata: settings.metadata === undefined ? undefined : new Raw(settings.metadata),
    store: settings.store,
    prompt_cache_key: settings.promptCacheKey,
    ...writeShared(settings),
  }
}

function writeTurn(turn: Turn, report: TranslationReport, options: WriteOptions): JsonTree[] {
  switch (turn.role) {
    case 'assistant':
      return writeAssistant(turn, report, options)
    case 'tool': {
      const results = turn.parts.filter((part): part is ToolResultPart => part.kind === 'tool-result')
      const messages: JsonTree[] = results.map((part) => writeToolResult(part, report, options))
      // A tool message holds text only; what else a tool returned follows as the user's.
      const others = results.flatMap((part) =>
        part.parts.filter((inner) => inner.kind === 'image' || inner.kind === 'file'),
      )
      if (others.length > 0) {
        report.hintAll(others.map((part) => part.path))
        messages.push({ role: 'user', content: writeContent(others, report, options) })
      }
      return messages
    }
    default: {
      const role = turn.role === 'developer' && !options.developerRole ? 'system' : turn.role
      const content = writeContent(turn.parts, report, options)
      return Array.isArray(content) && content.length === 0
        ? turn.parts.length === 0
          ? [{ role, content: '' }]
          : []
        : [{ role, content }]
    }
  }
}

function writeToolResult(part: ToolResultPart, report: TranslationReport, options: WriteOptions): JsonTree {
  if (part.failed === true) report.hint(`${part.path}.is_error`)
  const texts: Part[] = []
  for (const inner of part.parts) {
    if (inner.kind === 'text') texts.push(inner)
    else if (inner.kind !== 'image' && inner.kind !== 'file') report.drop(inner.path)
  }
  const cached: readonly Part[] =
    part.cache === undefined
      ? texts
      : texts.map((inner, index) =>
          inner.kind === 'text' && index === texts.length - 1 ? { ...inner, cache: part.cache } : inner,
        )
  const content = cached.length === 0 ? '' : writeContent(cached, report, options)
  return { role: 'tool', tool_call_id: part.id, content }
}

interface AssistantParts {
  readonly reasoning: ReasoningPart[]
  readonly calls: ToolCallPart[]
  readonly content: Part[]
  readonly refusals: string[]
}

function writeAssistant(turn: Turn, report: TranslationReport, options: WriteOptions): JsonTree[] {
  const parts = sortAssistantParts(turn, report)
  const { reasoning, calls, content, refusals } = parts
  reportUnwritten(parts, report, options)
  const words = content.length + refusals.length
  const writesReasoning = options.reasoningHistory && reasoning.length > 0
  if (words + calls.length === 0 && !writesReasoning) return []
  return [
    {
      role: 'assistant',
      ...(options.reasoningHistory ? writeReasoning(reasoning) : {}),
      content: content.length > 0 ? writeContent(content, report, options) : words + calls.length > 0 ? null : '',
      refusal: refusals.length === 0 ? undefined : refusals.join(''),
      tool_calls: calls.length === 0 ? undefined : calls.map((call) => writeToolCall(call, options.reasoningHistory)),
    },
  ]
}

function sortAssistantParts(turn: Turn, report: TranslationReport): AssistantParts {
  const sorted: AssistantParts = { reasoning: [], calls: [], content: [], refusals: [] }
  for (const part of turn.parts) {
    switch (part.kind) {
      case 'reasoning':
        sorted.reasoning.push(part)
        break
      case 'tool-call':
        sorted.calls.push(part)
        break
      case 'refusal':
        sorted.refusals.push(part.text)
        break
      case 'text':
        // Chat has its text before its calls: the order is lost, and reported.
        if (sorted.calls.length > 0) report.hint(`${part.path}.position`)
        report.hintAll((part.citations ?? []).map((citation) => citation.path))
        sorted.content.push(part)
        break
      default:
        report.drop(part.path)
    }
  }
  return sorted
}

/** Proofs of reasoning where none are sent back, and cache markers on calls. */
function reportUnwritten({ reasoning, calls }: AssistantParts, report: TranslationReport, options: WriteOptions): void {
  if (!options.reasoningHistory) {
    const signed = calls.filter((call) => call.signature !== undefined)
    report.hintAll([...reasoning.flatMap(placesOf), ...signed.map((call) => `${call.path}.extra_content`)])
  }
  const cached = calls.filter((call) => call.cache !== undefined)
  report.hintAll(cached.map((call) => `${call.path}.cache_control`))
}

function writeTool(tool: ToolDefinition, report: TranslationReport, options: WriteOptions): JsonTree {
  if (tool.cache !== undefined && !options.cacheControl) report.hint(`${tool.path}.cache_control`)
  const cache = tool.cache !== undefined && options.cacheControl ? new Raw(tool.cache) : undefined
  if (tool.custom !== undefined)
    return {
      type: 'custom',
      custom: { name: tool.name, description: tool.description, format: new Raw(tool.custom) },
      cache_control: cache,
    }
  return {
    type: 'function',
    function: {
      name: tool.name,
      description: tool.description,
      parameters: tool.schema === undefined ? undefined : new Raw(tool.schema),
      strict: tool.strict,
    },
    cache_control: cache,
  }
}

function writeToolChoice({ toolChoice }: Settings): JsonTree {
  if (toolChoice === undefined) return undefined
  if (toolChoice.kind === 'allowed') {
    return {
      type: 'allowed_tools',
      allowed_tools: {
        mode: toolChoice.mode,
        tools: toolChoice.names.map((name) => ({ type: 'function', function: { name } })),
      },
    }
  }
  if (toolChoice.kind !== 'tool') return toolChoice.kind
  return toolChoice.custom === true
    ? { type: 'custom', custom: { name: toolChoice.name } }
    : { type: 'function', function: { name: toolChoice.name } }
}

function writeFormat({ format }: Settings): JsonTree {
  if (format === undefined) return undefined
  if (format.kind === 'text') return { type: 'text' }
  if (format.kind === 'json') return { type: 'json_object' }
  return {
    type: 'json_schema',
    json_schema: {
      name: format.name ?? 'answer',
      description: format.description,
      schema: new Raw(format.schema),
      strict: format.strict,
    },
  }
}

function writeEffort({ settings, names }: ConversationRequest, report: TranslationReport): string | undefined {
  const { reasoning } = settings
  if (reasoning === undefined) return undefined
  const name = names.reasoning ?? 'reasoning'
  if (reasoning.summary !== undefined) report.hint(`${name}.summary`)
  if (reasoning.off === true) return 'none'
  if (reasoning.effort !== undefined) return reasoning.effort
  if (reasoning.budgetTokens === undefined) return reasoning.summary === undefined ? 'medium' : undefined
  report.hint(`${name}.budget_tokens`)
  return toEffort(reasoning.budgetTokens)
}

/** OpenAI takes at most four. */
const stopMax = 4

function writeStop({ settings, names }: ConversationRequest, report: TranslationReport): JsonTree {
  settings.stop?.slice(stopMax).forEach((_, index) => report.drop(`${names.stop ?? 'stop'}[${index + stopMax}]`))
  return settings.stop?.slice(0, stopMax)
}
