import { A } from '@solidjs/router'
import { createMemo, createSignal, For, onCleanup, Show, type JSX } from 'solid-js'
import { api, type Reanalysis as Item } from '../../data/client.ts'
import { toFailure } from '../../data/errors.ts'
import { formatAge, formatCount, formatTime } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { followLearning } from '../../data/streams.ts'
import { paths } from '../../paths.ts'
import { ReanalysisState } from '../../ui/badges.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { Time } from '../../ui/text.tsx'
import { ReanalysisForm } from './reanalysis-form.tsx'

const pollMs = 1_000
/** No run is from this day, so every bound is shown with its date. */
const dated = new Date(0)
type Ask = 'pause' | 'resume' | 'cancel' | 'retry'

export function Reanalysis(): JSX.Element {
  const load = createLoad(
    () => null,
    (_, signal) => api.reanalysis.list.query({ limit: 20 }, { signal }),
  )
  const active = createMemo(() => load.data()?.items.some((item) => isActive(item)) ?? false)
  const timer = setInterval(() => active() && !document.hidden && void load.reload(), pollMs)
  onCleanup(() => clearInterval(timer))
  followLearning(() => void load.reload())

  return (
    <Page
      title="Reanalysis"
      lead="Derives pattern and outcome of stored exchanges anew. Nothing is counted twice. Patterns that turn out weak are put before the analyst, within its daily limits and those of the run."
    >
      <div class="grid xl:grid-cols-[22rem_1fr] gap-5 items-start">
        <ReanalysisForm onStarted={() => void load.reload()} />
        <section aria-labelledby="runs">
          <h2 id="runs" class="card-title mb-2">
            Runs
          </h2>
          <Region
            load={load}
            what="the runs"
            skeleton={<SkeletonRows rows={3} />}
            isEmpty={(page) => page.items.length === 0}
            empty={
              <Empty icon="i-lucide-refresh-ccw-dot" title="No run yet">
                <p>Choose a range and start one; it can be paused and cancelled at any time.</p>
              </Empty>
            }
          >
            {(page) => (
              <ul class="list-none m-0 p-0 flex flex-col gap-3">
                <For each={page().items}>{(item) => <Run item={item} reload={() => load.reload()} />}</For>
              </ul>
            )}
          </Region>
        </section>
      </div>
    </Page>
  )
}

function isActive(item: Item): boolean {
  return ['queued', 'running', 'paused'].includes(item.state)
}

function Run(props: { item: Item; reload: () => Promise<void> }): JSX.Element {
  const [asked, setAsked] = createSignal<Ask | null>(null)
  const [problem, setProblem] = createSignal<string | null>(null)
  const pending = (): boolean =>
    asked() !== null &&
    isActive(props.item) &&
    !(asked() === 'pause' && props.item.state === 'paused') &&
    !(asked() === 'resume' && props.item.state === 'running')
  async function ask(what: Ask): Promise<void> {
    setAsked(what)
    setProblem(null)
    try {
      await api.reanalysis[what].mutate({ id: props.item.id })
      if (what === 'retry') setAsked(null)
      await props.reload()
    } catch (error) {
      setAsked(null)
      setProblem(toFailure(error).message)
    }
  }
  const filterText = (): string =>
    Object.entries(props.item.filter)
      .filter(([name]) => name !== 'from' && name !== 'to')
      .map(([name, value]) => `${name} ${value}`)
      .join(' · ')
  return (
    <li class="card p-4">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1 mb-3">
        <ReanalysisState state={props.item.state} />
        <span class="font-500">
          {formatTime(props.item.filter.from ?? props.item.createdAt, dated)} –{' '}
          {formatTime(props.item.filter.to ?? props.item.createdAt, dated)}
        </span>
        <Show when={filterText()}>{(text) => <span class="text-soft text-xs break-all">{text()}</span>}</Show>
        <span class="text-xs text-faint ml-auto">
          by {props.item.startedBy}, <Time at={props.item.createdAt} />
        </span>
      </div>
      <progress
        aria-label="Progress"
        value={props.item.total === null ? 0 : props.item.done + props.item.failed}
        max={Math.max(1, props.item.total ?? 1)}
      />
      <div class="flex flex-wrap items-center justify-between gap-2 mt-2">
        <span class="text-sm text-soft">
          {formatCount(props.item.done)} of{' '}
          {props.item.total === null ? 'an unknown number' : formatCount(props.item.total)} done
          <Show when={props.item.failed > 0}>
            <span class="text-bad"> · {formatCount(props.item.failed)} failed</span>
          </Show>
          <Show when={props.item.proposals > 0}> · {formatCount(props.item.proposals)} put before the analyst</Show>
          <Show when={!isActive(props.item)}>
            {' '}
            · took {formatAge(Date.parse(props.item.updatedAt) - Date.parse(props.item.createdAt))}
          </Show>
          <Show when={props.item.state === 'cancelled'}> · what was done stays</Show>
        </span>
        <span class="flex gap-2">
          <Show when={props.item.workflowUrl}>
            {(url) => (
              <a class="btn-quiet no-underline" href={url()} target="_blank" rel="noreferrer">
                Workflow
              </a>
            )}
          </Show>
          <Show when={!isActive(props.item) && props.item.failed > 0}>
            <button type="button" class="btn" disabled={asked() === 'retry'} onClick={() => void ask('retry')}>
              Try failed again
            </button>
          </Show>
          <Show when={isActive(props.item)}>
            <Show
              when={props.item.state === 'paused'}
              fallback={
                <button type="button" class="btn" disabled={pending()} onClick={() => void ask('pause')}>
                  {pending() && asked() === 'pause' ? 'Pausing …' : 'Pause'}
                </button>
              }
            >
              <button type="button" class="btn" disabled={pending()} onClick={() => void ask('resume')}>
                {pending() && asked() === 'resume' ? 'Resuming …' : 'Resume'}
              </button>
            </Show>
            <button type="button" class="btn-danger" disabled={pending()} onClick={() => void ask('cancel')}>
              {pending() && asked() === 'cancel' ? 'Cancelling …' : 'Cancel'}
            </button>
          </Show>
        </span>
      </div>
      <Show when={props.item.failure ?? problem()}>
        {(text) => (
          <p role="alert" class="text-bad text-sm mt-2 mb-0">
            {text()}
          </p>
        )}
      </Show>
      <Show when={props.item.failed > 0}>
        <Failures id={props.item.id} />
      </Show>
    </li>
  )
}

function Failures(props: { id: string }): JSX.Element {
  const [open, setOpen] = createSignal(false)
  return (
    <details class="mt-2" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="text-sm cursor-pointer">What failed</summary>
      <Show when={open()}>{<FailureList id={props.id} />}</Show>
    </details>
  )
}

function FailureList(props: { id: string }): JSX.Element {
  const load = createLoad(
    () => props.id,
    (id, signal) => api.reanalysis.failures.query({ id, limit: 50 }, { signal }),
    (id) => id,
  )
  return (
    <Region
      load={load}
      what="what failed"
      skeleton={<SkeletonRows rows={2} />}
      isEmpty={(page) => page.items.length === 0}
      empty={<p class="text-sm text-soft m-0">Which ones was not kept.</p>}
    >
      {(page) => (
        <ul class="list-none m-0 p-0 text-sm">
          <For each={page().items}>
            {(failure) => (
              <li class="py-1 break-words">
                <A class="link font-mono text-xs" href={paths.exchange(failure.exchangeId)}>
                  {failure.exchangeId}
                </A>{' '}
                <span class="text-soft">{failure.reason}</span>
              </li>
            )}
          </For>
          <Show when={page().nextCursor !== null}>
            <li class="text-faint py-1">and more</li>
          </Show>
        </ul>
      )}
    </Region>
  )
}
