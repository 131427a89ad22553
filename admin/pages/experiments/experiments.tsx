import { A, useSearchParams } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import type { ExperimentItem } from '../../data/client.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { metricWords } from '../../data/words.ts'
import { paths } from '../../paths.ts'
import { ExperimentState } from '../../ui/badges.tsx'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'

export function Experiments(): JSX.Element {
  const [search] = useSearchParams<{ cursor?: string }>()
  const load = createLoad(queries.experiments, () => search.cursor ?? null)
  const [region, setRegion] = createSignal<HTMLElement>()
  useRowKeys(region)
  return (
    <Page title="Experiments" lead="Enhancements tried on part of the traffic, against the prompts as they are.">
      <LearningNote />
      <div ref={setRegion}>
        <Region
          load={load}
          what="the experiments"
          skeleton={<SkeletonRows rows={4} />}
          isEmpty={(page) => page.items.length === 0}
          empty={
            <Empty icon="i-lucide-flask-conical" title="No experiment yet">
              <p>
                Approving an enhancement starts one: a small share of the traffic, half of it unchanged, and more as
                long as nothing goes wrong.
              </p>
              <A class="btn no-underline" href={paths.enhancements()}>
                To the enhancements
              </A>
            </Empty>
          }
        >
          {(page) => (
            <>
              <ul class="card list-none m-0 p-0 overflow-hidden">
                <For each={page().items}>{(item) => <Row item={item} />}</For>
              </ul>
              <Show when={page().nextCursor}>
                {(cursor) => (
                  <div class="flex justify-end mt-3">
                    <A class="btn no-underline" href={paths.experiments({ cursor: cursor() })}>
                      Older <span class="i-lucide-chevron-right" aria-hidden="true" />
                    </A>
                  </div>
                )}
              </Show>
            </>
          )}
        </Region>
      </div>
    </Page>
  )
}

function Row(props: { item: ExperimentItem }): JSX.Element {
  return (
    <li class="relative border-b border-line last:border-0 px-4 py-3 hover:bg-sunken">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <ExperimentState state={props.item.state} />
        <A
          href={paths.experiment(props.item.id)}
          class="row-link font-500 no-underline text-ink truncate flex-1 min-w-40"
        >
          {reveal(props.item.patternTitle)}
        </A>
        <span class="text-xs text-faint">
          <Time at={props.item.createdAt} />
        </span>
      </div>
      <p class="text-soft text-sm m-0 mt-1">{reveal(props.item.verdict.sentence)}</p>
      <p class="text-xs text-faint m-0 mt-1">
        prepared by {props.item.createdBy} · {metricWords[props.item.metric] ?? props.item.metric}
        {props.item.promotedBy ? ` · promoted by ${props.item.promotedBy}` : ''}
      </p>
    </li>
  )
}
