import { For, type JSX } from 'solid-js'
import { shortcuts, switchShortcuts } from '../data/keys.ts'
import { Dialog } from './dialog.tsx'

interface SheetProps {
  open: boolean
  onClose: () => void
  places: { label: string; key: string }[]
}

export function ShortcutSheet(props: SheetProps): JSX.Element {
  const rows = (): [string, string][] => [
    ['j / k', 'next, previous row'],
    ['Enter', 'open the row'],
    ['/', 'to the filters'],
    ['Space', 'pause or resume the live list'],
    ['a / r', 'approve, reject an enhancement'],
    ['e / s', 'edit, snooze an enhancement'],
    ...props.places.map((place): [string, string] => [`g ${place.key}`, `go to ${place.label}`]),
  ]
  return (
    <Dialog open={props.open} title="Shortcuts" onClose={props.onClose}>
      <dl class="grid grid-cols-[auto_1fr] gap-x-5 gap-y-2 m-0 items-center">
        <For each={rows()}>
          {([keys, meaning]) => (
            <>
              <dt>
                <kbd class="kbd">{keys}</kbd>
              </dt>
              <dd class="m-0 text-soft">{meaning}</dd>
            </>
          )}
        </For>
      </dl>
      <label class="mt-5 pt-4 border-t border-line flex items-center gap-2.5 cursor-pointer min-h-6">
        <input
          type="checkbox"
          class="w-4 h-4 accent-accent"
          checked={shortcuts()}
          onChange={(event) => switchShortcuts(event.currentTarget.checked)}
        />
        Use single-key shortcuts
      </label>
    </Dialog>
  )
}
