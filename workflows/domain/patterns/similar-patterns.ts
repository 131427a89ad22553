/** Which patterns are like one, and its family: those that are connected by likeness. Pure. */
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import { findNeighbours, signatureOf, similarityOf } from '../mining/similarity.ts'
import type { MinedTemplate, TemplatePart } from '../mining/types.ts'

export interface Comparable {
  id: string
  templates: MinedTemplate[]
}

export interface Similar {
  id: string
  /** Estimated share of word pairs of the fixed text in common, 0 to 1. */
  similarity: number
}

const similarMin = 0.25
const similarMost = 10
/** Two patterns of one family share most of their words. */
const familyMin = 0.6
const pairsMost = 5_000
const familyMost = 50

/** `patterns` holds the pattern itself. O(fixed text of all). */
export function findSimilar(id: string, patterns: Comparable[]): { similar: Similar[]; family: string[] } {
  const own = patterns.find((pattern) => pattern.id === id)?.templates.map(signatureOf) ?? []
  const similar = patterns
    .filter((pattern) => pattern.id !== id)
    .map((pattern) => ({
      id: pattern.id,
      similarity: Math.max(
        0,
        ...pattern.templates.flatMap((template) => own.map((one) => similarityOf(one, signatureOf(template)))),
      ),
    }))
    .filter(({ similarity }) => similarity >= similarMin)
    .sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1))
    .slice(0, similarMost)
  return { similar, family: findFamily(id, patterns) }
}

function findFamily(id: string, patterns: Comparable[]): string[] {
  const beside = new Map<string, string[]>()
  for (const { a, b } of findNeighbours(patterns, familyMin, pairsMost)) {
    beside.set(a, [...(beside.get(a) ?? []), b])
    beside.set(b, [...(beside.get(b) ?? []), a])
  }
  const family = new Set([id])
  for (const member of family) {
    if (family.size >= familyMost) break
    for (const other of beside.get(member) ?? []) family.add(other)
  }
  family.delete(id)
  return [...family].slice(0, familyMost)
}

/** A template as it is written, with `{{slots}}`, in the form that is compared. */
export function toComparable({ system, template }: PromptTemplate): MinedTemplate {
  return { structure: '', system: toParts(system), user: toParts(template), requires: [], excludes: [], weight: 0 }
}

function toParts(text: string | null): TemplatePart[] | null {
  if (text === null) return null
  return text
    .split(/\{\{(\w+)\}\}/)
    .flatMap((piece, index): TemplatePart[] =>
      index % 2 === 1 ? [{ slot: piece }] : piece === '' ? [] : [{ fixed: piece }],
    )
}
