/** Fields with their label, as forms and dialogs use them. */
import { For, Show, type JSX } from 'solid-js'

interface LabelProps {
  id: string
  label: string
  /** Beside the label, fainter. */
  hint?: string | undefined
}

function Label(props: LabelProps): JSX.Element {
  return (
    <label class="label" for={props.id}>
      {props.label}
      <Show when={props.hint}>
        {' '}
        <span class="font-400 text-faint">{props.hint}</span>
      </Show>
    </label>
  )
}

interface TextFieldProps extends LabelProps {
  value: string
  onInput: (value: string) => void
  required?: boolean
  maxLength?: number
  placeholder?: string
  type?: string
  step?: string
  min?: string | number
  /** Names to choose from; others may be written too. */
  names?: readonly string[] | undefined
  ref?: (element: HTMLInputElement) => void
}

export function TextField(props: TextFieldProps): JSX.Element {
  return (
    <div class="min-w-0">
      <Label id={props.id} label={props.label} hint={props.hint} />
      <input
        ref={(element) => props.ref?.(element)}
        id={props.id}
        class="field"
        type={props.type ?? 'text'}
        step={props.step}
        min={props.min}
        required={props.required}
        maxlength={props.maxLength}
        placeholder={props.placeholder}
        list={props.names === undefined ? undefined : `${props.id}-names`}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <Show when={props.names}>
        {(names) => (
          <datalist id={`${props.id}-names`}>
            <For each={names()}>{(name) => <option value={name} />}</For>
          </datalist>
        )}
      </Show>
    </div>
  )
}

interface TextAreaProps extends LabelProps {
  value: string
  onInput: (value: string) => void
  required?: boolean
  maxLength?: number
  placeholder?: string
  /** Code and prompts. */
  mono?: boolean
  class?: string
  describedBy?: string
  onSubmit?: () => void
  ref?: (element: HTMLTextAreaElement) => void
}

export function TextArea(props: TextAreaProps): JSX.Element {
  return (
    <div class="min-w-0">
      <Label id={props.id} label={props.label} hint={props.hint} />
      <textarea
        ref={(element) => props.ref?.(element)}
        id={props.id}
        class={`field py-2 ${props.class ?? 'min-h-16'} ${props.mono ? 'font-mono !text-[0.8125rem]' : ''}`}
        required={props.required}
        maxlength={props.maxLength}
        placeholder={props.placeholder}
        spellcheck={!props.mono}
        aria-describedby={props.describedBy}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && props.onSubmit?.()}
      />
    </div>
  )
}

interface ChoiceProps extends LabelProps {
  value: string
  onChange: (value: string) => void
  /** Value and name; the empty value stands for no choice. */
  options: readonly (readonly [string, string])[]
}

export function Choice(props: ChoiceProps): JSX.Element {
  return (
    <div class="min-w-0">
      <Label id={props.id} label={props.label} hint={props.hint} />
      <select id={props.id} class="field" onChange={(event) => props.onChange(event.currentTarget.value)}>
        <For each={props.options}>
          {([value, name]) => (
            <option value={value} selected={value === props.value}>
              {name}
            </option>
          )}
        </For>
      </select>
    </div>
  )
}

/** A form that was left half-written says so, and offers to begin anew. */
export function DraftNote(props: { restored: boolean; onDiscard: () => void }): JSX.Element {
  return (
    <Show when={props.restored}>
      <p
        role="status"
        class="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-2 m-0 mb-3 bg-accent-wash text-accent text-sm"
      >
        <span class="i-lucide-history" aria-hidden="true" />
        <span class="flex-1">This is what you had written and not sent.</span>
        <button
          type="button"
          class="underline underline-offset-3 min-h-6 cursor-pointer"
          onClick={() => props.onDiscard()}
        >
          Begin anew
        </button>
      </p>
    </Show>
  )
}
