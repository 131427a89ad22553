import { For, Show, type JSX } from 'solid-js'
import type { Enhancement } from '../../data/client.ts'
import { reveal } from '../../ui/text.tsx'

type Check = Enhancement['checks'][number]
export type RiskCheck = Check & { risk: NonNullable<Check['risk']> }

export function findRisks(item: Enhancement): RiskCheck[] {
  return item.checks.flatMap((check) => (check.risk ? [{ ...check, risk: check.risk }] : []))
}

/** What the proposal changes of what the prompt promises: what goes is as loud as what comes. */
export function NamedRisks(props: { item: Enhancement }): JSX.Element {
  const risks = () => findRisks(props.item)
  return (
    <Show when={risks().length > 0}>
      <section class="card p-4 !border-warn" aria-labelledby="named-risks">
        <h2 id="named-risks" class="card-title mb-1.5">
          Risks to accept before approving ({risks().length})
        </h2>
        <ul class="m-0 p-0 list-none flex flex-col gap-2">
          <For each={risks()}>
            {(check) => (
              <li class="flex gap-2">
                <span class="i-lucide-triangle-alert text-warn mt-0.75" aria-hidden="true" />
                <RiskText check={check} />
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}

/** One tick for each risk; nothing is ticked beforehand. */
export function RiskTicks(props: {
  item: Enhancement
  accepted: string[]
  onChange: (accepted: string[]) => void
}): JSX.Element {
  const risks = () => findRisks(props.item)
  const toggle = (id: string, ticked: boolean): void =>
    props.onChange(ticked ? [...props.accepted, id] : props.accepted.filter((other) => other !== id))
  return (
    <Show when={risks().length > 0}>
      <fieldset class="border-0 p-0 m-0 mb-4 flex flex-col gap-2">
        <legend class="label">Accept each risk</legend>
        <For each={risks()}>
          {(check) => (
            <label class="flex gap-2 items-baseline cursor-pointer">
              <input
                type="checkbox"
                checked={props.accepted.includes(check.risk.id)}
                onChange={(event) => toggle(check.risk.id, event.currentTarget.checked)}
              />
              <RiskText check={check} />
            </label>
          )}
        </For>
      </fieldset>
    </Show>
  )
}

function RiskText(props: { check: RiskCheck }): JSX.Element {
  return (
    <span class="break-words min-w-0">
      {reveal(props.check.note)}
      <Show when={props.check.risk.removed}>
        {(text) => (
          <span class="block text-sm">
            <span class="text-soft">removed: </span>
            <del>{reveal(text())}</del>
          </span>
        )}
      </Show>
      <Show when={props.check.risk.added}>
        {(text) => (
          <span class="block text-sm">
            <span class="text-soft">added: </span>
            <ins>{reveal(text())}</ins>
          </span>
        )}
      </Show>
    </span>
  )
}
