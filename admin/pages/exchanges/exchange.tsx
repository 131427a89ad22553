import { A, useParams } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import type { ExchangeDetail } from '../../data/client.ts'
import { formatCount, formatMs, formatProvider, formatUsd, unknown } from '../../data/format.ts'
import { createLoad, type Load } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { ruleWords } from '../../data/rule-edits.ts'
import { armWords, describeCost } from '../../data/words.ts'
import { paths } from '../../paths.ts'
import { ExchangeStatus, Outcome, Simulation } from '../../ui/badges.tsx'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Fact, Facts, Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { ExchangeAnswer } from './exchange-answer.tsx'
import { ExchangeExplanation } from './exchange-explanation.tsx'
import { ExchangeOutcome } from './exchange-outcome.tsx'
import { ExchangeRequest } from './exchange-request.tsx'
import { ExchangeTimeline } from './exchange-timeline.tsx'

export function Exchange(): JSX.Element {
  const params = useParams<{ id: string }>()
  const load: Load<ExchangeDetail> = createLoad(queries.exchange, () => params.id, {
    // Pattern and outcome come a moment after the exchange; after that it hardly changes any more.
    mayChange: () => (load.data()?.outcome ?? null) === null,
  })
  return (
    <Page
      title="Exchange"
      back={{ href: paths.exchanges(), label: 'Exchanges' }}
      lead={<span class="font-mono text-xs break-all">{params.id}</span>}
      aside={
        <Show when={load.data()?.workflowUrl}>
          {(url) => (
            <a class="btn no-underline" href={url()} target="_blank" rel="noreferrer">
              <span class="i-lucide-workflow" aria-hidden="true" /> Workflow in Temporal{' '}
              <span class="i-lucide-external-link text-faint" aria-hidden="true" />
            </a>
          )}
        </Show>
      }
    >
      <LearningNote />
      <Region load={load} what="the exchange" skeleton={<SkeletonRows rows={6} />}>
        {(exchange) => (
          <div class="flex flex-col gap-5">
            <ExchangeFacts exchange={exchange()} />
            <ExchangeOutcome exchange={exchange()} />
            <ExchangeTimeline exchange={exchange()} />
            <ExchangeRequest exchange={exchange()} />
            <ExchangeExplanation exchange={exchange()} />
            <ExchangeAnswer exchange={exchange()} />
          </div>
        )}
      </Region>
    </Page>
  )
}

interface FactsProps {
  exchange: ExchangeDetail
}

function ExchangeFacts(props: FactsProps): JSX.Element {
  return (
    <Facts>
      <WhatCame exchange={props.exchange} />
      <WhatApplied exchange={props.exchange} />
      <WhoAsked exchange={props.exchange} />
      <WhatItTook exchange={props.exchange} />
    </Facts>
  )
}

function WhatCame(props: FactsProps): JSX.Element {
  const it = (): ExchangeDetail => props.exchange
  const differs = (): boolean => it().requestedModel !== null && it().requestedModel !== it().model
  return (
    <>
      <Fact term="Status">
        <ExchangeStatus status={it().status} httpStatus={it().httpStatus} errorCode={it().errorCode} />
        <Show when={it().errorCode}>{(code) => <span class="text-soft font-400"> {code()}</span>}</Show>
      </Fact>
      <Fact term="Outcome">
        <Outcome outcome={it().outcome} reason={it().outcomeReason} />
        <Show when={it().outcomeReason}>
          {(reason) => <span class="block text-xs text-soft font-400">{reveal(reason())}</span>}
        </Show>
      </Fact>
      <Fact term="Model">
        <span class="break-all">{reveal(it().model ?? unknown)}</span>
        <Show when={differs()}>
          <span class="block text-xs text-soft font-400 break-all">asked for {reveal(it().requestedModel ?? '')}</span>
        </Show>
      </Fact>
      <Fact term="Provider">
        <Show when={it().provider === 'sim'} fallback={formatProvider(it().provider)}>
          <Simulation />
        </Show>
      </Fact>
    </>
  )
}

function WhatApplied(props: FactsProps): JSX.Element {
  const it = (): ExchangeDetail => props.exchange
  return (
    <>
      <Fact term="Pattern">
        <Show when={it().patternId} fallback={<span class="text-faint">{unknown}</span>}>
          {(id) => (
            <A class="link" href={paths.pattern(id())}>
              {reveal(it().patternTitle ?? 'pattern')}
            </A>
          )}
        </Show>
      </Fact>
      <Show when={it().decision?.attempts?.length}>
        <Fact term="Asked before">
          <For each={it().decision?.attempts}>
            {(attempt) => (
              <span class="block break-words font-400">
                {attempt.provider}/{attempt.model}: {attempt.status ?? attempt.error} after {attempt.ms} ms
              </span>
            )}
          </For>
        </Fact>
      </Show>
      <Fact term="Enhancement">
        <Show when={it().enhancementId} fallback={<span class="text-faint font-400">none applied</span>}>
          {(id) => (
            <A class="link inline-flex items-center gap-1" href={paths.enhancement(id())}>
              <span class="i-lucide-sparkles" aria-hidden="true" /> applied
            </A>
          )}
        </Show>
        <Show when={it().decision?.enhancementSkipped}>
          {(why) => <span class="block text-xs text-soft font-400">{reveal(why())}</span>}
        </Show>
      </Fact>
      <Show when={it().experimentId}>
        {(id) => (
          <Fact term="Experiment">
            <A class="link" href={paths.experiment(id())}>
              {armWords[it().arm ?? ''] ?? 'takes part'}
            </A>
          </Fact>
        )}
      </Show>
      <Show when={it().rules.length > 0}>
        <Fact term="Rules">
          <For each={it().rules}>
            {(rule) => (
              <span class="block break-words">
                <A class="link" href={paths.rule(rule.id)}>
                  {reveal(rule.name)}
                </A>{' '}
                <span class="text-soft font-400">
                  {ruleWords[rule.result]}
                  <Show when={rule.note}>{(note) => <>: {reveal(note())}</>}</Show>
                </span>
              </span>
            )}
          </For>
        </Fact>
      </Show>
    </>
  )
}

function WhoAsked(props: FactsProps): JSX.Element {
  const it = (): ExchangeDetail => props.exchange
  return (
    <>
      <Fact term="Key">
        {it().keyName} <span class="text-soft font-400">· team {it().team}</span>
      </Fact>
      <Fact term="Session">
        <Show when={it().sessionId} fallback={<span class="text-faint">{unknown}</span>}>
          {(id) => (
            <A class="link" href={paths.exchanges({ sessionId: id() })}>
              its whole conversation
            </A>
          )}
        </Show>
        <Show when={it().endUser}>
          {(user) => <span class="block text-xs text-soft font-400 break-all">user {reveal(user())}</span>}
        </Show>
      </Fact>
      <Fact term="Received">
        <Time at={it().createdAt} class="" />
      </Fact>
    </>
  )
}

function WhatItTook(props: FactsProps): JSX.Element {
  const it = (): ExchangeDetail => props.exchange
  return (
    <>
      <Fact term="Latency">
        {formatMs(it().totalMs)}
        {it().stream ? <span class="text-soft font-400"> · streamed</span> : ''}
      </Fact>
      <Fact term="Tokens">
        {formatCount(it().usage?.inputTokens)} in <span class="text-faint">→</span>{' '}
        {formatCount(it().usage?.outputTokens)} out
        <Show when={it().usage?.cachedInputTokens}>
          {(cached) => <span class="block text-xs text-soft font-400">{formatCount(cached())} from cache</span>}
        </Show>
        <Show when={(it().usage?.cacheWrite5mTokens ?? 0) + (it().usage?.cacheWrite1hTokens ?? 0)}>
          {(written) => <span class="block text-xs text-soft font-400">{formatCount(written())} into cache</span>}
        </Show>
      </Fact>
      <Fact term="Cost" title={describeCost(it())}>
        {formatUsd(it().costUsd)}
        <Show when={it().costUsd === null}>
          <span class="block text-xs text-soft font-400">{describeCost(it())}</span>
        </Show>
      </Fact>
    </>
  )
}
