import { A, useSearchParams } from '@solidjs/router'
import { createMemo, createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { isFiltered, parseFilter } from '../../data/exchange-filter.ts'
import { useKeys } from '../../data/keys.ts'
import { createLiveList, isUnfiltered, pageLength } from '../../data/live-list.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { paths } from '../../paths.ts'
import { Page } from '../../ui/page.tsx'
import { Empty, Region, SkeletonRows } from '../../ui/region.tsx'
import { ExchangeFilters } from './exchange-filters.tsx'
import { ExchangeTable } from './exchange-table.tsx'
import { FirstRequest } from './first-request.tsx'
import { LiveControl } from './live-control.tsx'

/** Scrolled further than this, somebody reads: the rows must stand still. */
const readingPx = 160

export function Exchanges(): JSX.Element {
  const [search, setSearch] = useSearchParams()
  const filter = createMemo(() => parseFilter(search))
  const list = createLiveList(filter)
  const [region, setRegion] = createSignal<HTMLElement>()
  const [field, setField] = createSignal<HTMLInputElement>()

  const clear = (): void =>
    setSearch({
      model: null,
      provider: null,
      status: null,
      range: null,
      patternId: null,
      sessionId: null,
      from: null,
      to: null,
      cursor: null,
    })
  const onScroll = (): void => list.setScrolled(window.scrollY > readingPx)
  onMount(() => window.addEventListener('scroll', onScroll, { passive: true }))
  onCleanup(() => window.removeEventListener('scroll', onScroll))
  useRowKeys(region)
  useKeys({
    '/': () => field()?.focus(),
    ' ': (event) =>
      event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement
        ? false
        : list.setPaused(!list.paused()),
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
      <ExchangeFilters
        filter={filter()}
        change={(change) => setSearch({ ...change, cursor: null })}
        clear={clear}
        searchRef={setField}
      />
      <div ref={setRegion}>
        <Region
          load={list.load}
          what="the exchanges"
          skeleton={<SkeletonRows rows={12} />}
          isEmpty={(page) => page.items.length === 0}
          empty={
            <Show
              when={isUnfiltered(filter())}
              fallback={<NothingFound filtered={isFiltered(filter())} clear={clear} />}
            >
              <FirstRequest />
            </Show>
          }
        >
          {(page) => (
            <>
              <ExchangeTable items={page().items} isFresh={list.isFresh} />
              <div class="flex justify-between items-center mt-3 text-xs text-faint">
                <span>{pageLength} a page, newest first</span>
                <Show when={page().nextCursor}>
                  {(cursor) => (
                    <A class="btn no-underline" href={paths.exchanges({ ...filter(), cursor: cursor() })}>
                      Older <span class="i-lucide-chevron-right" aria-hidden="true" />
                    </A>
                  )}
                </Show>
              </div>
            </>
          )}
        </Region>
      </div>
    </Page>
  )
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
