/**
 * What the world's analyst proposes for each application, and how the world's models recognise it in a prompt. Pure.
 */
import type { PromptTemplate, Proposal } from '../../../db/words/enhancement.ts'
import type { Kind, World, WorldPattern } from './truth.ts'

/** Words that stand in no task, so that their effect is told by them alone. */
const clear = 'Name the purpose first, keep to the facts that are given, and finish the last sentence.'
const terse = 'A single hint is plenty; leave the remainder to the imagination of the reader.'
const background = 'Background for this kind of work, kept here for completeness:'
const chaptersLeast = 5
const chaptersMost = 14

/**
 * The words that the proposal for a pattern adds; `null` = nobody proposes anything for it. Backgrounds differ in
 * length, and so in price.
 */
export function toChange({ kind, number }: Pick<WorldPattern, 'kind' | 'number'>): string | null {
  if (kind === 'healthy') return null
  if (kind !== 'costly') return kind === 'improvable' ? clear : terse
  const chapters = chaptersLeast + ((number * 4) % (chaptersMost - chaptersLeast + 1))
  return [
    background,
    ...Array.from(
      { length: chapters },
      (_, index) =>
        `Chapter ${index + 1} of the house manual recalls how such texts came about, who kept them in which drawer, and in which year the drawers were painted.`,
    ),
  ].join(' ')
}

const reasons: Record<Exclude<Kind, 'healthy'>, string> = {
  improvable: 'Failed answers broke off before the point; naming the purpose first mends that.',
  harmful: 'Long answers were cut, so shorter ones should fit.',
  costly: 'The model may lack context, so the manual is added.',
}

/** Of the pattern that a text belongs to; `null` = of none. */
export function findPattern(world: World, text: string): WorldPattern | null {
  return world.patterns.find(({ task }) => text.includes(task.system ?? task.opening)) ?? null
}

/** Whether the prompt carries the change that the analyst proposes for its pattern. */
export function isEnhanced(pattern: WorldPattern, text: string): boolean {
  const change = toChange(pattern)
  return change !== null && text.includes(change)
}

/** The change goes in front of the text that names the application; everything else stays. */
export function toProposal(pattern: WorldPattern, original: PromptTemplate): Proposal | null {
  const { kind, task } = pattern
  const change = toChange(pattern)
  if (kind === 'healthy' || change === null) return null
  const enhanced =
    task.system === null
      ? { system: null, template: `${change}\n\n${original.template ?? ''}` }
      : { system: `${original.system ?? ''} ${change}`, template: null }
  return { ...enhanced, reason: reasons[kind], risks: ['The tone may change.'] }
}
