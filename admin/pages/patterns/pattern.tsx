import { A, useParams } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import type { PatternDetail } from '../../data/client.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { useRowKeys } from '../../data/row-keys.ts'
import { paths } from '../../paths.ts'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Template } from '../../ui/text.tsx'
import { ExchangeTable } from '../exchanges/exchange-table.tsx'
import { Findings } from '../findings/findings.tsx'
import { PatternActions } from './pattern-actions.tsx'
import { PatternEnhancements } from './pattern-enhancements.tsx'
import { PatternFacts } from './pattern-facts.tsx'
import { PatternFailures } from './pattern-failures.tsx'
import { VerdictAgreement } from './verdict-agreement.tsx'
import { PatternKnowledge } from './pattern-knowledge.tsx'

const maxExchanges = 20

export function Pattern(): JSX.Element {
  const params = useParams<{ id: string }>()
  const load = createLoad(queries.pattern, () => params.id)
  return (
    <Page title={reveal(load.data()?.title ?? 'Pattern')} back={{ href: paths.patterns(), label: 'Patterns' }}>
      <LearningNote />
      <div class="flex flex-col gap-5">
        <Region load={load} what="the pattern" skeleton={<SkeletonRows rows={4} />}>
          {(pattern) => (
            <>
              <PatternFacts pattern={pattern()} />
              <PatternActions pattern={pattern()} reload={() => load.reload()} />
              <PatternFailures pattern={pattern()} />
              <VerdictAgreement pattern={pattern()} />
              <PromptCard pattern={pattern()} />
              <PatternKnowledge pattern={pattern()} />
            </>
          )}
        </Region>
        <Findings patternId={params.id} />
        <PatternEnhancements id={params.id} pattern={load.data()} />
        <NewestExchanges id={params.id} />
      </div>
    </Page>
  )
}

function NewestExchanges(props: { id: string }): JSX.Element {
  const load = createLoad(queries.exchanges, () => ({ patternId: props.id, limit: maxExchanges }))
  const [region, setRegion] = createSignal<HTMLElement>()
  useRowKeys(region)
  return (
    <section aria-labelledby="exchanges" ref={setRegion}>
      <div class="flex flex-wrap items-center justify-between gap-x-4 mb-2">
        <h2 id="exchanges" class="card-title">
          Its newest exchanges
        </h2>
        <span class="flex gap-4 text-sm">
          <A class="link" href={paths.exchanges({ patternId: props.id, outcome: 'failure' })}>
            Only failures
          </A>
          <A class="link" href={paths.exchanges({ patternId: props.id })}>
            All of them
          </A>
        </span>
      </div>
      <Region
        load={load}
        what="its exchanges"
        skeleton={<SkeletonRows rows={5} />}
        isEmpty={(page) => page.items.length === 0}
        empty={<p class="text-soft">None is stored any more.</p>}
      >
        {(page) => <ExchangeTable items={page().items} withoutPattern />}
      </Region>
    </section>
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
