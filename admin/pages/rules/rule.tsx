import { useNavigate, useParams } from '@solidjs/router'
import { createSignal, Show, type JSX } from 'solid-js'
import type { Rule as Item } from '../../data/client.ts'
import { dropDraft } from '../../data/drafts.ts'
import { leaveMessage, takeMessage } from '../../data/flash.ts'
import { formatCount } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { newRule, toRuleText } from '../../data/rule-edits.ts'
import { paths } from '../../paths.ts'
import { Message } from '../../ui/message.tsx'
import { Fact, Facts, Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { RemoveRule } from './rule-remove.tsx'
import { RuleForm } from './rule-form.tsx'
import { RuleHistory } from './rule-history.tsx'

const back = { href: paths.rules(), label: 'Rules' }

function toNote(served: boolean): string {
  return served
    ? 'Saved. It is applied from the next request on.'
    : 'Saved. It is applied as soon as a gateway has heard of it; none has answered yet.'
}

export function NewRule(): JSX.Element {
  const navigate = useNavigate()
  return (
    <Page title="New rule" back={back} lead="Nothing changes before it is saved.">
      <RuleForm
        saved={null}
        initial={newRule}
        onSaved={(saved) => {
          leaveMessage(toNote(saved.served))
          navigate(paths.rule(saved.id), { replace: true })
        }}
        onConflict={() => {}}
      />
    </Page>
  )
}

export function Rule(): JSX.Element {
  const params = useParams<{ id: string }>()
  const navigate = useNavigate()
  const [note, setNote] = createSignal(takeMessage())
  const [removing, setRemoving] = createSignal(false)
  const load = createLoad(queries.rule, () => params.id)
  const standing = (): Item | undefined => (load.data()?.removed === null ? load.data() : undefined)

  return (
    <Page
      title={reveal(load.data()?.name ?? 'Rule')}
      back={back}
      lead={<Show when={load.data()}>{(item) => <Lead item={item()} />}</Show>}
      aside={
        <Show when={standing()}>
          <button type="button" class="btn-danger" onClick={() => setRemoving(true)}>
            <span class="i-lucide-trash-2" aria-hidden="true" /> Remove
          </button>
        </Show>
      }
    >
      <Message text={note()} />
      <Region load={load} what="the rule" skeleton={<SkeletonRows rows={6} />}>
        {(item) => (
          <div class="flex flex-col gap-5">
            <Show when={item().removed === null} fallback={<Removed item={item()} />}>
              <Form
                item={item()}
                onSaved={(saved) => {
                  load.put(saved)
                  setNote(toNote(saved.served))
                }}
                onConflict={() => void load.reload()}
              />
              <Usage item={item()} />
            </Show>
            <RuleHistory history={item().history} />
          </div>
        )}
      </Region>
      <Show when={standing()}>
        {(item) => (
          <RemoveRule
            item={item()}
            open={removing()}
            onClose={() => setRemoving(false)}
            onRemoved={() => navigate(paths.rules(), { replace: true })}
            onConflict={() => void load.reload()}
          />
        )}
      </Show>
    </Page>
  )
}

function Lead(props: { item: Item }): JSX.Element {
  return (
    <>
      Version {props.item.version}
      <Show when={props.item.person}>{(person) => <> by {person()}</>}</Show>, <Time at={props.item.updatedAt} />
    </>
  )
}

function Usage(props: { item: Item }): JSX.Element {
  return (
    <Facts>
      <Fact term="Applied">{formatCount(props.item.usageCount)} times</Fact>
      <Fact term="Last">
        <Show when={props.item.lastUsed} fallback={<span class="text-faint font-400">never</span>}>
          {(at) => <Time at={at()} class="" />}
        </Show>
      </Fact>
      <Fact term="Condition failed">{formatCount(props.item.errorCount)} times</Fact>
      <Fact term="Written">
        <Time at={props.item.createdAt} class="" />
      </Fact>
    </Facts>
  )
}

/** What it was, for whoever comes from an exchange that it had changed. */
function Removed(props: { item: Item }): JSX.Element {
  return (
    <>
      <p role="status" class="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-2 m-0 bg-sunken">
        <span class="i-lucide-trash-2" aria-hidden="true" />
        <span class="flex-1">
          Removed by {props.item.removed?.person}, <Time at={props.item.removed?.at ?? ''} class="" />
          {props.item.removed?.reason ? `: ${reveal(props.item.removed.reason)}` : ''}. It is applied to nothing any
          more.
        </span>
      </p>
      <section class="card p-4 min-w-0" aria-labelledby="rule-content">
        <h2 id="rule-content" class="card-title mb-2">
          As it was last
        </h2>
        <p class="m-0 text-soft">
          Changed the {props.item.target}, {props.item.condition === '' ? 'always' : 'when'}{' '}
          <code class="font-mono text-[0.8125rem] break-words">{reveal(props.item.condition)}</code>
        </p>
        <pre class="bg-sunken rounded-lg p-3 mt-2 mb-0 font-mono text-[0.8125rem] whitespace-pre-wrap break-words">
          {reveal(JSON.stringify(props.item.edits, null, 2))}
        </pre>
      </section>
    </>
  )
}

/**
 * A form of its own for each state of the rule that the person has seen: what others save meanwhile replaces nothing
 * that is being written.
 */
function Form(props: {
  item: Item
  onSaved: (saved: Item & { served: boolean }) => void
  onConflict: () => void
}): JSX.Element {
  const [shown, setShown] = createSignal(
    { id: props.item.id, version: props.item.version },
    { equals: (a, b) => a.id === b.id && a.version === b.version },
  )
  function showStored(): void {
    dropDraft(`rule:${props.item.id}`)
    setShown({ id: props.item.id, version: props.item.version })
  }
  return (
    <>
      <Show when={props.item.version !== shown().version}>
        <p class="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-2 m-0 bg-warn-wash text-warn">
          <span class="i-lucide-triangle-alert" aria-hidden="true" />{' '}
          <span class="flex-1">
            Version {props.item.version} was saved meanwhile; below is what you had, on version {shown().version}.
          </span>
          <button type="button" class="btn" onClick={showStored}>
            Show what is stored
          </button>
        </p>
      </Show>
      <Show when={shown()} keyed>
        {(saved) => (
          <RuleForm
            saved={saved}
            initial={toRuleText(props.item)}
            onSaved={(item) => {
              props.onSaved(item)
              showStored()
            }}
            onConflict={() => props.onConflict()}
          />
        )}
      </Show>
    </>
  )
}
