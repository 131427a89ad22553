import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { createAction, type Action } from '../../data/action.ts'
import { api, type SystemStatus } from '../../data/client.ts'
import { formatCount } from '../../data/format.ts'
import { FormDialog, Problem } from '../../ui/dialog.tsx'
import { Choice } from '../../ui/field.tsx'
import { Fact, Facts, Meter } from '../../ui/page.tsx'
import { Time } from '../../ui/text.tsx'

type AnalystStatus = SystemStatus['analyst']
type Candidate = AnalystStatus['candidates'][number]
type Ask = (choice: { provider: string | null; model?: string }) => Promise<boolean>

const usualModel = 'claude-sonnet-4-5'

/** Who is asked for better prompts, and the way to switch that where the configuration leaves it open. */
export function Analyst(props: { analyst: AnalystStatus; onSwitched: () => Promise<void> }): JSX.Element {
  const [heading, setHeading] = createSignal<HTMLHeadingElement>()
  const action = createAction()
  const ask: Ask = (choice) =>
    action.run(async () => {
      await api.system.switchAnalyst.mutate(choice)
      await props.onSwitched()
      // The button that was pressed is gone: whoever works by keyboard goes on from here.
      heading()?.focus()
    })

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
          <SwitchedOn analyst={props.analyst} action={action} ask={ask} />
        </Match>
        <Match when={true}>
          <SwitchOn analyst={props.analyst} action={action} ask={ask} />
        </Match>
      </Switch>
    </section>
  )
}

interface AnalystProps {
  analyst: AnalystStatus
  action: Action
  ask: Ask
}

function SwitchedOn(props: AnalystProps): JSX.Element {
  return (
    <>
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
              Set in the configuration, under <code class="font-mono text-xs">claude:</code>, and changed there.
            </span>
          }
        >
          <span>
            Provider {props.analyst.provider}, switched on by {props.analyst.switchedBy},{' '}
            <Time at={props.analyst.switchedAt ?? ''} />
          </span>
          <button
            type="button"
            class="btn-danger"
            disabled={props.action.busy()}
            onClick={() => void props.ask({ provider: null })}
          >
            {props.action.busy() ? 'Switching off …' : 'Switch off'}
          </button>
        </Show>
      </div>
      <Problem action={props.action} />
    </>
  )
}

function SwitchOn(props: AnalystProps): JSX.Element {
  const [wanted, setWanted] = createSignal<string | null>(null)
  const [model, setModel] = createSignal(usualModel)
  /** What the person confirms is what was shown, also when the configuration changes behind the dialog. */
  const [shown, setShown] = createSignal<Candidate | null>(null)
  const chosen = (): Candidate | undefined =>
    props.analyst.candidates.find(({ provider }) => provider === wanted()) ?? props.analyst.candidates[0]
  async function confirm(): Promise<void> {
    const candidate = shown()
    if (candidate !== null && (await props.ask({ provider: candidate.provider, model: model().trim() }))) setShown(null)
  }
  function open(): void {
    const candidate = chosen()
    if (candidate === undefined) return
    props.action.clear()
    setShown({ ...candidate })
  }

  return (
    <div class="card p-4">
      <p class="m-0 text-soft">No analyst is switched on, so no better prompts are proposed.</p>
      <LastSwitch {...props} />
      <Show when={shown() === null}>
        <Problem action={props.action} />
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
        {(candidate) => (
          <SwitchForm
            candidates={props.analyst.candidates}
            chosen={candidate().provider}
            model={model()}
            onProvider={setWanted}
            onModel={setModel}
            onSubmit={open}
          />
        )}
      </Show>
      <FormDialog
        open={shown() !== null}
        title="Switch the analyst on"
        label="Switch on"
        busyLabel="Switching on …"
        direct
        action={props.action}
        onSubmit={() => void confirm()}
        onClose={() => setShown(null)}
      >
        <p class="m-0 text-soft">
          Prompts of weak patterns, with examples of requests and answers, will be sent to{' '}
          <strong class="text-ink break-words">{shown()?.provider}</strong> at{' '}
          <strong class="text-ink break-words">{shown()?.host}</strong>, to be read by{' '}
          <strong class="text-ink break-words">{model().trim()}</strong>.
        </p>
      </FormDialog>
    </div>
  )
}

/** Who switched it last, off or for a provider that is gone. */
function LastSwitch(props: AnalystProps): JSX.Element {
  return (
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
                disabled={props.action.busy()}
                onClick={() => void props.ask({ provider: null })}
              >
                Switch off
              </button>
            </p>
          )}
        </Show>
      )}
    </Show>
  )
}

function SwitchForm(props: {
  candidates: Candidate[]
  chosen: string
  model: string
  onProvider: (provider: string) => void
  onModel: (model: string) => void
  onSubmit: () => void
}): JSX.Element {
  return (
    <>
      <p class="m-0 mt-1 text-soft">
        Switched on, the prompts of weak patterns, with examples of requests and answers, are sent to the address of the
        provider that you choose.
      </p>
      <form
        class="mt-4 flex flex-wrap items-end gap-3"
        aria-labelledby="analyst"
        onSubmit={(event) => {
          event.preventDefault()
          props.onSubmit()
        }}
      >
        <div class="min-w-0 grow sm:grow-0 sm:w-72">
          <Choice
            id="analyst-provider"
            label="Provider"
            value={props.chosen}
            onChange={props.onProvider}
            options={props.candidates.map(({ provider, host }) => [provider, `${provider} (${host})`] as const)}
          />
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
            value={props.model}
            onInput={(event) => props.onModel(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="btn-primary">
          Switch on
        </button>
      </form>
    </>
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
