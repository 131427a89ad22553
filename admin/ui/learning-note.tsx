/** Said wherever the numbers come from learning: how far they are behind the traffic. */
import { A } from '@solidjs/router'
import { Match, onCleanup, Show, Switch, type JSX } from 'solid-js'
import { formatAge, plural } from '../data/format.ts'
import { createLoad } from '../data/load.ts'
import { queries } from '../data/queries.ts'
import type { SystemStatus } from '../data/client.ts'
import { paths } from '../paths.ts'

const pollMs = 15_000

export function LearningNote(): JSX.Element {
  const load = createLoad(queries.learning, () => null)
  const timer = setInterval(() => !document.hidden && void load.reload(), pollMs)
  onCleanup(() => clearInterval(timer))
  return <LearningState learning={load.data() ?? null} />
}

/** `here`: on the page that says more. */
export function LearningState(props: { learning: SystemStatus['learning']; here?: boolean }): JSX.Element {
  const learning = () => props.learning
  const age = (): string => formatAge((learning()?.oldestSeconds ?? 0) * 1_000)
  const waiting = (): string =>
    plural((learning()?.waiting ?? 0) + (learning()?.startedNotEnded ?? 0), 'exchange waits', 'exchanges wait')
  return (
    <div role="status">
      <Switch>
        <Match when={learning()?.state === 'behind'}>
          <p class="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg bg-warn-wash text-warn px-3 py-2 text-sm">
            <span class="i-lucide-hourglass" aria-hidden="true" />
            <span class="flex-1 min-w-50">
              Learning is {age()} behind: {waiting()}, so patterns, outcomes and rates are that old.
            </span>
          </p>
        </Match>
        <Match when={learning()?.state === 'stuck'}>
          <p class="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg bg-bad-wash text-bad px-3 py-2 text-sm">
            <span class="i-lucide-triangle-alert" aria-hidden="true" />
            <span class="flex-1 min-w-50">
              Learning stands still: {waiting()}, the oldest for {age()}. Patterns, outcomes and rates are that old.{' '}
              <Show when={!props.here}>
                <A class="underline underline-offset-3 text-inherit" href={paths.system()}>
                  See the system
                </A>
              </Show>
            </span>
          </p>
        </Match>
      </Switch>
    </div>
  )
}
