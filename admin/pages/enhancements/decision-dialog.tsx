import { createEffect, createSignal, For, on, Show, type JSX } from 'solid-js'
import { api, type Enhancement } from '../../data/client.ts'
import { toFailure, type Failure } from '../../data/errors.ts'
import { formatCount } from '../../data/format.ts'
import { markSignedOut } from '../../data/session.ts'
import { Dialog } from '../../ui/dialog.tsx'

export type Choice = 'approve' | 'reject'

interface DecisionProps {
  item: Enhancement
  choice: Choice | null
  onClose: () => void
  onDecided: (decided: Enhancement & { active: boolean }) => void
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

const usualReasons = ['Changes the meaning', 'Loses a constraint', 'Too long', 'Not the cause of the failures']

export function DecisionDialog(props: DecisionProps): JSX.Element {
  const [reason, setReason] = createSignal('')
  const [mode, setMode] = createSignal<'experiment' | 'serve'>('experiment')
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal<Failure | null>(null)
  const [field, setField] = createSignal<HTMLTextAreaElement>()
  const approving = (): boolean => props.choice === 'approve'
  /** What the person has seen is what they decide, also when it changes behind the dialog. */
  let seen = { id: props.item.id, version: props.item.version }

  createEffect(
    on(
      () => props.choice,
      (choice) => {
        if (choice === null) return
        seen = { id: props.item.id, version: props.item.version }
        setReason('')
        setMode('experiment')
        setFailure(null)
        queueMicrotask(() => choice === 'reject' && field()?.focus())
      },
    ),
  )

  async function submit(): Promise<void> {
    const text = reason().trim()
    if (!approving() && text === '') {
      setFailure({ kind: 'refused', message: 'Say why, for the one who reads it later.' })
      return field()?.focus()
    }
    setBusy(true)
    setFailure(null)
    try {
      const decided = approving()
        ? await api.enhancements.approve.mutate({ ...seen, mode: mode(), ...(text === '' ? {} : { reason: text }) })
        : await api.enhancements.reject.mutate({ ...seen, reason: text })
      props.onDecided(decided)
    } catch (error) {
      const found = toFailure(error)
      setFailure(found)
      if (found.kind === 'conflict') props.onConflict()
      if (found.kind === 'gone') markSignedOut()
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open={props.choice !== null} title={approving() ? 'Approve' : 'Reject'} onClose={() => props.onClose()}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <p class="text-soft m-0 mb-4">
          {approving()
            ? `So far the pattern had ${formatCount(props.item.patternFrequency)} exchanges.`
            : 'The prompt stays as it is, and nothing is proposed again by itself for this version of the template. Should somebody ask, the analyst is told why.'}
        </p>
        <Show when={approving()}>
          <fieldset class="border-0 p-0 m-0 mb-4 flex flex-col gap-2">
            <legend class="label">From the next request on</legend>
            <For each={modes}>
              {(choice) => (
                <label class="flex gap-2 items-baseline cursor-pointer">
                  <input
                    type="radio"
                    name="mode"
                    checked={mode() === choice.mode}
                    onChange={() => setMode(choice.mode)}
                  />
                  <span>
                    {choice.label}
                    <span class="block text-xs text-soft">{choice.note}</span>
                  </span>
                </label>
              )}
            </For>
          </fieldset>
        </Show>
        <Show when={!approving()}>
          <div class="flex flex-wrap gap-1.5 mb-3">
            <For each={usualReasons}>
              {(usual) => (
                <button
                  type="button"
                  class="btn !min-h-7 text-xs"
                  onClick={() => {
                    setReason(reason() === '' ? usual : `${reason()}. ${usual}`)
                    field()?.focus()
                  }}
                >
                  {usual}
                </button>
              )}
            </For>
          </div>
        </Show>
        <label class="label" for="decision-reason">
          Reason {approving() ? <span class="font-400 text-faint">(optional)</span> : ''}
        </label>
        <textarea
          ref={setField}
          id="decision-reason"
          class="field py-2 min-h-20"
          maxlength="2000"
          required={!approving()}
          value={reason()}
          onInput={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && void submit()}
        />
        <Show when={failure()}>
          {(found) => (
            <p role="alert" class="flex gap-2 text-bad text-sm mt-3 mb-0">
              <span class="i-lucide-circle-alert mt-0.75" aria-hidden="true" />
              <span>
                {found().message}
                {found().kind === 'conflict' ? ' What is shown behind this dialog is up to date again.' : ''}
              </span>
            </p>
          )}
        </Show>
        <div class="flex justify-end gap-2 mt-5">
          <button type="button" class="btn" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button
            type="submit"
            class={approving() ? 'btn-primary' : 'btn-danger'}
            autofocus={approving()}
            disabled={busy() || failure()?.kind === 'conflict'}
          >
            {busy() ? 'Deciding …' : approving() ? 'Approve' : 'Reject'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
