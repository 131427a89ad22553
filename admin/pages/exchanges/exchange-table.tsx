import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import type { Exchange } from '../../data/client.ts'
import { formatCompact, formatCount, formatMs, formatProvider, formatUsd, unknown } from '../../data/format.ts'
import { paths } from '../../paths.ts'
import { ExchangeStatus, Outcome, Simulation } from '../../ui/badges.tsx'
import { createWide } from '../../ui/media.ts'
import { reveal, Time } from '../../ui/text.tsx'

interface TableProps {
  items: Exchange[]
  isFresh?: (id: string) => boolean
  /** On a pattern's own page its name says nothing. */
  withoutPattern?: boolean
}

/** Columns keep their widths whatever arrives; on small screens each row says the same in two or three lines. */
export function ExchangeTable(props: TableProps): JSX.Element {
  const wide = createWide()
  return (
    <div class="card overflow-hidden">
      <table class="w-full table-fixed border-collapse">
        <caption class="sr-only">Exchanges, newest first</caption>
        <Show when={wide()}>
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
              <th scope="col" class="th w-26 hidden lg:table-cell">
                Key
              </th>
              <th scope="col" class="th w-22 !text-right">
                Latency
              </th>
              <th scope="col" class="th w-30 !text-right hidden lg:table-cell">
                Tokens
              </th>
              <th scope="col" class="th w-26 !text-right hidden xl:table-cell">
                Cost
              </th>
              <th scope="col" class="th w-30">
                Outcome
              </th>
            </tr>
          </thead>
        </Show>
        <tbody>
          <For each={props.items}>
            {(item) => (
              <tr
                class="relative border-b border-line last:border-0 hover:bg-sunken"
                classList={{ arrived: props.isFresh?.(item.id) ?? false }}
              >
                <Show when={wide()} fallback={<Lines item={item} withoutPattern={props.withoutPattern ?? false} />}>
                  <Columns item={item} withoutPattern={props.withoutPattern ?? false} />
                </Show>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
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

function Columns(props: RowProps): JSX.Element {
  const source = (): string =>
    [
      props.item.provider === 'sim' ? 'built in' : reveal(formatProvider(props.item.provider)),
      props.item.stream ? 'stream' : '',
    ]
      .filter(Boolean)
      .join(' · ')
  return (
    <>
      <td class="td">
        <ExchangeStatus
          status={props.item.status}
          httpStatus={props.item.httpStatus}
          errorCode={props.item.errorCode}
        />
      </td>
      <td class="td text-soft">
        <Time at={props.item.createdAt} />
      </td>
      <td class="td">
        <div class="flex items-center gap-2 min-w-0">
          <Name item={props.item} />
        </div>
        <div class="text-xs text-faint truncate">{source()}</div>
      </td>
      <Show when={!props.withoutPattern}>
        <td class="td">
          <span class="flex items-center gap-1.5 min-w-0">
            <Show when={props.item.enhancementId}>
              <span
                class="i-lucide-sparkles text-accent"
                role="img"
                aria-label="enhanced"
                title="sent with an approved enhancement"
              />
            </Show>
            <span
              class={`truncate ${props.item.patternTitle === null ? 'text-faint' : 'text-soft'}`}
              title={props.item.patternTitle ?? undefined}
            >
              {props.item.patternTitle === null ? unknown : reveal(props.item.patternTitle)}
            </span>
          </span>
        </td>
      </Show>
      <td class="td hidden lg:table-cell text-soft truncate" title={`team ${props.item.team}`}>
        {props.item.keyName}
      </td>
      <td
        class="td text-right"
        title={props.item.firstByteMs === null ? undefined : `first byte after ${formatMs(props.item.firstByteMs)}`}
      >
        {formatMs(props.item.totalMs)}
      </td>
      <td class="td hidden lg:table-cell text-right text-soft" title={tokensTitle(props.item)}>
        {formatCompact(props.item.usage?.inputTokens)} <span class="text-faint">→</span>{' '}
        {formatCompact(props.item.usage?.outputTokens)}
      </td>
      <td
        class="td hidden xl:table-cell text-right text-soft"
        title={props.item.costUsd === null ? 'no price is known for this model' : `${props.item.costUsd} USD`}
      >
        {formatUsd(props.item.costUsd)}
      </td>
      <td class="td">
        <Outcome outcome={props.item.outcome} reason={props.item.outcomeReason} />
      </td>
    </>
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
        {(title) => <div class="text-xs text-soft truncate">{reveal(title())}</div>}
      </Show>
      <div class="flex items-center gap-2.5 mt-1.5 text-xs text-faint">
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

function tokensTitle(item: Exchange): string {
  return `${formatCount(item.usage?.inputTokens)} tokens in, ${formatCount(item.usage?.outputTokens)} out`
}
