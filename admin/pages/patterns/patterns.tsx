import { A, useSearchParams } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { api, type Pattern } from '../../data/client.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { followLearning } from '../../data/streams.ts'
import { paths } from '../../paths.ts'
import { EnhancementState } from '../../ui/badges.tsx'
import { Meter, Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'

type Order = 'newest' | 'frequent'

export function Patterns(): JSX.Element {
  const [search, setSearch] = useSearchParams<{ order?: string; cursor?: string }>()
  const order = (): Order => (search.order === 'newest' ? 'newest' : 'frequent')
  const load = createLoad(
    () => ({ order: order(), cursor: search.cursor ?? null }),
    (wanted, signal) => api.patterns.list.query({ ...wanted, limit: 50 }, { signal }),
    JSON.stringify,
  )
  const [region, setRegion] = createSignal<HTMLElement>()
  followLearning(() => void load.reload())
  useRowKeys(region)

  return (
    <Page
      title="Patterns"
      lead="Prompts that share a template, and how well they work."
      aside={
        <label class="inline-flex items-center gap-2 text-sm text-soft">
          Order
          <select
            class="field !w-auto"
            value={order()}
            onChange={(event) =>
              setSearch({ order: event.currentTarget.value === 'newest' ? 'newest' : null, cursor: null })
            }
          >
            <option value="frequent" selected={order() === 'frequent'}>
              most frequent first
            </option>
            <option value="newest" selected={order() === 'newest'}>
              newest first
            </option>
          </select>
        </label>
      }
    >
      <div ref={setRegion}>
        <Region
          load={load}
          what="the patterns"
          skeleton={<SkeletonRows />}
          isEmpty={(page) => page.items.length === 0}
          empty={
            <Empty icon="i-lucide-layers" title="No pattern yet">
              <p>A pattern appears a moment after its first exchange was recorded, when the learner has read it.</p>
              <A class="btn no-underline" href={paths.exchanges()}>
                To the exchanges
              </A>
            </Empty>
          }
        >
          {(page) => (
            <>
              <div class="card overflow-hidden">
                <table class="w-full table-fixed border-collapse">
                  <caption class="sr-only">Patterns</caption>
                  <thead class="border-b border-line hidden sm:table-header-group">
                    <tr>
                      <th scope="col" class="th">
                        Template
                      </th>
                      <th scope="col" class="th w-26 !text-right">
                        Exchanges
                      </th>
                      <th scope="col" class="th w-38">
                        Success
                      </th>
                      <th scope="col" class="th w-32 hidden lg:table-cell">
                        Last seen
                      </th>
                      <th scope="col" class="th w-40 hidden md:table-cell">
                        Enhancement
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    <For each={page().items}>{(pattern) => <Row pattern={pattern} />}</For>
                  </tbody>
                </table>
              </div>
              <Show when={page().nextCursor}>
                {(cursor) => (
                  <div class="flex justify-end mt-3">
                    <A class="btn no-underline" href={paths.patterns({ order: search.order, cursor: cursor() })}>
                      More <span class="i-lucide-chevron-right" aria-hidden="true" />
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

function Row(props: { pattern: Pattern }): JSX.Element {
  return (
    <tr class="relative border-b border-line last:border-0 hover:bg-sunken">
      <td class="td">
        <A href={paths.pattern(props.pattern.id)} class="row-link font-500 no-underline text-ink block truncate">
          {reveal(props.pattern.title)}
        </A>
        <span class="text-xs text-faint block truncate">
          team {props.pattern.team}
          {props.pattern.note ? ` · ${props.pattern.note}` : ''}
        </span>
        <span class="sm:hidden text-xs text-soft flex items-center gap-2 mt-0.5">
          {formatCount(props.pattern.frequency)} exchanges · {formatRate(props.pattern.successRate)} success
        </span>
      </td>
      <td class="td text-right hidden sm:table-cell">{formatCount(props.pattern.frequency)}</td>
      <td class="td hidden sm:table-cell">
        <SuccessRate pattern={props.pattern} />
      </td>
      <td class="td text-soft hidden lg:table-cell">
        <Time at={props.pattern.lastSeen} />
      </td>
      <td class="td hidden md:table-cell">
        <Show when={props.pattern.enhancementState} fallback={<span class="text-faint">—</span>}>
          {(state) => <EnhancementState state={state()} />}
        </Show>
      </td>
    </tr>
  )
}

/** The rate, and how many verdicts it stands on. */
export function SuccessRate(props: {
  pattern: Pick<Pattern, 'successRate' | 'successes' | 'failures' | 'weak'>
}): JSX.Element {
  const title = (): string =>
    `${formatCount(props.pattern.successes)} worked, ${formatCount(props.pattern.failures)} failed`
  return (
    <span class="inline-flex items-center gap-2.5" title={title()}>
      <Meter share={props.pattern.successRate} tone={props.pattern.weak ? 'text-bad' : 'text-good'} />
      <span class={`inline-flex items-center gap-1 whitespace-nowrap ${props.pattern.weak ? 'text-bad font-500' : ''}`}>
        {formatRate(props.pattern.successRate)}
        <Show when={props.pattern.weak}>
          <span class="i-lucide-trending-down" role="img" aria-label="weak" />
        </Show>
      </span>
    </span>
  )
}
