import { For, Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { formatEffect } from './effect.ts'

type Plan = NonNullable<Item['planning']>

/** What the experiment will take at today's traffic, before anybody starts it. */
export function ExperimentPlan(props: { item: Item }): JSX.Element {
  return (
    <Show when={props.item.planning}>
      {(plan) => (
        <section class="card p-4" aria-labelledby="plan">
          <h2 id="plan" class="card-title mb-1.5">
            What it will take
          </h2>
          <p class="m-0 mb-1.5 text-soft">{describeTraffic(plan())} Four of five such experiments are won by then.</p>
          <ul class="m-0 pl-5">
            <For each={plan().effects}>
              {(planned) => (
                <li>
                  {formatEffect(props.item.metric, planned.effect)}: {describe(planned, props.item, plan())}
                </li>
              )}
            </For>
          </ul>
          <Show when={plan().smallestEffect}>
            {(effect) => (
              <p class="m-0 mt-1.5">
                The smallest effect that it finds in its time: {formatEffect(props.item.metric, effect())}.
              </p>
            )}
          </Show>
          <Show when={plan().advice.length > 0}>
            <ul class="m-0 mt-1.5 pl-5 text-soft">
              <For each={plan().advice}>{(text) => <li>{text}</li>}</For>
            </ul>
          </Show>
        </section>
      )}
    </Show>
  )
}

function describeTraffic({ unitsPerDay, firstShare }: Plan): string {
  if (unitsPerDay === null) return 'Too little of its traffic was seen to say how long that is.'
  return `At today's traffic, ${formatCount(Math.round(unitsPerDay))} units a day, it begins with ${formatRate(firstShare)} of them.`
}

function describe({ unitsPerArm, days }: Plan['effects'][number], { settings }: Item, { unitsPerDay }: Plan): string {
  if (unitsPerArm === null) return `more than ${formatCount(settings.maximumPairs)} units in each arm`
  const units = `about ${formatCount(unitsPerArm)} units in each arm`
  if (unitsPerDay === null) return units
  return days === null ? `${units}: never within its longest run` : `${units}, ${formatDays(days)}`
}

function formatDays(days: number): string {
  return days < 1.05 ? '1 day' : `${days < 10 ? days.toFixed(1) : Math.ceil(days)} days`
}
