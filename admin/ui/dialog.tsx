/** The browser's own modal dialog: it traps the focus, closes on Escape and gives the focus back. */
import { createEffect, createSignal, createUniqueId, Show, type JSX } from 'solid-js'
import type { Action } from '../data/action.ts'

interface DialogProps {
  open: boolean
  title: string
  onClose: () => void
  children: JSX.Element
}

/** Where the work begins: the element that asks for it, else the first field, else the button that does it. */
function focusFirst(dialog: HTMLDialogElement): void {
  const body = dialog.querySelector<HTMLElement>('.dialog-body')
  const target =
    body?.querySelector<HTMLElement>('[autofocus]') ??
    body?.querySelector<HTMLElement>('input:checked, input:not([type=radio]), select, textarea') ??
    body?.querySelector<HTMLElement>('button[type=submit], .btn-primary')
  target?.focus()
}

export function Dialog(props: DialogProps): JSX.Element {
  const [element, setElement] = createSignal<HTMLDialogElement>()
  const titleId = createUniqueId()
  createEffect(() => {
    const dialog = element()
    if (props.open && dialog && !dialog.open) {
      dialog.showModal()
      // Fields of this opening are put in by other effects of the same change.
      queueMicrotask(() => dialog.open && focusFirst(dialog))
    }
    if (!props.open && dialog?.open) dialog.close()
  })
  return (
    <dialog
      ref={setElement}
      aria-labelledby={titleId}
      class="card w-[min(32rem,calc(100vw-2rem))] p-0 shadow-xl"
      onClose={() => props.onClose()}
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div class="p-5">
        <div class="flex items-start justify-between gap-4 mb-3">
          <h2 id={titleId} class="text-base font-650">
            {props.title}
          </h2>
          <button
            type="button"
            class="btn-quiet !min-h-7 !px-1.5 -mt-1 -mr-1.5"
            aria-label="Close"
            onClick={() => element()?.close()}
          >
            <span class="i-lucide-x" aria-hidden="true" />
          </button>
        </div>
        <div class="dialog-body">{props.children}</div>
      </div>
    </dialog>
  )
}

interface FormDialogProps extends DialogProps {
  action: Action
  /** What the button says, and what it says while it works. */
  label: string
  busyLabel: string
  tone?: 'primary' | 'danger'
  /** The button has the focus: one more Enter does it. */
  direct?: boolean
  disabled?: boolean
  onSubmit: () => void
}

/** A dialog that sends something: what went wrong is said in it, and it stays open then. */
export function FormDialog(props: FormDialogProps): JSX.Element {
  return (
    <Dialog open={props.open} title={props.title} onClose={() => props.onClose()}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          props.onSubmit()
        }}
      >
        {props.children}
        <Problem action={props.action} />
        <div class="flex justify-end gap-2 mt-5">
          <button type="button" class="btn" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button
            type="submit"
            class={props.tone === 'danger' ? 'btn-danger' : 'btn-primary'}
            autofocus={props.direct === true}
            disabled={props.action.busy() || props.disabled === true || props.action.failure()?.kind === 'conflict'}
          >
            {props.action.busy() ? props.busyLabel : props.label}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** What went wrong with an action, beside it. */
export function Problem(props: { action: Action }): JSX.Element {
  return (
    <Show when={props.action.failure()}>
      {(failure) => (
        <p role="alert" class="flex gap-2 text-bad text-sm mt-3 mb-0 break-words">
          <span class="i-lucide-circle-alert mt-0.75" aria-hidden="true" />
          <span class="min-w-0">
            {failure().message}
            {failure().kind === 'conflict' ? ' What is shown on the page is up to date again.' : ''}
          </span>
        </p>
      )}
    </Show>
  )
}
