import { For, Show, type JSX } from 'solid-js'
import { isFiltered, rangeNames, statuses, type ExchangeFilter } from '../../data/exchange-filter.ts'

interface FilterProps {
  filter: ExchangeFilter
  change: (change: Record<string, string | null>) => void
  clear: () => void
  searchRef: (element: HTMLInputElement) => void
}

/** Each change is a step in the browser's history, so Back takes the last filter away. */
export function ExchangeFilters(props: FilterProps): JSX.Element {
  const given = (name: 'patternId' | 'sessionId' | 'from' | 'to'): string | undefined => props.filter[name]
  return (
    <form
      role="search"
      aria-label="Filter the exchanges"
      class="flex flex-wrap items-end gap-2 mb-3"
      onSubmit={(event) => event.preventDefault()}
    >
      <div class="w-full sm:w-52">
        <label class="label" for="filter-model">
          Model
        </label>
        <div class="relative">
          <input
            ref={props.searchRef}
            id="filter-model"
            class="field pr-8"
            placeholder="any"
            value={props.filter.model ?? ''}
            onChange={(event) => props.change({ model: event.currentTarget.value.trim() || null })}
          />
          <kbd class="kbd absolute right-2 top-1.75" aria-hidden="true">
            /
          </kbd>
        </div>
      </div>
      <div class="flex-1 sm:flex-none sm:w-36">
        <label class="label" for="filter-provider">
          Provider
        </label>
        <input
          id="filter-provider"
          class="field"
          placeholder="any"
          value={props.filter.provider ?? ''}
          onChange={(event) => props.change({ provider: event.currentTarget.value.trim() || null })}
        />
      </div>
      <div class="flex-1 sm:flex-none sm:w-32">
        <label class="label" for="filter-status">
          Status
        </label>
        <select
          id="filter-status"
          class="field"
          value={props.filter.status ?? ''}
          onChange={(event) => props.change({ status: event.currentTarget.value || null })}
        >
          <option value="">any</option>
          <For each={statuses}>
            {(status) => (
              <option value={status} selected={props.filter.status === status}>
                {status === 'unknown' ? 'open' : status}
              </option>
            )}
          </For>
        </select>
      </div>
      <div class="flex-1 sm:flex-none sm:w-40">
        <label class="label" for="filter-range">
          Time
        </label>
        <select
          id="filter-range"
          class="field"
          value={props.filter.range ?? ''}
          onChange={(event) => props.change({ range: event.currentTarget.value || null, from: null, to: null })}
        >
          <option value="">any time</option>
          <For each={Object.entries(rangeNames)}>
            {([value, name]) => (
              <option value={value} selected={props.filter.range === value}>
                {name}
              </option>
            )}
          </For>
        </select>
      </div>
      <For
        each={
          [
            ['patternId', 'pattern'],
            ['sessionId', 'session'],
            ['from', 'from'],
            ['to', 'to'],
          ] as const
        }
      >
        {([name, label]) => (
          <Show when={given(name)}>
            {(value) => (
              <button
                type="button"
                class="btn"
                onClick={() => props.change({ [name]: null })}
                aria-label={`Remove the filter ${label} ${value()}`}
              >
                {label} <span class="font-mono text-xs">{value().length > 20 ? `…${value().slice(-6)}` : value()}</span>{' '}
                <span class="i-lucide-x" aria-hidden="true" />
              </button>
            )}
          </Show>
        )}
      </For>
      <Show when={isFiltered(props.filter)}>
        <button type="button" class="btn-quiet" onClick={() => props.clear()}>
          Clear
        </button>
      </Show>
    </form>
  )
}
