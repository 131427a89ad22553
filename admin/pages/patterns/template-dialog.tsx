import { createEffect, on, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { createDraft } from '../../data/drafts.ts'
import { FormDialog } from '../../ui/dialog.tsx'
import { DraftNote, TextArea } from '../../ui/field.tsx'

export interface WrittenTexts {
  system: string
  template: string
  reason: string
}

interface TemplateDialogProps {
  /** What is written stays under this name until it is sent. */
  draftKey: string
  open: boolean
  title: string
  lead: string
  action: string
  start: WrittenTexts
  /** Requests without such a part cannot be given one. */
  parts: { system: boolean; template: boolean }
  /** Sends it; what it throws is shown, and the dialog stays. */
  onSubmit: (texts: WrittenTexts) => Promise<void>
  onClose: () => void
  onConflict?: () => void
}

/**
 * Where a person writes or edits a prompt's template. It is checked as the analyst's are; what is wrong is said here.
 */
export function TemplateDialog(props: TemplateDialogProps): JSX.Element {
  return (
    <Show when={props.open}>
      <Opened {...props} />
    </Show>
  )
}

/** Made anew with each opening, so that it begins with what stands then, or with what was written and not sent. */
function Opened(props: TemplateDialogProps): JSX.Element {
  const draft = createDraft<WrittenTexts>(props.draftKey, { ...props.start })
  const action = createAction(() => props.onConflict?.())
  const submit = (): Promise<boolean> =>
    action.run(async () => {
      await props.onSubmit({ ...draft.value })
      draft.discard()
    })
  createEffect(
    on(
      () => [draft.value.system, draft.value.template, draft.value.reason],
      () => action.clear(),
      { defer: true },
    ),
  )
  return (
    <FormDialog
      open
      title={props.title}
      label={props.action}
      busyLabel="Checking …"
      action={action}
      onSubmit={() => void submit()}
      onClose={() => props.onClose()}
    >
      <DraftNote restored={draft.restored()} onDiscard={() => draft.discard()} />
      <p class="text-soft m-0 mb-4">{props.lead}</p>
      <div class="flex flex-col gap-3">
        <Show when={props.parts.system}>
          <TextArea
            id="template-system"
            label="System prompt"
            class="min-h-24"
            mono
            maxLength={100_000}
            value={draft.value.system}
            onInput={(text) => draft.set('system', text)}
          />
        </Show>
        <Show when={props.parts.template}>
          <TextArea
            id="template-user"
            label="User text"
            hint="keep every slot such as {{input}}"
            class="min-h-24"
            mono
            maxLength={100_000}
            value={draft.value.template}
            onInput={(text) => draft.set('template', text)}
          />
        </Show>
        <TextArea
          id="template-reason"
          label="Why it will work better"
          class="min-h-14"
          maxLength={2_000}
          value={draft.value.reason}
          onInput={(text) => draft.set('reason', text)}
        />
      </div>
    </FormDialog>
  )
}
