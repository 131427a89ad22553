import { createEffect, on, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Rule } from '../../data/client.ts'
import { createTextDraft } from '../../data/drafts.ts'
import { FormDialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'

interface RemoveProps {
  item: Rule
  open: boolean
  onClose: () => void
  onRemoved: () => void
  onConflict: () => void
}

export function RemoveRule(props: RemoveProps): JSX.Element {
  return (
    <Show when={props.open}>
      <Opened {...props} />
    </Show>
  )
}

function Opened(props: RemoveProps): JSX.Element {
  const [reason, setReason, discard] = createTextDraft(`remove-rule:${props.item.id}`)
  const action = createAction(() => props.onConflict())
  /** What the person has seen is what they remove. */
  const seen = { id: props.item.id, version: props.item.version }
  createEffect(on(reason, () => action.clear(), { defer: true }))
  const submit = (): Promise<boolean> =>
    action.run(async () => {
      await api.rules.remove.mutate({ ...seen, reason: reason().trim() })
      discard()
      props.onRemoved()
    })
  return (
    <FormDialog
      open
      title="Remove the rule"
      label="Remove"
      busyLabel="Removing …"
      tone="danger"
      action={action}
      onSubmit={() => void submit()}
      onClose={() => props.onClose()}
    >
      <p class="text-soft m-0 mb-4">
        It is applied to nothing any more. The rule, who wrote it and who removed it stay readable under its address and
        among the removed ones.
      </p>
      <TextField
        id="remove-reason"
        label="Reason"
        hint="(optional)"
        maxLength={2_000}
        value={reason()}
        onInput={setReason}
      />
    </FormDialog>
  )
}
