import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { useNavigate } from '@solidjs/router'
import { api, type PatternDetail } from '../../data/client.ts'
import { toFailure } from '../../data/errors.ts'
import { createLoad } from '../../data/load.ts'
import { paths } from '../../paths.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { reveal } from '../../ui/text.tsx'

type Action = 'rename' | 'merge' | 'split'

const titles: Record<Action, string> = {
  rename: 'Rename the pattern',
  merge: 'Merge into another pattern',
  split: 'Split the pattern',
}

/** What people may say of a pattern. The learner keeps to it from then on. */
export function PatternActions(props: { pattern: PatternDetail; reload: () => Promise<void> }): JSX.Element {
  const navigate = useNavigate()
  const [open, setOpen] = createSignal<Action | null>(null)
  const [value, setValue] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [told, setTold] = createSignal<{ bad: boolean; text: string } | null>(null)
  const id = (): string => props.pattern.id

  function ask(action: Action): void {
    setValue(action === 'rename' ? props.pattern.title : '')
    setTold(null)
    setOpen(action)
  }

  async function act(work: () => Promise<{ applied: boolean; pattern: { id: string } }>): Promise<void> {
    setBusy(true)
    setTold(null)
    try {
      const { applied, pattern } = await work()
      setOpen(null)
      setTold(
        applied ? null : { bad: false, text: 'It stands, and the learner acts on it when it comes to this pattern.' },
      )
      if (pattern.id !== id()) navigate(paths.pattern(pattern.id))
      else await props.reload()
    } catch (error) {
      setTold({ bad: true, text: toFailure(error).message })
    } finally {
      setBusy(false)
    }
  }

  function submit(): void {
    const action = open()
    if (action === 'rename') void act(() => api.patterns.rename.mutate({ id: id(), title: value().trim() }))
    if (action === 'merge') void act(() => api.patterns.merge.mutate({ id: id(), into: value() }))
    if (action === 'split') void act(() => api.patterns.split.mutate({ id: id(), containing: value() }))
  }

  return (
    <>
      <div class="flex flex-wrap items-center gap-2">
        <button type="button" class="btn !min-h-8 text-sm" onClick={() => ask('rename')}>
          Rename
        </button>
        <button
          type="button"
          class="btn !min-h-8 text-sm"
          aria-pressed={props.pattern.muted}
          disabled={busy()}
          onClick={() => void act(() => api.patterns.mute.mutate({ id: id(), muted: !props.pattern.muted }))}
        >
          {props.pattern.muted ? 'Unmute' : 'Mute'}
        </button>
        <button type="button" class="btn !min-h-8 text-sm" onClick={() => ask('merge')}>
          Merge
        </button>
        <Show when={props.pattern.source === 'learned'}>
          <button type="button" class="btn !min-h-8 text-sm" onClick={() => ask('split')}>
            Split
          </button>
        </Show>
        <Show when={open() === null && told()}>
          {(message) => (
            <p
              role={message().bad ? 'alert' : 'status'}
              class={`text-sm m-0 ${message().bad ? 'text-bad' : 'text-soft'}`}
            >
              {message().text}
            </p>
          )}
        </Show>
      </div>
      <Show when={open()}>
        {(action) => (
          <Dialog open title={titles[action()]} onClose={() => setOpen(null)}>
            <form
              class="flex flex-col gap-3"
              onSubmit={(event) => {
                event.preventDefault()
                submit()
              }}
            >
              <Show when={action() === 'rename'}>
                <label class="flex flex-col gap-1 text-sm text-soft">
                  Its name
                  <input
                    class="field"
                    value={value()}
                    maxlength="200"
                    required
                    onInput={(event) => setValue(event.currentTarget.value)}
                  />
                </label>
              </Show>
              <Show when={action() === 'split'}>
                <p class="text-soft text-sm m-0">
                  Prompts that hold this text become a pattern of their own, stored ones and new ones.
                </p>
                <label class="flex flex-col gap-1 text-sm text-soft">
                  Text that they hold
                  <input
                    class="field"
                    value={value()}
                    maxlength="2000"
                    required
                    onInput={(event) => setValue(event.currentTarget.value)}
                  />
                </label>
              </Show>
              <Show when={action() === 'merge'}>
                <MergeTarget pattern={props.pattern} value={value()} onChange={setValue} />
              </Show>
              <Show when={told()}>
                {(message) => (
                  <p role="alert" class="text-bad text-sm m-0">
                    {message().text}
                  </p>
                )}
              </Show>
              <div class="flex justify-end gap-2">
                <button type="button" class="btn" onClick={() => setOpen(null)}>
                  Cancel
                </button>
                <button type="submit" class="btn-primary" disabled={busy() || value().trim() === ''}>
                  {busy() ? 'A moment …' : action() === 'rename' ? 'Rename' : action() === 'merge' ? 'Merge' : 'Split'}
                </button>
              </div>
            </form>
          </Dialog>
        )}
      </Show>
    </>
  )
}

/** The similar ones first, then the team's most frequent. */
function MergeTarget(props: { pattern: PatternDetail; value: string; onChange: (id: string) => void }): JSX.Element {
  const load = createLoad(
    () => props.pattern.team,
    (_team, signal) => api.patterns.list.query({ limit: 200, order: 'frequent' }, { signal }),
    (team) => team,
  )
  const targets = createMemo(() => {
    const frequent = (load.data()?.items ?? []).filter((item) => item.team === props.pattern.team)
    const seen = new Set([props.pattern.id])
    return [...props.pattern.similar, ...frequent].flatMap(({ id, title }) => {
      if (seen.has(id)) return []
      seen.add(id)
      return [{ id, title }]
    })
  })
  return (
    <>
      <p class="text-soft text-sm m-0">All that it has counted goes along, and its address stays valid.</p>
      <label class="flex flex-col gap-1 text-sm text-soft">
        Into
        <select
          class="field"
          required
          value={props.value}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        >
          <option value="">Choose a pattern</option>
          <For each={targets()}>{(target) => <option value={target.id}>{reveal(target.title)}</option>}</For>
        </select>
      </label>
    </>
  )
}
