import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { api, type SystemStatus } from '../../data/client.ts'
import { toFailure } from '../../data/errors.ts'
import { formatCount } from '../../data/format.ts'
import { markSignedOut } from '../../data/session.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Fact, Facts, Meter } from '../../ui/page.tsx'
import { Time } from '../../ui/text.tsx'

type AnalystStatus = SystemStatus['analyst']
type Ask = (choice: { provider: string | null; model?: string }) => Promise<boolean>

const usualModel = 'claude-sonnet-4-5'

/** Who is asked for better prompts, and the way to switch that where the configuration leaves it open. */
export function Analyst(props: { analyst: AnalystStatus; onSwitched: () => Promise<void> }): JSX.Element {
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string | null>(null)
  const [heading, setHeading] = createSignal<HTMLHeadingElement>()

  async function ask(choice: Parameters<Ask>[0]): Promise<boolean> {
    setBusy(true)
    setProblem(null)
    try {
      await api.system.switchAnalyst.mutate(choice)
      await props.onSwitched()
      // The button that was pressed is gone: whoever works by keyboard goes on from here.
      heading()?.focus()
      return true
    } catch (error) {
      const failure = toFailure(error)
      setProblem(failure.message)
      if (failure.kind === 'gone') markSignedOut()
      return false
    } finally {
      setBusy(false)
    }
  }

  return (
    <section aria-labelledby="analyst">
      <h2 id="analyst" ref={setHeading} tabindex="-1" class="card-title mb-2">
        Analyst
      </h2>
      <Switch>
        <Match when={props.analyst.configured === null}>
          <p class="card p-4 m-0 text-soft">Whether an analyst is switched on is not known while PostgreSQL is away.</p>
        </Match>
        <Match when={props.analyst.configured}>
          <Facts>
            <Fact term="Model">{props.analyst.model}</Fact>
            <Fact term="Prompts go to">{props.analyst.host}</Fact>
            <Fact term="Calls today">
              <Usage used={props.analyst.callsToday} most={props.analyst.maxCallsPerDay} />
            </Fact>
            <Fact term="Tokens today">
              <Usage used={props.analyst.tokensToday} most={props.analyst.maxTokensPerDay} />
            </Fact>
          </Facts>
          <div class="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-soft">
            <Show
              when={props.analyst.source === 'admin'}
              fallback={
                <span>
                  Set in the configuration, under <code class="font-mono text-xs">claude:</code>; it is changed there.
                </span>
              }
            >
              <span>
                Provider {props.analyst.provider}, switched on by {props.analyst.switchedBy},{' '}
                <Time at={props.analyst.switchedAt ?? ''} />
              </span>
              <button type="button" class="btn-danger" disabled={busy()} onClick={() => void ask({ provider: null })}>
                {busy() ? 'Switching off …' : 'Switch off'}
              </button>
            </Show>
          </div>
          <Problem text={problem()} />
        </Match>
        <Match when={true}>
          <SwitchOn
            analyst={props.analyst}
            busy={busy()}
            problem={problem()}
            onOpen={() => setProblem(null)}
            ask={ask}
          />
        </Match>
      </Switch>
    </section>
  )
}

function SwitchOn(props: {
  analyst: AnalystStatus
  busy: boolean
  problem: string | null
  onOpen: () => void
  ask: Ask
}): JSX.Element {
  const [wanted, setWanted] = createSignal<string | null>(null)
  const [model, setModel] = createSignal(usualModel)
  /** What the person confirms is what was shown, also when the configuration changes behind the dialog. */
  const [shown, setShown] = createSignal<AnalystStatus['candidates'][number] | null>(null)
  async function confirm(): Promise<void> {
    const candidate = shown()
    if (candidate !== null && (await props.ask({ provider: candidate.provider, model: model().trim() }))) setShown(null)
  }
  const chosen = () =>
    props.analyst.candidates.find(({ provider }) => provider === wanted()) ?? props.analyst.candidates[0]

  return (
    <div class="card p-4">
      <p class="m-0 text-soft">No analyst is switched on, so no better prompts are proposed.</p>
      <Show when={props.analyst.switchedBy}>
        {(person) => (
          <Show
            when={props.analyst.provider}
            fallback={
              <p class="m-0 mt-1 text-soft">
                Switched off by {person()}, <Time at={props.analyst.switchedAt ?? ''} />.
              </p>
            }
          >
            {(provider) => (
              <p class="m-0 mt-1 text-warn">
                {person()} switched it on for {provider()}, which the configuration does not offer any more; it would be
                asked again if it came back.{' '}
                <button
                  type="button"
                  class="btn-danger ml-1"
                  disabled={props.busy}
                  onClick={() => void props.ask({ provider: null })}
                >
                  Switch off
                </button>
              </p>
            )}
          </Show>
        )}
      </Show>
      <Show when={shown() === null}>
        <Problem text={props.problem} />
      </Show>
      <Show
        when={chosen()}
        fallback={
          <p class="m-0 mt-1 text-soft">
            Name one under <code class="font-mono text-xs">claude:</code> in the configuration, or configure a provider
            of the anthropic dialect with its key: then it can be switched on here.
          </p>
        }
      >
        <p class="m-0 mt-1 text-soft">
          Switched on, the prompts of weak patterns, with examples of requests and answers, are sent to the address of
          the provider that you choose.
        </p>
        <form
          class="mt-4 flex flex-wrap items-end gap-3"
          aria-labelledby="analyst"
          onSubmit={(event) => {
            event.preventDefault()
            const candidate = chosen()
            if (candidate === undefined) return
            props.onOpen()
            setShown({ ...candidate })
          }}
        >
          <div class="min-w-0 grow sm:grow-0 sm:w-72">
            <label class="label" for="analyst-provider">
              Provider
            </label>
            <select id="analyst-provider" class="field" onChange={(event) => setWanted(event.currentTarget.value)}>
              <For each={props.analyst.candidates}>
                {(candidate) => (
                  <option value={candidate.provider} selected={candidate.provider === chosen()?.provider}>
                    {candidate.provider} ({candidate.host})
                  </option>
                )}
              </For>
            </select>
          </div>
          <div class="min-w-0 grow sm:grow-0 sm:w-56">
            <label class="label" for="analyst-model">
              Model
            </label>
            <input
              id="analyst-model"
              class="field"
              required
              maxlength="300"
              pattern="\s*\S+\s*"
              title="The name of a model, without spaces"
              value={model()}
              onInput={(event) => setModel(event.currentTarget.value)}
            />
          </div>
          <button type="submit" class="btn-primary">
            Switch on
          </button>
        </form>
      </Show>
      <Dialog open={shown() !== null} title="Switch the analyst on" onClose={() => setShown(null)}>
        <p class="m-0 text-soft">
          Prompts of weak patterns, with examples of requests and answers, will be sent to{' '}
          <strong class="text-ink break-words">{shown()?.provider}</strong> at{' '}
          <strong class="text-ink break-words">{shown()?.host}</strong>, to be read by{' '}
          <strong class="text-ink break-words">{model().trim()}</strong>.
        </p>
        <Problem text={props.problem} />
        <div class="flex justify-end gap-2 mt-5">
          <button type="button" class="btn" onClick={() => setShown(null)}>
            Cancel
          </button>
          <button type="button" class="btn-primary" disabled={props.busy} onClick={() => void confirm()}>
            {props.busy ? 'Switching on …' : 'Switch on'}
          </button>
        </div>
      </Dialog>
    </div>
  )
}

function Problem(props: { text: string | null }): JSX.Element {
  return (
    <Show when={props.text}>
      {(text) => (
        <p role="alert" class="text-bad text-sm mt-3 mb-0">
          {text()}
        </p>
      )}
    </Show>
  )
}

function Usage(props: { used: number | null; most: number | null }): JSX.Element {
  return (
    <span class="inline-flex items-center gap-2.5 flex-wrap">
      <span>
        {formatCount(props.used)} <span class="text-soft font-400">of {formatCount(props.most)}</span>
      </span>
      <Meter share={props.used === null || !props.most ? null : props.used / props.most} />
    </span>
  )
}
