import { createEffect, createSignal, For, on, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Enhancement } from '../../data/client.ts'
import { FormDialog } from '../../ui/dialog.tsx'

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
  const action = createAction(() => props.onConflict())
  createEffect(
    on(
      () => props.open,
      (open) => open && action.clear(),
    ),
  )
  const submit = (): Promise<boolean> =>
    action.run(async () =>
      props.onDone(
        await api.enhancements.snooze.mutate({ id: props.item.id, version: props.item.version, days: days() }),
      ),
    )
  return (
    <FormDialog
      open={props.open}
      title="Snooze"
      label="Snooze"
      busyLabel="Snoozing …"
      action={action}
      onSubmit={() => void submit()}
      onClose={() => props.onClose()}
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
    </FormDialog>
  )
}
