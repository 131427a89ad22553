/** Who did what to an enhancement, and what is served of it now. */
import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import type { Enhancement } from '../../data/client.ts'
import { paths } from '../../paths.ts'
import { Fact } from '../../ui/page.tsx'
import { reveal, Time } from '../../ui/text.tsx'

/** Nobody is named where Sinew did it by itself. */
export const bySinew = 'Sinew by itself'

/** `approved by maria`, `withdrawn by Sinew by itself`, … as lists show it; `null` = nobody has done anything yet. */
export function describeLastAct(item: Enhancement): string | null {
  switch (item.state) {
    case 'approved':
    case 'rejected':
      return item.decidedBy === null ? null : `${item.state} by ${item.decidedBy}`
    case 'withdrawn':
      return `withdrawn by ${item.withdrawnBy ?? bySinew}`
    case 'snoozed':
      return item.snoozedBy === null ? null : `snoozed by ${item.snoozedBy}`
    default:
      return null
  }
}

/** Served to everybody, tried, held back from a few, or nothing of it. */
export function describeServing(item: Enhancement): string {
  if (item.state !== 'approved') return 'to nobody'
  if (item.mode === 'serve') return 'to everybody'
  if (item.experiment?.state === 'promoted') return 'to everybody but the few who are held back'
  return 'tried on part of the traffic'
}

export function ServingFact(props: { item: Enhancement }): JSX.Element {
  return (
    <Fact term="Served">
      {describeServing(props.item)}
      <Show when={props.item.experiment}>
        {(experiment) => (
          <span class="block text-xs font-400">
            <A class="link" href={paths.experiment(experiment().id)}>
              {experiment().endedAt === null ? 'its experiment' : 'the experiment that tried it'}
            </A>
            <Show when={experiment().promotedBy}>
              {(person) => <span class="text-soft">, promoted by {person()}</span>}
            </Show>
          </span>
        )}
      </Show>
    </Fact>
  )
}

export function RecordFacts(props: { item: Enhancement }): JSX.Element {
  const it = (): Enhancement => props.item
  const decision = (): string => (it().state === 'rejected' ? 'rejected' : 'approved')
  return (
    <>
      <Fact term="Decision">
        <Show when={it().decidedBy} fallback={<span class="text-faint font-400">none yet</span>}>
          {(person) => (
            <>
              {decision()} by {person()}
              <Said at={it().decidedAt} reason={it().decisionReason} />
            </>
          )}
        </Show>
      </Fact>
      <Show when={it().state === 'withdrawn'}>
        <Fact term="Withdrawn">
          by {it().withdrawnBy ?? bySinew}
          <Said at={it().withdrawnAt} reason={it().failure} />
        </Fact>
      </Show>
      <Show when={it().state === 'expired' || it().state === 'failed'}>
        <Fact term={it().state === 'expired' ? 'Expired' : 'Failed'}>
          by itself
          <Said at={it().updatedAt} reason={it().failure} />
        </Fact>
      </Show>
      <Show when={it().state === 'snoozed' && it().snoozedBy}>
        {(person) => <Fact term="Snoozed by">{person()}</Fact>}
      </Show>
    </>
  )
}

function Said(props: { at: string | null; reason: string | null }): JSX.Element {
  return (
    <span class="block text-xs text-soft font-400 break-words">
      <Show when={props.at}>{(at) => <Time at={at()} class="" />}</Show>
      {props.reason ? `: ${reveal(props.reason)}` : ''}
    </span>
  )
}
