import { createSignal, For, Show, type JSX } from 'solid-js'
import { createStore } from 'solid-js/store'
import { api, type Rule, type RuleResult } from '../../data/client.ts'
import { toFailure, type Failure } from '../../data/errors.ts'
import { editKinds, readList, readRuleText, writeEdits, type RuleText } from '../../data/rule-edits.ts'
import { markSignedOut } from '../../data/session.ts'
import { RuleTest } from './rule-test.tsx'

interface FormProps {
  /** `null` = a new one. */
  saved: { id: string; version: number } | null
  initial: RuleText
  onSaved: (saved: Rule & { served: boolean }) => void
  onConflict: () => void
}

const names = 'dialect, wire, model, key, team, session, pattern, text, system, headers, time, taskClass, status'

/** A rule as a person writes it, with the test of it beside. */
export function RuleForm(props: FormProps): JSX.Element {
  const [text, setText] = createStore<RuleText>({ ...props.initial })
  const [reason, setReason] = createSignal('')
  const [busy, setBusy] = createSignal<'test' | 'save' | null>(null)
  const [failure, setFailure] = createSignal<Failure | null>(null)
  const [results, setResults] = createSignal<RuleResult[] | null>(null)
  const [sample, setSample] = createSignal({ wire: 'chat' as RuleResult['wire'], body: '' })

  /** With a sample of one's own that one is taken, else the last exchanges. */
  const samples = (): { samples?: { wire: RuleResult['wire']; body: string }[] } =>
    sample().body.trim() === '' ? {} : { samples: [sample()] }

  async function attempt(what: 'test' | 'save'): Promise<void> {
    const read = readRuleText(text)
    if ('problem' in read) return void setFailure({ kind: 'refused', message: read.problem })
    setBusy(what)
    setFailure(null)
    try {
      if (what === 'test') setResults((await api.rules.test.mutate({ rule: read.rule, ...samples() })).results)
      else
        props.onSaved(
          await api.rules.save.mutate({
            rule: { ...read.rule, ...props.saved },
            reason: reason().trim(),
            ...samples(),
          }),
        )
    } catch (error) {
      const found = toFailure(error)
      setFailure(found)
      if (found.kind === 'conflict') props.onConflict()
      if (found.kind === 'gone') markSignedOut()
    } finally {
      setBusy(null)
    }
  }

  function addEdit(kind: string): void {
    const found = editKinds.find((known) => known.kind === kind)
    const edits = readList(text.edits)
    if (found === undefined) return
    if (edits === null)
      return void setFailure({
        kind: 'refused',
        message: 'Edits: this is not a JSON list, so nothing can be added to it.',
      })
    setText('edits', writeEdits([...edits, found.example]))
  }

  return (
    <form
      class="grid lg:grid-cols-2 gap-4 items-start"
      aria-label="The rule"
      onSubmit={(event) => {
        event.preventDefault()
        void attempt('save')
      }}
    >
      <div class="card p-4 flex flex-col gap-4 min-w-0">
        <div class="grid sm:grid-cols-[1fr_7rem] gap-3">
          <div>
            <label class="label" for="rule-name">
              Name
            </label>
            <input
              id="rule-name"
              class="field"
              required
              maxlength="100"
              value={text.name}
              onInput={(event) => setText('name', event.currentTarget.value)}
            />
          </div>
          <div>
            <label class="label" for="rule-order">
              Order
            </label>
            <input
              id="rule-order"
              class="field"
              type="number"
              step="1"
              required
              value={text.order}
              onInput={(event) => setText('order', event.currentTarget.value)}
            />
          </div>
        </div>
        <div class="flex flex-wrap items-end gap-x-5 gap-y-3">
          <div class="min-w-36">
            <label class="label" for="rule-target">
              Changes
            </label>
            <select
              id="rule-target"
              class="field"
              onChange={(event) => setText('target', event.currentTarget.value as RuleText['target'])}
            >
              <option value="request" selected={text.target === 'request'}>
                the request
              </option>
              <option value="answer" selected={text.target === 'answer'}>
                the answer
              </option>
            </select>
          </div>
          <label class="flex items-center gap-2.5 cursor-pointer min-h-8">
            <input
              type="checkbox"
              class="w-4 h-4 accent-accent"
              checked={text.active}
              onChange={(event) => setText('active', event.currentTarget.checked)}
            />{' '}
            Active
          </label>
        </div>
        <div>
          <label class="label" for="rule-condition">
            When <span class="font-400 text-faint">(a CEL expression; empty = always)</span>
          </label>
          <textarea
            id="rule-condition"
            class="field py-2 min-h-18 font-mono !text-[0.8125rem]"
            maxlength="2000"
            spellcheck={false}
            aria-describedby="rule-names"
            placeholder={'team == "support" && text.contains("order")'}
            value={text.condition}
            onInput={(event) => setText('condition', event.currentTarget.value)}
          />
          <p id="rule-names" class="text-xs text-soft m-0 mt-1">
            It sees {names}. A header by <code class="font-mono">headers.get("x-app")</code>, patterns by{' '}
            <code class="font-mono">text.matches("…")</code>.
          </p>
        </div>
        <div>
          <div class="flex flex-wrap items-end justify-between gap-2 mb-1">
            <label class="label !mb-0" for="rule-edits">
              Edits, in order <span class="font-400 text-faint">(a JSON list)</span>
            </label>
            <div>
              <label class="sr-only" for="rule-add">
                Add an edit
              </label>
              <select
                id="rule-add"
                class="field !w-auto"
                onChange={(event) => {
                  addEdit(event.currentTarget.value)
                  event.currentTarget.value = ''
                }}
              >
                <option value="">Add an edit …</option>
                <For each={editKinds.filter(({ target }) => target === undefined || target === text.target)}>
                  {(known) => <option value={known.kind}>{known.label}</option>}
                </For>
              </select>
            </div>
          </div>
          <textarea
            id="rule-edits"
            class="field py-2 min-h-48 font-mono !text-[0.8125rem]"
            spellcheck={false}
            required
            value={text.edits}
            onInput={(event) => setText('edits', event.currentTarget.value)}
          />
        </div>
        <div>
          <label class="label" for="rule-reason">
            Reason <span class="font-400 text-faint">(optional)</span>
          </label>
          <input
            id="rule-reason"
            class="field"
            maxlength="2000"
            value={reason()}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </div>
        <Show when={failure()}>
          {(found) => (
            <p role="alert" class="text-bad text-sm m-0 break-words">
              {found().message}
            </p>
          )}
        </Show>
        <div class="flex flex-wrap justify-end gap-2">
          <button type="button" class="btn" disabled={busy() !== null} onClick={() => void attempt('test')}>
            <span class="i-lucide-flask-conical" aria-hidden="true" /> {busy() === 'test' ? 'Testing …' : 'Test'}
          </button>
          <button type="submit" class="btn-primary" disabled={busy() !== null}>
            {busy() === 'save' ? 'Saving …' : 'Test and save'}
          </button>
        </div>
      </div>
      <RuleTest results={results()} sample={sample()} onSample={setSample} />
    </form>
  )
}
