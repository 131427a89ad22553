import { useSearchParams } from '@solidjs/router'
import { createMemo, For, Show, type JSX } from 'solid-js'
import type { ExchangeDetail } from '../../data/client.ts'
import { diffTexts, type Piece } from '../../data/diff.ts'
import { formatBytes } from '../../data/format.ts'
import { pairMessages, toMessages, toPretty, type MessagePair } from '../../data/messages.ts'
import { HeaderList } from '../../ui/headers.tsx'
import { CopyButton, LongText, Pieces, reveal } from '../../ui/text.tsx'

/** What the caller wrote and what was sent, side by side where they differ. */
export function ExchangeRequest(props: { exchange: ExchangeDetail }): JSX.Element {
  const [search, setSearch] = useSearchParams<{ view?: string }>()
  const original = createMemo(() => toMessages(props.exchange.original))
  const sent = createMemo(() => toMessages(props.exchange.sent ?? props.exchange.original))
  const hasMessages = (): boolean => original() !== null && sent() !== null
  const asJson = (): boolean => search.view === 'json' || !hasMessages()
  const twoSides = (): boolean => props.exchange.changed && props.exchange.sent !== null
  const pairs = createMemo((): MessagePair[] =>
    asJson()
      ? [
          {
            role: 'body',
            original: toPretty(props.exchange.original),
            sent: toPretty(props.exchange.sent ?? props.exchange.original),
          },
        ]
      : pairMessages(original() ?? [], sent() ?? []),
  )
  return (
    <section class="card p-4 min-w-0" aria-labelledby="request">
      <div class="flex flex-wrap items-center justify-between gap-2 mb-3">
        <h2 id="request" class="card-title">
          Request <span class="text-faint font-400">{formatBytes(props.exchange.requestBytes)}</span>
        </h2>
        <div class="flex items-center gap-1">
          <Show when={hasMessages()}>
            <button
              type="button"
              class="btn-quiet !min-h-7"
              aria-pressed={asJson()}
              onClick={() => setSearch({ view: asJson() ? null : 'json' })}
            >
              {asJson() ? 'As messages' : 'As JSON'}
            </button>
          </Show>
          <Show when={props.exchange.original !== null}>
            <CopyButton text={toPretty(props.exchange.original)} />
          </Show>
        </div>
      </div>
      <Show
        when={props.exchange.original !== null}
        fallback={<p class="text-soft">The body was too big to be kept; its size and digest are on the record.</p>}
      >
        <Show
          when={twoSides()}
          fallback={
            <p class="text-soft text-xs mb-3">
              {props.exchange.sent === null
                ? 'Nothing was sent: Sinew answered by itself.'
                : 'Sent on as it came, byte for byte.'}
            </p>
          }
        >
          <div class="hidden md:grid grid-cols-2 gap-4 mb-2 text-xs font-600 text-soft" aria-hidden="true">
            <span>Original</span>
            <span>Sent {formatBytes(props.exchange.sentBytes)}</span>
          </div>
        </Show>
        <ol class="list-none m-0 p-0 flex flex-col gap-3">
          <For each={pairs()}>{(pair) => <Pair pair={pair} twoSides={twoSides()} />}</For>
        </ol>
      </Show>
      <HowItCame exchange={props.exchange} />
      <HeaderList title="Request headers" headers={props.exchange.headers} />
    </section>
  )
}

/** What the shown text does not say: the body came compressed, or is stored only in part. */
function HowItCame(props: { exchange: ExchangeDetail }): JSX.Element {
  return (
    <>
      <Show when={props.exchange.encoded}>
        {(encoded) => (
          <p class="text-soft text-xs mt-3 mb-0 break-words">
            It came as {encoded().encoding}, {formatBytes(encoded().bytes)}, SHA-256{' '}
            <code class="font-mono break-all">{encoded().digest}</code>.
          </p>
        )}
      </Show>
      <Show when={props.exchange.upload}>
        {(upload) => (
          <p class="text-soft text-xs mt-3 mb-0 break-words">
            An upload of {formatBytes(upload().bytes)}, of which the beginning is stored. SHA-256 of the whole:{' '}
            <code class="font-mono break-all">{upload().digest}</code>.
          </p>
        )}
      </Show>
    </>
  )
}

function Pair(props: { pair: MessagePair; twoSides: boolean }): JSX.Element {
  const pieces = createMemo((): Piece[] => diffTexts(props.pair.original ?? '', props.pair.sent ?? ''))
  const changed = (): boolean => props.pair.original !== props.pair.sent
  return (
    <li class={`grid gap-x-4 gap-y-2 ${props.twoSides ? 'md:grid-cols-2' : ''}`}>
      <Show
        when={props.twoSides}
        fallback={
          <Side role={props.pair.role} label={props.pair.role}>
            <LongText text={props.pair.original ?? ''} label={`${props.pair.role} message`} />
          </Side>
        }
      >
        <Side role={props.pair.role} label="original" missing={props.pair.original === null}>
          <LongText text={props.pair.original ?? ''} label={`original ${props.pair.role} message`}>
            {(shown) =>
              changed() && shown.length === (props.pair.original ?? '').length ? (
                <Pieces pieces={pieces()} without="added" plain />
              ) : (
                reveal(shown)
              )
            }
          </LongText>
        </Side>
        <Side role={props.pair.role} label="sent" missing={props.pair.sent === null}>
          <LongText text={props.pair.sent ?? ''} label={`sent ${props.pair.role} message`}>
            {(shown) =>
              changed() && shown.length === (props.pair.sent ?? '').length ? (
                <Pieces pieces={pieces()} without="removed" plain />
              ) : (
                reveal(shown)
              )
            }
          </LongText>
        </Side>
      </Show>
    </li>
  )
}

function Side(props: { role: string; label: string; missing?: boolean; children: JSX.Element }): JSX.Element {
  return (
    <div
      class={`rounded-lg p-3 min-w-0 ${props.missing ? 'border border-dashed border-line max-md:hidden' : 'bg-sunken'}`}
    >
      <div class="text-xs text-soft mb-1">
        <span class="font-600">{reveal(props.role)}</span>
        <Show when={props.label !== props.role}>
          <span class="md:sr-only"> · {props.label}</span>
        </Show>
      </div>
      <Show when={!props.missing} fallback={<span class="text-faint text-sm">none</span>}>
        {props.children}
      </Show>
    </div>
  )
}
