import { A, useSearchParams } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import type { Pattern } from '../../data/client.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { paths } from '../../paths.ts'
import { EnhancementState } from '../../ui/badges.tsx'
import { LearningNote } from '../../ui/learning-note.tsx'
import { createRoom } from '../../ui/media.ts'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { SuccessRate } from './success-rate.tsx'

type Order = 'newest' | 'frequent'

export function Patterns(): JSX.Element {
  const [search, setSearch] = useSearchParams<{ order?: string; cursor?: string }>()
  const order = (): Order => (search.order === 'newest' ? 'newest' : 'frequent')
  const load = createLoad(queries.patterns, () => ({ order: order(), cursor: search.cursor ?? null, limit: 50 }))
  const [region, setRegion] = createSignal<HTMLElement>()
  useRowKeys(region)

  return (
    <Page
      title="Patterns"
      lead="Prompts that share a template, and how well they work."
      aside={
        <OrderChoice
          order={order()}
          onChange={(chosen) => setSearch({ order: chosen === 'newest' ? 'newest' : null, cursor: null })}
        />
      }
    >
      <LearningNote />
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
              <Table items={page().items} />
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

function OrderChoice(props: { order: Order; onChange: (order: string) => void }): JSX.Element {
  return (
    <label class="inline-flex items-center gap-2 text-sm text-soft">
      Order
      <select class="field !w-auto" value={props.order} onChange={(event) => props.onChange(event.currentTarget.value)}>
        <option value="frequent" selected={props.order === 'frequent'}>
          most frequent first
        </option>
        <option value="newest" selected={props.order === 'newest'}>
          newest first
        </option>
      </select>
    </label>
  )
}

/** From these widths on, in rem: columns at all, and each further one. */
const rooms = { columns: 34, enhancement: 44, lastSeen: 52 }

function Table(props: { items: Pattern[] }): JSX.Element {
  const [card, setCard] = createSignal<HTMLElement>()
  const room = createRoom(card)
  return (
    <div ref={setCard} class="card overflow-hidden">
      <table class="w-full table-fixed border-collapse">
        <caption class="sr-only">Patterns</caption>
        <Show when={room() >= rooms.columns}>
          <thead class="border-b border-line">
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
              <Show when={room() >= rooms.lastSeen}>
                <th scope="col" class="th w-32">
                  Last seen
                </th>
              </Show>
              <Show when={room() >= rooms.enhancement}>
                <th scope="col" class="th w-40">
                  Enhancement
                </th>
              </Show>
            </tr>
          </thead>
        </Show>
        <tbody>
          <For each={props.items}>{(pattern) => <Row pattern={pattern} room={room()} />}</For>
        </tbody>
      </table>
    </div>
  )
}

function Row(props: { pattern: Pattern; room: number }): JSX.Element {
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
        <Show when={props.room < rooms.columns}>
          <span class="text-xs text-soft block mt-0.5">
            {formatCount(props.pattern.frequency)} exchanges · {formatRate(props.pattern.successRate)} success
          </span>
        </Show>
      </td>
      <Show when={props.room >= rooms.columns}>
        <td class="td text-right">{formatCount(props.pattern.frequency)}</td>
        <td class="td">
          <SuccessRate pattern={props.pattern} />
        </td>
      </Show>
      <Show when={props.room >= rooms.lastSeen}>
        <td class="td text-soft">
          <Time at={props.pattern.lastSeen} />
        </td>
      </Show>
      <Show when={props.room >= rooms.enhancement}>
        <td class="td">
          <Show when={props.pattern.enhancementState} fallback={<span class="text-faint">—</span>}>
            {(state) => <EnhancementState state={state()} />}
          </Show>
        </td>
      </Show>
    </tr>
  )
}
