import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import type { ExchangeDetail } from '../../data/client.ts'
import { formatRate } from '../../data/format.ts'
import { nextTurnWords } from '../../data/words.ts'
import { paths } from '../../paths.ts'
import { reveal, Time } from '../../ui/text.tsx'

/** Why the exchange counts as it does: everything that was found, and what people said of it. */
export function ExchangeOutcome(props: { exchange: ExchangeDetail }): JSX.Element {
  const it = (): ExchangeDetail => props.exchange
  return (
    <Show when={it().outcomeScore !== null || it().outcomeReasons.length > 0 || it().feedback.length > 0}>
      <section class="card p-4 min-w-0" aria-labelledby="outcome">
        <h2 id="outcome" class="card-title mb-2">
          Outcome{' '}
          <span class="text-faint font-400">
            <Show when={it().outcomeScore} fallback={it().outcomeScore === 0 ? 'score 0 of 1' : 'no score'}>
              {(score) => <>score {score().toFixed(2)} of 1</>}
            </Show>
            <Show when={it().outcomeConfidence}>
              {(confidence) => (
                <span title="How sure the verdict is; the judge looks first at those that are not">
                  {' '}
                  · {formatRate(confidence())} sure
                </span>
              )}
            </Show>
          </span>
        </h2>
        <Show
          when={it().outcomeReasons.length > 0}
          fallback={<p class="m-0 text-soft">No reason counts against it.</p>}
        >
          <ul class="m-0 p-0 list-none flex flex-col gap-1">
            <For each={it().outcomeReasons}>{(reason) => <li class="break-words">{reveal(reason.message)}</li>}</For>
          </ul>
        </Show>
        <Show when={it().nextTurn}>
          {(nextTurn) => (
            <p class="m-0 mt-2 text-soft">
              {nextTurnWords[nextTurn()]}
              <Show when={it().nextTurnBy}>
                {(id) => (
                  <>
                    {' '}
                    <A class="link" href={paths.exchange(id())}>
                      in this exchange
                    </A>
                  </>
                )}
              </Show>
            </p>
          )}
        </Show>
        <Show when={it().feedback.length > 0}>
          <h3 class="text-xs font-600 text-soft mt-3 mb-1">Feedback</h3>
          <ul class="m-0 p-0 list-none flex flex-col gap-1">
            <For each={it().feedback}>
              {(given) => (
                <li class="break-words">
                  {reveal(given.metric)}: <span class="font-500">{reveal(String(given.value))}</span>{' '}
                  <span class="text-soft text-xs">
                    by key {given.keyName}, <Time at={given.at} class="" />
                  </span>
                  <Show when={given.comment}>
                    {(comment) => <span class="block text-soft whitespace-pre-wrap">{reveal(comment())}</span>}
                  </Show>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </section>
    </Show>
  )
}
