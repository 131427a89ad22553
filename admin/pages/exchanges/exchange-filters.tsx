import { createSignal, For, Show, type JSX } from 'solid-js'
import { arms, isFiltered, outcomes, rangeNames, statuses, type ExchangeFilter } from '../../data/exchange-filter.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { armWords, outcomeWords, reasonWords, statusWords } from '../../data/words.ts'
import { Choice } from '../../ui/field.tsx'

interface FilterProps {
  filter: ExchangeFilter
  change: (change: Record<string, string | null>) => void
  clear: () => void
  searchRef: (element: HTMLInputElement) => void
}

const any = ['', 'any'] as const
/** What is used less often, or only comes by a link, is opened by itself where it is set. */
const moreNames = ['text', 'outcome', 'team', 'key', 'endpoint', 'arm'] as const

/** Each change is a step in the browser's history, so Back takes the last filter away. */
export function ExchangeFilters(props: FilterProps): JSX.Element {
  const hasMore = (): boolean => moreNames.some((name) => props.filter[name] !== undefined)
  const [open, setOpen] = createSignal(hasMore())
  return (
    <form role="search" aria-label="Filter the exchanges" class="mb-3" onSubmit={(event) => event.preventDefault()}>
      <div class="flex flex-wrap items-end gap-2">
        <UsualFilters {...props} />
        <button type="button" class="btn-quiet" aria-expanded={open() || hasMore()} onClick={() => setOpen(!open())}>
          <span class="i-lucide-sliders-horizontal" aria-hidden="true" /> More filters
        </button>
        <Show when={isFiltered(props.filter)}>
          <button type="button" class="btn-quiet" onClick={() => props.clear()}>
            Clear
          </button>
        </Show>
      </div>
      <Show when={open() || hasMore()}>
        <MoreFilters {...props} />
      </Show>
      <Chips {...props} />
    </form>
  )
}

function UsualFilters(props: FilterProps): JSX.Element {
  return (
    <>
      <div class="w-full sm:w-52 relative">
        <Typed
          id="filter-model"
          label="Model"
          value={props.filter.model}
          change={(model) => props.change({ model })}
          ref={props.searchRef}
        />
        <kbd class="kbd absolute right-2 bottom-1.75" aria-hidden="true">
          /
        </kbd>
      </div>
      <div class="flex-1 sm:flex-none sm:w-36">
        <Typed
          id="filter-provider"
          label="Provider"
          value={props.filter.provider}
          change={(provider) => props.change({ provider })}
        />
      </div>
      <div class="flex-1 sm:flex-none sm:w-32">
        <Choice
          id="filter-status"
          label="Status"
          value={props.filter.status ?? ''}
          onChange={(status) => props.change({ status: status || null })}
          options={[any, ...statuses.map((status) => [status, statusWords[status] ?? status] as const)]}
        />
      </div>
      <div class="flex-1 sm:flex-none sm:w-40">
        <Choice
          id="filter-range"
          label="Time"
          value={props.filter.range ?? ''}
          onChange={(range) => props.change({ range: range || null, from: null, to: null })}
          options={[['', 'any time'], ...Object.entries(rangeNames)]}
        />
      </div>
    </>
  )
}

function MoreFilters(props: FilterProps): JSX.Element {
  const names = createLoad(queries.exchangeNames, () => null)
  return (
    <div class="mt-2 grid grid-cols-2 sm:grid-cols-3 lg:grid-cols-6 gap-2">
      <div class="col-span-2 sm:col-span-1">
        <Typed
          id="filter-text"
          label="Text"
          placeholder="in request or answer"
          value={props.filter.text}
          minLength={2}
          change={(text) => props.change({ text })}
        />
      </div>
      <Choice
        id="filter-outcome"
        label="Outcome"
        value={props.filter.outcome ?? ''}
        onChange={(outcome) => props.change({ outcome: outcome || null })}
        options={[any, ...outcomes.map((outcome) => [outcome, outcomeWords[outcome] ?? outcome] as const)]}
      />
      <Typed
        id="filter-team"
        label="Team"
        names={names.data()?.teams}
        value={props.filter.team}
        change={(team) => props.change({ team })}
      />
      <Typed
        id="filter-key"
        label="Key"
        names={names.data()?.keys}
        value={props.filter.key}
        change={(key) => props.change({ key })}
      />
      <Typed
        id="filter-endpoint"
        label="Endpoint"
        names={names.data()?.endpoints}
        value={props.filter.endpoint}
        change={(endpoint) => props.change({ endpoint })}
      />
      <Choice
        id="filter-arm"
        label="Experiment"
        value={props.filter.arm ?? ''}
        onChange={(arm) => props.change({ arm: arm || null })}
        options={[any, ...arms.map((arm) => [arm, armWords[arm] ?? arm] as const)]}
      />
    </div>
  )
}

interface TypedProps {
  id: string
  label: string
  placeholder?: string
  minLength?: number
  names?: readonly string[] | undefined
  value: string | undefined
  change: (value: string | null) => void
  ref?: (element: HTMLInputElement) => void
}

/** Acts once it is left or Enter is pressed, not with each letter. */
function Typed(props: TypedProps): JSX.Element {
  const list = (): string | undefined => (props.names?.length ? `${props.id}-names` : undefined)
  return (
    <div class="min-w-0">
      <label class="label" for={props.id}>
        {props.label}
      </label>
      <input
        ref={(element) => props.ref?.(element)}
        id={props.id}
        class="field"
        placeholder={props.placeholder ?? 'any'}
        list={list()}
        value={props.value ?? ''}
        onChange={(event) => {
          const value = event.currentTarget.value.trim()
          if (value.length > 0 && value.length < (props.minLength ?? 0)) return
          props.change(value || null)
        }}
      />
      <Show when={list()}>
        {(id) => (
          <datalist id={id()}>
            <For each={props.names}>{(name) => <option value={name} />}</For>
          </datalist>
        )}
      </Show>
    </div>
  )
}

const chips = [
  ['patternId', 'pattern'],
  ['sessionId', 'session'],
  ['experimentId', 'experiment'],
  ['reason', 'reason'],
  ['from', 'from'],
  ['to', 'to'],
] as const

/** What only links set is shown, and can be taken away. */
function Chips(props: FilterProps): JSX.Element {
  const shown = () => chips.filter(([name]) => props.filter[name] !== undefined)
  return (
    <Show when={shown().length > 0}>
      <div class="mt-2 flex flex-wrap gap-2">
        <For each={shown()}>
          {([name, label]) => (
            <button
              type="button"
              class="btn max-w-full"
              onClick={() => props.change({ [name]: null })}
              aria-label={`Remove the filter ${label} ${props.filter[name]}`}
            >
              {label} <span class="text-xs truncate">{toShown(name, props.filter[name] ?? '')}</span>{' '}
              <span class="i-lucide-x" aria-hidden="true" />
            </button>
          )}
        </For>
      </div>
    </Show>
  )
}

function toShown(name: (typeof chips)[number][0], value: string): string {
  if (name === 'reason') return reasonWords[value] ?? value
  return value.length > 24 ? `…${value.slice(-6)}` : value
}
