import { A, useLocation, useSearchParams } from '@solidjs/router'
import { createMemo, createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { filterNames, isFiltered, parseFilter, type ExchangeFilter } from '../../data/exchange-filter.ts'
import { useKeys } from '../../data/keys.ts'
import { createLiveList, isUnfiltered, pageLength, type LiveList } from '../../data/live-list.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { paths } from '../../paths.ts'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { ExchangeFilters } from './exchange-filters.tsx'
import { ExchangeTable } from './exchange-table.tsx'
import { FirstRequest } from './first-request.tsx'
import { flipList, LiveControl } from './live-control.tsx'

/** Scrolled further than this, somebody reads: the rows must stand still. */
const readingPx = 160

export function Exchanges(): JSX.Element {
  const [search, setSearch] = useSearchParams()
  const location = useLocation()
  // While another page is on its way the address is that page's already, and says nothing of this list.
  const filter = createMemo<ExchangeFilter>(
    (before) => (location.pathname === paths.exchanges() ? parseFilter(search) : before),
    parseFilter(search),
  )
  const list = createLiveList(filter)
  const [field, setField] = createSignal<HTMLInputElement>()
  const clear = (): void => setSearch(Object.fromEntries(filterNames.map((name) => [name, null])))
  useKeys({
    '/': () => field()?.focus(),
    ' ': (event) => {
      if (event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement) return false
      flipList(list)
      return true
    },
  })

  return (
    <Page
      title="Exchanges"
      aside={
        <Show
          when={filter().cursor === undefined}
          fallback={
            <A class="btn no-underline" href={paths.exchanges({ ...filter(), cursor: null })}>
              <span class="i-lucide-arrow-up-to-line" aria-hidden="true" /> To the newest
            </A>
          }
        >
          <LiveControl list={list} />
        </Show>
      }
    >
      <LearningNote />
      <ExchangeFilters
        filter={filter()}
        change={(change) => setSearch({ ...change, cursor: null })}
        clear={clear}
        searchRef={setField}
      />
      <List list={list} filter={filter()} clear={clear} />
    </Page>
  )
}

function List(props: { list: LiveList; filter: ExchangeFilter; clear: () => void }): JSX.Element {
  const [region, setRegion] = createSignal<HTMLElement>()
  useRowKeys(region)
  useReading(region, (reading) => props.list.setReading(reading))
  return (
    <div ref={setRegion}>
      <Region
        load={props.list.load}
        what="the exchanges"
        skeleton={<SkeletonRows rows={12} />}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Show
            when={isUnfiltered(props.filter)}
            fallback={<NothingFound filtered={isFiltered(props.filter)} clear={props.clear} />}
          >
            <FirstRequest />
          </Show>
        }
      >
        {(page) => (
          <>
            <ExchangeTable items={page().items} isFresh={props.list.isFresh} />
            <div class="flex justify-between items-center mt-3 text-xs text-faint">
              <span>{pageLength} a page, newest first</span>
              <Show when={page().nextCursor}>
                {(cursor) => (
                  <A class="btn no-underline" href={paths.exchanges({ ...props.filter, cursor: cursor() })}>
                    Older <span class="i-lucide-chevron-right" aria-hidden="true" />
                  </A>
                )}
              </Show>
            </div>
          </>
        )}
      </Region>
    </div>
  )
}

/** Whoever has scrolled, or is on a row by the keyboard, reads. */
function useReading(region: () => HTMLElement | undefined, onReading: (reading: boolean) => void): void {
  const look = (): void => {
    const onRow = region()?.contains(document.activeElement) && document.activeElement?.matches('a.row-link')
    onReading(window.scrollY > readingPx || onRow === true)
  }
  const afterFocus = (): void => queueMicrotask(look)
  onMount(() => {
    window.addEventListener('scroll', look, { passive: true })
    document.addEventListener('focusin', look)
    document.addEventListener('focusout', afterFocus)
  })
  onCleanup(() => {
    window.removeEventListener('scroll', look)
    document.removeEventListener('focusin', look)
    document.removeEventListener('focusout', afterFocus)
  })
}

function NothingFound(props: { filtered: boolean; clear: () => void }): JSX.Element {
  return (
    <Empty icon="i-lucide-search-x" title={props.filtered ? 'Nothing matches these filters' : 'Nothing older'}>
      <button type="button" class="btn" onClick={() => props.clear()}>
        {props.filtered ? 'Clear the filters' : 'To the newest'}
      </button>
    </Empty>
  )
}
