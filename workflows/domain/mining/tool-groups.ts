/** Tells applications apart that ask in the same words but offer other tools. Pure. */
import type { Group } from './grouping.ts'
import { listTools } from './tools.ts'
import type { MinedPrompt, MinedTemplate } from './types.ts'
import { minSupport } from './weights.ts'

/** A tool that so few of a hundred requests lack is the application's own. */
const maxLackingShare = 0.05
/** Requests that offer nothing in common fall apart into applications; into more of them, they are users of one. */
const maxApplications = 3

/** Requests of one group whose tools have nothing in common are of several applications. O(tools of the group). */
export function splitByTools(group: Group, rows: { prompt: MinedPrompt }[]): Group[] {
  const structures = [...group.rows].map((row) => (rows[row] as { prompt: MinedPrompt }).prompt.structure)
  if (structures.every((structure) => structure === structures[0]) || findCore(structures).length > 0) return [group]
  const applications = separate(structures)
  const isClear = applications.length <= maxApplications && applications.every((part) => part.length >= minSupport)
  if (applications.length === 1 || !isClear) return [group]
  return applications.map((part) => ({ ...group, rows: group.rows.filter((_, index) => part.includes(index)) }))
}

/** What a template asks of a request's tools. */
export function toToolRule(structures: string[]): Pick<MinedTemplate, 'structure' | 'leastTools'> {
  if (structures[0] === '') return { structure: '' }
  const core = findCore(structures)
  if (core.length > 0) return { structure: toStructure(core) }
  // Users bring their own: the next one's tools are others again.
  if (separate(structures).length > 1) return { structure: 'tools' }
  return { structure: toStructure([...new Set(structures.flatMap(listTools))]), leastTools: 1 }
}

function toStructure(names: string[]): string {
  return ['tools', ...names.sort()].join(' ')
}

function findCore(structures: string[]): string[] {
  const counts = new Map<string, number>()
  for (const structure of structures)
    for (const name of new Set(listTools(structure))) counts.set(name, (counts.get(name) ?? 0) + 1)
  const needed = structures.length - Math.floor(structures.length * maxLackingShare)
  return [...counts].flatMap(([name, count]) => (count >= needed ? [name] : []))
}

/** Places in the list, by what is connected through common tools. */
function separate(structures: string[]): number[][] {
  const leaders = structures.map((_, index) => index)
  const lead = (index: number): number => {
    let leader = index
    while (leaders[leader] !== leader) leader = leaders[leader] as number
    return leader
  }
  const firstWith = new Map<string, number>()
  structures.forEach((structure, index) => {
    for (const name of listTools(structure)) {
      const other = firstWith.get(name)
      if (other === undefined) firstWith.set(name, index)
      else leaders[lead(index)] = lead(other)
    }
  })
  const parts = new Map<number, number[]>()
  structures.forEach((_, index) => parts.set(lead(index), [...(parts.get(lead(index)) ?? []), index]))
  return [...parts.values()]
}
