import { createSignal, For, Show, type JSX } from 'solid-js'
import { api } from '../data/client.ts'
import { toFailure } from '../data/errors.ts'
import { rangeNames, ranges, statuses, type Range, type Status } from '../data/exchange-filter.ts'
import { markSignedOut } from '../data/session.ts'

export function ReanalysisForm(props: { onStarted: () => void }): JSX.Element {
  const [from, setFrom] = createSignal(toLocal(new Date(Date.now() - ranges['24h'])))
  const [to, setTo] = createSignal(toLocal(new Date(Date.now() + 60_000)))
  const [model, setModel] = createSignal('')
  const [status, setStatus] = createSignal<Status | ''>('')
  const [problem, setProblem] = createSignal<string | null>(null)
  const [busy, setBusy] = createSignal(false)

  function choose(range: Range): void {
    setFrom(toLocal(new Date(Date.now() - ranges[range])))
    setTo(toLocal(new Date(Date.now() + 60_000)))
  }

  async function start(): Promise<void> {
    setBusy(true)
    setProblem(null)
    try {
      const chosen = status()
      const filter = { ...(model().trim() === '' ? {} : { model: model().trim() }), ...(chosen === '' ? {} : { status: chosen }) }
      await api.reanalysis.start.mutate({ from: new Date(from()).toISOString(), to: new Date(to()).toISOString(), ...(Object.keys(filter).length > 0 ? { filter } : {}) })
      props.onStarted()
    } catch (error) {
      const failure = toFailure(error)
      setProblem(failure.message)
      if (failure.kind === 'gone') markSignedOut()
    } finally {
      setBusy(false)
    }
  }

  return (
    <form
      class="card p-4"
      aria-labelledby="start"
      onSubmit={(event) => {
        event.preventDefault()
        void start()
      }}
    >
      <h2 id="start" class="card-title mb-3">Start a run</h2>
      <div class="flex flex-wrap gap-1.5 mb-3">
        <For each={Object.entries(rangeNames) as [Range, string][]}>{([range, name]) => <button type="button" class="btn !min-h-7 text-xs" onClick={() => choose(range)}>{name}</button>}</For>
      </div>
      <div class="grid gap-3">
        <div>
          <label class="label" for="run-from">From</label>
          <input id="run-from" type="datetime-local" required class="field" value={from()} onInput={(event) => setFrom(event.currentTarget.value)} />
        </div>
        <div>
          <label class="label" for="run-to">To <span class="font-400 text-faint">(not included)</span></label>
          <input id="run-to" type="datetime-local" required class="field" value={to()} onInput={(event) => setTo(event.currentTarget.value)} />
        </div>
        <div>
          <label class="label" for="run-model">Model <span class="font-400 text-faint">(optional)</span></label>
          <input id="run-model" class="field" placeholder="any" value={model()} onInput={(event) => setModel(event.currentTarget.value)} />
        </div>
        <div>
          <label class="label" for="run-status">Status <span class="font-400 text-faint">(optional)</span></label>
          <select id="run-status" class="field" onChange={(event) => setStatus(event.currentTarget.value as Status | '')}>
            <option value="">any</option>
            <For each={statuses}>{(name) => <option value={name}>{name === 'unknown' ? 'open' : name}</option>}</For>
          </select>
        </div>
      </div>
      <Show when={problem()}>{(text) => <p role="alert" class="text-bad text-sm mt-3 mb-0">{text()}</p>}</Show>
      <button type="submit" class="btn-primary w-full mt-4" disabled={busy()}>{busy() ? 'Starting …' : 'Start'}</button>
    </form>
  )
}

/** The value a `datetime-local` field takes, in the browser's own time zone. */
function toLocal(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
