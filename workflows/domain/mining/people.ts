/** What people said about patterns, and what follows from it. Pure. */
import type { MinerState } from './state.ts'
import type { Limits, LineageEvent, MinedPattern, MinedPrompt, MinedTemplate, Override } from './types.ts'

/** Following merges ends: `applyOverride` lets none close a circle. */
export function resolve(state: MinerState, pattern: string): string {
  let current = pattern
  for (let next = state.merged.get(current); next !== undefined; next = state.merged.get(current)) current = next
  return current
}

/** The pattern of a prompt of this group. O(rules). */
export function patternOf(state: MinerState, group: number, prompt: MinedPrompt): string | null {
  if (group === 0) return null
  let pattern = resolve(state, patternIdOf(group))
  for (const rule of state.rules) {
    if (resolve(state, rule.pattern) === pattern && holds(prompt, rule.containing)) pattern = resolve(state, rule.into)
  }
  return pattern
}

export function patternIdOf(group: number): string {
  return `p${group}`
}

function holds(prompt: MinedPrompt, text: string): boolean {
  return (prompt.user ?? '').includes(text) || (prompt.system ?? '').includes(text)
}

/** All patterns with the templates that lead to them. O(groups × rules). */
export function listPatterns(state: MinerState): MinedPattern[] {
  const patterns = new Map<string, MinedPattern>()
  const add = (id: string, template: MinedTemplate, version: number): void => {
    const known = patterns.get(id)
    if (known) {
      known.templates.push(template)
      known.version += version
      return
    }
    const record = state.records.get(id) ?? { title: null, muted: false, count: 0, firstSeen: 0, lastSeen: 0 }
    patterns.set(id, { id, templates: [template], version, ...record })
  }
  for (const group of state.groups.values())
    for (const { pattern, template } of formsOf(state, group.id, group.template)) add(pattern, template, group.version)
  return [...patterns.values()]
}

/** A group's template as it is, or once for every part that people split off. */
export function formsOf(
  state: MinerState,
  group: number,
  template: MinedTemplate,
): { pattern: string; template: MinedTemplate }[] {
  let open = [{ pattern: resolve(state, patternIdOf(group)), template }]
  for (const rule of state.rules) {
    open = open.flatMap((form) => {
      if (resolve(state, rule.pattern) !== form.pattern) return [form]
      return [
        {
          pattern: resolve(state, rule.into),
          template: { ...form.template, requires: [...form.template.requires, rule.containing] },
        },
        {
          pattern: form.pattern,
          template: { ...form.template, excludes: [...form.template.excludes, rule.containing] },
        },
      ]
    })
  }
  return open
}

export type Applied = { events: LineageEvent[]; pattern: string } | { refused: string }

/** Takes note of what a person said; the caller recounts. */
export function applyOverride(state: MinerState, override: Override, limits: Limits): Applied {
  const named = override.kind === 'merge' ? [override.from, override.into] : [override.pattern]
  for (const pattern of named)
    if (!state.records.has(resolve(state, pattern))) return { refused: `there is no pattern ${pattern}` }
  const id = resolve(state, named[0] as string)
  const record = state.records.get(id) as NonNullable<ReturnType<typeof state.records.get>>
  if (override.kind === 'rename') {
    record.title = override.title
    return { events: [], pattern: id }
  }
  if (override.kind === 'mute') {
    record.muted = override.muted
    return { events: [], pattern: id }
  }
  if (state.merged.size + state.rules.length >= limits.maxOverrides)
    return { refused: `at most ${limits.maxOverrides} merges and splits are kept` }
  if (override.kind === 'merge') {
    const into = resolve(state, override.into)
    if (into === id) return { refused: 'the two patterns are one already' }
    state.merged.set(id, into)
    return { events: [{ kind: 'merge', pattern: into, from: id, reason: 'a person merged them' }], pattern: into }
  }
  if (override.containing === '') return { refused: 'the text to split by is empty' }
  const into = patternIdOf(state.nextId++)
  state.rules.push({ pattern: id, containing: override.containing, into })
  return {
    events: [
      {
        kind: 'split',
        pattern: id,
        into: [into],
        reason: `a person split off the prompts that hold “${override.containing}”`,
      },
    ],
    pattern: into,
  }
}
