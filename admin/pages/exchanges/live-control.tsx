import { Match, Show, Switch, type JSX } from 'solid-js'
import { formatCount } from '../../data/format.ts'
import type { LiveList } from '../../data/live-list.ts'

/** Pauses, or goes on from the top whatever holds it. */
export function flipList(list: LiveList): void {
  if (!list.held()) return list.setPaused(true)
  list.setPaused(false)
  if (document.activeElement instanceof HTMLElement && document.activeElement.matches('a.row-link'))
    document.activeElement.blur()
  window.scrollTo({ top: 0 })
}

/** Whether the list is live, said in a word, and the way to hold it still. */
export function LiveControl(props: { list: LiveList }): JSX.Element {
  const reconnecting = (): boolean => props.list.stream() === 'reconnecting'
  const resume = (): void => {
    if (props.list.held()) flipList(props.list)
  }
  return (
    <>
      <span role="status" class="inline-flex items-center gap-2 text-sm font-500 mr-1">
        <Switch>
          <Match when={reconnecting()}>
            <span class="i-lucide-unplug text-warn breathing" aria-hidden="true" />{' '}
            <span class="text-warn">Reconnecting</span>
          </Match>
          <Match when={props.list.stream() === 'connecting'}>
            <span class="w-2 h-2 rounded-full border border-strong" aria-hidden="true" />{' '}
            <span class="text-faint">Connecting</span>
          </Match>
          <Match when={props.list.held()}>
            <span class="i-lucide-pause text-soft" aria-hidden="true" /> <span class="text-soft">Paused</span>
          </Match>
          <Match when={true}>
            <span class="w-2 h-2 rounded-full bg-good breathing" aria-hidden="true" />{' '}
            <span class="text-good">Live</span>
          </Match>
        </Switch>
      </span>
      <Show when={props.list.waiting() > 0}>
        <button type="button" class="btn-primary" onClick={resume}>
          <span class="i-lucide-arrow-up" aria-hidden="true" /> {formatCount(props.list.waiting())} new
        </button>
      </Show>
      <button type="button" class="btn" aria-pressed={props.list.held()} onClick={() => flipList(props.list)}>
        <span class={props.list.held() ? 'i-lucide-play' : 'i-lucide-pause'} aria-hidden="true" />{' '}
        {props.list.held() ? 'Resume' : 'Pause'}
      </button>
    </>
  )
}
