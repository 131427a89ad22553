import { createEffect, on, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Experiment } from '../../data/client.ts'
import { createTextDraft } from '../../data/drafts.ts'
import { FormDialog } from '../../ui/dialog.tsx'
import { TextArea } from '../../ui/field.tsx'

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

interface ActProps {
  item: Experiment
  act: Act | null
  onClose: () => void
  onDone: (item: Experiment & { active: boolean }) => void
}

export function ExperimentAct(props: ActProps): JSX.Element {
  return <Show when={props.act}>{(act) => <Opened {...props} act={act()} />}</Show>
}

function Opened(props: ActProps & { act: Act }): JSX.Element {
  const [reason, setReason, discard] = createTextDraft(`experiment:${props.item.id}`)
  const action = createAction()
  createEffect(on(reason, () => action.clear(), { defer: true }))
  const submit = (): Promise<boolean> =>
    action.run(async () => {
      const text = reason().trim()
      const item = await api.experiments[props.act].mutate({
        id: props.item.id,
        ...(text === '' ? {} : { reason: text }),
      })
      discard()
      props.onDone(item)
    })
  return (
    <FormDialog
      open
      title={actLabels[props.act]}
      label={actLabels[props.act]}
      busyLabel="Working …"
      tone={props.act === 'promote' || props.act === 'start' ? 'primary' : 'danger'}
      direct
      action={action}
      onSubmit={() => void submit()}
      onClose={() => props.onClose()}
    >
      <p class="text-soft m-0 mb-4">{consequences[props.act]}</p>
      <TextArea
        id="act-reason"
        label="Reason"
        hint="(optional)"
        maxLength={2_000}
        value={reason()}
        onInput={setReason}
        onSubmit={() => void submit()}
      />
    </FormDialog>
  )
}
