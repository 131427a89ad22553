import { A, useParams } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { api, type PatternDetail } from '../../data/client.ts'
import { formatCount, formatRate, formatUsd } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { followLearning } from '../../data/streams.ts'
import { paths } from '../../paths.ts'
import { EnhancementState } from '../../ui/badges.tsx'
import { Fact, Facts, Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Template, Time } from '../../ui/text.tsx'
import { ExchangeTable } from '../exchanges/exchange-table.tsx'
import { Findings } from '../findings/findings.tsx'
import { PatternActions } from './pattern-actions.tsx'
import { PatternKnowledge } from './pattern-knowledge.tsx'
import { SuccessRate } from './patterns.tsx'
import { WriteEnhancement } from '../enhancements/write-enhancement.tsx'

export function Pattern(): JSX.Element {
  const params = useParams<{ id: string }>()
  const load = createLoad(
    () => params.id,
    (id, signal) => api.patterns.get.query({ id }, { signal }),
    (id) => id,
  )
  const exchanges = createLoad(
    () => params.id,
    (patternId, signal) => api.exchanges.list.query({ patternId, limit: 20 }, { signal }),
    (id) => id,
  )
  const enhancements = createLoad(
    () => params.id,
    (patternId, signal) => api.enhancements.list.query({ patternId, limit: 20 }, { signal }),
    (id) => id,
  )
  const [region, setRegion] = createSignal<HTMLElement>()
  followLearning(() => void Promise.all([load.reload(), exchanges.reload(), enhancements.reload()]))
  useRowKeys(region)

  return (
    <Page title={reveal(load.data()?.title ?? 'Pattern')} back={{ href: paths.patterns(), label: 'Patterns' }}>
      <div class="flex flex-col gap-5">
        <Region load={load} what="the pattern" skeleton={<SkeletonRows rows={4} />}>
          {(pattern) => (
            <>
              <Facts>
                <Fact term="Exchanges">{formatCount(pattern().frequency)}</Fact>
                <Fact term="Success rate">
                  <SuccessRate pattern={pattern()} />
                  <span class="block text-xs text-soft font-400">
                    {formatCount(pattern().successes)} worked · {formatCount(pattern().failures)} failed
                  </span>
                  <Show when={pattern().success}>
                    {(success) => (
                      <span
                        class="block text-xs text-soft font-400"
                        title="Wilson interval, 95 %; no key weighs more than a fifth"
                      >
                        between {formatRate(success().low)} and {formatRate(success().high)}
                      </span>
                    )}
                  </Show>
                </Fact>
                <Fact term="Kind" title={pattern().kind.reason}>
                  {pattern().kind.kind}
                  <span class="block text-xs text-soft font-400">{reveal(pattern().kind.reason)}</span>
                </Fact>
                <Fact term="Trend">
                  {pattern().trend.direction}
                  <span class="block text-xs text-soft font-400">
                    {formatCount(pattern().trend.recent)} in seven days, {formatCount(pattern().trend.before)} in the
                    seven before
                  </span>
                </Fact>
                <Fact
                  term="Cost"
                  title={pattern().costUsd === null ? 'no price is known for its models' : `${pattern().costUsd} USD`}
                >
                  {formatUsd(pattern().costUsd)}
                  <Show when={pattern().costPerExchangeUsd !== null}>
                    <span class="block text-xs text-soft font-400">
                      {formatUsd(pattern().costPerExchangeUsd)} an exchange
                    </span>
                  </Show>
                </Fact>
                <Fact term="State">
                  {pattern().muted ? 'muted' : pattern().state}
                  <span class="block text-xs text-soft font-400">
                    {pattern().source === 'learned' ? 'its template is learned' : 'so far only an opening is known'}
                  </span>
                </Fact>
                <Fact term="First seen">
                  <Time at={pattern().firstSeen} class="" />
                </Fact>
                <Fact term="Last seen">
                  <Time at={pattern().lastSeen} class="" />
                </Fact>
              </Facts>
              <PatternActions pattern={pattern()} reload={() => load.reload()} />
              <PromptCard pattern={pattern()} />
              <PatternKnowledge pattern={pattern()} />
            </>
          )}
        </Region>
        <Findings patternId={params.id} />
        <section aria-labelledby="enhancements">
          <div class="flex flex-wrap items-center justify-between gap-2 mb-2">
            <h2 id="enhancements" class="card-title">
              Enhancements
            </h2>
            <Show when={load.data()}>{(pattern) => <WriteEnhancement pattern={pattern()} />}</Show>
          </div>
          <Region
            load={enhancements}
            what="its enhancements"
            skeleton={<SkeletonRows rows={1} />}
            isEmpty={(page) => page.items.length === 0}
            empty={
              <p class="text-soft">
                {load.data()?.note
                  ? `None: ${load.data()?.note}.`
                  : 'None so far. One is asked for when the pattern is frequent and fails often.'}
              </p>
            }
          >
            {(page) => (
              <ul class="card list-none m-0 p-0">
                <For each={page().items}>
                  {(item) => (
                    <li class="relative border-b border-line last:border-0 px-3 py-2.5 flex items-center gap-3 hover:bg-sunken">
                      <EnhancementState state={item.state} />
                      <A href={paths.enhancement(item.id)} class="row-link truncate flex-1 no-underline text-ink">
                        {reveal(item.reason ?? item.failure ?? 'being drafted')}
                      </A>
                      <span class="text-xs text-faint">
                        <Time at={item.createdAt} />
                      </span>
                    </li>
                  )}
                </For>
              </ul>
            )}
          </Region>
        </section>
        <section aria-labelledby="exchanges" ref={setRegion}>
          <div class="flex items-center justify-between mb-2">
            <h2 id="exchanges" class="card-title">
              Its newest exchanges
            </h2>
            <A class="link text-sm" href={paths.exchanges({ patternId: params.id })}>
              All of them
            </A>
          </div>
          <Region
            load={exchanges}
            what="its exchanges"
            skeleton={<SkeletonRows rows={5} />}
            isEmpty={(page) => page.items.length === 0}
            empty={<p class="text-soft">None is stored any more.</p>}
          >
            {(page) => <ExchangeTable items={page().items} withoutPattern />}
          </Region>
        </section>
      </div>
    </Page>
  )
}

function PromptCard(props: { pattern: PatternDetail }): JSX.Element {
  return (
    <section class="card p-4" aria-labelledby="template">
      <h2 id="template" class="card-title mb-3">
        Template <span class="text-faint font-400">version {props.pattern.templateVersion}</span>
      </h2>
      <div class="grid gap-3">
        <For
          each={
            [
              ['System prompt', props.pattern.template.system],
              ['User text', props.pattern.template.template],
            ] as const
          }
        >
          {([name, text]) => (
            <Show when={text !== null}>
              <div class="bg-sunken rounded-lg p-3">
                <div class="text-xs text-soft font-600 mb-1">{name}</div>
                <pre class="font-mono text-[0.8125rem] leading-relaxed whitespace-pre-wrap break-words m-0">
                  <Template text={text ?? ''} />
                </pre>
              </div>
            </Show>
          )}
        </For>
      </div>
    </section>
  )
}
