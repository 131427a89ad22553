import { For, Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { formatCount, formatUsd } from '../../data/format.ts'
import { IntervalCurve } from '../../ui/interval-curve.tsx'
import { reveal } from '../../ui/text.tsx'
import { EnhancementDiff } from '../enhancements/enhancement-diff.tsx'
import { ExperimentExchanges } from './experiment-exchanges.tsx'
import { ExperimentFacts } from './experiment-facts.tsx'
import { ExperimentLog } from './experiment-log.tsx'
import { Guardrails } from './guardrails.tsx'

const tones = { calm: 'text-ink', good: 'text-good', bad: 'text-bad', warn: 'text-warn' }
const signs = {
  calm: 'i-lucide-hourglass',
  good: 'i-lucide-arrow-up',
  bad: 'i-lucide-arrow-down',
  warn: 'i-lucide-triangle-alert',
}

/** Rates go by points, everything else by its own number. */
function formatEffect(metric: string, value: number): string {
  return metric === 'success' || metric === 'score' ? `${(value * 100).toFixed(1)} points` : value.toPrecision(3)
}

export function ExperimentDetail(props: { item: Item }): JSX.Element {
  return (
    <div class="flex flex-col gap-5">
      <Verdict item={props.item} />
      <ExperimentFacts item={props.item} />
      <Effect item={props.item} />
      <Guardrails
        title={props.item.holdbackGuardrails === null ? 'Guardrails' : 'Guardrails of the test'}
        item={props.item}
        guardrails={props.item.guardrails}
      />
      <Holdback item={props.item} />
      <Plan item={props.item} />
      <EnhancementDiff
        original={props.item.original}
        enhanced={{
          system: props.item.enhanced?.system ?? props.item.original.system,
          template: props.item.enhanced?.template ?? props.item.original.template,
        }}
      />
      <ExperimentExchanges item={props.item} />
      <ExperimentLog item={props.item} />
      <Show when={props.item.workflowUrl}>
        {(url) => (
          <p class="m-0 text-sm">
            <a class="link inline-flex items-center gap-1.5" href={url()} target="_blank" rel="noreferrer">
              <span class="i-lucide-workflow" aria-hidden="true" /> Its workflow in Temporal
            </a>
          </p>
        )}
      </Show>
    </div>
  )
}

function Verdict(props: { item: Item }): JSX.Element {
  const verdict = () => props.item.verdict
  return (
    <section class="card p-4" aria-labelledby="verdict">
      <h2 id="verdict" class="card-title mb-1.5">
        Verdict
      </h2>
      <p class={`m-0 text-base font-550 flex gap-2 ${tones[verdict().tone]}`}>
        <span class={`${signs[verdict().tone]} mt-1`} aria-hidden="true" />
        <span>{reveal(verdict().sentence)}</span>
      </p>
      <Show when={verdict().note}>{(note) => <p class="m-0 mt-1 text-soft">{note()}</p>}</Show>
      <Show when={props.item.hypothesis}>
        {(text) => <p class="m-0 mt-2 text-sm text-soft">Expected: {reveal(text())}</p>}
      </Show>
    </section>
  )
}

function Effect(props: { item: Item }): JSX.Element {
  return (
    <Show when={props.item.verdict.showEffect && props.item.looks.length > 0}>
      <section class="card p-4" aria-labelledby="effect">
        <h2 id="effect" class="card-title mb-2">
          Effect, with the interval that holds at every look
        </h2>
        <IntervalCurve points={props.item.looks} format={(value) => formatEffect(props.item.metric, value)} />
      </section>
    </Show>
  )
}

/** What the units that were held back since the promotion say. */
function Holdback(props: { item: Item }): JSX.Element {
  const format = (value: number): string => formatEffect(props.item.metric, value)
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
            <Show when={props.item.holdback}>
              {(held) => (
                <>
                  <p class="m-0 mt-1">
                    What it is worth: {format(held().effect)}, 95 % interval {format(held().low)} …{' '}
                    {format(held().high)}, by {formatCount(held().heldBack)} held back and {formatCount(held().treated)}{' '}
                    treated.
                  </p>
                  <p class="m-0 mt-1 text-soft">
                    About {formatCount(Math.round(held().gainedUnits))} more units did well;{' '}
                    {formatUsd(held().addedCostUsd)} more a unit
                    {held().costPerGainUsd === null ? '' : `, ${formatUsd(held().costPerGainUsd)} for each of them`}.
                  </p>
                </>
              )}
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

function Plan(props: { item: Item }): JSX.Element {
  return (
    <Show when={props.item.state === 'proposed' && props.item.plan.length > 0}>
      <section class="card p-4" aria-labelledby="plan">
        <h2 id="plan" class="card-title mb-1.5">
          What it will take
        </h2>
        <ul class="m-0 pl-5">
          <For each={props.item.plan}>
            {({ effect, unitsPerArm }) => (
              <li>
                {formatEffect(props.item.metric, effect)}:{' '}
                {unitsPerArm === null
                  ? `more than ${formatCount(props.item.settings.maximumPairs)} units in each arm`
                  : `about ${formatCount(unitsPerArm)} units in each arm`}
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}
