import { Show, type JSX } from 'solid-js'
import type { PatternDetail } from '../../data/client.ts'
import { formatCount, formatRate, formatUsd } from '../../data/format.ts'
import { Fact, Facts } from '../../ui/page.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { SuccessRate } from './success-rate.tsx'

export function PatternFacts(props: { pattern: PatternDetail }): JSX.Element {
  const it = (): PatternDetail => props.pattern
  return (
    <Facts>
      <Fact term="Exchanges">{formatCount(it().frequency)}</Fact>
      <Success pattern={it()} />
      <Fact term="Kind" title={it().kind.reason}>
        {it().kind.kind}
        <span class="block text-xs text-soft font-400">{reveal(it().kind.reason)}</span>
      </Fact>
      <Fact term="Trend">
        {it().trend.direction}
        <span class="block text-xs text-soft font-400">
          {formatCount(it().trend.recent)} in seven days, {formatCount(it().trend.before)} in the seven before
        </span>
      </Fact>
      <Fact term="Cost" title={it().costUsd === null ? undefined : `${it().costUsd} USD`}>
        {formatUsd(it().costUsd)}
        <span class="block text-xs text-soft font-400">
          {it().costUsd === null
            ? 'of no exchange are both the price and the tokens known'
            : `${formatUsd(it().costPerExchangeUsd)} an exchange`}
        </span>
      </Fact>
      <Fact term="State">
        {it().muted ? 'muted' : it().state}
        <span class="block text-xs text-soft font-400">
          {it().source === 'learned' ? 'its template is learned' : 'so far only an opening is known'}
        </span>
      </Fact>
      <Fact term="First seen">
        <Time at={it().firstSeen} class="" />
      </Fact>
      <Fact term="Last seen">
        <Time at={it().lastSeen} class="" />
      </Fact>
    </Facts>
  )
}

function Success(props: { pattern: PatternDetail }): JSX.Element {
  return (
    <Fact term="Success rate">
      <SuccessRate pattern={props.pattern} />
      <span class="block text-xs text-soft font-400">
        {formatCount(props.pattern.successes)} worked · {formatCount(props.pattern.failures)} failed
      </span>
      <Show when={props.pattern.success}>
        {(success) => (
          <span class="block text-xs text-soft font-400" title="Wilson interval, 95 %; no key weighs more than a fifth">
            between {formatRate(success().low)} and {formatRate(success().high)}
          </span>
        )}
      </Show>
    </Fact>
  )
}
