import { A } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import type { RuleEdit } from '../../../db/words/rule.ts'
import { createAction } from '../../data/action.ts'
import { api, type RuleItem } from '../../data/client.ts'
import { formatCount } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { paths } from '../../paths.ts'
import { Problem } from '../../ui/dialog.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'

export function Rules(): JSX.Element {
  const load = createLoad(queries.rules, () => null)
  const [region, setRegion] = createSignal<HTMLElement>()
  const [busy, setBusy] = createSignal<string | null>(null)
  const action = createAction()
  useRowKeys(region)

  async function flip(item: RuleItem): Promise<void> {
    setBusy(item.id)
    const { id, version, name, order, target, condition, edits } = item
    await action.run(() =>
      api.rules.save.mutate({
        rule: { id, version, name, order, target, condition, edits: edits as RuleEdit[], active: !item.active },
        reason: item.active ? 'switched off' : 'switched on',
      }),
    )
    await load.reload()
    setBusy(null)
  }

  return (
    <Page
      title="Rules"
      lead="What is changed of requests and answers on their way, in this order. Bytes that no rule names stay as they are."
      aside={
        <A class="btn-primary no-underline" href={paths.newRule()}>
          <span class="i-lucide-plus" aria-hidden="true" /> New rule
        </A>
      }
    >
      <Problem action={action} />
      <div ref={setRegion}>
        <Region
          load={load}
          what="the rules"
          skeleton={<SkeletonRows rows={4} />}
          isEmpty={(page) => page.items.length === 0}
          empty={<NoRule />}
        >
          {(page) => (
            <ol class="card list-none m-0 p-0 overflow-hidden">
              <For each={page().items}>
                {(item) => <Row item={item} busy={busy() === item.id} flip={() => void flip(item)} />}
              </For>
            </ol>
          )}
        </Region>
      </div>
      <RemovedRules />
    </Page>
  )
}

function NoRule(): JSX.Element {
  return (
    <Empty icon="i-lucide-replace" title="No rule yet">
      <p>
        A rule is a condition and the edits that are made where it holds. It is tested on exchanges that it concerns
        before it is saved.
      </p>
      <A class="btn no-underline" href={paths.newRule()}>
        Write the first one
      </A>
    </Empty>
  )
}

/** Exchanges still name them. */
function RemovedRules(): JSX.Element {
  const load = createLoad(queries.removedRules, () => null)
  return (
    <Show when={(load.data()?.length ?? 0) > 0}>
      <details class="mt-5">
        <summary class="cursor-pointer text-sm text-soft min-h-6">
          Removed rules <span class="text-faint">({load.data()?.length})</span>
        </summary>
        <ul class="card list-none m-0 mt-2 p-0">
          <For each={load.data()}>
            {(rule) => (
              <li class="px-4 py-2 border-b border-line last:border-0 flex flex-wrap items-baseline gap-x-3">
                <A class="link truncate flex-1 min-w-40" href={paths.rule(rule.id)}>
                  {reveal(rule.name)}
                </A>
                <span class="text-xs text-faint break-words">
                  removed by {rule.person}, <Time at={rule.at} />
                  {rule.reason ? `: ${reveal(rule.reason)}` : ''}
                </span>
              </li>
            )}
          </For>
        </ul>
      </details>
    </Show>
  )
}

function Row(props: { item: RuleItem; busy: boolean; flip: () => void }): JSX.Element {
  const it = (): RuleItem => props.item
  return (
    <li class="relative border-b border-line last:border-0 px-4 py-3 hover:bg-sunken">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span class="chip text-soft bg-sunken font-mono" title="Order">
          {it().order}
        </span>
        <A href={paths.rule(it().id)} class="row-link font-500 no-underline text-ink truncate flex-1 min-w-40">
          {reveal(it().name)}
        </A>
        <span class="chip text-soft bg-sunken">{it().target}</span>
        <button
          type="button"
          role="switch"
          aria-checked={it().active}
          aria-label={`${it().name} is active`}
          class={`btn !min-h-7 relative z-1 ${it().active ? '!text-good' : '!text-soft'}`}
          disabled={props.busy}
          onClick={() => props.flip()}
        >
          <span class={it().active ? 'i-lucide-check' : 'i-lucide-minus'} aria-hidden="true" />{' '}
          {it().active ? 'on' : 'off'}
        </button>
      </div>
      <p class="font-mono text-xs text-soft m-0 mt-1 break-words line-clamp-2">
        {it().condition === '' ? 'always' : reveal(it().condition)}{' '}
        <span class="text-faint" aria-hidden="true">
          →
        </span>{' '}
        {it()
          .edits.map(({ kind }) => kind)
          .join(', ')}
      </p>
      <p class="text-xs text-faint m-0 mt-1">
        applied {formatCount(it().usageCount)} times
        <Show when={it().lastUsed}>
          {(at) => (
            <>
              , last <Time at={at()} />
            </>
          )}
        </Show>
        <Show when={it().errorCount > 0}>
          <span class="text-warn"> · its condition failed {formatCount(it().errorCount)} times</span>
        </Show>
        <Show when={it().person}>
          {(person) => (
            <>
              {' '}
              · version {it().version} by {person()}
            </>
          )}
        </Show>
      </p>
    </li>
  )
}
