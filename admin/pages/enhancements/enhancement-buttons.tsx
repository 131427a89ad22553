import { For, Show, type JSX } from 'solid-js'
import type { Enhancement } from '../../data/client.ts'

export type Doing = 'approve' | 'reject' | 'withdraw' | 'edit' | 'snooze'

const decisions = [
  { what: 'snooze', label: 'Snooze', key: 's', look: 'btn' },
  { what: 'edit', label: 'Edit', key: 'e', look: 'btn' },
  { what: 'reject', label: 'Reject', key: 'r', look: 'btn-danger' },
  { what: 'approve', label: 'Approve', key: 'a', look: 'btn-primary' },
] as const

/** What a person may do with it now. */
export function EnhancementButtons(props: {
  item: Enhancement
  open: boolean
  begin: (what: Doing) => unknown
}): JSX.Element {
  return (
    <>
      <Show when={props.open}>
        <For each={decisions}>
          {({ what, label, key, look }) => (
            <button type="button" class={look} onClick={() => props.begin(what)}>
              {label}{' '}
              <kbd
                class={`kbd ${look === 'btn-primary' ? '!bg-transparent !border-current !text-inherit opacity-70' : ''}`}
                aria-hidden="true"
              >
                {key}
              </kbd>
            </button>
          )}
        </For>
      </Show>
      <Show when={props.item.state === 'approved'}>
        <button type="button" class="btn-danger" onClick={() => props.begin('withdraw')}>
          <span class="i-lucide-undo-2" aria-hidden="true" /> Take it back
        </button>
      </Show>
    </>
  )
}
