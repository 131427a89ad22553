import type { ReasoningAcceptance } from '../acceptance-facts.ts'
import type { ConversationRequest, Reasoning, Turn } from '../model.ts'
import { toBudget, toEffort } from '../settings.ts'
import type { Fitting } from './fitting.ts'
import { nameOf, withSettings } from './settings.ts'

/** Efforts from the least to the most. */
const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** How much a model is asked to reason, as this model can be asked, and beside what else the request wants. */
// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
export function fitReasoning(request: ConversationRequest, fitting: Fitting): ConversationRequest {
  const { accepts, report } = fitting
  const unforced = accepts.forcedTools === 'never' ? withoutForcedTools(request, fitting) : request
  if (unforced.settings.reasoning === undefined) return unforced
  const reasoning = withEffort(unforced.settings.reasoning)
  const name = nameOf(request, 'reasoning')
  const without = (): ConversationRequest => {
    report.hint(name)
    return withSettings(unforced, { reasoning: undefined })
  }
  const model = accepts.reasoning ?? {}
  if (reasoning.off === true) return fitOff(unforced, model, name, fitting)
  if (model.known === false) return without()
  if (accepts.forcedTools === 'without-reasoning' && forcesTools(unforced)) return without()
  const byBudget = fitting.write.thinking === 'budget' && model.budget !== 'refused'
  if (reasoning.effort === undefined && reasoning.budgetTokens === undefined && reasoning.summary !== undefined)
    return model.summaryAlone === false ? without() : unforced
  if (byBudget && model.provenTurns === true && !isProven(unforced.turns)) return without()
  const fitted = byBudget
    ? fitBudget(unforced, reasoning, model, name, fitting)
    : fitEffort(reasoning, model, name, fitting)
  return fitted === undefined ? without() : withSettings(unforced, { reasoning: fitted })
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
