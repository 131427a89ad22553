/** Following one reanalysis: its status at once, then whenever it has changed, until it is over. */
import type { Services } from './services.ts'

/** Pages may be turned many times a second. */
const restMs = 250
/** A missed message costs at most this long. */
const pollMs = 2_000
const ended: string[] = ['completed', 'cancelled', 'failed']

/** Attached before the first look, so that nothing is missed between the two. */
export async function* followReanalysis<View extends { state: string }>(
  services: Pick<Services, 'changes' | 'stopping'>,
  id: string,
  look: () => Promise<View>,
  signal: AbortSignal,
): AsyncGenerator<View> {
  const over = AbortSignal.any([signal, services.stopping])
  let changed = true
  let wake: (() => void) | null = null
  const ring = (): void => {
    changed = true
    wake?.()
  }
  const detach = services.changes.on('sinew_learning', (payload) => (payload === null || payload === id) && ring())
  over.addEventListener('abort', ring)
  let shown = ''
  try {
    while (!over.aborted) {
      changed = false
      const view = await look()
      const text = JSON.stringify(view)
      if (text !== shown) yield view
      shown = text
      if (ended.includes(view.state)) return
      await rest(restMs)
      if (!changed && !over.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pollMs)
          wake = () => (clearTimeout(timer), resolve())
        })
        wake = null
      }
    }
  } finally {
    detach()
    over.removeEventListener('abort', ring)
  }
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}
