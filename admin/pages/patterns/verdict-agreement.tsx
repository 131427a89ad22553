import { Show, type JSX } from 'solid-js'
import type { PatternDetail } from '../../data/client.ts'
import { formatCount, formatRate } from '../../data/format.ts'

type Interval = NonNullable<PatternDetail['agreement']['sensitivity']>

/** How well the verdicts of the rules agree with what people said; nothing is shown where nobody said anything. */
export function VerdictAgreement(props: { pattern: PatternDetail }): JSX.Element {
  const it = (): PatternDetail['agreement'] => props.pattern.agreement
  return (
    <Show when={it().failures + it().successes > 0}>
      <section class="card p-4" aria-labelledby="agreement">
        <h2 id="agreement" class="card-title mb-2">
          How far its verdicts can be trusted <span class="text-faint font-400">by what people said</span>
        </h2>
        <ul class="list-none m-0 p-0 flex flex-col gap-1">
          <Show when={it().sensitivity}>
            {(interval) => (
              <li>
                Of {formatCount(it().failures)} that people called failures, the rules had found {toShare(interval())}{' '}
                (sensitivity).
              </li>
            )}
          </Show>
          <Show when={it().specificity}>
            {(interval) => (
              <li>
                Of {formatCount(it().successes)} that people called successes, the rules had let pass{' '}
                {toShare(interval())} (specificity).
              </li>
            )}
          </Show>
        </ul>
      </section>
    </Show>
  )
}

function toShare({ rate, low, high }: Interval): JSX.Element {
  return (
    <span title="Wilson interval, 95 %">
      {formatRate(rate)}{' '}
      <span class="text-soft">
        ({formatRate(low)} to {formatRate(high)})
      </span>
    </span>
  )
}
