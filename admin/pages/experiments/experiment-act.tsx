import { createEffect, createSignal, on, Show, type JSX } from 'solid-js'
import { api, type Experiment } from '../../data/client.ts'
import { toFailure, type Failure } from '../../data/errors.ts'
import { markSignedOut } from '../../data/session.ts'
import { Dialog } from '../../ui/dialog.tsx'

export type Act = Experiment['actions'][number]

export const actLabels: Record<Act, string> = {
  start: 'Start',
  stop: 'Stop',
  rollback: 'Roll back now',
  promote: 'Promote',
}
const consequences: Record<Act, string> = {
  start: 'The first small share of the traffic takes part from the next request on.',
  stop: 'Everybody gets the prompt as it was, from the next request on. No verdict is made of it.',
  rollback: 'Everybody gets the prompt as it was, from the next request on.',
  promote:
    'Everybody gets the enhanced prompt from the next request on, but for a small share that is held back to tell what it is worth.',
}

export function ExperimentAct(props: {
  item: Experiment
  act: Act | null
  onClose: () => void
  onDone: (item: Experiment & { active: boolean }) => void
}): JSX.Element {
  const [reason, setReason] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal<Failure | null>(null)
  createEffect(
    on(
      () => props.act,
      (act) => {
        if (act === null) return
        setReason('')
        setFailure(null)
      },
    ),
  )
  async function submit(act: Act): Promise<void> {
    setBusy(true)
    setFailure(null)
    try {
      const text = reason().trim()
      props.onDone(await api.experiments[act].mutate({ id: props.item.id, ...(text === '' ? {} : { reason: text }) }))
    } catch (error) {
      const found = toFailure(error)
      setFailure(found)
      if (found.kind === 'gone') markSignedOut()
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={props.act !== null} title={props.act ? actLabels[props.act] : ''} onClose={() => props.onClose()}>
      <Show when={props.act}>
        {(act) => (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void submit(act())
            }}
          >
            <p class="text-soft m-0 mb-4">{consequences[act()]}</p>
            <label class="label" for="act-reason">
              Reason <span class="font-400 text-faint">(optional)</span>
            </label>
            <textarea
              id="act-reason"
              class="field py-2 min-h-16"
              maxlength="2000"
              value={reason()}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
            <Show when={failure()}>
              {(found) => (
                <p role="alert" class="text-bad text-sm mt-3 mb-0">
                  {found().message}
                </p>
              )}
            </Show>
            <div class="flex justify-end gap-2 mt-5">
              <button type="button" class="btn" onClick={() => props.onClose()}>
                Cancel
              </button>
              <button
                type="submit"
                autofocus
                class={act() === 'promote' || act() === 'start' ? 'btn-primary' : 'btn-danger'}
                disabled={busy()}
              >
                {busy() ? 'Working …' : actLabels[act()]}
              </button>
            </div>
          </form>
        )}
      </Show>
    </Dialog>
  )
}
