import type { JSX } from 'solid-js'

/** Strands that hold together. */
export function Mark(props: { class?: string }): JSX.Element {
  return (
    <svg
      viewBox="0 0 32 32"
      class={props.class ?? 'w-6 h-6 text-accent'}
      fill="none"
      stroke="currentColor"
      stroke-width="3"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M4 9c8 0 8 14 24 14" />
      <path d="M4 16h24" opacity=".5" />
      <path d="M4 23c8 0 8-14 24-14" />
    </svg>
  )
}
