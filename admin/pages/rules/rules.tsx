import { A } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import type { RuleEdit } from '../../../db/words/rule.ts'
import { api, type RuleItem } from '../../data/client.ts'
import { toFailure } from '../../data/errors.ts'
import { formatCount } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { markSignedOut } from '../../data/session.ts'
import { followLearning } from '../../data/streams.ts'
import { paths } from '../../paths.ts'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'

/** More rules than anybody keeps in view. */
const shownMost = 200

export function Rules(): JSX.Element {
  const load = createLoad(
    () => null,
    (_, signal) => api.rules.list.query({ limit: shownMost }, { signal }),
  )
  const [region, setRegion] = createSignal<HTMLElement>()
  const [problem, setProblem] = createSignal<string | null>(null)
  const [busy, setBusy] = createSignal<string | null>(null)
  followLearning(() => void load.reload())
  useRowKeys(region)

  async function flip(item: RuleItem): Promise<void> {
    setBusy(item.id)
    setProblem(null)
    const { id, version, name, order, target, condition, edits } = item
    try {
      await api.rules.save.mutate({
        rule: { id, version, name, order, target, condition, edits: edits as RuleEdit[], active: !item.active },
        reason: item.active ? 'switched off' : 'switched on',
      })
    } catch (error) {
      const failure = toFailure(error)
      setProblem(`${item.name}: ${failure.message}`)
      if (failure.kind === 'gone') markSignedOut()
    } finally {
      await load.reload()
      setBusy(null)
    }
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
      <Show when={problem()}>
        {(text) => (
          <p role="alert" class="text-bad text-sm mt-0 mb-3">
            {text()}
          </p>
        )}
      </Show>
      <div ref={setRegion}>
        <Region
          load={load}
          what="the rules"
          skeleton={<SkeletonRows rows={4} />}
          isEmpty={(page) => page.items.length === 0}
          empty={
            <Empty icon="i-lucide-replace" title="No rule yet">
              <p>
                A rule is a condition and the edits that are made where it holds. It is tested on the last exchanges
                before it is saved.
              </p>
              <A class="btn no-underline" href={paths.newRule()}>
                Write the first one
              </A>
            </Empty>
          }
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
    </Page>
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
