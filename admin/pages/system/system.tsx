import { For, onCleanup, Show, type JSX } from 'solid-js'
import type { SystemStatus } from '../../data/client.ts'
import { formatAge, formatBytes, formatCount, unknown } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { DependencyState, Simulation } from '../../ui/badges.tsx'
import { LearningState } from '../../ui/learning-note.tsx'
import { Fact, Facts, Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { Time } from '../../ui/text.tsx'
import { Analyst } from './analyst.tsx'
import { Findings } from '../findings/findings.tsx'

const pollMs = 3_000
const names: Record<string, string> = {
  postgres: 'PostgreSQL',
  temporal: 'Temporal',
  redis: 'Redis',
  gateway: 'Gateway',
  learner: 'Learner',
}
/** What it means for people when one of them is away. */
const meanings: Record<string, string> = {
  postgres: 'Traffic goes on; records wait in the journal.',
  temporal: 'Traffic goes on and is recorded; learning waits.',
  redis: 'Limits and live events stay in each process.',
  gateway: 'Requests are not answered.',
  learner: 'Traffic goes on; records wait in the journal.',
}

export function System(): JSX.Element {
  const load = createLoad(queries.status, () => null)
  const timer = setInterval(() => !document.hidden && void load.reload(), pollMs)
  onCleanup(() => clearInterval(timer))
  return (
    <Page
      title="System"
      aside={
        <Show when={load.data()}>
          {(status) => (
            <span class="text-xs text-faint">
              checked <Time at={status().checkedAt} />
            </span>
          )}
        </Show>
      }
    >
      <Region load={load} what="the state of the system" skeleton={<SkeletonRows rows={5} />}>
        {(status) => (
          <div class="flex flex-col gap-5">
            <LearningState learning={status().learning} here />
            <Dependencies status={status()} />
            <Flow status={status()} />
            <Findings />
            <Analyst analyst={status().analyst} onSwitched={load.reload} />
            <Providers status={status()} />
          </div>
        )}
      </Region>
    </Page>
  )
}

/** Whether anything moves, however old it is. */
const learningWords = { up: 'keeps up', behind: 'catching up', stuck: 'stands still' } as const

function Flow(props: { status: SystemStatus }): JSX.Element {
  return (
    <section aria-labelledby="flow">
      <h2 id="flow" class="card-title mb-2">
        From journal to workflow
      </h2>
      <Facts>
        <Fact term="Journal, not yet in PostgreSQL">{formatBytes(props.status.journal?.depthBytes)}</Fact>
        <Fact term="Oldest entry waits for">
          {props.status.journal === null
            ? unknown
            : props.status.journal?.depthBytes === 0
              ? 'nothing waits'
              : formatAge(props.status.journal?.ageMs)}
        </Fact>
        <Fact term="Exchanges that wait for their workflow">
          {formatCount(props.status.learning?.waiting ?? props.status.shipper.waitingWorkflows?.waiting)}
        </Fact>
        <Fact term="Workflows that have not ended">
          {formatCount(props.status.learning?.startedNotEnded)}
          <Show when={props.status.learning?.oldestRunningSeconds}>
            {(seconds) => (
              <span class="block text-xs text-soft font-400">the oldest for {formatAge(seconds() * 1_000)}</span>
            )}
          </Show>
        </Fact>
        <Fact term="Learning is behind by">
          <Show when={props.status.learning} fallback={unknown}>
            {(learning) => (
              <span class={learning().state === 'up' ? '' : 'text-bad'}>
                {learning().oldestSeconds === null ? 'nothing' : formatAge((learning().oldestSeconds ?? 0) * 1_000)}
                <span class="block text-xs text-soft font-400">{learningWords[learning().state]}</span>
              </span>
            )}
          </Show>
        </Fact>
        <Fact term="Commands that wait for Temporal">{formatCount(props.status.shipper.waitingCommands?.waiting)}</Fact>
        <Fact term="In quarantine">
          <span class={props.status.quarantined ? 'text-bad' : ''}>{formatCount(props.status.quarantined)}</span>
        </Fact>
      </Facts>
    </section>
  )
}

function Providers(props: { status: SystemStatus }): JSX.Element {
  return (
    <section aria-labelledby="providers">
      <h2 id="providers" class="card-title mb-2">
        Providers
      </h2>
      <ul class="card list-none m-0 p-0">
        <For each={props.status.providers}>
          {(provider) => (
            <li class="px-4 py-2.5 border-b border-line last:border-0 flex items-center gap-3">
              <Show
                when={provider.simulation}
                fallback={
                  <>
                    <span class="font-500">{provider.name}</span>
                    <span class="text-faint text-xs">{provider.kind}</span>
                  </>
                }
              >
                <Simulation />{' '}
                <span class="text-soft text-sm">No provider is configured, so answers are simulated.</span>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </section>
  )
}

function Dependencies(props: { status: SystemStatus }): JSX.Element {
  return (
    <section aria-labelledby="dependencies">
      <h2 id="dependencies" class="card-title mb-2">
        Parts
      </h2>
      <ul class="list-none m-0 p-0 grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        <For each={Object.entries(props.status.dependencies)}>
          {([name, dependency]) => (
            <li class="card p-4 min-w-0">
              <div class="flex items-center justify-between gap-2">
                <span class="font-600">{names[name] ?? name}</span>
                <DependencyState state={dependency.state} />
              </div>
              <p class="text-xs text-soft m-0 mt-1.5 break-words">{dependency.detail ?? 'answers'}</p>
              <Show when={dependency.state === 'down' || dependency.state === 'stale'}>
                <p class="text-xs text-warn m-0 mt-1">{meanings[name]}</p>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.status.temporalUrl}>
        {(url) => (
          <p class="m-0 mt-2 text-sm">
            <a class="link" href={url()} target="_blank" rel="noreferrer">
              Temporal Web
            </a>
          </p>
        )}
      </Show>
    </section>
  )
}
