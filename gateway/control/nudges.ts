/** Tells open pages what has changed of the learned, at most twice a second, so that they ask for that again. */
import type { Services } from './services.ts'

export const topics = ['patterns', 'enhancements', 'experiments', 'reanalyses', 'findings', 'analyst'] as const
export type Topic = (typeof topics)[number]
export interface Nudge {
  at: string
  changed: Topic[]
}

const restMs = 500

/**
 * Attached at once, so that nothing is missed between asking for the stream and reading it; detached when `signal`
 * ends. A page that has looked `sinceMs` ago is nudged at once where something has changed since then.
 */
export function learningNudges(
  services: Pick<Services, 'changes' | 'stopping'>,
  sinceMs: number,
  signal: AbortSignal,
): AsyncIterable<Nudge> {
  const ended = AbortSignal.any([signal, services.stopping])
  const changed = new Set<Topic>(services.changes.hasChangedSince('sinew_learning', Date.now() - sinceMs) ? topics : [])
  let wake: (() => void) | null = null
  const onChange = (payload: string | null): void => {
    for (const topic of toTopics(payload)) changed.add(topic)
    wake?.()
  }
  const detach = services.changes.on('sinew_learning', onChange)
  ended.addEventListener('abort', () => {
    detach()
    wake?.()
  })

  async function* nudges(): AsyncGenerator<Nudge> {
    while (!ended.aborted) {
      if (changed.size === 0) await new Promise<void>((resolve) => (wake = resolve))
      wake = null
      if (ended.aborted) return
      const nudge = { at: new Date().toISOString(), changed: [...changed] }
      changed.clear()
      yield nudge
      // An end that comes while resting is seen right after it.
      await new Promise((resolve) => void setTimeout(resolve, restMs))
    }
  }
  return nudges()
}

/** Reanalyses go by their ids; after a reconnect (`null`), and by an unknown word, anything may have changed. */
export function toTopics(payload: string | null): readonly Topic[] {
  const word = topics.find((topic) => topic === payload)
  if (word !== undefined) return [word]
  return payload !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(payload) ? ['reanalyses'] : topics
}
