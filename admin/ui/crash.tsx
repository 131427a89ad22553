import type { JSX } from 'solid-js'

/** One part's exception leaves the rest of the page alone. */
export function CrashCard(props: { error: unknown; reset: () => void }): JSX.Element {
  return (
    <div class="p-6">
      <div role="alert" class="card p-6">
        <p class="font-600">This page could not be shown</p>
        <p class="text-soft mt-1 mb-4 break-words">
          {props.error instanceof Error ? props.error.message : String(props.error)}
        </p>
        <button type="button" class="btn" onClick={() => props.reset()}>
          Try again
        </button>
      </div>
    </div>
  )
}
