import { createEffect, createSignal, on, Show, type JSX } from 'solid-js'
import { api, type Rule } from '../../data/client.ts'
import { toFailure } from '../../data/errors.ts'
import { markSignedOut } from '../../data/session.ts'
import { Dialog } from '../../ui/dialog.tsx'

interface RemoveProps {
  item: Rule
  open: boolean
  onClose: () => void
  onRemoved: () => void
  onConflict: () => void
}

export function RemoveRule(props: RemoveProps): JSX.Element {
  const [reason, setReason] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string | null>(null)
  /** What the person has seen is what they remove. */
  let seen = { id: props.item.id, version: props.item.version }
  createEffect(
    on(
      () => props.open,
      (open) => {
        if (!open) return
        seen = { id: props.item.id, version: props.item.version }
        setReason('')
        setProblem(null)
      },
    ),
  )

  async function remove(): Promise<void> {
    setBusy(true)
    setProblem(null)
    try {
      await api.rules.remove.mutate({ ...seen, reason: reason().trim() })
      props.onRemoved()
    } catch (error) {
      const failure = toFailure(error)
      setProblem(failure.message)
      if (failure.kind === 'conflict') props.onConflict()
      if (failure.kind === 'gone') markSignedOut()
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open={props.open} title="Remove the rule" onClose={() => props.onClose()}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void remove()
        }}
      >
        <p class="text-soft m-0 mb-4">
          It is applied to nothing any more. Who wrote and who removed it stays on record.
        </p>
        <label class="label" for="remove-reason">
          Reason <span class="font-400 text-faint">(optional)</span>
        </label>
        <input
          id="remove-reason"
          class="field"
          maxlength="2000"
          value={reason()}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        <Show when={problem()}>
          {(text) => (
            <p role="alert" class="text-bad text-sm mt-3 mb-0">
              {text()}
            </p>
          )}
        </Show>
        <div class="flex justify-end gap-2 mt-5">
          <button type="button" class="btn" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="btn-danger" disabled={busy()}>
            {busy() ? 'Removing …' : 'Remove'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
