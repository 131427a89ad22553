import { Show, type JSX } from 'solid-js'

/** What has come of what a person did, said to everybody. */
export function Message(props: {
  text: string | null
  tone?: 'good' | 'calm'
  icon?: string
  children?: JSX.Element
}): JSX.Element {
  return (
    <div role="status">
      <Show when={props.text}>
        {(text) => (
          <p
            class={`flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-2 m-0 mb-4 ${props.tone === 'calm' ? 'bg-sunken text-ink' : 'bg-good-wash text-good'}`}
          >
            <span class={props.icon ?? 'i-lucide-check'} aria-hidden="true" /> <span class="flex-1">{text()}</span>
            {props.children}
          </p>
        )}
      </Show>
    </div>
  )
}
