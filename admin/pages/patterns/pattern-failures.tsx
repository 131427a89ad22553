import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import type { PatternDetail } from '../../data/client.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { reasonWords } from '../../data/words.ts'
import { paths } from '../../paths.ts'
import { Meter } from '../../ui/page.tsx'
import { reveal } from '../../ui/text.tsx'

type Reason = PatternDetail['failureReasons'][number]

/** Why it fails: what decided its latest failures, most frequent first, each with its exchanges. */
export function PatternFailures(props: { pattern: PatternDetail }): JSX.Element {
  const total = (): number => props.pattern.failureReasons.reduce((sum, { count }) => sum + count, 0)
  return (
    <Show when={props.pattern.failureReasons.length > 0}>
      <section class="card p-4" aria-labelledby="failures">
        <div class="flex flex-wrap items-center justify-between gap-x-4 mb-2">
          <h2 id="failures" class="card-title">
            Why it fails <span class="text-faint font-400">the latest {formatCount(total())} failures</span>
          </h2>
          <A class="link text-sm" href={paths.exchanges({ patternId: props.pattern.id, outcome: 'failure' })}>
            Only failures
          </A>
        </div>
        <ul class="list-none m-0 p-0 flex flex-col gap-2">
          <For each={props.pattern.failureReasons}>
            {(reason) => (
              <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Meter share={reason.count / total()} tone="text-bad" />
                <span class="min-w-24 whitespace-nowrap">
                  {formatCount(reason.count)} <span class="text-soft">· {formatRate(reason.count / total())}</span>
                </span>
                <span class="flex-1 min-w-50 break-words">{reveal(toWords(reason))}</span>
                <span class="flex gap-3 text-sm">
                  <Show when={reason.code}>
                    {(code) => (
                      <A
                        class="link"
                        href={paths.exchanges({ patternId: props.pattern.id, outcome: 'failure', reason: code() })}
                      >
                        these
                      </A>
                    )}
                  </Show>
                  <A class="link" href={paths.exchange(reason.newest)}>
                    the newest
                  </A>
                </span>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}

function toWords({ code, message }: Reason): string {
  return reasonWords[code ?? ''] ?? message ?? 'No reason was recorded'
}
