import { For, Show, type JSX } from 'solid-js'
import type { ExchangeDetail } from '../../data/client.ts'
import { formatMs } from '../../data/format.ts'

interface Step {
  name: string
  ms: number
  tone: string
}

/** Where the time went: in Sinew, waiting for the provider, and while the answer came. */
export function ExchangeTimeline(props: { exchange: ExchangeDetail }): JSX.Element {
  const steps = (): Step[] => {
    const timings = props.exchange.timings
    if (timings === null) return []
    if (timings.sentMs === null) return [{ name: 'answered by Sinew itself', ms: timings.totalMs, tone: 'text-soft' }]
    const first = timings.firstByteMs ?? timings.totalMs
    const steps = [
      { name: 'in Sinew before sending', ms: timings.sentMs, tone: 'text-soft' },
      { name: 'waiting for the first byte', ms: first - timings.sentMs, tone: 'text-accent opacity-55' },
    ]
    return timings.firstByteMs === null
      ? steps
      : [...steps, { name: 'answer arriving', ms: timings.totalMs - first, tone: 'text-accent' }]
  }
  const total = (): number => Math.max(1e-6, props.exchange.timings?.totalMs ?? 0)
  const starts = (): number[] =>
    steps().map((_, index) =>
      steps()
        .slice(0, index)
        .reduce((sum, step) => sum + step.ms, 0),
    )
  return (
    <Show when={steps().length > 0}>
      <section class="card p-4" aria-labelledby="timing">
        <h2 id="timing" class="card-title mb-3">
          Timing
        </h2>
        <svg class="w-full h-2.5 block rounded" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
          <For each={steps()}>
            {(step, index) => (
              <rect
                x={((starts()[index()] ?? 0) / total()) * 1000}
                width={Math.max(2, (step.ms / total()) * 1000)}
                height="10"
                class={`fill-current ${step.tone}`}
              />
            )}
          </For>
        </svg>
        <ul class="flex flex-wrap gap-x-6 gap-y-1.5 mt-3 p-0 m-0 list-none text-sm">
          <For each={steps()}>
            {(step) => (
              <li class="inline-flex items-center gap-2">
                <svg class={`w-2.5 h-2.5 ${step.tone}`} viewBox="0 0 10 10" aria-hidden="true">
                  <rect width="10" height="10" rx="3" class="fill-current" />
                </svg>
                <span class="text-soft">{step.name}</span> <span class="font-500">{formatMs(step.ms)}</span>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}
