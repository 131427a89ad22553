import { createMemo, createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { useNavigate } from '@solidjs/router'
import { createAction, type Action } from '../../data/action.ts'
import { api, type PatternDetail } from '../../data/client.ts'
import { createDraft } from '../../data/drafts.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { paths } from '../../paths.ts'
import { FormDialog, Problem } from '../../ui/dialog.tsx'
import { Choice, DraftNote, TextField } from '../../ui/field.tsx'
import { reveal } from '../../ui/text.tsx'

type Doing = 'rename' | 'merge' | 'split'
type Decided = { applied: boolean; pattern: { id: string } }

const titles: Record<Doing, string> = {
  rename: 'Rename the pattern',
  merge: 'Merge into another pattern',
  split: 'Split the pattern',
}
const labels: Record<Doing, string> = { rename: 'Rename', merge: 'Merge', split: 'Split' }

/** What people may say of a pattern. The learner keeps to it from then on. */
export function PatternActions(props: { pattern: PatternDetail; reload: () => Promise<void> }): JSX.Element {
  const navigate = useNavigate()
  const [doing, setDoing] = createSignal<Doing | null>(null)
  const [note, setNote] = createSignal<string | null>(null)
  const action = createAction()
  const id = (): string => props.pattern.id

  function begin(what: Doing): void {
    action.clear()
    setNote(null)
    setDoing(what)
  }

  const act = (work: () => Promise<Decided>): Promise<boolean> =>
    action.run(async () => {
      const { applied, pattern } = await work()
      setDoing(null)
      setNote(applied ? null : 'It stands, and the learner acts on it when it comes to this pattern.')
      if (pattern.id !== id()) navigate(paths.pattern(pattern.id))
      else await props.reload()
    })

  return (
    <>
      <div class="flex flex-wrap items-center gap-2">
        <For each={['rename', 'merge', 'split'] as const}>
          {(what) => (
            <Show when={what !== 'split' || props.pattern.source === 'learned'}>
              <button type="button" class="btn !min-h-8 text-sm" onClick={() => begin(what)}>
                {labels[what]}
              </button>
            </Show>
          )}
        </For>
        <button
          type="button"
          class="btn !min-h-8 text-sm"
          aria-pressed={props.pattern.muted}
          disabled={action.busy()}
          onClick={() => void act(() => api.patterns.mute.mutate({ id: id(), muted: !props.pattern.muted }))}
        >
          {props.pattern.muted ? 'Unmute' : 'Mute'}
        </button>
        <p role="status" class="text-sm m-0 text-soft">
          {note()}
        </p>
        <Show when={doing() === null}>
          <Problem action={action} />
        </Show>
      </div>
      <Show when={doing()} keyed>
        {(what) => (
          <ActionDialog doing={what} pattern={props.pattern} action={action} act={act} close={() => setDoing(null)} />
        )}
      </Show>
    </>
  )
}

interface ActionDialogProps {
  doing: Doing
  pattern: PatternDetail
  action: Action
  act: (work: () => Promise<Decided>) => Promise<boolean>
  close: () => void
}

function ActionDialog(props: ActionDialogProps): JSX.Element {
  const draft = createDraft(`${props.doing}:${props.pattern.id}`, {
    value: props.doing === 'rename' ? props.pattern.title : '',
  })
  const value = (): string => draft.value.value
  const change = (text: string): void => draft.set('value', text)

  function send(): Promise<Decided> {
    const { id } = props.pattern
    if (props.doing === 'rename') return api.patterns.rename.mutate({ id, title: value().trim() })
    if (props.doing === 'merge') return api.patterns.merge.mutate({ id, into: value() })
    return api.patterns.split.mutate({ id, containing: value() })
  }
  async function submit(): Promise<void> {
    if (await props.act(send)) draft.discard()
  }

  return (
    <FormDialog
      open
      title={titles[props.doing]}
      label={labels[props.doing]}
      busyLabel="A moment …"
      action={props.action}
      disabled={value().trim() === ''}
      onSubmit={() => void submit()}
      onClose={props.close}
    >
      <DraftNote restored={draft.restored()} onDiscard={() => draft.discard()} />
      <Switch>
        <Match when={props.doing === 'rename'}>
          <TextField id="pattern-name" label="Its name" value={value()} maxLength={200} required onInput={change} />
        </Match>
        <Match when={props.doing === 'split'}>
          <p class="text-soft text-sm m-0 mb-3">
            Prompts that hold this text become a pattern of their own, stored ones and new ones.
          </p>
          <TextField
            id="pattern-text"
            label="Text that they hold"
            value={value()}
            maxLength={2_000}
            required
            onInput={change}
          />
        </Match>
        <Match when={props.doing === 'merge'}>
          <MergeTarget pattern={props.pattern} value={value()} onChange={change} />
        </Match>
      </Switch>
    </FormDialog>
  )
}

/** The similar ones first, then the team's most frequent. */
function MergeTarget(props: { pattern: PatternDetail; value: string; onChange: (id: string) => void }): JSX.Element {
  const load = createLoad(queries.patterns, () => ({ limit: 200, order: 'frequent' as const }))
  const targets = createMemo((): [string, string][] => {
    const frequent = (load.data()?.items ?? []).filter((item) => item.team === props.pattern.team)
    const seen = new Set([props.pattern.id])
    return [...props.pattern.similar, ...frequent].flatMap(({ id, title }): [string, string][] => {
      if (seen.has(id)) return []
      seen.add(id)
      return [[id, reveal(title)]]
    })
  })
  return (
    <>
      <p class="text-soft text-sm m-0 mb-3">All that it has counted goes along, and its address stays valid.</p>
      <Choice
        id="pattern-into"
        label="Into"
        value={props.value}
        onChange={props.onChange}
        options={[['', 'Choose a pattern'], ...targets()]}
      />
    </>
  )
}
