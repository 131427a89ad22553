import { A, useNavigate, useParams } from '@solidjs/router'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { api, type Enhancement as Item } from '../../data/client.ts'
import { findFlags } from '../../data/diff.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { useKeys } from '../../data/keys.ts'
import { createLoad } from '../../data/load.ts'
import { followLearning } from '../../data/streams.ts'
import { paths } from '../../paths.ts'
import { EnhancementState } from '../../ui/badges.tsx'
import { Fact, Facts, Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { DecisionDialog, type Choice } from './decision-dialog.tsx'
import { EnhancementDiff } from './enhancement-diff.tsx'
import { ProposalChecks, ProposalFacts } from './proposal-card.tsx'
import { SnoozeDialog } from './snooze-dialog.tsx'
import { TemplateDialog, type WrittenTexts } from '../patterns/template-dialog.tsx'

export function Enhancement(): JSX.Element {
  const params = useParams<{ id: string }>()
  const navigate = useNavigate()
  const load = createLoad(
    () => params.id,
    (id, signal) => api.enhancements.get.query({ id }, { signal }),
    (id) => id,
  )
  const [choice, setChoice] = createSignal<Choice | null>(null)
  const [changing, setChanging] = createSignal<'edit' | 'snooze' | null>(null)
  const [result, setResult] = createSignal<string | null>(null)
  const open = createMemo(() => ['proposed', 'snoozed'].includes(load.data()?.state ?? ''))
  followLearning(() => void (choice() === null && changing() === null && load.reload()))

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
  const change = (how: 'edit' | 'snooze'): boolean => open() && Boolean(setChanging(how))
  useKeys({
    a: () => decide('approve'),
    r: () => decide('reject'),
    e: () => change('edit'),
    s: () => change('snooze'),
    j: () => void goNext(1),
    k: () => void goNext(-1),
  })

  function onDecided(decided: Item & { active: boolean }): void {
    setChoice(null)
    load.put(decided)
    if (decided.state === 'proposed')
      return void setResult('Approved by you. Another person has to approve it too before it is served.')
    setResult(
      decided.state === 'rejected'
        ? 'Rejected. It is not asked for again by itself for this version of the template; the next proposal is told why.'
        : decided.active
          ? 'Approved. A gateway goes by it from now on.'
          : 'Approved. It is served as soon as a gateway has heard of it; none has answered yet.',
    )
  }

  async function edit(item: Item, { system, template, reason }: WrittenTexts): Promise<void> {
    const part = (text: string, original: string | null): string | null =>
      text === '' && original === null ? null : text
    load.put(
      await api.enhancements.edit.mutate({
        id: item.id,
        version: item.version,
        system: part(system, item.original.system),
        template: part(template, item.original.template),
        reason: reason.trim() || null,
      }),
    )
    setChanging(null)
    setResult('Edited. It was checked again and waits for a decision.')
  }

  return (
    <Page
      title="Enhancement"
      back={{ href: paths.enhancements(), label: 'Enhancements' }}
      lead={
        <Show when={load.data()}>
          {(item) => (
            <span class="inline-flex flex-wrap items-center gap-2">
              <EnhancementState state={item().state} />
              <span>
                for{' '}
                <A class="link" href={paths.pattern(item().patternId)}>
                  {reveal(item().patternTitle)}
                </A>
              </span>
            </span>
          )}
        </Show>
      }
      aside={
        <Show when={open()}>
          <button type="button" class="btn" onClick={() => change('snooze')}>
            Snooze{' '}
            <kbd class="kbd" aria-hidden="true">
              s
            </kbd>
          </button>
          <button type="button" class="btn" onClick={() => change('edit')}>
            Edit{' '}
            <kbd class="kbd" aria-hidden="true">
              e
            </kbd>
          </button>
          <button type="button" class="btn-danger" onClick={() => decide('reject')}>
            Reject{' '}
            <kbd class="kbd" aria-hidden="true">
              r
            </kbd>
          </button>
          <button type="button" class="btn-primary" onClick={() => decide('approve')}>
            Approve{' '}
            <kbd class="kbd !bg-transparent !border-current !text-inherit opacity-70" aria-hidden="true">
              a
            </kbd>
          </button>
        </Show>
      }
    >
      <div role="status">
        <Show when={result()}>
          {(text) => (
            <p
              class={`flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-2 mb-4 ${load.data()?.state === 'rejected' ? 'bg-sunken text-ink' : 'bg-good-wash text-good'}`}
            >
              <span class={load.data()?.state === 'rejected' ? 'i-lucide-x' : 'i-lucide-check'} aria-hidden="true" />{' '}
              <span class="flex-1">{text()}</span>
              <button
                type="button"
                class="underline underline-offset-3 min-h-6 cursor-pointer"
                onClick={() => void goNext(1)}
              >
                Next proposal
              </button>
            </p>
          )}
        </Show>
      </div>
      <Region load={load} what="the enhancement" skeleton={<SkeletonRows rows={6} />}>
        {(item) => <Detail item={item()} />}
      </Region>
      <Show when={load.data()}>
        {(item) => (
          <DecisionDialog
            item={item()}
            choice={choice()}
            onClose={() => setChoice(null)}
            onDecided={onDecided}
            onConflict={() => void load.reload()}
          />
        )}
      </Show>
      <Show when={load.data()}>
        {(item) => (
          <>
            <SnoozeDialog
              item={item()}
              open={changing() === 'snooze'}
              onClose={() => setChanging(null)}
              onConflict={() => void load.reload()}
              onDone={(snoozed) => {
                load.put(snoozed)
                setChanging(null)
                setResult('Snoozed. It comes back to the inbox by itself.')
              }}
            />
            <TemplateDialog
              open={changing() === 'edit'}
              title="Edit the proposal"
              lead="The edited text is checked again. Approvals given so far were for another text and begin anew."
              action="Save"
              start={{
                system: item().enhanced?.system ?? item().original.system ?? '',
                template: item().enhanced?.template ?? item().original.template ?? '',
                reason: item().reason ?? '',
              }}
              parts={{ system: true, template: item().original.template !== null }}
              onSubmit={(texts) => edit(item(), texts)}
              onClose={() => setChanging(null)}
              onConflict={() => void load.reload()}
            />
          </>
        )}
      </Show>
    </Page>
  )
}

function Detail(props: { item: Item }): JSX.Element {
  const after = () => ({
    system: props.item.enhanced?.system ?? props.item.original.system,
    template: props.item.enhanced?.template ?? props.item.original.template,
  })
  const flags = createMemo(() => (props.item.enhanced === null ? [] : findFlags(props.item.original, after())))
  return (
    <div class="flex flex-col gap-5">
      <Show
        when={props.item.enhanced}
        fallback={
          <p class="card p-4 text-soft">
            {props.item.failure ? reveal(props.item.failure) : 'The analyst has not answered yet.'}
          </p>
        }
      >
        <div class="grid lg:grid-cols-[2fr_1fr] gap-4">
          <section class="card p-4" aria-labelledby="why">
            <h2 id="why" class="card-title mb-1.5">
              Why
            </h2>
            <p class="m-0 whitespace-pre-wrap break-words">{reveal(props.item.reason ?? 'No reason was given.')}</p>
          </section>
          <section class="card p-4" aria-labelledby="risks">
            <h2 id="risks" class="card-title mb-1.5">
              Look at twice
            </h2>
            <Show
              when={props.item.risks.length + flags().length > 0}
              fallback={<p class="m-0 text-soft">Nothing stands out.</p>}
            >
              <ul class="m-0 p-0 list-none flex flex-col gap-1.5">
                <For each={[...flags(), ...props.item.risks]}>
                  {(risk) => (
                    <li class="flex gap-2">
                      <span class="i-lucide-triangle-alert text-warn mt-0.75" aria-hidden="true" />
                      <span class="break-words min-w-0">{reveal(risk)}</span>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </section>
        </div>
        <EnhancementDiff original={props.item.original} enhanced={after()} />
        <ProposalChecks item={props.item} />
      </Show>
      <Facts>
        <Fact term="Pattern">
          {formatCount(props.item.patternFrequency)} exchanges
          <span class="block text-xs text-soft font-400">{formatRate(props.item.patternSuccessRate)} success</span>
        </Fact>
        <Show when={props.item.enhanced}>
          <ProposalFacts item={props.item} />
        </Show>
        <Fact term="Proposed by">
          {props.item.source}
          <Show when={props.item.requestedBy !== null && props.item.requestedBy !== props.item.source}>
            <span class="block text-xs text-soft font-400">asked for by {props.item.requestedBy}</span>
          </Show>
          <span class="block text-xs text-soft font-400">
            <Time at={props.item.createdAt} class="" />
          </span>
        </Fact>
        <Fact term="Decision">
          <Show when={props.item.decidedBy} fallback={<span class="text-faint font-400">none yet</span>}>
            {(person) => (
              <>
                {props.item.state} by {person()}
                <span class="block text-xs text-soft font-400">
                  <Show when={props.item.decidedAt}>{(at) => <Time at={at()} class="" />}</Show>
                  {props.item.decisionReason ? `: ${reveal(props.item.decisionReason)}` : ''}
                </span>
              </>
            )}
          </Show>
        </Fact>
        <Fact term="Applied">
          {formatCount(props.item.applied)} times
          <span class="block text-xs text-soft font-400">{formatRate(props.item.effectiveness)} success</span>
        </Fact>
      </Facts>
      <Show when={props.item.workflowUrl}>
        {(url) => (
          <p class="m-0 text-sm">
            <a class="link inline-flex items-center gap-1.5" href={url()} target="_blank" rel="noreferrer">
              <span class="i-lucide-workflow" aria-hidden="true" /> Its workflow in Temporal
            </a>
          </p>
        )}
      </Show>
    </div>
  )
}
