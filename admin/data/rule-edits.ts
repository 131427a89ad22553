/** Beginnings for the edits of a rule, and the reading of what a person wrote. */
import type { AppliedRule, RuleEdit, TransformationRule } from '../../db/words/rule.ts'

type Target = TransformationRule['target']

interface EditKind {
  kind: RuleEdit['kind']
  label: string
  /** Which target it is for; `both` where nothing is said. */
  target?: Target
  example: RuleEdit
}

export const editKinds: EditKind[] = [
  { kind: 'set', label: 'Set a member', example: { kind: 'set', path: ['metadata', 'tier'], value: 'gold' } },
  { kind: 'remove', label: 'Remove a member', example: { kind: 'remove', path: ['metadata', 'tier'] } },
  {
    kind: 'rename',
    label: 'Rename a member',
    example: { kind: 'rename', path: ['max_tokens'], to: 'max_completion_tokens' },
  },
  {
    kind: 'replaceText',
    label: 'Replace text',
    example: { kind: 'replaceText', in: 'all', pattern: 'ACME-(\\d{1,9})', with: 'customer $1' },
  },
  {
    kind: 'addMessage',
    label: 'Add a message',
    target: 'request',
    example: { kind: 'addMessage', role: 'system', position: 'first', text: 'Be brief.' },
  },
  {
    kind: 'changeMessage',
    label: 'Change a message',
    target: 'request',
    example: { kind: 'changeMessage', role: 'system', which: 'first', change: 'append', text: ' Be brief.' },
  },
  {
    kind: 'cap',
    label: 'Cap a parameter',
    target: 'request',
    example: { kind: 'cap', parameter: 'maxTokens', most: 1024 },
  },
  {
    kind: 'default',
    label: 'Default for a parameter',
    target: 'request',
    example: { kind: 'default', parameter: 'temperature', value: 0.2 },
  },
  {
    kind: 'routeTo',
    label: 'Route to a model',
    target: 'request',
    example: { kind: 'routeTo', model: 'provider/model' },
  },
  { kind: 'addHeader', label: 'Add a header', example: { kind: 'addHeader', name: 'x-tier', value: 'gold' } },
]

/** What a person writes of a rule; `edits` is the text of a JSON list. */
export interface RuleText {
  name: string
  order: string
  active: boolean
  target: Target
  condition: string
  edits: string
}

/** What became of a rule on one exchange, in words. */
export const ruleWords: Record<AppliedRule['result'], string> = {
  applied: 'applied',
  unchanged: 'nothing to change',
  undone: 'an edit was undone',
  skipped: 'an edit was skipped',
  error: 'the condition failed',
}

export const newRule: RuleText = { name: '', order: '100', active: true, target: 'request', condition: '', edits: '[]' }

export function toRuleText(
  rule: Pick<TransformationRule, 'name' | 'order' | 'active' | 'target' | 'condition'> & { edits: readonly unknown[] },
): RuleText {
  return {
    name: rule.name,
    order: String(rule.order),
    active: rule.active,
    target: rule.target,
    condition: rule.condition,
    edits: writeEdits(rule.edits),
  }
}

/** One edit to a line, so that their order is seen at once; what it does comes first. */
export function writeEdits(edits: readonly unknown[]): string {
  return edits.length === 0
    ? '[]'
    : `[\n${edits.map((edit) => `  ${JSON.stringify(withKindFirst(edit))}`).join(',\n')}\n]`
}

function withKindFirst(edit: unknown): unknown {
  return typeof edit === 'object' && edit !== null && 'kind' in edit ? Object.assign({ kind: edit.kind }, edit) : edit
}

/** The rule, or in words what cannot be read; everything else is judged where it is saved. */
export function readRuleText(
  text: RuleText,
):
  | { rule: Pick<TransformationRule, 'name' | 'order' | 'active' | 'target' | 'condition' | 'edits'> }
  | { problem: string } {
  const edits = readList(text.edits)
  if (edits === null) return { problem: 'Edits: this is not a JSON list.' }
  if (text.order.trim() === '' || Number.isNaN(Number(text.order))) return { problem: 'Order: this is not a number.' }
  return {
    rule: {
      name: text.name,
      order: Number(text.order),
      active: text.active,
      target: text.target,
      condition: text.condition,
      edits: edits as RuleEdit[],
    },
  }
}

export function readList(text: string): unknown[] | null {
  try {
    const json: unknown = JSON.parse(text)
    return Array.isArray(json) ? json : null
  } catch {
    return null
  }
}
