import { For, Show, type JSX } from 'solid-js'
import type { Enhancement } from '../../data/client.ts'
import { formatCount } from '../../data/format.ts'
import { Fact } from '../../ui/page.tsx'
import { reveal, Time } from '../../ui/text.tsx'

const kinds: Record<string, string> = {
  clarify: 'clarifies',
  add_context: 'adds context',
  restructure: 'restructures',
  constrain_output: 'constrains the output',
  shorten: 'shortens',
}

/** What a proposal costs and promises, beside the facts of its pattern. */
export function ProposalFacts(props: { item: Enhancement }): JSX.Element {
  const it = (): Enhancement => props.item
  const tokens = (): string =>
    it().addedTokens === null
      ? 'not known'
      : `${(it().addedTokens ?? 0) > 0 ? '+' : ''}${formatCount(it().addedTokens)}`
  return (
    <>
      <Fact term="What it does">
        {it().kind === null ? <span class="text-faint font-400">not said</span> : (kinds[it().kind ?? ''] ?? it().kind)}
      </Fact>
      <Fact term="Expected gain">
        <Show when={it().expectedGain} fallback={<span class="text-faint font-400">not said</span>}>
          {(gain) => <>{Math.round(gain() * 100)} points of success rate</>}
        </Show>
        <Show when={it().replay}>
          {(replay) => (
            <span class="block text-xs text-soft font-400">
              Of {formatCount(replay().pairs)} stored requests sent again with both, {toPoints(replay().original)}{' '}
              worked as it was and {toPoints(replay().enhanced)} with it: {toSignedPoints(replay().difference)} (95 %
              interval {toSignedPoints(replay().low)} … {toSignedPoints(replay().high)});{' '}
              {formatCount(replay().repaired)} better, {formatCount(replay().broken)} worse
            </span>
          )}
        </Show>
      </Fact>
      <Fact term="Tokens a request">
        {tokens()}
        <span class="block text-xs text-soft font-400">estimated</span>
      </Fact>
      <Show when={it().snoozedUntil}>
        {(until) => (
          <Fact term="Snoozed until">
            <Time at={until()} class="" />
          </Fact>
        )}
      </Show>
      <Show when={it().remindedAt}>
        {(at) => (
          <Fact term="Waits long">
            <span class="text-warn">nobody has decided yet</span>
            <span class="block text-xs text-soft font-400">
              reminded <Time at={at()} class="" />
            </span>
          </Fact>
        )}
      </Show>
      <Show when={it().approvalsNeeded > 1 || it().approvals.length > 0}>
        <Fact term="Approvals">
          {formatCount(it().approvals.length)} of {formatCount(it().approvalsNeeded)}
          <For each={it().approvals}>
            {(approval) => (
              <span class="block text-xs text-soft font-400">
                {approval.person}, <Time at={approval.at} class="" />
              </span>
            )}
          </For>
        </Fact>
      </Show>
      <Show when={it().editedBy}>{(person) => <Fact term="Edited by">{person()}</Fact>}</Show>
    </>
  )
}

/** What was looked at before people see it; what must be accepted stands with the risks. */
export function ProposalChecks(props: { item: Enhancement }): JSX.Element {
  const checks = () => props.item.checks.filter(({ risk }) => risk === undefined)
  return (
    <Show when={checks().length > 0}>
      <section class="card p-4" aria-labelledby="checks">
        <h2 id="checks" class="card-title mb-1.5">
          Checked
        </h2>
        <ul class="m-0 p-0 list-none grid sm:grid-cols-2 gap-x-6 gap-y-1">
          <For each={checks()}>
            {(check) => (
              <li class="flex gap-2">
                <span
                  class={`mt-0.75 ${check.passed ? 'i-lucide-check text-good' : 'i-lucide-x text-bad'}`}
                  aria-hidden="true"
                />
                <span class="break-words min-w-0">
                  {reveal(check.note)}
                  <Show when={!check.passed}>
                    <span class="sr-only"> (failed)</span>
                  </Show>
                </span>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}

function toPoints(share: number): string {
  return `${Math.round(share * 100)} %`
}

function toSignedPoints(difference: number): string {
  const points = Math.round(difference * 100)
  return `${points < 0 ? '−' : '+'}${Math.abs(points)} points`
}
