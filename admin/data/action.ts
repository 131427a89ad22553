/** One thing that a person does to the server: whether it is under way, and what went wrong. */
import { createSignal, type Accessor } from 'solid-js'
import { toFailure, type Failure } from './errors.ts'
import { markSignedOut } from './session.ts'

export interface Action {
  busy: Accessor<boolean>
  failure: Accessor<Failure | null>
  /** True when it has worked. */
  run(work: () => Promise<unknown>): Promise<boolean>
  /** Something that is wrong before anything is sent. */
  refuse(message: string): void
  clear(): void
}

export function createAction(onConflict: () => void = () => {}): Action {
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal<Failure | null>(null)
  return {
    busy,
    failure,
    refuse: (message) => void setFailure({ kind: 'refused', message }),
    clear: () => void setFailure(null),
    async run(work) {
      setBusy(true)
      setFailure(null)
      try {
        await work()
        return true
      } catch (error) {
        const found = toFailure(error)
        setFailure(found)
        if (found.kind === 'conflict') onConflict()
        if (found.kind === 'gone') markSignedOut()
        return false
      } finally {
        setBusy(false)
      }
    },
  }
}
