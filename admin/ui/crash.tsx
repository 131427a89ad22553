import type { JSX } from 'solid-js'

/** One part's exception leaves the rest of the page alone. A script that did not come is asked for by a reload. */
export function CrashCard(props: { error: unknown; reset: () => void }): JSX.Element {
  const message = (): string => (props.error instanceof Error ? props.error.message : String(props.error))
  const isMissingScript = (): boolean => /dynamically imported module|importing a module script/i.test(message())
  return (
    <div class="p-6">
      <div role="alert" class="card p-6">
        <p class="font-600">This page could not be shown</p>
        <p class="text-soft mt-1 mb-4 break-words">
          {isMissingScript()
            ? 'The admin did not send it: it does not answer, or was replaced by a newer one.'
            : message()}
        </p>
        <button type="button" class="btn" onClick={() => (isMissingScript() ? location.reload() : props.reset())}>
          Try again
        </button>
      </div>
    </div>
  )
}
