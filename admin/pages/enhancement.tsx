import { A, useNavigate, useParams } from '@solidjs/router'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { api, type Enhancement as Item } from '../data/client.ts'
import { findFlags } from '../data/diff.ts'
import { formatCount, formatRate } from '../data/format.ts'
import { useKeys } from '../data/keys.ts'
import { createLoad } from '../data/load.ts'
import { followLearning } from '../data/streams.ts'
import { paths } from '../paths.ts'
import { EnhancementState } from '../ui/badges.tsx'
import { Fact, Facts, Page } from '../ui/page.tsx'
import { Region, SkeletonRows } from '../ui/region.tsx'
import { reveal, Time } from '../ui/text.tsx'
import { DecisionDialog, type Choice } from './decision-dialog.tsx'
import { EnhancementDiff } from './enhancement-diff.tsx'

export function Enhancement(): JSX.Element {
  const params = useParams<{ id: string }>()
  const navigate = useNavigate()
  const load = createLoad(() => params.id, (id, signal) => api.enhancements.get.query({ id }, { signal }), (id) => id)
  const [choice, setChoice] = createSignal<Choice | null>(null)
  const [result, setResult] = createSignal<string | null>(null)
  const open = createMemo(() => load.data()?.state === 'proposed')
  followLearning(() => void (choice() === null && load.reload()))

  const decide = (wanted: Choice): boolean => open() && Boolean(setChoice(wanted))
  async function goNext(step: 1 | -1): Promise<void> {
    const { items } = await api.enhancements.list.query({ state: 'proposed', limit: 200 })
    const at = items.findIndex((item) => item.id === params.id)
    const next = at < 0 ? items[0] : items[at + step]
    if (next) {
      setResult(null)
      navigate(paths.enhancement(next.id))
    }
  }
  useKeys({ a: () => decide('approve'), r: () => decide('reject'), j: () => void goNext(1), k: () => void goNext(-1) })

  function onDecided(decided: Item & { active: boolean }): void {
    setChoice(null)
    load.put(decided)
    setResult(decided.state === 'rejected' ? 'Rejected. It is not asked for again for this version of the template.' : decided.active ? 'Approved. A gateway serves it from now on.' : 'Approved. It is served as soon as a gateway has heard of it; none has answered yet.')
  }

  return (
    <Page
      title="Enhancement"
      back={{ href: paths.enhancements(), label: 'Enhancements' }}
      lead={<Show when={load.data()}>{(item) => <span class="inline-flex flex-wrap items-center gap-2"><EnhancementState state={item().state} /><span>for <A class="link" href={paths.pattern(item().patternId)}>{reveal(item().patternTitle)}</A></span></span>}</Show>}
      aside={
        <Show when={open()}>
          <button type="button" class="btn-danger" onClick={() => decide('reject')}>Reject <kbd class="kbd" aria-hidden="true">r</kbd></button>
          <button type="button" class="btn-primary" onClick={() => decide('approve')}>Approve <kbd class="kbd !bg-transparent !border-current !text-inherit opacity-70" aria-hidden="true">a</kbd></button>
        </Show>
      }
    >
      <div role="status">
        <Show when={result()}>
          {(text) => (
            <p class={`flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-2 mb-4 ${load.data()?.state === 'rejected' ? 'bg-sunken text-ink' : 'bg-good-wash text-good'}`}>
              <span class={load.data()?.state === 'rejected' ? 'i-lucide-x' : 'i-lucide-check'} aria-hidden="true" /> <span class="flex-1">{text()}</span>
              <button type="button" class="underline underline-offset-3 min-h-6 cursor-pointer" onClick={() => void goNext(1)}>Next proposal</button>
            </p>
          )}
        </Show>
      </div>
      <Region load={load} what="the enhancement" skeleton={<SkeletonRows rows={6} />}>
        {(item) => <Detail item={item()} />}
      </Region>
      <Show when={load.data()}>{(item) => <DecisionDialog item={item()} choice={choice()} onClose={() => setChoice(null)} onDecided={onDecided} onConflict={() => void load.reload()} />}</Show>
    </Page>
  )
}

function Detail(props: { item: Item }): JSX.Element {
  const after = () => ({ system: props.item.enhanced?.system ?? props.item.original.system, template: props.item.enhanced?.template ?? props.item.original.template })
  const flags = createMemo(() => (props.item.enhanced === null ? [] : findFlags(props.item.original, after())))
  return (
    <div class="flex flex-col gap-5">
      <Show when={props.item.enhanced} fallback={<p class="card p-4 text-soft">{props.item.failure ? reveal(props.item.failure) : 'The analyst has not answered yet.'}</p>}>
        <div class="grid lg:grid-cols-[2fr_1fr] gap-4">
          <section class="card p-4" aria-labelledby="why">
            <h2 id="why" class="card-title mb-1.5">Why</h2>
            <p class="m-0 whitespace-pre-wrap break-words">{reveal(props.item.reason ?? 'No reason was given.')}</p>
          </section>
          <section class="card p-4" aria-labelledby="risks">
            <h2 id="risks" class="card-title mb-1.5">Look at twice</h2>
            <Show when={props.item.risks.length + flags().length > 0} fallback={<p class="m-0 text-soft">Nothing stands out.</p>}>
              <ul class="m-0 p-0 list-none flex flex-col gap-1.5">
                <For each={[...flags(), ...props.item.risks]}>
                  {(risk) => <li class="flex gap-2"><span class="i-lucide-triangle-alert text-warn mt-0.75" aria-hidden="true" /><span class="break-words min-w-0">{reveal(risk)}</span></li>}
                </For>
              </ul>
            </Show>
          </section>
        </div>
        <EnhancementDiff original={props.item.original} enhanced={after()} />
      </Show>
      <Facts>
        <Fact term="Pattern">{formatCount(props.item.patternFrequency)} exchanges<span class="block text-xs text-soft font-400">{formatRate(props.item.patternSuccessRate)} success</span></Fact>
        <Fact term="Proposed by">{props.item.source}<span class="block text-xs text-soft font-400"><Time at={props.item.createdAt} class="" /></span></Fact>
        <Fact term="Decision">
          <Show when={props.item.decidedBy} fallback={<span class="text-faint font-400">none yet</span>}>
            {(person) => <>{props.item.state} by {person()}<span class="block text-xs text-soft font-400"><Show when={props.item.decidedAt}>{(at) => <Time at={at()} class="" />}</Show>{props.item.decisionReason ? `: ${reveal(props.item.decisionReason)}` : ''}</span></>}
          </Show>
        </Fact>
        <Fact term="Applied">{formatCount(props.item.applied)} times<span class="block text-xs text-soft font-400">{formatRate(props.item.effectiveness)} success</span></Fact>
      </Facts>
      <Show when={props.item.workflowUrl}>
        {(url) => <p class="m-0 text-sm"><a class="link inline-flex items-center gap-1.5" href={url()} target="_blank" rel="noreferrer"><span class="i-lucide-workflow" aria-hidden="true" /> Its workflow in Temporal</a></p>}
      </Show>
    </div>
  )
}
