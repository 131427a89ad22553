import { createEffect, createSignal, on, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Rule, type RuleResult } from '../../data/client.ts'
import { createDraft } from '../../data/drafts.ts'
import { readRuleText, type RuleText } from '../../data/rule-edits.ts'
import { Problem } from '../../ui/dialog.tsx'
import { DraftNote, TextField } from '../../ui/field.tsx'
import { RuleFields } from './rule-fields.tsx'
import { RuleTest } from './rule-test.tsx'
import { noSamples, toSamples, type SampleChoice } from './sample-choice.tsx'

interface FormProps {
  /** `null` = a new one. */
  saved: { id: string; version: number } | null
  initial: RuleText
  onSaved: (saved: Rule & { served: boolean }) => void
  onConflict: () => void
}

type Written = RuleText & { reason: string }

/** What is written, what it is tested on, and what came of the last attempt. */
function createRuleWork(props: FormProps) {
  const draft = createDraft<Written>(`rule:${props.saved?.id ?? 'new'}`, { ...props.initial, reason: '' })
  const [samples, setSamples] = createSignal<SampleChoice>(noSamples)
  const [results, setResults] = createSignal<RuleResult[] | null>(null)
  /** Whether a save was held back because its test has shown nothing. */
  const [untested, setUntested] = createSignal(false)
  const [doing, setDoing] = createSignal<'test' | 'save'>('test')
  const action = createAction(() => props.onConflict())

  function forget(): void {
    setResults(null)
    setUntested(false)
    action.clear()
  }
  // A result is of what was tested: it goes as soon as that is another rule, or another choice of samples.
  createEffect(on(() => JSON.stringify([{ ...draft.value, reason: '' }, samples()]), forget, { defer: true }))

  async function attempt(what: 'test' | 'save', whenConcerned: boolean): Promise<void> {
    forget()
    const read = readRuleText(draft.value)
    if ('problem' in read) return action.refuse(read.problem)
    setDoing(what)
    const chosen = toSamples(samples())
    await action.run(async () => {
      if (what === 'test') return setResults((await api.rules.test.mutate({ rule: read.rule, ...chosen })).results)
      const rule = { ...read.rule, ...props.saved }
      const saved = await api.rules.save.mutate({ rule, reason: draft.value.reason.trim(), whenConcerned, ...chosen })
      draft.discard()
      props.onSaved(saved)
    })
    setUntested(what === 'save' && (action.failure()?.message.includes('holds for none of the') ?? false))
  }
  return { draft, samples, setSamples, results, untested, action, doing, attempt }
}

/** A rule as a person writes it, with the test of it beside. */
export function RuleForm(props: FormProps): JSX.Element {
  const { draft, samples, setSamples, results, untested, action, doing, attempt } = createRuleWork(props)
  return (
    <form
      class="grid lg:grid-cols-2 gap-4 items-start"
      aria-label="The rule"
      onSubmit={(event) => {
        event.preventDefault()
        void attempt('save', true)
      }}
    >
      <div class="card p-4 flex flex-col gap-4 min-w-0">
        <DraftNote restored={draft.restored()} onDiscard={() => draft.discard()} />
        <RuleFields
          text={draft.value}
          change={(name, value) => draft.set(name, value as never)}
          refuse={action.refuse}
        />
        <TextField
          id="rule-reason"
          label="Reason"
          hint="(optional)"
          maxLength={2_000}
          value={draft.value.reason}
          onInput={(reason) => draft.set('reason', reason)}
        />
        <Problem action={action} />
        <Buttons
          busy={action.busy() ? doing() : null}
          untested={untested()}
          onTest={() => void attempt('test', false)}
          onSaveUntested={() => void attempt('save', false)}
        />
      </div>
      <RuleTest results={results()} samples={samples()} onSamples={setSamples} />
    </form>
  )
}

function Buttons(props: {
  busy: 'test' | 'save' | null
  untested: boolean
  onTest: () => void
  onSaveUntested: () => void
}): JSX.Element {
  return (
    <div class="flex flex-wrap justify-end gap-2">
      <Show when={props.untested}>
        <button type="button" class="btn-danger" disabled={props.busy !== null} onClick={() => props.onSaveUntested()}>
          Save it untested
        </button>
      </Show>
      <button type="button" class="btn" disabled={props.busy !== null} onClick={() => props.onTest()}>
        <span class="i-lucide-flask-conical" aria-hidden="true" /> {props.busy === 'test' ? 'Testing …' : 'Test'}
      </button>
      <button type="submit" class="btn-primary" disabled={props.busy !== null}>
        {props.busy === 'save' ? 'Saving …' : 'Test and save'}
      </button>
    </div>
  )
}
