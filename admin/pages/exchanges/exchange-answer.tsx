import { For, Show, type JSX } from 'solid-js'
import type { ExchangeDetail } from '../../data/client.ts'
import { formatBytes } from '../../data/format.ts'
import { HeaderList } from '../../ui/headers.tsx'
import { CopyButton, LongText, reveal } from '../../ui/text.tsx'

type Answer = NonNullable<ExchangeDetail['response']>

export function ExchangeAnswer(props: { exchange: ExchangeDetail }): JSX.Element {
  return (
    <section class="card p-4 min-w-0" aria-labelledby="answer">
      <Show
        when={props.exchange.response}
        fallback={
          <>
            <h2 id="answer" class="card-title mb-2">
              Answer
            </h2>
            <p class="text-soft">There is none on the record.</p>
          </>
        }
      >
        {(answer) => <Recorded answer={answer()} />}
      </Show>
    </section>
  )
}

function Recorded(props: { answer: Answer }): JSX.Element {
  const cut = (): boolean => props.answer.bodyKeptBytes < props.answer.bodyBytes
  return (
    <>
      <div class="flex flex-wrap items-center justify-between gap-2 mb-3">
        <h2 id="answer" class="card-title">
          Answer{' '}
          <span class="text-faint font-400">
            {formatBytes(props.answer.bodyBytes)}
            <Show when={props.answer.stopReason}>{(reason) => <> · ended with “{reveal(reason())}”</>}</Show>
          </span>
        </h2>
        <Show when={props.answer.content}>{(content) => <CopyButton text={content()} />}</Show>
      </div>
      <Show when={props.answer.refusal}>
        <p class="chip text-warn bg-warn-wash mb-3">
          <span class="i-lucide-hand" aria-hidden="true" /> the model declined
        </p>
      </Show>
      <Show
        when={props.answer.content}
        fallback={
          <Show when={props.answer.toolCalls.length === 0}>
            <WithoutText answer={props.answer} />
          </Show>
        }
      >
        {(content) => (
          <div class="bg-sunken rounded-lg p-3">
            <LongText text={content()} label="answer text" />
          </div>
        )}
      </Show>
      <For each={props.answer.toolCalls}>
        {(call) => (
          <div class="bg-sunken rounded-lg p-3 mt-3 min-w-0">
            <div class="text-xs text-soft mb-1 inline-flex items-center gap-1.5">
              <span class="i-lucide-wrench" aria-hidden="true" /> calls{' '}
              <span class="font-600">{reveal(call.name)}</span>
            </div>
            <LongText text={call.arguments} label={`arguments of ${call.name}`} />
          </div>
        )}
      </For>
      <details class="mt-4">
        <summary class="cursor-pointer text-sm text-soft hover:text-ink min-h-6">
          Body as it came{cut() ? ` (the first ${formatBytes(props.answer.bodyKeptBytes)})` : ''}
        </summary>
        <div class="bg-sunken rounded-lg p-3 mt-2">
          <Show
            when={props.answer.body !== null}
            fallback={<p class="text-soft m-0">{props.answer.bodyProblem ?? 'It was not kept.'}</p>}
          >
            <LongText text={props.answer.body ?? ''} label="answer body" />
          </Show>
        </div>
      </details>
      <HeaderList title="Answer headers" headers={props.answer.headers} />
    </>
  )
}

/** The message of an error is what somebody looks for, so it stands where the text would. */
function WithoutText(props: { answer: Answer }): JSX.Element {
  const failed = (): boolean => (props.answer.status ?? 0) >= 400 && Boolean(props.answer.body)
  return (
    <Show when={failed()} fallback={<p class="text-soft">The answer holds no text.</p>}>
      <p class="text-soft mt-0 mb-2">The provider answered with an error:</p>
      <div class="bg-sunken rounded-lg p-3">
        <LongText text={props.answer.body ?? ''} label="the provider's error" />
      </div>
    </Show>
  )
}
