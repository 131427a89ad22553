import { A } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import type { Enhancement, PatternDetail } from '../../data/client.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { paths } from '../../paths.ts'
import { EnhancementState } from '../../ui/badges.tsx'
import { Message } from '../../ui/message.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { DecisionDialog } from '../enhancements/decision-dialog.tsx'
import { describeServing } from '../enhancements/enhancement-record.tsx'
import { WriteEnhancement } from '../enhancements/write-enhancement.tsx'

/** What is proposed, tried and served for a pattern; what is served can be taken back from here too. */
export function PatternEnhancements(props: { id: string; pattern: PatternDetail | undefined }): JSX.Element {
  const [withdrawing, setWithdrawing] = createSignal<Enhancement | null>(null)
  const [result, setResult] = createSignal<string | null>(null)
  const load = createLoad(queries.patternEnhancements, () => props.id, { mayChange: () => withdrawing() === null })
  return (
    <section aria-labelledby="enhancements">
      <div class="flex flex-wrap items-center justify-between gap-2 mb-2">
        <h2 id="enhancements" class="card-title">
          Enhancements
        </h2>
        <Show when={props.pattern}>{(pattern) => <WriteEnhancement pattern={pattern()} />}</Show>
      </div>
      <Message text={result()} tone="calm" />
      <Region
        load={load}
        what="its enhancements"
        skeleton={<SkeletonRows rows={1} />}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <p class="text-soft">
            {props.pattern?.note
              ? `None: ${props.pattern.note}.`
              : 'None so far. One is asked for when the pattern is frequent and fails often.'}
          </p>
        }
      >
        {(page) => (
          <ul class="card list-none m-0 p-0">
            <For each={page().items}>{(item) => <Row item={item} withdraw={() => setWithdrawing(item)} />}</For>
          </ul>
        )}
      </Region>
      <Show when={withdrawing()}>
        {(item) => (
          <DecisionDialog
            item={item()}
            choice="withdraw"
            onClose={() => setWithdrawing(null)}
            onDecided={({ active }) => {
              setWithdrawing(null)
              setResult(
                active
                  ? 'Taken back. All traffic goes with the prompt as it was from now on.'
                  : 'Taken back. It takes effect as soon as a gateway has heard of it; none has answered yet.',
              )
              void load.reload()
            }}
            onConflict={() => void load.reload()}
          />
        )}
      </Show>
    </section>
  )
}

function Row(props: { item: Enhancement; withdraw: () => void }): JSX.Element {
  return (
    <li class="relative border-b border-line last:border-0 px-3 py-2.5 flex flex-wrap items-center gap-x-3 gap-y-1 hover:bg-sunken">
      <EnhancementState state={props.item.state} />
      <A href={paths.enhancement(props.item.id)} class="row-link truncate flex-1 min-w-40 no-underline text-ink">
        {reveal(props.item.reason ?? props.item.failure ?? 'being drafted')}
      </A>
      <Show when={props.item.state === 'approved'}>
        <span class="text-xs text-soft">served {describeServing(props.item)}</span>
        <button type="button" class="btn-danger !min-h-7 relative z-1" onClick={() => props.withdraw()}>
          Take it back
        </button>
      </Show>
      <span class="text-xs text-faint">
        <Time at={props.item.createdAt} />
      </span>
    </li>
  )
}
