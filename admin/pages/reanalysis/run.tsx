import { A } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Reanalysis as Item } from '../../data/client.ts'
import { formatAge, formatCount, formatTime } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { paths } from '../../paths.ts'
import { ReanalysisState } from '../../ui/badges.tsx'
import { Problem } from '../../ui/dialog.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { Time } from '../../ui/text.tsx'

/** No run is from this day, so every bound is shown with its date. */
const dated = new Date(0)
type Ask = 'pause' | 'resume' | 'cancel' | 'retry'

export function isActive(item: Item): boolean {
  return ['queued', 'running', 'paused'].includes(item.state)
}

export function Run(props: { item: Item; reload: () => Promise<void> }): JSX.Element {
  const [asked, setAsked] = createSignal<Ask | null>(null)
  const action = createAction()
  const pending = (): boolean =>
    asked() !== null &&
    isActive(props.item) &&
    !(asked() === 'pause' && props.item.state === 'paused') &&
    !(asked() === 'resume' && props.item.state === 'running')
  async function ask(what: Ask): Promise<void> {
    setAsked(what)
    const done = await action.run(async () => {
      await api.reanalysis[what].mutate({ id: props.item.id })
      await props.reload()
    })
    if (!done || what === 'retry') setAsked(null)
  }
  return (
    <li class="card p-4">
      <RunHeading item={props.item} />
      <progress
        aria-label="Progress"
        value={props.item.total === null ? 0 : props.item.done + props.item.failed}
        max={Math.max(1, props.item.total ?? 1)}
      />
      <div class="flex flex-wrap items-center justify-between gap-2 mt-2">
        <Progress item={props.item} />
        <RunButtons item={props.item} asked={asked()} pending={pending()} ask={(what) => void ask(what)} />
      </div>
      <Show when={props.item.failure}>
        {(text) => (
          <p role="alert" class="text-bad text-sm mt-2 mb-0">
            {text()}
          </p>
        )}
      </Show>
      <Problem action={action} />
      <Show when={props.item.failed > 0}>
        <Failures id={props.item.id} />
      </Show>
    </li>
  )
}

function RunHeading(props: { item: Item }): JSX.Element {
  const filterText = (): string =>
    Object.entries(props.item.filter)
      .filter(([name]) => name !== 'from' && name !== 'to')
      .map(([name, value]) => `${name} ${value}`)
      .join(' · ')
  return (
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
  )
}

function Progress(props: { item: Item }): JSX.Element {
  return (
    <span class="text-sm text-soft">
      {formatCount(props.item.done)} of{' '}
      {props.item.total === null ? 'an unknown number' : formatCount(props.item.total)} done
      <Show when={props.item.failed > 0}>
        <span class="text-bad"> · {formatCount(props.item.failed)} failed</span>
      </Show>
      <Show when={props.item.proposals > 0}> · {formatCount(props.item.proposals)} given to the analyst</Show>
      <Show when={!isActive(props.item)}>
        {' '}
        · took {formatAge(Date.parse(props.item.updatedAt) - Date.parse(props.item.createdAt))}
      </Show>
      <Show when={props.item.state === 'cancelled'}> · what was done stays</Show>
    </span>
  )
}

interface ButtonsProps {
  item: Item
  asked: Ask | null
  pending: boolean
  ask: (what: Ask) => void
}

const askWords: Record<Ask, [string, string]> = {
  pause: ['Pause', 'Pausing …'],
  resume: ['Resume', 'Resuming …'],
  cancel: ['Cancel', 'Cancelling …'],
  retry: ['Try failed again', 'Try failed again'],
}

function RunButtons(props: ButtonsProps): JSX.Element {
  return (
    <span class="flex gap-2">
      <Show when={props.item.workflowUrl}>
        {(url) => (
          <a class="btn-quiet no-underline" href={url()} target="_blank" rel="noreferrer">
            Workflow
          </a>
        )}
      </Show>
      <Show when={!isActive(props.item) && props.item.failed > 0}>
        <AskButton {...props} what="retry" />
      </Show>
      <Show when={isActive(props.item)}>
        <Show when={props.item.state === 'paused'} fallback={<AskButton {...props} what="pause" />}>
          <AskButton {...props} what="resume" />
        </Show>
        <AskButton {...props} what="cancel" />
      </Show>
    </span>
  )
}

function AskButton(props: ButtonsProps & { what: Ask }): JSX.Element {
  const under = (): boolean => props.pending && props.asked === props.what
  return (
    <button
      type="button"
      class={props.what === 'cancel' ? 'btn-danger' : 'btn'}
      disabled={props.pending || props.asked === 'retry'}
      onClick={() => props.ask(props.what)}
    >
      {askWords[props.what][under() ? 1 : 0]}
    </button>
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
  const load = createLoad(queries.reanalysisFailures, () => props.id)
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
