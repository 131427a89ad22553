import { createSignal, For, Show, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Inputs, type Outputs } from '../../data/client.ts'
import { createDraft } from '../../data/drafts.ts'
import { rangeNames, ranges, statuses, type Range } from '../../data/exchange-filter.ts'
import { formatAge, formatCount } from '../../data/format.ts'
import { outcomeWords, statusWords } from '../../data/words.ts'
import { Problem } from '../../ui/dialog.tsx'
import { Choice, DraftNote, TextField } from '../../ui/field.tsx'

type Estimate = Outputs['reanalysis']['estimate']
type StartInput = Inputs['reanalysis']['start']
const textFields = [
  ['model', 'Model', 'any'],
  ['team', 'Team', 'any'],
  ['key', 'Key', 'any'],
  ['endpoint', 'Endpoint', '/v1/chat/completions'],
  ['text', 'Text', 'in the request or the answer'],
] as const
const capFields = [
  ['maxPerSecond', 'Exchanges a second', 0.1, 'any'],
  ['maxClaudeCalls', 'Calls to Claude', 0, '1'],
  ['maxUsd', 'US dollars for Claude', 0, 'any'],
] as const

interface Written {
  from: string
  to: string
  filter: Record<string, string>
  caps: Record<string, string>
}
type Change = (part: Partial<Written>) => void

export function ReanalysisForm(props: { onStarted: () => void }): JSX.Element {
  const draft = createDraft<Written>('reanalysis', { ...toRange('24h'), filter: {}, caps: {} })
  const [estimate, setEstimate] = createSignal<Estimate | null>(null)
  const [doing, setDoing] = createSignal<'start' | 'estimate'>('estimate')
  const action = createAction()
  const change: Change = (part) => draft.set(part as never)

  async function attempt(what: 'start' | 'estimate'): Promise<void> {
    setDoing(what)
    await action.run(async () => {
      if (what === 'estimate') return setEstimate(await api.reanalysis.estimate.query(toInput(draft.value)))
      await api.reanalysis.start.mutate(toInput(draft.value))
      setEstimate(null)
      draft.discard()
      props.onStarted()
    })
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
      <DraftNote restored={draft.restored()} onDiscard={() => draft.discard()} />
      <div class="grid gap-3">
        <RangeFields value={draft.value} change={change} />
        <FilterFields value={draft.value} change={change} />
        <CapFields value={draft.value} change={change} />
      </div>
      <p role="status" class="text-sm text-soft mt-3 mb-0 empty:mt-0">
        <Show when={estimate()}>{(known) => toWords(known())}</Show>
      </p>
      <Problem action={action} />
      <button type="button" class="btn w-full mt-4" disabled={action.busy()} onClick={() => void attempt('estimate')}>
        {action.busy() && doing() === 'estimate' ? 'Estimating …' : 'Estimate'}
      </button>
      <button type="submit" class="btn-primary w-full mt-2" disabled={action.busy()}>
        {action.busy() && doing() === 'start' ? 'Starting …' : 'Start'}
      </button>
    </form>
  )
}

interface FieldsProps {
  value: Written
  change: Change
}

function RangeFields(props: FieldsProps): JSX.Element {
  return (
    <>
      <div class="flex flex-wrap gap-1.5">
        <For each={Object.entries(rangeNames) as [Range, string][]}>
          {([range, name]) => (
            <button type="button" class="btn !min-h-7 text-xs" onClick={() => props.change(toRange(range))}>
              {name}
            </button>
          )}
        </For>
      </div>
      <TextField
        id="run-from"
        label="From"
        type="datetime-local"
        required
        value={props.value.from}
        onInput={(from) => props.change({ from })}
      />
      <TextField
        id="run-to"
        label="To"
        hint="(not included)"
        type="datetime-local"
        required
        value={props.value.to}
        onInput={(to) => props.change({ to })}
      />
    </>
  )
}

function FilterFields(props: FieldsProps): JSX.Element {
  const set = (name: string, value: string): void => props.change({ filter: { ...props.value.filter, [name]: value } })
  return (
    <>
      <For each={textFields}>
        {([name, label, placeholder]) => (
          <TextField
            id={`run-${name}`}
            label={label}
            hint="(optional)"
            placeholder={placeholder}
            value={props.value.filter[name] ?? ''}
            onInput={(value) => set(name, value)}
          />
        )}
      </For>
      <Choice
        id="run-status"
        label="Status"
        hint="(optional)"
        value={props.value.filter.status ?? ''}
        onChange={(value) => set('status', value)}
        options={[['', 'any'], ...statuses.map((name) => [name, statusWords[name] ?? name] as const)]}
      />
      <Choice
        id="run-outcome"
        label="Outcome"
        hint="(optional)"
        value={props.value.filter.outcome ?? ''}
        onChange={(value) => set('outcome', value)}
        options={[['', 'any'], ...Object.entries(outcomeWords)]}
      />
    </>
  )
}

function CapFields(props: FieldsProps): JSX.Element {
  return (
    <fieldset class="border-0 p-0 m-0 grid gap-3">
      <legend class="label p-0 mb-1">
        At most <span class="font-400 text-faint">(optional)</span>
      </legend>
      <For each={capFields}>
        {([name, label, least, step]) => (
          <TextField
            id={`run-${name}`}
            label={label}
            type="number"
            min={least}
            step={step}
            placeholder="no limit of its own"
            value={props.value.caps[name] ?? ''}
            onInput={(value) => props.change({ caps: { ...props.value.caps, [name]: value } })}
          />
        )}
      </For>
    </fieldset>
  )
}

function toRange(range: Range): { from: string; to: string } {
  return { from: toLocal(new Date(Date.now() - ranges[range])), to: toLocal(new Date(Date.now() + 60_000)) }
}

function toInput({ from, to, filter, caps }: Written): StartInput {
  const chosen = Object.entries(filter).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]]))
  const limits = Object.entries(caps).flatMap(([name, value]) => (value === '' ? [] : [[name, Number(value)]]))
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...(chosen.length > 0 ? { filter: Object.fromEntries(chosen) } : {}),
    ...(limits.length > 0 ? { caps: Object.fromEntries(limits) } : {}),
  }
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
