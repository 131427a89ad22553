import { A, useParams } from '@solidjs/router'
import { createSignal, For, onCleanup, Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { paths } from '../../paths.ts'
import { ExperimentState } from '../../ui/badges.tsx'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Message } from '../../ui/message.tsx'
import { Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal } from '../../ui/text.tsx'
import { actLabels, ExperimentAct, type Act } from './experiment-act.tsx'
import { ExperimentDetail } from './experiment-detail.tsx'

/** Exposures are not announced one by one. */
const reloadMs = 5_000

export function Experiment(): JSX.Element {
  const params = useParams<{ id: string }>()
  const [act, setAct] = createSignal<Act | null>(null)
  const [result, setResult] = createSignal<string | null>(null)
  const load = createLoad(queries.experiment, () => params.id)
  const timer = setInterval(() => void (document.hidden || load.data()?.endedAt || load.reload()), reloadMs)
  onCleanup(() => clearInterval(timer))

  function onDone(item: Item & { active: boolean }): void {
    setAct(null)
    load.put(item)
    setResult(
      item.active
        ? 'Done. It holds from the next request on.'
        : 'Done. It takes effect as soon as a gateway has heard of it; none has answered yet.',
    )
  }

  return (
    <Page
      title={reveal(load.data()?.patternTitle ?? 'Experiment')}
      back={{ href: paths.experiments(), label: 'Experiments' }}
      lead={<Show when={load.data()}>{(item) => <Lead item={item()} />}</Show>}
      aside={
        <For each={load.data()?.actions}>
          {(action) => (
            <button
              type="button"
              class={action === 'promote' || action === 'start' ? 'btn-primary' : 'btn-danger'}
              onClick={() => setAct(action)}
            >
              {actLabels[action]}
            </button>
          )}
        </For>
      }
    >
      <LearningNote />
      <Message text={result()} tone="calm" />
      <Region load={load} what="the experiment" skeleton={<SkeletonRows rows={6} />}>
        {(item) => <ExperimentDetail item={item()} />}
      </Region>
      <Show when={load.data()}>
        {(item) => <ExperimentAct item={item()} act={act()} onClose={() => setAct(null)} onDone={onDone} />}
      </Show>
    </Page>
  )
}

function Lead(props: { item: Item }): JSX.Element {
  return (
    <span class="inline-flex flex-wrap items-center gap-2">
      <ExperimentState state={props.item.state} />
      <A class="link" href={paths.enhancement(props.item.enhancementId)}>
        the enhancement
      </A>{' '}
      for{' '}
      <A class="link" href={paths.pattern(props.item.patternId)}>
        the pattern
      </A>
      <span class="text-faint text-xs">
        prepared by {props.item.createdBy}
        {props.item.promotedBy ? `, promoted by ${props.item.promotedBy}` : ''}
      </span>
    </span>
  )
}
