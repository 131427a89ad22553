import { createMemo, For, onCleanup, type JSX } from 'solid-js'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { ReanalysisForm } from './reanalysis-form.tsx'
import { isActive, Run } from './run.tsx'

const pollMs = 1_000

export function Reanalysis(): JSX.Element {
  const load = createLoad(queries.reanalyses, () => null)
  const active = createMemo(() => load.data()?.items.some((item) => isActive(item)) ?? false)
  const timer = setInterval(() => active() && !document.hidden && void load.reload(), pollMs)
  onCleanup(() => clearInterval(timer))

  return (
    <Page
      title="Reanalysis"
      lead="Derives pattern and outcome of stored exchanges anew. Nothing is counted twice. Patterns that turn out weak are given to the analyst, within its daily limits and those of the run."
    >
      <LearningNote />
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
