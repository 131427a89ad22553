import { createEffect, createSignal, on, Show, type JSX } from 'solid-js'
import { toFailure, type Failure } from '../../data/errors.ts'
import { markSignedOut } from '../../data/session.ts'
import { Dialog } from '../../ui/dialog.tsx'

export interface WrittenTexts {
  system: string
  template: string
  reason: string
}

interface TemplateDialogProps {
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
  const [texts, setTexts] = createSignal<WrittenTexts>(props.start)
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal<Failure | null>(null)
  const change = (part: Partial<WrittenTexts>): void => void setTexts({ ...texts(), ...part })

  createEffect(
    on(
      () => props.open,
      (open) => {
        if (!open) return
        setTexts(props.start)
        setFailure(null)
      },
    ),
  )

  async function submit(): Promise<void> {
    setBusy(true)
    setFailure(null)
    try {
      await props.onSubmit(texts())
    } catch (error) {
      const found = toFailure(error)
      setFailure(found)
      if (found.kind === 'conflict') props.onConflict?.()
      if (found.kind === 'gone') markSignedOut()
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open={props.open} title={props.title} onClose={() => props.onClose()}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <p class="text-soft m-0 mb-4">{props.lead}</p>
        <Show when={props.parts.system}>
          <label class="label" for="template-system">
            System prompt
          </label>
          <textarea
            id="template-system"
            class="field py-2 min-h-24 mb-3 font-mono text-[0.8125rem]"
            maxlength="100000"
            value={texts().system}
            onInput={(event) => change({ system: event.currentTarget.value })}
          />
        </Show>
        <Show when={props.parts.template}>
          <label class="label" for="template-user">
            User text <span class="font-400 text-soft">keep every slot such as {'{{input}}'}</span>
          </label>
          <textarea
            id="template-user"
            class="field py-2 min-h-24 mb-3 font-mono text-[0.8125rem]"
            maxlength="100000"
            value={texts().template}
            onInput={(event) => change({ template: event.currentTarget.value })}
          />
        </Show>
        <label class="label" for="template-reason">
          Why it will work better
        </label>
        <textarea
          id="template-reason"
          class="field py-2 min-h-14"
          maxlength="2000"
          value={texts().reason}
          onInput={(event) => change({ reason: event.currentTarget.value })}
        />
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
            {busy() ? 'Checking …' : props.action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
