import { Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { IntervalCurve } from '../../ui/interval-curve.tsx'
import { reveal } from '../../ui/text.tsx'
import { EnhancementDiff } from '../enhancements/enhancement-diff.tsx'
import { ExperimentExchanges } from './experiment-exchanges.tsx'
import { ExperimentFacts } from './experiment-facts.tsx'
import { formatEffect } from './effect.ts'
import { ExperimentLog } from './experiment-log.tsx'
import { ExperimentPlan } from './experiment-plan.tsx'
import { Guardrails } from './guardrails.tsx'
import { Holdback } from './holdback.tsx'

const tones = { calm: 'text-ink', good: 'text-good', bad: 'text-bad', warn: 'text-warn' }
const signs = {
  calm: 'i-lucide-hourglass',
  good: 'i-lucide-arrow-up',
  bad: 'i-lucide-arrow-down',
  warn: 'i-lucide-triangle-alert',
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
      <ExperimentPlan item={props.item} />
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
        <p class="m-0 mb-2 text-sm text-soft">
          Each unit counts by the probability with which its arm was drawn, in the order of exposure: an outage or a
          slow hour hits both arms alike.
        </p>
        <IntervalCurve points={props.item.looks} format={(value) => formatEffect(props.item.metric, value)} />
      </section>
    </Show>
  )
}
