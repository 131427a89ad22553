import { Show, type JSX } from 'solid-js'
import type { Experiment as Item } from '../../data/client.ts'
import { formatAge, formatCount, formatRate } from '../../data/format.ts'
import { metricWords } from '../../data/words.ts'
import { Fact, Facts } from '../../ui/page.tsx'
import { Time } from '../../ui/text.tsx'

export function ExperimentFacts(props: { item: Item }): JSX.Element {
  return (
    <Facts>
      <Fact term="Control" title="Sessions or users whose prompt stays as it is">
        {formatCount(props.item.exposed.control)} units
      </Fact>
      <Fact term="Treatment" title="Sessions or users who get the enhanced prompt">
        {formatCount(props.item.exposed.treatment)} units
      </Fact>
      <Fact term="Pairs with an outcome" title="Units of the smaller arm whose outcomes are in">
        {formatCount(props.item.pairs)}
      </Fact>
      <TakesPart item={props.item} />
      <Fleet item={props.item} />
      <Fact term="Metric">
        {metricWords[props.item.metric] ?? props.item.metric}
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
  )
}

/** All experiments of a period together: of the wins among them at most the level is false, in the mean. */
function Fleet(props: { item: Item }): JSX.Element {
  return (
    <Show when={props.item.fleet}>
      {(fleet) => (
        <Fact
          term="Evidence for a win"
          title={`Of all wins among the experiments of the same ${formatAge(props.item.settings.fleetPeriodMs)} at most ${formatRate(props.item.settings.fleetLevel)} are false in the mean, whenever one looks (e-LOND)`}
        >
          {fleet().limit.toFixed(1)} needed
          <span class="block text-xs text-soft font-400">
            experiment {formatCount(fleet().number)} of its period, {formatCount(fleet().wins)} others won
          </span>
        </Fact>
      )}
    </Show>
  )
}

/** What the traffic gets now: nothing of it before the start and after the end. */
function TakesPart(props: { item: Item }): JSX.Element {
  return (
    <Fact term="Takes part">
      <Show
        when={props.item.state !== 'promoted'}
        fallback={
          props.item.endedAt === null
            ? `everybody but ${formatRate(props.item.settings.holdback)}, who are held back`
            : 'everybody'
        }
      >
        <Show when={props.item.startedAt !== null && props.item.endedAt === null} fallback="nobody">
          {formatRate(props.item.share)} of the traffic
        </Show>
      </Show>
      <span class="block text-xs text-soft font-400">
        steps {props.item.settings.ramp.map((share) => formatRate(share)).join(' → ')}
      </span>
    </Fact>
  )
}
