/** Which requests a rule is tested on: the last exchanges that it concerns, some of them, or one of one's own. */
import type { JSX } from 'solid-js'
import type { RuleResult } from '../../data/client.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { Choice, TextArea, TextField } from '../../ui/field.tsx'

export interface SampleChoice {
  team: string
  key: string
  model: string
  wire: RuleResult['wire']
  body: string
}

export const noSamples: SampleChoice = { team: '', key: '', model: '', wire: 'chat', body: '' }

const wires = [
  ['chat', 'Chat Completions'],
  ['responses', 'Responses'],
  ['messages', 'Messages'],
] as const

/** With a request of one's own that one is taken, else stored ones. */
export function toSamples({ wire, body, ...from }: SampleChoice): {
  samples?: { wire: RuleResult['wire']; body: string }[]
  sampleFilter?: { team?: string; key?: string; model?: string }
} {
  if (body.trim() !== '') return { samples: [{ wire, body }] }
  const sampleFilter = Object.fromEntries(
    Object.entries(from)
      .map(([name, value]) => [name, value.trim()])
      .filter(([, value]) => value !== ''),
  )
  return Object.keys(sampleFilter).length > 0 ? { sampleFilter } : {}
}

export function SampleFields(props: { samples: SampleChoice; onChange: (samples: SampleChoice) => void }): JSX.Element {
  const names = createLoad(queries.exchangeNames, () => null)
  const change = (part: Partial<SampleChoice>): void => props.onChange({ ...props.samples, ...part })
  return (
    <details class="mb-3">
      <summary class="cursor-pointer text-sm text-soft min-h-6">Choose the samples</summary>
      <p class="text-xs text-soft m-0 mt-2 mb-1">
        Of the stored exchanges those that the rule concerns come first. Only those of
      </p>
      <div class="grid sm:grid-cols-3 gap-2">
        <TextField
          id="sample-team"
          label="Team"
          placeholder="any"
          names={names.data()?.teams}
          value={props.samples.team}
          onInput={(team) => change({ team })}
        />
        <TextField
          id="sample-key"
          label="Key"
          placeholder="any"
          names={names.data()?.keys}
          value={props.samples.key}
          onInput={(key) => change({ key })}
        />
        <TextField
          id="sample-model"
          label="Model"
          placeholder="any"
          names={names.data()?.models}
          value={props.samples.model}
          onInput={(model) => change({ model })}
        />
      </div>
      <p class="text-xs text-soft m-0 mt-3 mb-1">Or a request of your own</p>
      <div class="flex flex-col gap-2">
        <div class="sm:w-56">
          <Choice
            id="sample-wire"
            label="Format"
            value={props.samples.wire}
            onChange={(wire) => change({ wire: wire as RuleResult['wire'] })}
            options={wires}
          />
        </div>
        <TextArea
          id="sample-body"
          label="Its body"
          class="min-h-28"
          mono
          placeholder={'{"model":"…","messages":[…]}'}
          value={props.samples.body}
          onInput={(body) => change({ body })}
        />
      </div>
    </details>
  )
}
