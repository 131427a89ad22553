import { createSignal, For, Show, type JSX } from 'solid-js'
import { createStore } from 'solid-js/store'
import { api, type Inputs, type Outputs } from '../../data/client.ts'
import { toFailure } from '../../data/errors.ts'
import { rangeNames, ranges, statuses, type Range } from '../../data/exchange-filter.ts'
import { formatAge, formatCount } from '../../data/format.ts'
import { markSignedOut } from '../../data/session.ts'

type Estimate = Outputs['reanalysis']['estimate']
type StartInput = Inputs['reanalysis']['start']
const outcomes = { success: 'worked', failure: 'failed', none: 'no verdict' } as const
const textFields = [
  ['model', 'Model', 'any'],
  ['team', 'Team', 'any'],
  ['key', 'Key', 'any'],
  ['endpoint', 'Endpoint', '/v1/chat/completions'],
  ['text', 'Text', 'in the request or the answer'],
] as const
const capFields = [
  ['maxPerSecond', 'Exchanges a second', 0.1, 'any'],
  ['maxClaudeCalls', 'Calls to Claude', 1, '1'],
  ['maxUsd', 'US dollars for Claude', 0, 'any'],
] as const

export function ReanalysisForm(props: { onStarted: () => void }): JSX.Element {
  const [from, setFrom] = createSignal(toLocal(new Date(Date.now() - ranges['24h'])))
  const [to, setTo] = createSignal(toLocal(new Date(Date.now() + 60_000)))
  const [filter, setFilter] = createStore<Record<string, string>>({})
  const [caps, setCaps] = createStore<Record<string, string>>({})
  const [estimate, setEstimate] = createSignal<Estimate | null>(null)
  const [problem, setProblem] = createSignal<string | null>(null)
  const [busy, setBusy] = createSignal<'start' | 'estimate' | null>(null)

  function choose(range: Range): void {
    setFrom(toLocal(new Date(Date.now() - ranges[range])))
    setTo(toLocal(new Date(Date.now() + 60_000)))
  }

  function toInput(): StartInput {
    const chosen = Object.fromEntries(
      Object.entries(filter)
        .map(([name, value]) => [name, value.trim()])
        .filter(([, value]) => value !== ''),
    )
    const limits = Object.fromEntries(
      Object.entries(caps)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => [name, Number(value)]),
    )
    return {
      from: new Date(from()).toISOString(),
      to: new Date(to()).toISOString(),
      ...(Object.keys(chosen).length > 0 ? { filter: chosen } : {}),
      ...(Object.keys(limits).length > 0 ? { caps: limits } : {}),
    }
  }

  async function attempt(what: 'start' | 'estimate'): Promise<void> {
    setBusy(what)
    setProblem(null)
    try {
      if (what === 'estimate') return void setEstimate(await api.reanalysis.estimate.query(toInput()))
      await api.reanalysis.start.mutate(toInput())
      setEstimate(null)
      props.onStarted()
    } catch (error) {
      const failure = toFailure(error)
      setProblem(failure.message)
      if (failure.kind === 'gone') markSignedOut()
    } finally {
      setBusy(null)
    }
  }

  return (
    <form
      class="card p-4"
      aria-labelledby="start"
      // What was estimated is not what stands in the fields any more.
      onInput={() => setEstimate(null)}
      onSubmit={(event) => {
        event.preventDefault()
        void attempt('start')
      }}
    >
      <h2 id="start" class="card-title mb-3">
        Start a run
      </h2>
      <div class="flex flex-wrap gap-1.5 mb-3">
        <For each={Object.entries(rangeNames) as [Range, string][]}>
          {([range, name]) => (
            <button type="button" class="btn !min-h-7 text-xs" onClick={() => choose(range)}>
              {name}
            </button>
          )}
        </For>
      </div>
      <div class="grid gap-3">
        <div>
          <label class="label" for="run-from">
            From
          </label>
          <input
            id="run-from"
            type="datetime-local"
            required
            class="field"
            value={from()}
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </div>
        <div>
          <label class="label" for="run-to">
            To <span class="font-400 text-faint">(not included)</span>
          </label>
          <input
            id="run-to"
            type="datetime-local"
            required
            class="field"
            value={to()}
            onInput={(event) => setTo(event.currentTarget.value)}
          />
        </div>
        <For each={textFields}>
          {([name, label, hint]) => (
            <div>
              <label class="label" for={`run-${name}`}>
                {label} <span class="font-400 text-faint">(optional)</span>
              </label>
              <input
                id={`run-${name}`}
                class="field"
                placeholder={hint}
                value={filter[name] ?? ''}
                onInput={(event) => setFilter(name, event.currentTarget.value)}
              />
            </div>
          )}
        </For>
        <div>
          <label class="label" for="run-status">
            Status <span class="font-400 text-faint">(optional)</span>
          </label>
          <select id="run-status" class="field" onChange={(event) => setFilter('status', event.currentTarget.value)}>
            <option value="">any</option>
            <For each={statuses}>{(name) => <option value={name}>{name === 'unknown' ? 'open' : name}</option>}</For>
          </select>
        </div>
        <div>
          <label class="label" for="run-outcome">
            Outcome <span class="font-400 text-faint">(optional)</span>
          </label>
          <select id="run-outcome" class="field" onChange={(event) => setFilter('outcome', event.currentTarget.value)}>
            <option value="">any</option>
            <For each={Object.entries(outcomes)}>{([value, name]) => <option value={value}>{name}</option>}</For>
          </select>
        </div>
        <fieldset class="border-0 p-0 m-0 grid gap-3">
          <legend class="label p-0 mb-1">
            At most <span class="font-400 text-faint">(optional)</span>
          </legend>
          <For each={capFields}>
            {([name, label, least, step]) => (
              <div>
                <label class="label" for={`run-${name}`}>
                  {label}
                </label>
                <input
                  id={`run-${name}`}
                  type="number"
                  min={name === 'maxClaudeCalls' ? 0 : least}
                  step={step}
                  class="field"
                  placeholder="no limit of its own"
                  value={caps[name] ?? ''}
                  onInput={(event) => setCaps(name, event.currentTarget.value)}
                />
              </div>
            )}
          </For>
        </fieldset>
      </div>
      <p role="status" class="text-sm text-soft mt-3 mb-0 empty:mt-0">
        <Show when={estimate()}>{(found) => toWords(found())}</Show>
      </p>
      <Show when={problem()}>
        {(text) => (
          <p role="alert" class="text-bad text-sm mt-3 mb-0">
            {text()}
          </p>
        )}
      </Show>
      <button type="button" class="btn w-full mt-4" disabled={busy() !== null} onClick={() => void attempt('estimate')}>
        {busy() === 'estimate' ? 'Estimating …' : 'Estimate'}
      </button>
      <button type="submit" class="btn-primary w-full mt-2" disabled={busy() !== null}>
        {busy() === 'start' ? 'Starting …' : 'Start'}
      </button>
    </form>
  )
}

function toWords({ count, seconds, claudeCalls, claudeTokens, claudeUsd }: Estimate): string {
  const time = seconds === null ? 'in an unknown time' : `in about ${formatAge(Math.ceil(seconds) * 1_000)}`
  const cost = claudeUsd === null ? 'at an unknown cost' : `for at most $${claudeUsd.toFixed(2)}`
  const claude =
    claudeCalls === 0
      ? 'nothing is sent to Claude'
      : `${formatCount(claudeCalls)} calls to Claude with about ${formatCount(claudeTokens)} tokens, ${cost}`
  return `${formatCount(count)} exchanges ${time}; ${claude}.`
}

/** The value a `datetime-local` field takes, in the browser's own time zone. */
function toLocal(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
