import { For, Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { formatCount, formatMs, formatUsd } from '../../data/format.ts'

type Guardrail = Item['guardrails'][number]

const headings = ['What', 'Control', 'Treatment', 'State'] as const

/** What must not get worse, in numbers. */
export function Guardrails(props: { title: string; item: Item; guardrails: Guardrail[] }): JSX.Element {
  const id = (): string => props.title.toLowerCase().replaceAll(' ', '-')
  return (
    <section class="card overflow-hidden" aria-labelledby={id()}>
      <h2 id={id()} class="card-title px-4 pt-4 pb-2">
        {props.title}
      </h2>
      <Show
        when={props.guardrails.length > 0}
        fallback={<p class="px-4 pb-4 m-0 text-soft">Nothing was looked at yet.</p>}
      >
        <div class="overflow-x-auto" tabindex="0" role="region" aria-label={`${props.title}, in numbers`}>
          <table class="w-full border-collapse">
            <thead class="border-b border-line">
              <tr>
                <For each={headings}>
                  {(heading) => (
                    <th scope="col" class={`th ${heading === 'What' || heading === 'State' ? '' : '!text-right'}`}>
                      {heading}
                    </th>
                  )}
                </For>
              </tr>
            </thead>
            <tbody>
              <For each={props.guardrails}>{(guard) => <Row guard={guard} item={props.item} />}</For>
            </tbody>
          </table>
        </div>
        <p class="px-4 py-3 m-0 text-xs text-soft">
          Costs are list prices without cache discounts, and an answer is slow against answers that read as much of
          their prompt from the provider's cache: the prompt as it was is warm there, a changed one is cold at first.
        </p>
      </Show>
    </section>
  )
}

function Row(props: { guard: Guardrail; item: Item }): JSX.Element {
  const amount = (arm: 'control' | 'treatment'): string => {
    const units = props.guard.units[arm]
    if (units === 0) return '—'
    if (props.guard.name === 'mean_cost') return formatUsd(props.guard[arm])
    return `${formatCount(props.guard[arm])} of ${formatCount(units)}`
  }
  return (
    <tr class="border-b border-line last:border-0">
      <th scope="row" class="td text-left font-500">
        <span class="inline-block first-letter:uppercase">{props.guard.label}</span>
        {describeBound(props.guard.name, props.item)}
      </th>
      <td class="td text-right">{amount('control')}</td>
      <td class="td text-right">{amount('treatment')}</td>
      <td class="td">
        <span class={props.guard.state === 'harm' ? 'text-bad font-500' : 'text-soft'}>
          {describeState(props.guard)}
        </span>
      </td>
    </tr>
  )
}

function describeBound(name: string, { baseline, settings }: Item): string {
  if (name === 'slow' && baseline?.latencyP95Ms) return ` (${formatMs(baseline.latencyP95Ms)})`
  if (name === 'dear' && baseline?.costP95Usd)
    return ` (${formatUsd(baseline.costP95Usd * (1 + settings.costIncrease))})`
  return ''
}

/** Without a unit in both arms it has not been tried, whatever its own note says of prices. */
function describeState(guard: Guardrail): string {
  if (guard.state === 'harm') return 'crossed'
  if (guard.state === 'unknown') return `unknown: ${guard.note ?? ''}`
  return guard.pairs === 0 ? 'not both arms yet' : 'holds'
}
