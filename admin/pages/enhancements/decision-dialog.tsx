import { createEffect, createSignal, For, on, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Enhancement } from '../../data/client.ts'
import { createTextDraft } from '../../data/drafts.ts'
import { formatCount } from '../../data/format.ts'
import { FormDialog } from '../../ui/dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { findRisks, RiskTicks } from './named-risks.tsx'

export type Choice = 'approve' | 'reject' | 'withdraw'
export type Decided = Enhancement & { active: boolean }

interface DecisionProps {
  item: Enhancement
  choice: Choice | null
  onClose: () => void
  onDecided: (decided: Decided, choice: Choice) => void
  onConflict: () => void
}

const modes = [
  {
    mode: 'experiment',
    label: 'Try it in an experiment',
    note: 'A small share of the traffic gets it, and more as long as nothing goes wrong.',
  },
  {
    mode: 'serve',
    label: 'Serve it to everybody',
    note: 'All traffic of this pattern is sent with the enhanced prompt; say why it needs no trial.',
  },
] as const
type Mode = (typeof modes)[number]['mode']

const usualReasons: Record<Choice, string[]> = {
  approve: [],
  reject: ['Changes the meaning', 'Loses a constraint', 'Too long', 'Not the cause of the failures'],
  withdraw: ['Answers got worse', 'Complaints', 'Costs too much', 'A better one follows'],
}
const looks: Record<Choice, { title: string; label: string; busyLabel: string; tone: 'primary' | 'danger' }> = {
  approve: { title: 'Approve', label: 'Approve', busyLabel: 'Deciding …', tone: 'primary' },
  reject: { title: 'Reject', label: 'Reject', busyLabel: 'Deciding …', tone: 'danger' },
  withdraw: { title: 'Take it back', label: 'Take it back', busyLabel: 'Taking it back …', tone: 'danger' },
}

/** What the person chooses and why, until it is decided. */
function createDecision(props: DecisionProps) {
  const [reason, setReason, discard] = createTextDraft(`decision:${props.item.id}`)
  const [mode, setMode] = createSignal<Mode>('experiment')
  const [accepted, setAccepted] = createSignal<string[]>([])
  const [field, setField] = createSignal<HTMLTextAreaElement>()
  const action = createAction(() => props.onConflict())
  const choice = (): Choice => props.choice ?? 'approve'
  const needsReason = (): boolean => choice() !== 'approve' || mode() === 'serve'
  /** What the person has seen is what they decide, also when it changes behind the dialog. */
  let seen = { id: props.item.id, version: props.item.version }

  createEffect(
    on(
      () => props.choice,
      (opened) => {
        if (opened === null) return
        seen = { id: props.item.id, version: props.item.version }
        setMode('experiment')
        setAccepted([])
        action.clear()
      },
    ),
  )

  async function submit(): Promise<void> {
    const wanted = props.choice
    if (wanted === null) return
    const text = reason().trim()
    if (needsReason() && text === '') {
      action.refuse(wanted === 'approve' ? 'Say why it needs no trial.' : 'Say why, for the one who reads it later.')
      return field()?.focus()
    }
    if (wanted === 'approve' && findRisks(props.item).some(({ risk }) => !accepted().includes(risk.id)))
      return action.refuse('Accept each risk, or reject the proposal.')
    await action.run(async () => {
      const decided = await send(wanted, seen, { mode: mode(), acceptedRisks: accepted() }, text)
      discard()
      props.onDecided(decided, wanted)
    })
  }
  return {
    accepted,
    setAccepted,
    reason,
    setReason,
    mode,
    setMode,
    field,
    setField,
    action,
    choice,
    needsReason,
    submit,
  }
}

export function DecisionDialog(props: DecisionProps): JSX.Element {
  const decision = createDecision(props)
  const { reason, setReason, mode, setMode, field, setField, action, choice, needsReason, submit } = decision
  return (
    <FormDialog
      open={props.choice !== null}
      {...looks[choice()]}
      direct={choice() === 'approve'}
      action={action}
      onSubmit={() => void submit()}
      onClose={() => props.onClose()}
    >
      <Lead choice={choice()} item={props.item} />
      <Show when={choice() === 'approve'}>
        <RiskTicks item={props.item} accepted={decision.accepted()} onChange={decision.setAccepted} />
        <Modes
          mode={mode()}
          onChange={(wanted) => {
            setMode(wanted)
            if (wanted === 'serve') field()?.focus()
          }}
        />
      </Show>
      <UsualReasons
        reasons={usualReasons[choice()]}
        onPick={(usual) => {
          setReason(reason() === '' ? usual : `${reason()}. ${usual}`)
          field()?.focus()
        }}
      />
      <TextArea
        id="decision-reason"
        label="Reason"
        hint={needsReason() ? undefined : '(optional)'}
        class="min-h-20"
        maxLength={2_000}
        required={needsReason()}
        value={reason()}
        onInput={setReason}
        onSubmit={() => void submit()}
        ref={setField}
      />
    </FormDialog>
  )
}

interface Seen {
  id: string
  version: number
}

function send(
  choice: Choice,
  seen: Seen,
  approval: { mode: Mode; acceptedRisks: string[] },
  reason: string,
): Promise<Decided> {
  if (choice === 'reject') return api.enhancements.reject.mutate({ ...seen, reason })
  if (choice === 'withdraw') return api.enhancements.withdraw.mutate({ ...seen, reason })
  return api.enhancements.approve.mutate({ ...seen, ...approval, ...(reason === '' ? {} : { reason }) })
}

function Lead(props: { choice: Choice; item: Enhancement }): JSX.Element {
  const words = (): string => {
    if (props.choice === 'approve')
      return `So far the pattern had ${formatCount(props.item.patternFrequency)} exchanges.`
    if (props.choice === 'withdraw')
      return props.item.mode === 'experiment'
        ? 'Its experiment is rolled back: all traffic goes with the prompt as it was, from the next request on.'
        : 'All traffic goes with the prompt as it was, from the next request on. Another proposal may follow.'
    return 'The prompt stays as it is, and nothing is proposed again by itself for this version of the template. Should somebody ask, the analyst is told why.'
  }
  return <p class="text-soft m-0 mb-4">{words()}</p>
}

function Modes(props: { mode: Mode; onChange: (mode: Mode) => void }): JSX.Element {
  return (
    <fieldset class="border-0 p-0 m-0 mb-4 flex flex-col gap-2">
      <legend class="label">From the next request on</legend>
      <For each={modes}>
        {(choice) => (
          <label class="flex gap-2 items-baseline cursor-pointer">
            <input
              type="radio"
              name="mode"
              checked={props.mode === choice.mode}
              onChange={() => props.onChange(choice.mode)}
            />
            <span>
              {choice.label}
              <span class="block text-xs text-soft">{choice.note}</span>
            </span>
          </label>
        )}
      </For>
    </fieldset>
  )
}

function UsualReasons(props: { reasons: string[]; onPick: (reason: string) => void }): JSX.Element {
  return (
    <Show when={props.reasons.length > 0}>
      <div class="flex flex-wrap gap-1.5 mb-3">
        <For each={props.reasons}>
          {(usual) => (
            <button type="button" class="btn !min-h-7 text-xs" onClick={() => props.onPick(usual)}>
              {usual}
            </button>
          )}
        </For>
      </div>
    </Show>
  )
}
