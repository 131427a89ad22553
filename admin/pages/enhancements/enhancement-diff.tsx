import { useSearchParams } from '@solidjs/router'
import { createMemo, For, Show, type JSX } from 'solid-js'
import { diffTexts } from '../../data/diff.ts'
import { Pieces, Template } from '../../ui/text.tsx'

interface Prompt {
  system: string | null
  template: string | null
}

/** Word by word, what the proposal changes. Unified reads best for small changes, split for large ones. */
export function EnhancementDiff(props: { original: Prompt; enhanced: Prompt }): JSX.Element {
  const [search, setSearch] = useSearchParams<{ diff?: string }>()
  const split = (): boolean => search.diff === 'split'
  const parts = () =>
    [
      { name: 'System prompt', before: props.original.system, after: props.enhanced.system },
      { name: 'User text', before: props.original.template, after: props.enhanced.template },
    ].filter((part) => part.before !== null || part.after !== null)
  return (
    <section class="card p-4 min-w-0" aria-labelledby="change">
      <div class="flex flex-wrap items-center justify-between gap-2 mb-3">
        <h2 id="change" class="card-title">
          Original{' '}
          <span class="text-faint" aria-hidden="true">
            →
          </span>
          <span class="sr-only">to</span> enhanced
        </h2>
        <div role="group" aria-label="How the change is shown" class="flex gap-1">
          <button
            type="button"
            class={`btn-quiet !min-h-7 ${split() ? '' : '!bg-sunken !text-ink'}`}
            aria-pressed={!split()}
            onClick={() => setSearch({ diff: null })}
          >
            Unified
          </button>
          <button
            type="button"
            class={`btn-quiet !min-h-7 ${split() ? '!bg-sunken !text-ink' : ''}`}
            aria-pressed={split()}
            onClick={() => setSearch({ diff: 'split' })}
          >
            Split
          </button>
        </div>
      </div>
      <div class="flex flex-col gap-3">
        <For each={parts()}>
          {(part) => <Part name={part.name} before={part.before} after={part.after} split={split()} />}
        </For>
      </div>
    </section>
  )
}

function Part(props: { name: string; before: string | null; after: string | null; split: boolean }): JSX.Element {
  const pieces = createMemo(() => diffTexts(props.before ?? '', props.after ?? ''))
  const note = (): string => (props.before === props.after ? 'unchanged' : props.before === null ? 'new' : '')
  return (
    <div>
      <h3 class="text-xs font-600 text-soft m-0 mb-1">
        {props.name} <span class="text-faint font-400">{note()}</span>
      </h3>
      <Show
        when={props.split && props.before !== props.after}
        fallback={
          <Text label={`${props.name}, changes marked`}>
            <Show when={props.before !== props.after} fallback={<Template text={props.after ?? ''} />}>
              <Pieces pieces={pieces()} />
            </Show>
          </Text>
        }
      >
        <div class="grid md:grid-cols-2 gap-3">
          <Text label={`${props.name}, original`}>
            <Show when={props.before !== null} fallback={<span class="text-faint">none</span>}>
              <Pieces pieces={pieces()} without="added" />
            </Show>
          </Text>
          <Text label={`${props.name}, enhanced`}>
            <Pieces pieces={pieces()} without="removed" />
          </Text>
        </div>
      </Show>
    </div>
  )
}

function Text(props: { label: string; children: JSX.Element }): JSX.Element {
  return (
    <div
      class="bg-sunken rounded-lg p-3 min-w-0 max-h-[60vh] overflow-y-auto"
      tabindex="0"
      role="region"
      aria-label={props.label}
    >
      <pre class="font-mono text-[0.8125rem] leading-relaxed whitespace-pre-wrap break-words m-0">{props.children}</pre>
    </div>
  )
}
