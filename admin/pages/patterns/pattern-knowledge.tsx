import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import type { PatternDetail } from '../../data/client.ts'
import { formatCount, formatRate, formatUsd } from '../../data/format.ts'
import { paths } from '../../paths.ts'
import { reveal, Time } from '../../ui/text.tsx'

/** What is known of a pattern beside its counts. Parts of which nothing is known are not there. */
export function PatternKnowledge(props: { pattern: PatternDetail }): JSX.Element {
  const it = (): PatternDetail => props.pattern
  return (
    <>
      <div class="grid gap-5 lg:grid-cols-2">
        <Shares title="Models" name="Model" shares={it().models} />
        <Shares
          title="Callers' keys"
          name="Key"
          shares={it().keys}
          note={
            it().keyCap === null
              ? undefined
              : `No key weighs more than a fifth in the success rate: of each at most ${formatCount(Math.round(it().keyCap ?? 0))} exchanges count.`
          }
        />
      </div>
      <Days days={it().days} />
      <Show when={it().similar.length > 0}>
        <section aria-labelledby="similar">
          <h2 id="similar" class="card-title mb-2">
            Similar patterns
          </h2>
          <ul class="card list-none m-0 p-0">
            <For each={it().similar}>
              {(other) => (
                <li class="px-4 py-2 border-b border-line last:border-0 flex items-center gap-3">
                  <A class="link truncate flex-1" href={paths.pattern(other.id)}>
                    {reveal(other.title)}
                  </A>
                  <span class="text-xs text-soft whitespace-nowrap">
                    {formatRate(other.similarity)} of its words
                    <Show when={it().family.some(({ id }) => id === other.id)}> · one family</Show>
                  </span>
                </li>
              )}
            </For>
          </ul>
        </section>
      </Show>
      <Lineage pattern={it()} />
    </>
  )
}

function Shares(props: {
  title: string
  name: string
  shares: PatternDetail['models']
  note?: string | undefined
}): JSX.Element {
  return (
    <Show when={props.shares.length > 0}>
      <section class="card overflow-x-auto" aria-label={props.title} tabindex="0">
        <table class="w-full border-collapse">
          <caption class="card-title text-left px-3 pt-3">{props.title}</caption>
          <thead class="border-b border-line">
            <tr>
              <th scope="col" class="th">
                {props.name}
              </th>
              <th scope="col" class="th !text-right">
                Exchanges
              </th>
              <th scope="col" class="th !text-right">
                Success
              </th>
              <th scope="col" class="th !text-right">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={props.shares}>
              {(share) => (
                <tr class="border-b border-line last:border-0">
                  <td class="td break-all">{reveal(share.name || 'none')}</td>
                  <td class="td text-right">{formatCount(share.exchanges)}</td>
                  <td class="td text-right">
                    {formatRate(
                      share.successes + share.failures > 0
                        ? share.successes / (share.successes + share.failures)
                        : null,
                    )}
                  </td>
                  <td class="td text-right" title={`${formatCount(share.priced)} of them have a price`}>
                    {formatUsd(share.priced > 0 ? share.costUsd : null)}
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
        <Show when={props.note}>{(note) => <p class="text-xs text-soft m-0 px-3 pb-3">{note()}</p>}</Show>
      </section>
    </Show>
  )
}

const maxBars = 45
const barHeight = 40

/** Exchanges a day, the failed ones darker; the numbers are in each bar's title and in the text for readers. */
function Days(props: { days: PatternDetail['days'] }): JSX.Element {
  const shown = (): PatternDetail['days'] => props.days.slice(-maxBars)
  const most = (): number => Math.max(1, ...shown().map(({ exchanges }) => exchanges))
  const height = (count: number): number => (count === 0 ? 0 : Math.max(1, (count / most()) * barHeight))
  return (
    <Show when={props.days.length > 1}>
      <section class="card p-4" aria-labelledby="days">
        <h2 id="days" class="card-title mb-2">
          By day
        </h2>
        <svg
          class="h-12 w-full max-w-160"
          viewBox={`0 0 ${shown().length * 10} ${barHeight}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${formatCount(shown().at(-1)?.exchanges)} exchanges on ${shown().at(-1)?.day}, at most ${formatCount(most())} a day since ${shown()[0]?.day}`}
        >
          <For each={shown()}>
            {(day, index) => (
              <g>
                <title>{`${day.day}: ${formatCount(day.exchanges)} exchanges, ${formatCount(day.failures)} failed`}</title>
                <rect
                  class="fill-current text-accent opacity-40"
                  x={index() * 10 + 1}
                  width="8"
                  y={barHeight - height(day.exchanges)}
                  height={height(day.exchanges)}
                />
                <rect
                  class="fill-current text-bad"
                  x={index() * 10 + 1}
                  width="8"
                  y={barHeight - height(day.failures)}
                  height={height(day.failures)}
                />
              </g>
            )}
          </For>
        </svg>
      </section>
    </Show>
  )
}

const kinds: Record<string, string> = {
  found: 'Found',
  split: 'Split',
  merged: 'Merged',
  retired: 'Retired',
  revived: 'On its own again',
  renamed: 'Renamed',
  muted: 'Muted',
  unmuted: 'Unmuted',
}

function Lineage(props: { pattern: PatternDetail }): JSX.Element {
  const entries = (): PatternDetail['lineage'] => props.pattern.lineage
  const waiting = (): PatternDetail['decisions'] =>
    props.pattern.decisions.filter(({ appliedAt }) => appliedAt === null)
  return (
    <Show when={entries().length + waiting().length > 0}>
      <section aria-labelledby="lineage">
        <h2 id="lineage" class="card-title mb-2">
          History
        </h2>
        <ul class="card list-none m-0 p-0">
          <For each={waiting()}>
            {(decision) => (
              <li class="px-4 py-2 border-b border-line last:border-0 text-soft">
                {decision.person} asked for a {decision.kind}; the learner has not come to it yet.
              </li>
            )}
          </For>
          <For each={entries()}>
            {(entry) => (
              <li class="px-4 py-2 border-b border-line last:border-0 flex flex-wrap items-baseline gap-x-3">
                <span class="font-600">{kinds[entry.kind] ?? entry.kind}</span>
                <span class="min-w-0 flex-1 break-words">
                  <Show when={entry.kind === 'merged' && entry.patternId !== props.pattern.id}>
                    “{reveal(entry.title ?? '')}” became part of this:{' '}
                  </Show>
                  {reveal(entry.reason)}
                  <Show when={entry.kind === 'split' && entry.otherId}>
                    {(other) => (
                      <>
                        {' '}
                        <A class="link" href={paths.pattern(other() === props.pattern.id ? entry.patternId : other())}>
                          {reveal((other() === props.pattern.id ? entry.title : entry.otherTitle) ?? 'the other part')}
                        </A>
                      </>
                    )}
                  </Show>
                </span>
                <span class="text-xs text-faint">
                  <Show when={entry.person}>{(person) => <>{person()} · </>}</Show>
                  <Time at={entry.at} />
                </span>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}
