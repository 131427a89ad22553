import { Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { formatCount, formatUsd } from '../../data/format.ts'
import { formatEffect } from './effect.ts'
import { Guardrails } from './guardrails.tsx'

/** What the units that were held back since the promotion say. */
export function Holdback(props: { item: Item }): JSX.Element {
  return (
    <Show when={props.item.holdbackExposed}>
      {(exposed) => (
        <>
          <section class="card p-4" aria-labelledby="holdback">
            <h2 id="holdback" class="card-title mb-1.5">
              Hold-back since the promotion
            </h2>
            <p class="m-0">
              {formatCount(exposed().control)} units held back, {formatCount(exposed().treatment)} with the enhanced
              prompt.
            </p>
            <Show
              when={props.item.holdback}
              fallback={
                <p class="m-0 mt-1 text-soft">
                  What it is worth: not yet. Nothing is said before its end, nor with fewer than{' '}
                  {formatCount(props.item.minimumHeldBack)} units held back.
                </p>
              }
            >
              {(held) => <Worth metric={props.item.metric} held={held()} />}
            </Show>
          </section>
          <Guardrails
            title="Guardrails of the hold-back"
            item={props.item}
            guardrails={props.item.holdbackGuardrails ?? []}
          />
        </>
      )}
    </Show>
  )
}

function Worth(props: { metric: string; held: NonNullable<Item['holdback']> }): JSX.Element {
  const format = (value: number): string => formatEffect(props.metric, value)
  return (
    <>
      <p class="m-0 mt-1">
        What it is worth: {format(props.held.effect)}, 95 % interval {format(props.held.low)} …{' '}
        {format(props.held.high)}, by {formatCount(props.held.heldBack)} held back and {formatCount(props.held.treated)}{' '}
        treated.
      </p>
      <p class="m-0 mt-1 text-soft">
        About {formatCount(Math.round(props.held.gainedUnits))} more units did well;{' '}
        {formatUsd(props.held.addedCostUsd)} more a unit
        <Show when={props.held.addedCostInterval}>
          {(interval) => ` (95 % interval ${formatUsd(interval().low)} … ${formatUsd(interval().high)})`}
        </Show>
        {props.held.costPerGainUsd === null ? '' : `, ${formatUsd(props.held.costPerGainUsd)} for each of them`}. Costs
        are list prices: no cache discounts.
      </p>
    </>
  )
}
