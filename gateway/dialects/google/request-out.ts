import type { WriteOptions } from '../adapter.ts'
import { Raw, type JsonTree } from '../json.ts'
import type { ConversationRequest, Part, SettingName, Settings, ToolDefinition, Turn } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { reportOrphanedChoice, reportSettings, toBudget } from '../settings.ts'
import { writeParts } from './parts-out.ts'

/**
 * Gemini's generateContent, as https://ai.google.dev/api/generate-content documents it. The model and the streaming
 * stand in the URL.
 */
const expressible: ReadonlySet<SettingName> = new Set([
  'maxTokens',
  'temperature',
  'topP',
  'topK',
  'stop',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
  'toolChoice',
  'format',
  'reasoning',
  'logprobs',
  'topLogprobs',
])

export function writeGoogleRequest(
  request: ConversationRequest,
  report: TranslationReport,
  options: WriteOptions,
): JsonTree {
  reportSettings(request, expressible, report)
  reportOrphanedChoice(request, report)
  const system: Part[] = []
  const others: Turn[] = []
  for (const turn of request.turns) {
    if (turn.role !== 'system' && turn.role !== 'developer') others.push(turn)
    else {
      if (others.length > 0) report.hint(`${turn.path}.position`)
      system.push(...turn.parts)
    }
  }
  const declarations = request.tools.flatMap((tool) => writeTool(tool, report))
  const instructions = writeParts(system, { names: new Map(), mediaInResults: false }, report)
  return {
    systemInstruction: instructions.length === 0 ? undefined : { parts: instructions },
    contents: writeContents(others, report, options),
    tools: declarations.length === 0 ? undefined : [{ functionDeclarations: declarations }],
    toolConfig: declarations.length === 0 ? undefined : writeToolConfig(request.settings),
    generationConfig: writeConfig(request, report, options),
  }
}

function writeContents(
  turns: readonly Turn[],
  report: TranslationReport,
  { callSignature, accepts }: WriteOptions,
): JsonTree[] {
  /** Results name their function here, not their call. */
  const names = new Map<string, string>()
  const mediaInResults = accepts('google').mediaInResults === true
  const contents: Array<{ readonly role: string; readonly parts: Array<Record<string, JsonTree>> }> = []
  for (const turn of turns) {
    for (const part of turn.parts) if (part.kind === 'tool-call') names.set(part.id, part.name)
    const parts = writeParts(turn.parts, { names, mediaInResults }, report)
    const role = turn.role === 'assistant' ? 'model' : 'user'
    const last = contents.at(-1)
    if (parts.length === 0) continue
    if (last?.role === role) last.parts.push(...parts)
    else contents.push({ role, parts })
  }
  if (callSignature !== null) for (const { parts } of contents) signFirstCall(parts, callSignature)
  return contents
}

/** The first of calls that are made together carries the signature for all. */
function signFirstCall(parts: Array<Record<string, JsonTree>>, signature: string): void {
  const calls = parts.filter((part) => part.functionCall !== undefined)
  if (calls[0] !== undefined && calls.every((call) => call.thoughtSignature === undefined))
    calls[0].thoughtSignature = signature
}

function writeTool(tool: ToolDefinition, report: TranslationReport): JsonTree[] {
  if (tool.custom !== undefined) {
    report.drop(tool.path, tool.name)
    return []
  }
  if (tool.cache !== undefined) report.hint(`${tool.path}.cache_control`)
  if (tool.strict === true) report.hint(`${tool.path}.strict`)
  return [
    {
      name: tool.name,
      description: tool.description,
      parametersJsonSchema: tool.schema === undefined ? undefined : new Raw(tool.schema),
    },
  ]
}

function writeToolConfig({ toolChoice }: Settings): JsonTree {
  if (toolChoice === undefined || toolChoice.kind === 'auto') return undefined
  if (toolChoice.kind === 'none') return { functionCallingConfig: { mode: 'NONE' } }
  const names =
    toolChoice.kind === 'tool' ? [toolChoice.name] : toolChoice.kind === 'allowed' ? toolChoice.names : undefined
  // The list restricts ANY; VALIDATED is its word for a choice that may also be none.
  const mode = toolChoice.kind === 'allowed' && toolChoice.mode === 'auto' ? 'VALIDATED' : 'ANY'
  return { functionCallingConfig: { mode, allowedFunctionNames: names } }
}

function writeConfig(request: ConversationRequest, report: TranslationReport, options: WriteOptions): JsonTree {
  const { settings } = request
  const { format } = settings
  const config: Record<string, JsonTree> = {
    maxOutputTokens: settings.maxTokens,
    temperature: settings.temperature,
    topP: settings.topP,
    topK: settings.topK,
    stopSequences: settings.stop,
    seed: settings.seed,
    frequencyPenalty: settings.frequencyPenalty,
    presencePenalty: settings.presencePenalty,
    responseMimeType: format === undefined || format.kind === 'text' ? undefined : 'application/json',
    responseJsonSchema: format?.kind === 'schema' ? new Raw(format.schema) : undefined,
    responseLogprobs: settings.logprobs,
    logprobs: settings.topLogprobs,
    thinkingConfig: writeThinking(request, report, options),
  }
  return Object.values(config).some((value) => value !== undefined) ? config : undefined
}

function writeThinking(
  { settings, names }: ConversationRequest,
  report: TranslationReport,
  options: WriteOptions,
): JsonTree {
  const { reasoning } = settings
  if (reasoning === undefined) return undefined
  if (reasoning.off === true) return { thinkingBudget: 0 }
  const includeThoughts = reasoning.summary === 'omitted' ? undefined : true
  if (reasoning.budgetTokens === undefined && reasoning.effort === undefined) return { includeThoughts }
  if (reasoning.budgetTokens !== undefined || options.thinking === 'budget')
    return { thinkingBudget: reasoning.budgetTokens ?? toBudget(reasoning.effort ?? 'medium'), includeThoughts }
  const { effort = 'high' } = reasoning
  const level = levels.has(effort) ? effort : 'high'
  if (level !== effort) report.hint(names.reasoning ?? 'reasoning')
  return { thinkingLevel: level, includeThoughts }
}

const levels: ReadonlySet<string> = new Set(['minimal', 'low', 'medium', 'high'])
