import { A } from '@solidjs/router'
import { createSignal, Index, Show, type JSX } from 'solid-js'
import type { Exchange } from '../../data/client.ts'
import { formatCompact, formatCount, formatMs, formatProvider, formatUsd, unknown } from '../../data/format.ts'
import { armWords, describeCost } from '../../data/words.ts'
import { paths } from '../../paths.ts'
import { ExchangeStatus, Outcome, Simulation } from '../../ui/badges.tsx'
import { createRoom } from '../../ui/media.ts'
import { reveal, Time } from '../../ui/text.tsx'

interface TableProps {
  items: Exchange[]
  isFresh?: (id: string) => boolean
  /** On a pattern's own page its name says nothing. */
  withoutPattern?: boolean
}

/** From these widths on, in rem: columns at all, key and tokens beside them, and the cost too. */
const rooms = { columns: 44, more: 60, all: 68 }

/**
 * Columns keep their widths whatever arrives; where there is no room each row says the same in two or three lines.
 * Arrivals change what rows say, and move none of them.
 */
export function ExchangeTable(props: TableProps): JSX.Element {
  const [card, setCard] = createSignal<HTMLElement>()
  const room = createRoom(card)
  return (
    <div ref={setCard} class="card overflow-hidden">
      <table class="w-full table-fixed border-collapse">
        <caption class="sr-only">Exchanges, newest first</caption>
        <Show when={room() >= rooms.columns}>
          <Headings room={room()} withoutPattern={props.withoutPattern ?? false} />
        </Show>
        <tbody>
          <Index each={props.items}>
            {(item) => (
              <tr
                class="relative border-b border-line last:border-0 hover:bg-sunken"
                classList={{ arrived: props.isFresh?.(item().id) ?? false }}
              >
                <Show
                  when={room() >= rooms.columns}
                  fallback={<Lines item={item()} withoutPattern={props.withoutPattern ?? false} />}
                >
                  <Columns item={item()} room={room()} withoutPattern={props.withoutPattern ?? false} />
                </Show>
              </tr>
            )}
          </Index>
        </tbody>
      </table>
    </div>
  )
}

function Headings(props: { room: number; withoutPattern: boolean }): JSX.Element {
  return (
    <thead class="border-b border-line">
      <tr>
        <th scope="col" class="th w-29">
          Status
        </th>
        <th scope="col" class="th w-24">
          Time
        </th>
        <th scope="col" class="th">
          Model
        </th>
        <Show when={!props.withoutPattern}>
          <th scope="col" class="th">
            Pattern
          </th>
        </Show>
        <Show when={props.room >= rooms.more}>
          <th scope="col" class="th w-32">
            Key
          </th>
        </Show>
        <th scope="col" class="th w-22 !text-right">
          Latency
        </th>
        <Show when={props.room >= rooms.more}>
          <th scope="col" class="th w-30 !text-right">
            Tokens
          </th>
        </Show>
        <Show when={props.room >= rooms.all}>
          <th scope="col" class="th w-27 !text-right">
            Cost
          </th>
        </Show>
        <th scope="col" class="th w-30">
          Outcome
        </th>
      </tr>
    </thead>
  )
}

interface RowProps {
  item: Exchange
  withoutPattern: boolean
}

function Name(props: { item: Exchange }): JSX.Element {
  return (
    <>
      <A href={paths.exchange(props.item.id)} class="row-link truncate font-500 no-underline text-ink">
        {reveal(props.item.model ?? props.item.requestedModel ?? 'no model')}
      </A>
      <Show when={props.item.provider === 'sim'}>
        <Simulation />
      </Show>
    </>
  )
}

function Columns(props: RowProps & { room: number }): JSX.Element {
  const it = (): Exchange => props.item
  return (
    <>
      <td class="td">
        <ExchangeStatus status={it().status} httpStatus={it().httpStatus} errorCode={it().errorCode} />
      </td>
      <td class="td text-soft">
        <Time at={it().createdAt} />
      </td>
      <td class="td">
        <div class="flex items-center gap-2 min-w-0">
          <Name item={it()} />
        </div>
        <div class="text-xs text-faint truncate">{toSource(it())}</div>
      </td>
      <Show when={!props.withoutPattern}>
        <td class="td">
          <PatternOf item={it()} />
        </td>
      </Show>
      <Show when={props.room >= rooms.more}>
        <td class="td text-soft truncate" title={`key ${it().keyName}, team ${it().team}`}>
          {it().keyName}
        </td>
      </Show>
      <Numbers item={it()} room={props.room} />
      <td class="td">
        <Outcome outcome={it().outcome} reason={it().outcomeReason} />
      </td>
    </>
  )
}

function Numbers(props: { item: Exchange; room: number }): JSX.Element {
  const it = (): Exchange => props.item
  return (
    <>
      <td
        class="td text-right"
        title={it().firstByteMs === null ? undefined : `first byte after ${formatMs(it().firstByteMs)}`}
      >
        {formatMs(it().totalMs)}
      </td>
      <Show when={props.room >= rooms.more}>
        <td class="td text-right text-soft" title={tokensTitle(it())}>
          {formatCompact(it().usage?.inputTokens)} <span class="text-faint">→</span>{' '}
          {formatCompact(it().usage?.outputTokens)}
        </td>
      </Show>
      <Show when={props.room >= rooms.all}>
        <td class="td text-right text-soft whitespace-nowrap" title={describeCost(it())}>
          {formatUsd(it().costUsd)}
        </td>
      </Show>
    </>
  )
}

function PatternOf(props: { item: Exchange }): JSX.Element {
  return (
    <span class="flex items-center gap-1.5 min-w-0">
      <Show when={props.item.enhancementId}>
        <span
          class="i-lucide-sparkles text-accent"
          role="img"
          aria-label="enhanced"
          title="sent with an approved enhancement"
        />
      </Show>
      <Arm arm={props.item.arm} />
      <span
        class={`truncate ${props.item.patternTitle === null ? 'text-faint' : 'text-soft'}`}
        title={props.item.patternTitle ?? undefined}
      >
        {props.item.patternTitle === null ? unknown : reveal(props.item.patternTitle)}
      </span>
    </span>
  )
}

function Arm(props: { arm: Exchange['arm'] }): JSX.Element {
  return (
    <Show when={props.arm}>
      {(arm) => (
        <span
          class="i-lucide-flask-conical text-faint"
          role="img"
          aria-label={armWords[arm()]}
          title={`takes part in an experiment: ${armWords[arm()]}`}
        />
      )}
    </Show>
  )
}

function Lines(props: RowProps): JSX.Element {
  return (
    <td class="td">
      <div class="flex items-center gap-2 min-w-0">
        <Name item={props.item} />
        <span class="ml-auto text-soft whitespace-nowrap">{formatMs(props.item.totalMs)}</span>
      </div>
      <Show when={!props.withoutPattern && props.item.patternTitle}>
        <div class="text-xs min-w-0">
          <PatternOf item={props.item} />
        </div>
      </Show>
      <div class="flex flex-wrap items-center gap-x-2.5 gap-y-1 mt-1.5 text-xs text-faint">
        <ExchangeStatus
          status={props.item.status}
          httpStatus={props.item.httpStatus}
          errorCode={props.item.errorCode}
        />
        <Outcome outcome={props.item.outcome} reason={props.item.outcomeReason} />
        <Time at={props.item.createdAt} class="ml-auto whitespace-nowrap" />
      </div>
    </td>
  )
}

function toSource({ provider, stream }: Exchange): string {
  const from = provider === 'sim' ? 'built in' : reveal(formatProvider(provider))
  return stream ? `${from} · stream` : from
}

function tokensTitle(item: Exchange): string {
  return `${formatCount(item.usage?.inputTokens)} tokens in, ${formatCount(item.usage?.outputTokens)} out`
}
