import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Finding } from '../../data/client.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { paths } from '../../paths.ts'
import { Problem } from '../../ui/dialog.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'

const kinds: Record<Finding['kind'], string> = {
  drift: 'Works less often',
  stale_enhancement: 'Waits',
  model_change: 'Other version',
}

/**
 * What the scheduled jobs have found, of one pattern or of all. Nothing is shown where there is nothing to say of a
 * pattern.
 */
export function Findings(props: { patternId?: string }): JSX.Element {
  const load = createLoad(queries.findings, () => props.patternId ?? '')
  return (
    <Show when={props.patternId === undefined || (load.data()?.items.length ?? 0) > 0}>
      <section aria-labelledby="findings">
        <h2 id="findings" class="card-title mb-2">
          Findings
        </h2>
        <Region
          load={load}
          what="the findings"
          skeleton={<SkeletonRows rows={1} />}
          isEmpty={(page) => page.items.length === 0}
          empty={
            <p class="text-soft m-0">
              Nothing to report: no pattern works less often than before, nothing waits too long, and no model answers
              in another version.
            </p>
          }
        >
          {(page) => (
            <ul class="card list-none m-0 p-0">
              <For each={page().items}>
                {(item) => <Row item={item} single={props.patternId !== undefined} reload={() => load.reload()} />}
              </For>
            </ul>
          )}
        </Region>
      </section>
    </Show>
  )
}

function Row(props: { item: Finding; single: boolean; reload: () => Promise<void> }): JSX.Element {
  const action = createAction()
  const putAside = (): Promise<boolean> =>
    action.run(async () => {
      await api.system.dismissFinding.mutate({ id: props.item.id })
      await props.reload()
    })
  return (
    <li class="px-4 py-2.5 border-b border-line last:border-0 flex flex-wrap items-center gap-x-3 gap-y-1">
      <span class="font-600 text-warn">{kinds[props.item.kind]}</span>
      <span class="min-w-0 flex-1 break-words">
        <Show when={!props.single && props.item.patternId}>
          {(id) => (
            <>
              <A class="link" href={paths.pattern(id())}>
                {reveal(props.item.patternTitle ?? 'a pattern')}
              </A>
              :{' '}
            </>
          )}
        </Show>
        <Show when={props.item.enhancementId} fallback={reveal(props.item.message)}>
          {(id) => (
            <A class="link" href={paths.enhancement(id())}>
              {reveal(props.item.message)}
            </A>
          )}
        </Show>
      </span>
      <span class="text-xs text-faint">
        <Time at={props.item.createdAt} />
      </span>
      <button type="button" class="btn-quiet" disabled={action.busy()} onClick={() => void putAside()}>
        Put aside
      </button>
      <Problem action={action} />
    </li>
  )
}
