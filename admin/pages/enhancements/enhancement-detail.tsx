import { createMemo, For, Show, type JSX } from 'solid-js'
import type { Enhancement } from '../../data/client.ts'
import { findFlags } from '../../data/diff.ts'
import { formatCount, formatRate } from '../../data/format.ts'
import { Fact, Facts } from '../../ui/page.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { EnhancementDiff } from './enhancement-diff.tsx'
import { RecordFacts, ServingFact } from './enhancement-record.tsx'
import { NamedRisks } from './named-risks.tsx'
import { ProposalChecks, ProposalFacts } from './proposal-card.tsx'

export function EnhancementDetail(props: { item: Enhancement }): JSX.Element {
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
        <Proposal item={props.item} />
      </Show>
      <EnhancementFacts item={props.item} />
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

function Proposal(props: { item: Enhancement }): JSX.Element {
  const after = () => ({
    system: props.item.enhanced?.system ?? props.item.original.system,
    template: props.item.enhanced?.template ?? props.item.original.template,
  })
  const flags = createMemo(() => (props.item.enhanced === null ? [] : findFlags(props.item.original, after())))
  return (
    <>
      <div class="grid lg:grid-cols-[2fr_1fr] gap-4">
        <section class="card p-4" aria-labelledby="why">
          <h2 id="why" class="card-title mb-1.5">
            Why
          </h2>
          <p class="m-0 whitespace-pre-wrap break-words">{reveal(props.item.reason ?? 'No reason was given.')}</p>
        </section>
        <section class="card p-4" aria-labelledby="risks">
          <h2 id="risks" class="card-title mb-1.5">
            Check these points
          </h2>
          <Show
            when={props.item.risks.length + flags().length > 0}
            fallback={<p class="m-0 text-soft">Neither the analyst nor the checks name a risk.</p>}
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
      <NamedRisks item={props.item} />
      <EnhancementDiff original={props.item.original} enhanced={after()} />
      <ProposalChecks item={props.item} />
    </>
  )
}

function EnhancementFacts(props: { item: Enhancement }): JSX.Element {
  return (
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
      <RecordFacts item={props.item} />
      <ServingFact item={props.item} />
      <Fact term="Applied">
        {formatCount(props.item.applied)} times
        <Show when={props.item.applied > 0}>
          <span class="block text-xs text-soft font-400">{formatRate(props.item.effectiveness)} success</span>
        </Show>
      </Fact>
    </Facts>
  )
}
