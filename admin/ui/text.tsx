/** Untrusted text: always a text node, never markup; what hides or reorders characters is made visible. */
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { splitSlots, type Piece } from '../data/diff.ts'
import { formatExactTime, formatTime, plural } from '../data/format.ts'

/** Bidirectional controls, zero-width signs and other control characters that can make a text look like another one. */
const hidden = /(?![\t\n\r])[\p{Cc}\p{Cf}]/gu
/** Opens folded beyond this; a million characters in one element hold up the page. */
const maxShown = 20_000
const maxLines = 400

export function reveal(text: string): string {
  return text.replace(hidden, (sign) => `⟨U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`)
}

/** A long text, folded, with a way to the exact original. */
export function LongText(props: {
  text: string
  label: string
  children?: (shown: string) => JSX.Element
}): JSX.Element {
  const [open, setOpen] = createSignal(false)
  const folded = createMemo(() => fold(props.text))
  const shown = (): string => (open() ? props.text : folded())
  return (
    <div>
      <div tabindex="0" role="region" aria-label={props.label} class="overflow-x-auto rounded-lg">
        <pre class="font-mono text-[0.8125rem] leading-relaxed whitespace-pre-wrap break-words m-0 min-w-0">
          {props.children ? props.children(shown()) : reveal(shown())}
        </pre>
      </div>
      <Show when={folded().length < props.text.length}>
        <button type="button" class="btn-quiet mt-1 -ml-2" aria-expanded={open()} onClick={() => setOpen(!open())}>
          {open() ? 'Fold' : `Show all ${plural(props.text.length, 'character')}`}
        </button>
      </Show>
    </div>
  )
}

function fold(text: string): string {
  let end = 0
  for (let line = 0; line < maxLines && end >= 0 && end < maxShown; line++) {
    const next = text.indexOf('\n', end)
    if (next < 0) return text.length > maxShown ? text.slice(0, maxShown) : text
    end = next + 1
  }
  return text.slice(0, Math.min(end, maxShown))
}

export function CopyButton(props: { text: string; label?: string }): JSX.Element {
  const [state, setState] = createSignal<'idle' | 'copied' | 'failed'>('idle')
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(props.text)
      setState('copied')
    } catch {
      setState('failed')
    }
    setTimeout(() => setState('idle'), 2_000)
  }
  return (
    <button type="button" class="btn-quiet !min-h-7 !px-2 text-xs" onClick={() => void copy()}>
      <span class={state() === 'copied' ? 'i-lucide-check' : 'i-lucide-copy'} aria-hidden="true" />
      <span aria-live="polite">
        {state() === 'copied' ? 'Copied' : state() === 'failed' ? 'Not allowed here' : (props.label ?? 'Copy')}
      </span>
    </button>
  )
}

/** A template with its slots as chips. */
export function Template(props: { text: string }): JSX.Element {
  return (
    <For each={splitSlots(props.text)}>
      {(part) => (
        <Show when={part.kind === 'slot'} fallback={reveal(part.text)}>
          <span class="rounded px-1 bg-accent-wash text-accent font-600">{part.text}</span>
        </Show>
      )}
    </For>
  )
}

/**
 * The pieces of a comparison. `ins` and `del` carry the meaning; lines and strokes show it without colour. `plain`:
 * what is in braces is no slot.
 */
export function Pieces(props: { pieces: Piece[]; without?: 'added' | 'removed'; plain?: boolean }): JSX.Element {
  const text = (piece: Piece): JSX.Element => (props.plain ? reveal(piece.text) : <Template text={piece.text} />)
  return (
    <For each={props.pieces.filter((piece) => piece.kind !== props.without)}>
      {(piece) =>
        piece.kind === 'same' ? (
          text(piece)
        ) : piece.kind === 'added' ? (
          <ins>{text(piece)}</ins>
        ) : (
          <del>{text(piece)}</del>
        )
      }
    </For>
  )
}

export function Time(props: { at: string; class?: string }): JSX.Element {
  return (
    <time datetime={props.at} title={formatExactTime(props.at)} class={props.class ?? 'whitespace-nowrap'}>
      {formatTime(props.at)}
    </time>
  )
}
