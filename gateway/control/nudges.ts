/** Tells open pages that what was learned has changed, at most twice a second, so that they ask again. */
import type { Services } from './services.ts'

const restMs = 500

/**
 * Attached at once, so that nothing is missed between asking for the stream and reading it; detached when `signal`
 * ends.
 */
export function learningNudges(
  services: Pick<Services, 'changes' | 'stopping'>,
  signal: AbortSignal,
): AsyncIterable<{ at: string }> {
  const ended = AbortSignal.any([signal, services.stopping])
  let changed = false
  let wake: (() => void) | null = null
  const onChange = (): void => {
    changed = true
    wake?.()
  }
  const detach = services.changes.on('sinew_learning', onChange)
  ended.addEventListener('abort', () => {
    detach()
    wake?.()
  })

  async function* nudges(): AsyncGenerator<{ at: string }> {
    while (!ended.aborted) {
      if (!changed) await new Promise<void>((resolve) => (wake = resolve))
      wake = null
      if (ended.aborted) return
      changed = false
      yield { at: new Date().toISOString() }
      // An end that comes while resting is seen right after it.
      await new Promise((resolve) => void setTimeout(resolve, restMs))
    }
  }
  return nudges()
}
