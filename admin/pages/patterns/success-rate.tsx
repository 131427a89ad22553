import { Show, type JSX } from 'solid-js'
import type { Pattern } from '../../data/client.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { Meter } from '../../ui/page.tsx'

/** The rate, and how many verdicts it stands on. */
export function SuccessRate(props: {
  pattern: Pick<Pattern, 'successRate' | 'successes' | 'failures' | 'weak'>
}): JSX.Element {
  const title = (): string =>
    `${formatCount(props.pattern.successes)} worked, ${formatCount(props.pattern.failures)} failed`
  return (
    <span class="inline-flex items-center gap-2.5" title={title()}>
      <Meter share={props.pattern.successRate} tone={props.pattern.weak ? 'text-bad' : 'text-good'} />
      <span class={`inline-flex items-center gap-1 whitespace-nowrap ${props.pattern.weak ? 'text-bad font-500' : ''}`}>
        {formatRate(props.pattern.successRate)}
        <Show when={props.pattern.weak}>
          <span class="i-lucide-triangle-alert" role="img" aria-label="weak" title="below the rate that is aimed at" />
        </Show>
      </span>
    </span>
  )
}
