import { A, useParams } from '@solidjs/router'
import { createSignal, For, onCleanup, Show, type JSX } from 'solid-js'
import { api, type Experiment as Item } from '../../data/client.ts'
import { formatAge, formatCount, formatMs, formatRate, formatUsd } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { followLearning } from '../../data/streams.ts'
import { paths } from '../../paths.ts'
import { ExperimentState } from '../../ui/badges.tsx'
import { IntervalCurve } from '../../ui/interval-curve.tsx'
import { Fact, Facts, Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { EnhancementDiff } from '../enhancements/enhancement-diff.tsx'
import { actLabels, ExperimentAct, type Act } from './experiment-act.tsx'

/** Exposures are not announced one by one. */
const reloadMs = 5_000

const tones = { calm: 'text-ink', good: 'text-good', bad: 'text-bad', warn: 'text-warn' }
const signs = {
  calm: 'i-lucide-hourglass',
  good: 'i-lucide-arrow-up',
  bad: 'i-lucide-arrow-down',
  warn: 'i-lucide-triangle-alert',
}

export function Experiment(): JSX.Element {
  const params = useParams<{ id: string }>()
  const load = createLoad(
    () => params.id,
    (id, signal) => api.experiments.get.query({ id }, { signal }),
    (id) => id,
  )
  const [act, setAct] = createSignal<Act | null>(null)
  const [result, setResult] = createSignal<string | null>(null)
  followLearning(() => void load.reload())
  const timer = setInterval(() => void (document.hidden || load.data()?.endedAt || load.reload()), reloadMs)
  onCleanup(() => clearInterval(timer))

  function onDone(item: Item & { active: boolean }): void {
    setAct(null)
    load.put(item)
    setResult(
      item.active
        ? 'Done. A gateway goes by it from now on.'
        : 'Done. It takes effect as soon as a gateway has heard of it; none has answered yet.',
    )
  }

  return (
    <Page
      title={reveal(load.data()?.patternTitle ?? 'Experiment')}
      back={{ href: paths.experiments(), label: 'Experiments' }}
      lead={
        <Show when={load.data()}>
          {(item) => (
            <span class="inline-flex flex-wrap items-center gap-2">
              <ExperimentState state={item().state} />
              <A class="link" href={paths.enhancement(item().enhancementId)}>
                the enhancement
              </A>{' '}
              for{' '}
              <A class="link" href={paths.pattern(item().patternId)}>
                the pattern
              </A>
            </span>
          )}
        </Show>
      }
      aside={
        <For each={load.data()?.actions}>
          {(action) => (
            <button
              type="button"
              class={action === 'promote' || action === 'start' ? 'btn-primary' : 'btn-danger'}
              onClick={() => setAct(action)}
            >
              {actLabels[action]}
            </button>
          )}
        </For>
      }
    >
      <div role="status">
        <Show when={result()}>{(text) => <p class="rounded-lg px-3 py-2 mb-4 bg-sunken">{text()}</p>}</Show>
      </div>
      <Region load={load} what="the experiment" skeleton={<SkeletonRows rows={6} />}>
        {(item) => <Detail item={item()} />}
      </Region>
      <Show when={load.data()}>
        {(item) => <ExperimentAct item={item()} act={act()} onClose={() => setAct(null)} onDone={onDone} />}
      </Show>
    </Page>
  )
}

function Detail(props: { item: Item }): JSX.Element {
  const verdict = () => props.item.verdict
  /** Rates go by points, everything else by its own number. */
  const format = (value: number): string =>
    props.item.metric === 'success' || props.item.metric === 'score'
      ? `${(value * 100).toFixed(1)} points`
      : value.toPrecision(3)
  return (
    <div class="flex flex-col gap-5">
      <section class="card p-4" aria-labelledby="verdict">
        <h2 id="verdict" class="card-title mb-1.5">
          Verdict
        </h2>
        <p class={`m-0 text-base font-550 flex gap-2 ${tones[verdict().tone]}`}>
          <span class={`${signs[verdict().tone]} mt-1`} aria-hidden="true" />
          <span>{verdict().sentence}</span>
        </p>
        <Show when={verdict().note}>{(note) => <p class="m-0 mt-1 text-soft">{note()}</p>}</Show>
        <Show when={props.item.hypothesis}>
          {(text) => <p class="m-0 mt-2 text-sm text-soft">Expected: {reveal(text())}</p>}
        </Show>
      </section>
      <Facts>
        <Fact term="Control">{formatCount(props.item.exposed.control)} units</Fact>
        <Fact term="Treatment">{formatCount(props.item.exposed.treatment)} units</Fact>
        <Fact term="Pairs with an outcome">{formatCount(props.item.pairs)}</Fact>
        <Fact term="Takes part">
          {formatRate(props.item.share)} of the traffic
          <span class="block text-xs text-soft font-400">
            steps {props.item.settings.ramp.map((share) => formatRate(share)).join(' → ')}
          </span>
        </Fact>
        <Fact term="Metric">
          {props.item.metric}
          <span class="block text-xs text-soft font-400">
            {props.item.settings.direction === 'maximise' ? 'more is better' : 'less is better'}, within{' '}
            {formatAge(props.item.settings.windowMs)}
          </span>
        </Fact>
        <Fact term="Model">
          {props.item.model ?? 'any'}
          <Show when={props.item.models.length > 1}>
            <span class="block text-xs text-warn font-400">
              answered by {props.item.models.map(({ model, units }) => `${model} (${formatCount(units)})`).join(', ')}
            </span>
          </Show>
        </Fact>
        <Fact term="Started">
          <Show when={props.item.startedAt} fallback="not yet">
            {(at) => <Time at={at()} class="" />}
          </Show>
          <span class="block text-xs text-soft font-400">
            no win before {formatAge(props.item.settings.minimumRunMs)}, at most{' '}
            {formatAge(props.item.settings.maximumRunMs)}
          </span>
        </Fact>
        <Fact term="In both arms">
          {formatCount(props.item.exposed.mixed)} units<span class="block text-xs text-soft font-400">left out</span>
        </Fact>
      </Facts>
      <Show when={verdict().showEffect && props.item.looks.length > 0}>
        <section class="card p-4" aria-labelledby="effect">
          <h2 id="effect" class="card-title mb-2">
            Effect, with the interval that holds at every look
          </h2>
          <IntervalCurve points={props.item.looks} format={format} />
        </section>
      </Show>
      <Show when={props.item.holdback}>
        {(held) => (
          <section class="card p-4" aria-labelledby="holdback">
            <h2 id="holdback" class="card-title mb-1.5">
              What it is worth, by the units that were held back
            </h2>
            <p class="m-0">
              {formatCount(held().heldBack)} held back, {formatCount(held().treated)} treated: {format(held().effect)},
              95 % interval {format(held().low)} … {format(held().high)}.
            </p>
            <p class="m-0 mt-1 text-soft">
              About {formatCount(Math.round(held().gainedUnits))} more units did well; {formatUsd(held().addedCostUsd)}{' '}
              more a unit
              {held().costPerGainUsd === null ? '' : `, ${formatUsd(held().costPerGainUsd)} for each of them`}.
            </p>
          </section>
        )}
      </Show>
      <Guardrails item={props.item} />
      <Show when={props.item.state === 'proposed' && props.item.plan.length > 0}>
        <section class="card p-4" aria-labelledby="plan">
          <h2 id="plan" class="card-title mb-1.5">
            What it will take
          </h2>
          <ul class="m-0 pl-5">
            <For each={props.item.plan}>
              {({ effect, unitsPerArm }) => (
                <li>
                  {format(effect)}:{' '}
                  {unitsPerArm === null
                    ? `more than ${formatCount(props.item.settings.maximumPairs)} units in each arm`
                    : `about ${formatCount(unitsPerArm)} units in each arm`}
                </li>
              )}
            </For>
          </ul>
        </section>
      </Show>
      <EnhancementDiff
        original={props.item.original}
        enhanced={{
          system: props.item.enhanced?.system ?? props.item.original.system,
          template: props.item.enhanced?.template ?? props.item.original.template,
        }}
      />
      <Log item={props.item} />
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

const guardrailWords: Record<string, string> = {
  error: 'Errors',
  refusal: 'Refusals',
  invalid_output: 'Invalid output',
  slow: 'Slower than usual',
  dear: 'Dearer than usual',
  anomaly: 'Anomalies',
  mean_cost: 'Mean cost',
}

function Guardrails(props: { item: Item }): JSX.Element {
  const bound = (name: string): string => {
    const { baseline, settings } = props.item
    if (name === 'slow' && baseline?.latencyP95Ms) return ` (${formatMs(baseline.latencyP95Ms)})`
    if (name === 'dear' && baseline?.costP95Usd)
      return ` (${formatUsd(baseline.costP95Usd * (1 + settings.costIncrease))})`
    return ''
  }
  const amount = (name: string, value: number): string => (name === 'mean_cost' ? formatUsd(value) : formatCount(value))
  return (
    <section class="card overflow-hidden" aria-labelledby="guardrails">
      <h2 id="guardrails" class="card-title px-4 pt-4 pb-2">
        Guardrails
      </h2>
      <Show
        when={props.item.guardrails.length > 0}
        fallback={<p class="px-4 pb-4 m-0 text-soft">Nothing was looked at yet.</p>}
      >
        <div class="overflow-x-auto" tabindex="0" role="region" aria-label="Guardrails, in numbers">
          <table class="w-full border-collapse">
            <thead class="border-b border-line">
              <tr>
                <th scope="col" class="th">
                  What
                </th>
                <th scope="col" class="th !text-right">
                  Control
                </th>
                <th scope="col" class="th !text-right">
                  Treatment
                </th>
                <th scope="col" class="th !text-right">
                  Pairs
                </th>
                <th scope="col" class="th">
                  State
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={props.item.guardrails}>
                {(guard) => (
                  <tr class="border-b border-line last:border-0">
                    <th scope="row" class="td text-left font-500">
                      {guardrailWords[guard.name] ?? guard.name}
                      {bound(guard.name)}
                    </th>
                    <td class="td text-right">{guard.pairs === 0 ? '—' : amount(guard.name, guard.control)}</td>
                    <td class="td text-right">{guard.pairs === 0 ? '—' : amount(guard.name, guard.treatment)}</td>
                    <td class="td text-right">{formatCount(guard.pairs)}</td>
                    <td class="td">
                      <span class={guard.state === 'harm' ? 'text-bad font-500' : 'text-soft'}>
                        {guard.state === 'harm'
                          ? 'crossed'
                          : guard.state === 'unknown'
                            ? `unknown: ${guard.note ?? ''}`
                            : 'holds'}
                      </span>
                    </td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
    </section>
  )
}

function Log(props: { item: Item }): JSX.Element {
  return (
    <section class="card p-4" aria-labelledby="log">
      <h2 id="log" class="card-title mb-2">
        Decisions, latest first
      </h2>
      <ol class="list-none m-0 p-0 flex flex-col gap-2.5">
        <For each={props.item.events}>
          {(event) => (
            <li class="flex flex-wrap gap-x-3 gap-y-0.5 items-baseline">
              <ExperimentState state={event.to} />
              <span class="flex-1 min-w-50">
                {reveal(event.cause)}
                {event.person ? ` — ${event.person}` : ', by itself'}
                <span class="block text-xs text-faint break-words">
                  {Object.entries(event.numbers)
                    .map(
                      ([name, value]) =>
                        `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : String(value)}`,
                    )
                    .join(' · ')}
                </span>
              </span>
              <span class="text-xs text-faint">
                <Time at={event.at} />
              </span>
            </li>
          )}
        </For>
      </ol>
    </section>
  )
}
