import { For, Show, type JSX } from 'solid-js'
import type { ExchangeDetail } from '../../data/client.ts'
import { reveal } from '../../ui/text.tsx'

type Explanation = NonNullable<ExchangeDetail['explanation']>

const words: Record<Explanation['by'], string> = {
  template: 'The prompt follows the pattern’s template: what is marked are its slots, everything else is fixed.',
  opening: 'The prompt begins like the others of its pattern; a template is not learned yet, so the rest is one slot.',
  none: 'Nothing that is known of the pattern now fits this prompt: its template has changed since.',
}

/** Why an exchange belongs to its pattern. */
export function ExchangeExplanation(props: { exchange: ExchangeDetail }): JSX.Element {
  return (
    <Show when={props.exchange.explanation}>
      {(explanation) => (
        <section class="card p-4 min-w-0" aria-labelledby="explanation">
          <h2 id="explanation" class="card-title mb-1">
            Why it is of this pattern
          </h2>
          <p class="text-soft text-sm m-0 mb-3">{words[explanation().by]}</p>
          <For
            each={
              [
                ['system', 'System prompt'],
                ['user', 'User text'],
              ] as const
            }
          >
            {([side, title]) => (
              <Show when={explanation().pieces.some((piece) => piece.in === side)}>
                <div class="bg-sunken rounded-lg p-3 mb-2 last:mb-0">
                  <div class="text-xs text-soft font-600 mb-1">{title}</div>
                  <pre class="font-mono text-[0.8125rem] leading-relaxed whitespace-pre-wrap break-words m-0">
                    <For each={explanation().pieces.filter((piece) => piece.in === side)}>
                      {(piece) => <Piece piece={piece} />}
                    </For>
                  </pre>
                </div>
              </Show>
            )}
          </For>
        </section>
      )}
    </Show>
  )
}

function Piece(props: { piece: Explanation['pieces'][number] }): JSX.Element {
  const text = (): string => `${reveal(props.piece.text)}${props.piece.cut ? ' […]' : ''}`
  return (
    <Show when={props.piece.slot !== null} fallback={text()}>
      <mark class="rounded px-1 bg-accent-wash text-accent" title={`slot ${props.piece.slot}`}>
        <span class="sr-only">slot {props.piece.slot}: </span>
        {text()}
      </mark>
    </Show>
  )
}
