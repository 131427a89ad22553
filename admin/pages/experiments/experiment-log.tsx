import { For, Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { describeNumbers } from '../../data/words.ts'
import { ExperimentState } from '../../ui/badges.tsx'
import { reveal, Time } from '../../ui/text.tsx'

/** Every step of its life, with who took it and the numbers behind it. */
export function ExperimentLog(props: { item: Item }): JSX.Element {
  return (
    <section class="card p-4" aria-labelledby="log">
      <h2 id="log" class="card-title mb-2">
        Decisions, latest first
      </h2>
      <ol class="list-none m-0 p-0 flex flex-col gap-2.5">
        <For each={props.item.events}>
          {(event) => (
            <li class="flex flex-wrap gap-x-3 gap-y-0.5 items-baseline">
              <ExperimentState state={event.to} />
              <span class="flex-1 min-w-50 break-words">
                {reveal(event.cause)} <span class="text-soft">{event.person ? `by ${event.person}` : 'by itself'}</span>
                <Show when={describeNumbers(event.numbers)}>
                  {(numbers) => <span class="block text-xs text-faint">{numbers()}</span>}
                </Show>
              </span>
              <span class="text-xs text-faint">
                <Time at={event.at} />
              </span>
            </li>
          )}
        </For>
      </ol>
    </section>
  )
}
