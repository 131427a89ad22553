import { For, type JSX } from 'solid-js'
import { editKinds, readList, writeEdits, type RuleText } from '../../data/rule-edits.ts'
import { Choice, TextArea, TextField } from '../../ui/field.tsx'

interface FieldsProps {
  text: RuleText
  change: <Name extends keyof RuleText>(name: Name, value: RuleText[Name]) => void
  refuse: (message: string) => void
}

const names = 'dialect, wire, model, key, team, session, pattern, text, system, headers, time, taskClass, status'

export function RuleFields(props: FieldsProps): JSX.Element {
  return (
    <>
      <div class="grid sm:grid-cols-[1fr_7rem] gap-3">
        <TextField
          id="rule-name"
          label="Name"
          required
          maxLength={100}
          value={props.text.name}
          onInput={(name) => props.change('name', name)}
        />
        <TextField
          id="rule-order"
          label="Order"
          type="number"
          step="1"
          required
          value={props.text.order}
          onInput={(order) => props.change('order', order)}
        />
      </div>
      <div class="flex flex-wrap items-end gap-x-5 gap-y-3">
        <div class="min-w-36">
          <Choice
            id="rule-target"
            label="Changes"
            value={props.text.target}
            onChange={(target) => props.change('target', target as RuleText['target'])}
            options={[
              ['request', 'the request'],
              ['answer', 'the answer'],
            ]}
          />
        </div>
        <label class="flex items-center gap-2.5 cursor-pointer min-h-8">
          <input
            type="checkbox"
            class="w-4 h-4 accent-accent"
            checked={props.text.active}
            onChange={(event) => props.change('active', event.currentTarget.checked)}
          />{' '}
          Active
        </label>
      </div>
      <div>
        <TextArea
          id="rule-condition"
          label="When"
          hint="(a CEL expression; empty = always)"
          class="min-h-18"
          mono
          maxLength={2_000}
          describedBy="rule-names"
          placeholder={'team == "support" && text.contains("order")'}
          value={props.text.condition}
          onInput={(condition) => props.change('condition', condition)}
        />
        <p id="rule-names" class="text-xs text-soft m-0 mt-1">
          It sees {names}. A header by <code class="font-mono">headers.get("x-app")</code>, patterns by{' '}
          <code class="font-mono">text.matches("…")</code>.
        </p>
      </div>
      <Edits {...props} />
    </>
  )
}

function Edits(props: FieldsProps): JSX.Element {
  function add(kind: string): void {
    const chosen = editKinds.find((known) => known.kind === kind)
    if (chosen === undefined) return
    const edits = readList(props.text.edits)
    if (edits === null) return props.refuse('Edits: this is not a JSON list, so nothing can be added to it.')
    props.change('edits', writeEdits([...edits, chosen.example]))
  }
  return (
    <div>
      <div class="flex justify-end -mb-5">
        <label class="sr-only" for="rule-add">
          Add an edit
        </label>
        <select
          id="rule-add"
          class="field !w-auto"
          onChange={(event) => {
            add(event.currentTarget.value)
            event.currentTarget.value = ''
          }}
        >
          <option value="">Add an edit …</option>
          <For each={editKinds.filter(({ target }) => target === undefined || target === props.text.target)}>
            {(known) => <option value={known.kind}>{known.label}</option>}
          </For>
        </select>
      </div>
      <TextArea
        id="rule-edits"
        label="Edits, in order"
        hint="(a JSON list)"
        class="min-h-48 mt-3"
        mono
        required
        value={props.text.edits}
        onInput={(edits) => props.change('edits', edits)}
      />
    </div>
  )
}
