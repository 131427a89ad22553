import { A, useSearchParams } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import type { Enhancement } from '../../data/client.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { paths } from '../../paths.ts'
import { EnhancementState } from '../../ui/badges.tsx'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { describeLastAct, describeServing } from './enhancement-record.tsx'

/** The inbox shows what waits for a person; the rest is a step away. */
const tabs = [
  { state: undefined, label: 'To review' },
  { state: 'snoozed', label: 'Snoozed' },
  { state: 'approved', label: 'Approved' },
  { state: 'rejected', label: 'Rejected' },
  { state: 'withdrawn', label: 'Withdrawn' },
  { state: 'all', label: 'All' },
] as const
type Tab = (typeof tabs)[number]
type State = Enhancement['state']

export function Enhancements(): JSX.Element {
  const [search] = useSearchParams<{ state?: string; cursor?: string }>()
  const tab = (): Tab => tabs.find((known) => known.state === search.state) ?? tabs[0]
  const load = createLoad(queries.enhancements, () => ({
    cursor: search.cursor ?? null,
    ...(tab().state === 'all' ? {} : { state: (tab().state ?? 'proposed') as State }),
  }))
  const [region, setRegion] = createSignal<HTMLElement>()
  useRowKeys(region)

  return (
    <Page
      title="Enhancements"
      lead="Better prompts for patterns that fail. Nothing is served before a person has approved it."
    >
      <LearningNote />
      <Tabs tab={tab()} />
      <div ref={setRegion}>
        <Region
          load={load}
          what="the enhancements"
          skeleton={<SkeletonRows rows={4} />}
          isEmpty={(page) => page.items.length === 0}
          empty={
            <Empty icon="i-lucide-inbox" title={tab().state === undefined ? 'Nothing to review' : 'None here'}>
              <p>
                A proposal is made when a pattern is frequent, fails often, and an analyst is configured under{' '}
                <code class="font-mono text-xs">claude:</code>.
              </p>
              <A class="btn no-underline" href={paths.patterns()}>
                Look at the patterns
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
                    <A class="btn no-underline" href={paths.enhancements({ state: search.state, cursor: cursor() })}>
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

function Tabs(props: { tab: Tab }): JSX.Element {
  return (
    <nav aria-label="By state" class="flex gap-1 mb-3 overflow-x-auto">
      <For each={tabs}>
        {(item) => (
          <A
            href={paths.enhancements({ state: item.state })}
            aria-current={props.tab === item ? 'page' : undefined}
            class={`btn-quiet no-underline ${props.tab === item ? '!bg-sunken !text-ink' : ''}`}
          >
            {item.label}
          </A>
        )}
      </For>
    </nav>
  )
}

function Row(props: { item: Enhancement }): JSX.Element {
  return (
    <li class="relative border-b border-line last:border-0 px-4 py-3 hover:bg-sunken">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <EnhancementState state={props.item.state} />
        <A
          href={paths.enhancement(props.item.id)}
          class="row-link font-500 no-underline text-ink truncate flex-1 min-w-40"
        >
          {reveal(props.item.patternTitle)}
        </A>
        <span class="text-xs text-faint">
          <Time at={props.item.createdAt} />
        </span>
      </div>
      <p class="text-soft text-sm m-0 mt-1 line-clamp-2">
        {reveal(props.item.reason ?? props.item.failure ?? 'The analyst is asked.')}
      </p>
      <p class="text-xs text-faint m-0 mt-1">
        {formatCount(props.item.patternFrequency)} exchanges · {formatRate(props.item.patternSuccessRate)} success
        <Show when={props.item.approvalsNeeded > 1 && props.item.state === 'proposed'}>
          <>
            {' '}
            · {formatCount(props.item.approvals.length)} of {formatCount(props.item.approvalsNeeded)} approvals
          </>
        </Show>
        <Show when={props.item.state === 'proposed' && props.item.remindedAt}>
          <span class="text-warn"> · waits long</span>
        </Show>
        <Show when={props.item.state === 'snoozed' && props.item.snoozedUntil}>
          {(until) => (
            <>
              {' '}
              · comes back <Time at={until()} class="" />
            </>
          )}
        </Show>
        <Show when={describeLastAct(props.item)}>{(act) => <> · {act()}</>}</Show>
        <Show when={props.item.state === 'withdrawn' && props.item.failure}>{(why) => <>: {reveal(why())}</>}</Show>
        <Show when={props.item.state === 'approved'}> · served {describeServing(props.item)}</Show>
        <Show when={props.item.applied > 0}>
          <>
            {' '}
            · applied {formatCount(props.item.applied)} times, {formatRate(props.item.effectiveness)} success
          </>
        </Show>
      </p>
    </li>
  )
}
