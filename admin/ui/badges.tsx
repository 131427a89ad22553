/** Words for states, each with a sign of its own, so that nothing is told by colour alone. */
import { Show, type JSX } from 'solid-js'
import { unknown } from '../data/format.ts'

interface Look {
  word: string
  icon: string
  tone: string
}

const good = 'text-good bg-good-wash'
const bad = 'text-bad bg-bad-wash'
const warn = 'text-warn bg-warn-wash'
const calm = 'text-soft bg-sunken'
const accent = 'text-accent bg-accent-wash'

const exchangeLooks: Record<string, Look> = {
  ok: { word: 'ok', icon: 'i-lucide-check', tone: good },
  error: { word: 'error', icon: 'i-lucide-x', tone: bad },
  cancelled: { word: 'cancelled', icon: 'i-lucide-circle-slash', tone: calm },
  truncated: { word: 'truncated', icon: 'i-lucide-scissors', tone: warn },
  unknown: { word: 'open', icon: 'i-lucide-loader', tone: calm },
}
const outcomeLooks: Record<string, Look> = {
  success: { word: 'worked', icon: 'i-lucide-thumbs-up', tone: 'text-good' },
  failure: { word: 'failed', icon: 'i-lucide-thumbs-down', tone: 'text-bad' },
  none: { word: 'no verdict', icon: 'i-lucide-minus', tone: 'text-faint' },
}
const enhancementLooks: Record<string, Look> = {
  drafting: { word: 'drafting', icon: 'i-lucide-pencil-line', tone: calm },
  proposed: { word: 'to review', icon: 'i-lucide-inbox', tone: accent },
  snoozed: { word: 'snoozed', icon: 'i-lucide-alarm-clock', tone: calm },
  approved: { word: 'approved', icon: 'i-lucide-check', tone: good },
  rejected: { word: 'rejected', icon: 'i-lucide-x', tone: bad },
  failed: { word: 'failed', icon: 'i-lucide-triangle-alert', tone: warn },
  expired: { word: 'expired', icon: 'i-lucide-hourglass', tone: calm },
  withdrawn: { word: 'withdrawn', icon: 'i-lucide-history', tone: calm },
}
const experimentLooks: Record<string, Look> = {
  proposed: { word: 'prepared', icon: 'i-lucide-pencil-line', tone: calm },
  ramping: { word: 'ramping up', icon: 'i-lucide-chart-no-axes-column-increasing', tone: accent },
  running: { word: 'running', icon: 'i-lucide-play', tone: accent },
  won: { word: 'won', icon: 'i-lucide-arrow-up', tone: good },
  promoted: { word: 'promoted', icon: 'i-lucide-check', tone: good },
  no_effect: { word: 'no effect', icon: 'i-lucide-minus', tone: calm },
  lost: { word: 'lost', icon: 'i-lucide-arrow-down', tone: bad },
  rolled_back: { word: 'rolled back', icon: 'i-lucide-history', tone: bad },
  blocked_srm: { word: 'blocked', icon: 'i-lucide-triangle-alert', tone: warn },
  expired: { word: 'expired', icon: 'i-lucide-hourglass', tone: calm },
  stopped: { word: 'stopped', icon: 'i-lucide-circle-slash', tone: calm },
}
const reanalysisLooks: Record<string, Look> = {
  queued: { word: 'queued', icon: 'i-lucide-hourglass', tone: calm },
  running: { word: 'running', icon: 'i-lucide-play', tone: accent },
  paused: { word: 'paused', icon: 'i-lucide-pause', tone: warn },
  completed: { word: 'completed', icon: 'i-lucide-check', tone: good },
  cancelled: { word: 'cancelled', icon: 'i-lucide-circle-slash', tone: calm },
  failed: { word: 'failed', icon: 'i-lucide-x', tone: bad },
}
const dependencyLooks: Record<string, Look> = {
  up: { word: 'up', icon: 'i-lucide-check', tone: good },
  down: { word: 'down', icon: 'i-lucide-x', tone: bad },
  stale: { word: 'silent', icon: 'i-lucide-clock-alert', tone: warn },
  off: { word: 'off', icon: 'i-lucide-minus', tone: calm },
  unknown: { word: 'unknown', icon: 'i-lucide-circle-help', tone: calm },
}

function Badge(props: { look: Look | undefined; state: string; title?: string | undefined }): JSX.Element {
  return (
    <span class={`chip ${props.look?.tone ?? calm}`} title={props.title}>
      <span class={props.look?.icon ?? 'i-lucide-circle'} aria-hidden="true" />
      {props.look?.word ?? props.state}
    </span>
  )
}

export function ExchangeStatus(props: {
  status: string
  httpStatus: number | null
  errorCode: string | null
}): JSX.Element {
  const title = (): string =>
    [props.httpStatus && `HTTP ${props.httpStatus}`, props.errorCode].filter(Boolean).join(' · ')
  return (
    <span class="inline-flex items-center gap-1.5 align-middle">
      <Badge look={exchangeLooks[props.status]} state={props.status} title={title()} />
      <Show when={props.httpStatus !== null && props.httpStatus >= 400}>
        <span class="text-xs text-faint">{props.httpStatus}</span>
      </Show>
    </span>
  )
}

export function Outcome(props: { outcome: string | null; reason: string | null }): JSX.Element {
  const look = (): Look | undefined => (props.outcome === null ? undefined : outcomeLooks[props.outcome])
  return (
    <Show
      when={look()}
      fallback={
        <span class="text-faint" title="not learned from yet">
          {unknown}
        </span>
      }
    >
      {(found) => (
        <span
          class={`inline-flex items-center gap-1 text-xs font-500 whitespace-nowrap align-middle ${found().tone}`}
          title={props.reason ?? undefined}
        >
          <span class={found().icon} aria-hidden="true" /> {found().word}
        </span>
      )}
    </Show>
  )
}

export function EnhancementState(props: { state: string }): JSX.Element {
  return <Badge look={enhancementLooks[props.state]} state={props.state} />
}

export function ExperimentState(props: { state: string }): JSX.Element {
  return <Badge look={experimentLooks[props.state]} state={props.state} />
}

export function ReanalysisState(props: { state: string }): JSX.Element {
  return <Badge look={reanalysisLooks[props.state]} state={props.state} />
}

export function DependencyState(props: { state: string }): JSX.Element {
  return <Badge look={dependencyLooks[props.state]} state={props.state} />
}

/** The simulation is never mistaken for a model. */
export function Simulation(): JSX.Element {
  return (
    <span class="chip text-warn bg-warn-wash" title="answered by the built-in simulation, not by a model">
      <span class="i-lucide-flask-conical" aria-hidden="true" /> simulation
    </span>
  )
}
