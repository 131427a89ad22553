import type { ReasoningAcceptance } from '../acceptance-facts.ts'
import type { ConversationRequest, Reasoning, Turn } from '../model.ts'
import { toBudget, toEffort } from '../settings.ts'
import type { Fitting } from './fitting.ts'
import { nameOf, withSettings } from './settings.ts'

/** Efforts from the least to the most. */
const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** How much a model is asked to reason, as this model can be asked, and beside what else the request wants. */
export function fitReasoning(request: ConversationRequest, fitting: Fitting): ConversationRequest {
  const unforced = fitting.accepts.forcedTools === 'never' ? withoutForcedTools(request, fitting) : request
  if (unforced.settings.reasoning === undefined) return unforced
  const wish = withEffort(unforced.settings.reasoning)
  const name = nameOf(request, 'reasoning')
  if (wish.off === true) return fitOff(unforced, fitting.accepts.reasoning ?? {}, name, fitting)
  const reasoning = fitWish(unforced, wish, name, fitting)
  if (reasoning === unforced.settings.reasoning) return unforced
  if (reasoning === undefined) fitting.report.hint(name)
  return withSettings(unforced, { reasoning })
}

/** The wish as this model takes it; undefined = it cannot be asked at all, or not here. */
function fitWish(request: ConversationRequest, wish: Reasoning, name: string, fitting: Fitting): Reasoning | undefined {
  const { forcedTools, reasoning: model = {} } = fitting.accepts
  if (model.known === false) return undefined
  if (forcedTools === 'without-reasoning' && forcesTools(request)) return undefined
  if (wish.effort === undefined && wish.budgetTokens === undefined)
    return model.summaryAlone === false ? undefined : wish
  if (fitting.write.thinking !== 'budget' || model.budget === 'refused') return fitEffort(wish, model, name, fitting)
  if (model.provenTurns === true && !isProven(request.turns)) return undefined
  return fitBudget(request, wish, model, name, fitting)
}

/** Switched on without saying how much. */
function withEffort(reasoning: Reasoning): Reasoning {
  const { effort, budgetTokens, summary, off } = reasoning
  const bare = effort === undefined && budgetTokens === undefined && summary === undefined && off !== true
  return bare ? { effort: 'medium' } : reasoning
}

function withoutForcedTools(request: ConversationRequest, { report }: Fitting): ConversationRequest {
  if (!forcesTools(request)) return request
  report.hint(nameOf(request, 'toolChoice'))
  return withSettings(request, { toolChoice: { kind: 'auto' } })
}

function forcesTools({ settings: { toolChoice } }: ConversationRequest): boolean {
  if (toolChoice?.kind === 'allowed') return toolChoice.mode === 'required'
  return toolChoice?.kind === 'required' || toolChoice?.kind === 'tool'
}

function fitOff(
  request: ConversationRequest,
  { off = 'word', known }: ReasoningAcceptance,
  name: string,
  { report }: Fitting,
): ConversationRequest {
  if (off === 'word' && known !== false) return request
  // A model that cannot reason does what it is told without a word.
  if (known !== false) report.hint(name)
  if (off === 'word' || off === 'omit') return withSettings(request, { reasoning: undefined })
  return withSettings(request, { reasoning: { ...off, summary: 'omitted' } })
}

function fitEffort(
  reasoning: Reasoning,
  { efforts, budget }: ReasoningAcceptance,
  name: string,
  { report }: Fitting,
): Reasoning {
  const { budgetTokens, ...rest } = reasoning
  let fitted = reasoning
  if (budgetTokens !== undefined && budget === 'refused') {
    report.hint(name)
    fitted = { ...rest, effort: rest.effort ?? toEffort(budgetTokens) }
  }
  const { effort } = fitted
  if (effort === undefined || efforts === undefined || efforts.includes(effort)) return fitted
  report.hint(name)
  return { ...fitted, effort: nearest(effort, efforts) }
}

/** The next one up, else the most that there is. */
function nearest(effort: string, efforts: readonly string[]): string {
  const wanted = scale.includes(effort) ? scale.indexOf(effort) : scale.indexOf('medium')
  return efforts.find((known) => scale.indexOf(known) >= wanted) ?? (efforts.at(-1) as string)
}

/** The output's limit may cover thinking too: a budget that leaves no room for the answer is cut, or left out. */
function fitBudget(
  { settings }: ConversationRequest,
  reasoning: Reasoning,
  { budget, budgetWithinOutput }: ReasoningAcceptance,
  name: string,
  { accepts, write, report }: Fitting,
): Reasoning | undefined {
  const wanted = reasoning.budgetTokens ?? toBudget(reasoning.effort ?? 'medium')
  const { min = 0, max = Infinity } = budget === 'refused' ? {} : (budget ?? {})
  let most = max
  if (budgetWithinOutput === true) {
    const limit = settings.maxTokens ?? Infinity
    if (limit <= min) return undefined
    most = Math.min(most, Math.max(min, limit - min))
    if (settings.maxTokens === undefined && accepts.maxOutputTokens !== undefined)
      most = Math.min(most, accepts.maxOutputTokens - write.defaultMaxTokens)
  }
  if (most < min) return undefined
  const fitted = Math.min(most, Math.max(min, wanted))
  if (fitted !== wanted) report.hint(name)
  return { ...reasoning, budgetTokens: fitted }
}

/**
 * Whether a model that thinks with a budget may go on here. In a loop of tools its turn, from the person's last words
 * on, must begin with a thought that it has signed; and an answer that the caller has begun excludes thinking.
 */
function isProven(turns: readonly Turn[]): boolean {
  const others = turns.filter(({ role }) => role !== 'system' && role !== 'developer')
  const last = others.at(-1)
  if (last === undefined || last.role === 'user') return !endsInLoop(others) || startsSigned(others)
  return last.role === 'tool' && startsSigned(others)
}

/** Results that come with words of the person's still belong to the loop of the call before them. */
function endsInLoop(turns: readonly Turn[]): boolean {
  const assistant = turns.findLastIndex(({ role }) => role === 'assistant')
  return assistant >= 0 && turns[assistant]?.parts.some(({ kind }) => kind === 'tool-call') === true
}

function startsSigned(turns: readonly Turn[]): boolean {
  const assistant = turns.findLastIndex(({ role }) => role === 'assistant')
  const person = turns.findLastIndex(({ role }, index) => role === 'user' && index < assistant)
  const begin = turns.slice(person + 1).find(({ role }) => role === 'assistant')
  // Other makers' thoughts are not written.
  const first = begin?.parts.find((part) => part.kind !== 'reasoning' || part.opaque?.maker === 'anthropic')
  return first?.kind === 'reasoning'
}
