import { A } from '@solidjs/router'
import { For, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { arms } from '../../data/exchange-filter.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { armWords } from '../../data/words.ts'
import { paths } from '../../paths.ts'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { ExchangeTable } from '../exchanges/exchange-table.tsx'

const maxShown = 10

/** What took part, newest first, and the way to all of it by arm. */
export function ExperimentExchanges(props: { item: Item }): JSX.Element {
  const load = createLoad(queries.exchanges, () => ({ experimentId: props.item.id, limit: maxShown }))
  return (
    <section aria-labelledby="experiment-exchanges">
      <div class="flex flex-wrap items-center justify-between gap-x-4 mb-2">
        <h2 id="experiment-exchanges" class="card-title">
          Its newest exchanges
        </h2>
        <span class="flex gap-4 text-sm">
          <For each={arms}>
            {(arm) => (
              <A class="link" href={paths.exchanges({ experimentId: props.item.id, arm })}>
                all of the {armWords[arm]}
              </A>
            )}
          </For>
        </span>
      </div>
      <Region
        load={load}
        what="its exchanges"
        skeleton={<SkeletonRows rows={3} />}
        isEmpty={(page) => page.items.length === 0}
        empty={<p class="text-soft m-0">None has taken part yet.</p>}
      >
        {(page) => <ExchangeTable items={page().items} />}
      </Region>
    </section>
  )
}
