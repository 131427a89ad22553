import { createEffect, createSignal, For, on, Show, type JSX } from 'solid-js'
import { api, type Enhancement } from '../../data/client.ts'
import { toFailure, type Failure } from '../../data/errors.ts'
import { markSignedOut } from '../../data/session.ts'
import { Dialog } from '../../ui/dialog.tsx'

const waits = [
  { days: 1, label: 'Until tomorrow' },
  { days: 3, label: 'For three days' },
  { days: 7, label: 'For a week' },
  { days: 30, label: 'For 30 days' },
] as const

interface SnoozeProps {
  item: Enhancement
  open: boolean
  onClose: () => void
  onDone: (item: Enhancement) => void
  onConflict: () => void
}

/** Puts a proposal off; it comes back to the inbox by itself. */
export function SnoozeDialog(props: SnoozeProps): JSX.Element {
  const [days, setDays] = createSignal<number>(waits[1].days)
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal<Failure | null>(null)
  createEffect(
    on(
      () => props.open,
      (open) => void (open && setFailure(null)),
    ),
  )

  async function submit(): Promise<void> {
    setBusy(true)
    setFailure(null)
    try {
      props.onDone(
        await api.enhancements.snooze.mutate({ id: props.item.id, version: props.item.version, days: days() }),
      )
    } catch (error) {
      const found = toFailure(error)
      setFailure(found)
      if (found.kind === 'conflict') props.onConflict()
      if (found.kind === 'gone') markSignedOut()
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open={props.open} title="Snooze" onClose={() => props.onClose()}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <fieldset class="border-0 p-0 m-0">
          <legend class="text-soft mb-3 p-0">It leaves the inbox and comes back by itself.</legend>
          <For each={waits}>
            {(wait) => (
              <label class="flex items-center gap-2 min-h-8">
                <input
                  type="radio"
                  name="snooze-days"
                  checked={days() === wait.days}
                  onChange={() => setDays(wait.days)}
                />{' '}
                {wait.label}
              </label>
            )}
          </For>
        </fieldset>
        <Show when={failure()}>
          {(found) => (
            <p role="alert" class="flex gap-2 text-bad text-sm mt-3 mb-0">
              <span class="i-lucide-circle-alert mt-0.75" aria-hidden="true" /> <span>{found().message}</span>
            </p>
          )}
        </Show>
        <div class="flex justify-end gap-2 mt-5">
          <button type="button" class="btn" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="btn-primary" disabled={busy() || failure()?.kind === 'conflict'}>
            {busy() ? 'Snoozing …' : 'Snooze'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
