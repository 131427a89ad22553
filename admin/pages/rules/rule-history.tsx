import { createMemo, For, Show, type JSX } from 'solid-js'
import type { Rule } from '../../data/client.ts'
import { diffTexts } from '../../data/diff.ts'
import { Pieces, reveal, Time } from '../../ui/text.tsx'

type Version = Rule['history'][number]

/** Who changed what, newest first; each version against the one before it. */
export function RuleHistory(props: { history: Version[] }): JSX.Element {
  return (
    <section class="card p-4 min-w-0" aria-labelledby="rule-history">
      <h2 id="rule-history" class="card-title mb-2">
        History
      </h2>
      <ol class="list-none m-0 p-0 flex flex-col gap-2">
        <For each={props.history}>
          {(version, at) => (
            <li>
              <Change version={version} before={props.history[at() + 1] ?? null} />
            </li>
          )}
        </For>
      </ol>
    </section>
  )
}

function Change(props: { version: Version; before: Version | null }): JSX.Element {
  const pieces = createMemo(() => diffTexts(props.before === null ? '' : write(props.before), write(props.version)))
  return (
    <details>
      <summary class="cursor-pointer min-h-6">
        Version {props.version.version}{' '}
        <span class="text-soft">
          {props.version.change} by {props.version.person}, <Time at={props.version.at} />
        </span>
        <Show when={props.version.reason}>{(reason) => <span class="text-soft">: {reveal(reason())}</span>}</Show>
      </summary>
      <pre class="bg-sunken rounded-lg p-3 mt-2 mb-0 font-mono text-[0.8125rem] leading-relaxed whitespace-pre-wrap break-words">
        <Pieces pieces={pieces()} plain />
      </pre>
    </details>
  )
}

/** In an order of its own, whatever the one it is stored in. */
function write({ rule: { name, order, active, target, condition, edits } }: Version): string {
  return JSON.stringify({ name, order, active, target, condition, edits }, null, 2)
}
