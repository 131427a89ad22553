import { For, Show, type JSX } from 'solid-js'
import { reveal } from './text.tsx'

/** Recorded headers, folded: credentials were never among them. */
export function HeaderList(props: { title: string; headers: [string, string][] }): JSX.Element {
  return (
    <Show when={props.headers.length > 0}>
      <details class="mt-4 group">
        <summary class="cursor-pointer text-sm text-soft hover:text-ink min-h-6">
          {props.title} <span class="text-faint">({props.headers.length})</span>
        </summary>
        <dl class="mt-2 grid grid-cols-1 sm:grid-cols-[minmax(8rem,14rem)_1fr] gap-x-4 gap-y-1 font-mono text-xs m-0">
          <For each={props.headers}>
            {([name, value]) => (
              <>
                <dt class="text-soft break-all">{reveal(name)}</dt>
                <dd class="m-0 mb-1.5 sm:mb-0 break-all">{reveal(value)}</dd>
              </>
            )}
          </For>
        </dl>
      </details>
    </Show>
  )
}
