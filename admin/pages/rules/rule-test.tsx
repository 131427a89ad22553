import { A } from '@solidjs/router'
import { createMemo, For, Show, type JSX } from 'solid-js'
import type { RuleResult } from '../../data/client.ts'
import { diffTexts } from '../../data/diff.ts'
import { ruleWords } from '../../data/rule-edits.ts'
import { paths } from '../../paths.ts'
import { Pieces, reveal } from '../../ui/text.tsx'
import { SampleFields, type SampleChoice } from './sample-choice.tsx'

/** What the rule does to each sample, before and after, as it will to traffic. */
export function RuleTest(props: {
  results: RuleResult[] | null
  samples: SampleChoice
  onSamples: (samples: SampleChoice) => void
}): JSX.Element {
  return (
    <section class="card p-4 min-w-0" aria-labelledby="rule-test">
      <h2 id="rule-test" class="card-title mb-2">
        Test
      </h2>
      <SampleFields samples={props.samples} onChange={props.onSamples} />
      <div role="status">
        <Show
          when={props.results}
          fallback={
            <p class="text-soft m-0">
              This rule was not tested yet. Saving tests too, and refuses a rule that would make a sample invalid.
            </p>
          }
        >
          {(results) => <Summary results={results()} />}
        </Show>
      </div>
      <ol class="list-none m-0 p-0 flex flex-col gap-3">
        <For each={props.results ?? []}>{(result) => <Result result={result} />}</For>
      </ol>
    </section>
  )
}

function Summary(props: { results: RuleResult[] }): JSX.Element {
  const concerned = (): number => props.results.filter(({ applied }) => applied !== null).length
  return (
    <p class={`m-0 mb-3 ${concerned() === 0 ? 'text-warn' : 'text-soft'}`}>
      The condition holds for {concerned()} of {props.results.length} samples.
      <Show when={concerned() === 0}> So this test shows nothing: choose samples that the rule concerns.</Show>
    </p>
  )
}

function Result(props: { result: RuleResult }): JSX.Element {
  const it = (): RuleResult => props.result
  const pieces = createMemo(() => diffTexts(toLines(it().before), toLines(it().after)))
  return (
    <li class="min-w-0">
      <p class="m-0 mb-1 text-sm break-words">
        <span class="font-500">
          <Show when={it().exchangeId} fallback={it().name}>
            {(id) => (
              <A class="link" href={paths.exchange(id())}>
                {reveal(it().requestedModel ?? 'an exchange')}
              </A>
            )}
          </Show>
        </span>{' '}
        <Show when={it().exchangeId}>
          <span class="text-faint text-xs">
            team {it().team}, key {it().key}
          </span>{' '}
        </Show>
        <span class="text-soft">{toWords(it().applied)}</span>
        <Show when={it().applied?.note}>{(note) => <span class="text-warn">: {reveal(note())}</span>}</Show>
        <Show when={it().model}>{(model) => <span class="text-soft"> · goes to {reveal(model())}</span>}</Show>
        <Show when={it().headers.length > 0}>
          <span class="text-soft">
            {' '}
            ·{' '}
            {it()
              .headers.map(([name, value]) => `${name}: ${value}`)
              .join(', ')}
          </span>
        </Show>
      </p>
      <Show when={it().changed}>
        <div
          class="bg-sunken rounded-lg p-3 min-w-0 max-h-80 overflow-y-auto"
          tabindex="0"
          role="region"
          aria-label={`${it().name}, changes marked`}
        >
          <pre class="font-mono text-[0.8125rem] leading-relaxed whitespace-pre-wrap break-words m-0">
            <Pieces pieces={pieces()} plain />
          </pre>
        </div>
      </Show>
    </li>
  )
}

function toWords(applied: RuleResult['applied']): string {
  return applied === null ? 'the condition does not hold' : ruleWords[applied.result]
}

/** JSON with a line for each member reads best; anything else stays as it is. */
function toLines(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
