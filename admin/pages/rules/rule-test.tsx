import { createMemo, For, Show, type JSX } from 'solid-js'
import type { RuleResult } from '../../data/client.ts'
import { diffTexts } from '../../data/diff.ts'
import { ruleWords } from '../../data/rule-edits.ts'
import { Pieces, reveal } from '../../ui/text.tsx'

interface Sample {
  wire: RuleResult['wire']
  body: string
}

const wires: { wire: RuleResult['wire']; label: string }[] = [
  { wire: 'chat', label: 'Chat Completions' },
  { wire: 'responses', label: 'Responses' },
  { wire: 'messages', label: 'Messages' },
]

/** What the rule does to each sample, before and after, as it will to traffic. */
export function RuleTest(props: {
  results: RuleResult[] | null
  sample: Sample
  onSample: (sample: Sample) => void
}): JSX.Element {
  const held = (): number => props.results?.filter(({ applied }) => applied !== null).length ?? 0
  return (
    <section class="card p-4 min-w-0" aria-labelledby="rule-test">
      <h2 id="rule-test" class="card-title mb-2">
        Test
      </h2>
      <details class="mb-3">
        <summary class="cursor-pointer text-sm text-soft min-h-6">
          A request of your own instead of the last exchanges
        </summary>
        <div class="mt-2 flex flex-col gap-2">
          <div class="sm:w-56">
            <label class="label" for="sample-wire">
              Format
            </label>
            <select
              id="sample-wire"
              class="field"
              onChange={(event) =>
                props.onSample({ ...props.sample, wire: event.currentTarget.value as Sample['wire'] })
              }
            >
              <For each={wires}>
                {(known) => (
                  <option value={known.wire} selected={known.wire === props.sample.wire}>
                    {known.label}
                  </option>
                )}
              </For>
            </select>
          </div>
          <label class="label !mb-0" for="sample-body">
            Its body
          </label>
          <textarea
            id="sample-body"
            class="field py-2 min-h-28 font-mono !text-[0.8125rem]"
            spellcheck={false}
            placeholder={'{"model":"…","messages":[…]}'}
            value={props.sample.body}
            onInput={(event) => props.onSample({ ...props.sample, body: event.currentTarget.value })}
          />
        </div>
      </details>
      <div role="status">
        <Show
          when={props.results}
          fallback={
            <p class="text-soft m-0">
              Nothing was tested yet. Saving tests too, and refuses a rule that would make a sample invalid.
            </p>
          }
        >
          {(results) => (
            <p class="text-soft m-0 mb-3">
              The condition holds for {held()} of {results().length} samples.
            </p>
          )}
        </Show>
      </div>
      <ol class="list-none m-0 p-0 flex flex-col gap-3">
        <For each={props.results ?? []}>{(result) => <Result result={result} />}</For>
      </ol>
    </section>
  )
}

function Result(props: { result: RuleResult }): JSX.Element {
  const it = (): RuleResult => props.result
  const pieces = createMemo(() => diffTexts(toLines(it().before), toLines(it().after)))
  return (
    <li class="min-w-0">
      <p class="m-0 mb-1 text-sm break-words">
        <span class="font-500">{it().exchangeId === null ? it().name : `exchange ${it().exchangeId}`}</span>{' '}
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
