/** The browser's own modal dialog: it traps the focus, closes on Escape and gives the focus back. */
import { createEffect, createSignal, type JSX } from 'solid-js'

interface DialogProps {
  open: boolean
  title: string
  onClose: () => void
  children: JSX.Element
}

export function Dialog(props: DialogProps): JSX.Element {
  const [element, setElement] = createSignal<HTMLDialogElement>()
  const titleId = `dialog-${Math.random().toString(36).slice(2)}`
  createEffect(() => {
    const dialog = element()
    if (props.open && !dialog?.open) dialog?.showModal()
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
        {props.children}
      </div>
    </dialog>
  )
}
