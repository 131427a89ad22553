import { Raw, rawText, type JsonObject, type JsonTree } from './json.ts'
import { saysNothing } from './members.ts'
import type { ConversationRequest, SettingName, Settings } from './model.ts'
import type { TranslationReport } from './report.ts'

/** Settings that only shape cost, storage or display: leaving one out cannot change what the model answers. */
const harmless: ReadonlySet<SettingName> = new Set([
  'user',
  'serviceTier',
  'metadata',
  'store',
  'promptCacheKey',
  'cache',
  'verbosity',
])
/** Values that say what happens anyway. */
const usual: Partial<Record<SettingName, readonly unknown[]>> = {
  parallelTools: [true],
  logprobs: [false],
  topLogprobs: [0],
  frequencyPenalty: [0],
  presencePenalty: [0],
  serviceTier: ['auto', 'default', 'standard_only'],
  store: [false],
  metadata: ['{}'],
  verbosity: ['medium'],
}

/** Reports every setting the caller made that is not in `expressible`. */
export function reportSettings(
  request: ConversationRequest,
  expressible: ReadonlySet<SettingName>,
  report: TranslationReport,
): void {
  for (const name of Object.keys(request.settings) as SettingName[]) {
    const value: Settings[SettingName] = request.settings[name]
    if (name === 'openai') {
      if (!expressible.has(name)) reportShared(request.settings.openai ?? {}, report)
      continue
    }
    if (value === undefined || expressible.has(name) || usual[name]?.includes(value) === true) continue
    const path = request.names[name] ?? name
    if (harmless.has(name)) report.hint(path)
    else report.drop(path)
  }
}

/** The request without settings that its provider does not know, each reported. */
export function withoutSettings(
  request: ConversationRequest,
  unsupported: readonly SettingName[],
  report: TranslationReport,
): ConversationRequest {
  const made = (Object.keys(request.settings) as SettingName[]).filter((name) => unsupported.includes(name))
  if (made.length === 0) return request
  const without = (kept: (name: SettingName) => boolean): ConversationRequest => ({
    ...request,
    settings: Object.fromEntries(Object.entries(request.settings).filter(([name]) => kept(name as SettingName))),
  })
  reportSettings(
    without((name) => made.includes(name)),
    new Set(),
    report,
  )
  return without((name) => !made.includes(name))
}

/** A choice among tools that none of the request's tools survived to be chosen from. */
export function reportOrphanedChoice({ tools, settings, names }: ConversationRequest, report: TranslationReport): void {
  if (
    tools.length > 0 ||
    settings.toolChoice === undefined ||
    settings.toolChoice.kind === 'auto' ||
    settings.toolChoice.kind === 'none'
  )
    return
  report.drop(names.toolChoice ?? 'tool_choice')
}

/**
 * Anthropic counts tokens for thinking, OpenAI names an effort. The steps are those that OpenAI-compatible proxies of
 * Claude commonly use.
 */
const budgets: ReadonlyArray<readonly [string, number]> = [
  ['minimal', 1_024],
  ['low', 2_048],
  ['medium', 8_192],
  ['high', 24_576],
  ['xhigh', 49_152],
  ['max', 63_999],
]

export function toBudget(effort: string): number {
  return budgets.find(([name]) => name === effort)?.[1] ?? 8_192
}

export function toEffort(budgetTokens: number): string {
  if (budgetTokens < 4_096) return 'low'
  return budgetTokens < 16_384 ? 'medium' : 'high'
}

/**
 * The same name and meaning in chat and in responses; none in any other dialect. Those marked `true` may change the
 * answer.
 */
const sharedMembers: Readonly<Record<string, boolean>> = {
  moderation: true,
  safety_identifier: false,
  prompt_cache_retention: false,
  prompt_cache_options: false,
}
export const sharedNames: readonly string[] = Object.keys(sharedMembers)

export function readShared(body: JsonObject): Readonly<Record<string, string>> | undefined {
  const found = sharedNames.filter((name) => !saysNothing(body[name]))
  return found.length === 0 ? undefined : Object.fromEntries(found.map((name) => [name, rawText(body[name] ?? null)]))
}

export function writeShared(settings: Settings): Record<string, JsonTree> {
  return Object.fromEntries(Object.entries(settings.openai ?? {}).map(([name, text]) => [name, new Raw(text)]))
}

function reportShared(shared: Readonly<Record<string, string>>, report: TranslationReport): void {
  for (const name of Object.keys(shared)) {
    if (sharedMembers[name] === true) report.drop(name)
    else report.hint(name)
  }
}
