import { useNavigate, useParams, useSearchParams } from '@solidjs/router'
import { createSignal, Show, type JSX } from 'solid-js'
import { api, type Rule as Item } from '../../data/client.ts'
import { formatCount } from '../../data/format.ts'
import { createLoad } from '../../data/load.ts'
import { newRule, toRuleText } from '../../data/rule-edits.ts'
import { paths } from '../../paths.ts'
import { Fact, Facts, Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal, Time } from '../../ui/text.tsx'
import { RemoveRule } from './rule-remove.tsx'
import { RuleForm } from './rule-form.tsx'
import { RuleHistory } from './rule-history.tsx'

const back = { href: paths.rules(), label: 'Rules' }
const savedNotes: Record<string, string> = {
  now: 'Saved. A gateway applies it from now on.',
  later: 'Saved. It is applied as soon as a gateway has heard of it; none has answered yet.',
}

export function NewRule(): JSX.Element {
  const navigate = useNavigate()
  return (
    <Page title="New rule" back={back} lead="Nothing changes before it is saved.">
      <RuleForm
        saved={null}
        initial={newRule}
        onSaved={(saved) =>
          navigate(paths.rule(saved.id, { saved: saved.served ? 'now' : 'later' }), { replace: true })
        }
        onConflict={() => {}}
      />
    </Page>
  )
}

export function Rule(): JSX.Element {
  const params = useParams<{ id: string }>()
  const navigate = useNavigate()
  const [search, setSearch] = useSearchParams<{ saved?: string }>()
  const load = createLoad(
    () => params.id,
    (id, signal) => api.rules.get.query({ id }, { signal }),
    (id) => id,
  )
  const [removing, setRemoving] = createSignal(false)
  const note = (): string | undefined => savedNotes[search.saved ?? '']

  return (
    <Page
      title={load.data()?.name === undefined ? 'Rule' : reveal(load.data()?.name ?? '')}
      back={back}
      lead={
        <Show when={load.data()}>
          {(item) => (
            <>
              Version {item().version}
              <Show when={item().person}>{(person) => <> by {person()}</>}</Show>, <Time at={item().updatedAt} />
            </>
          )}
        </Show>
      }
      aside={
        <Show when={load.data()}>
          <button type="button" class="btn-danger" onClick={() => setRemoving(true)}>
            <span class="i-lucide-trash-2" aria-hidden="true" /> Remove
          </button>
        </Show>
      }
    >
      <div role="status">
        <Show when={note()}>
          {(text) => (
            <p class="flex items-center gap-3 rounded-lg px-3 py-2 mb-4 bg-good-wash text-good">
              <span class="i-lucide-check" aria-hidden="true" /> <span>{text()}</span>
            </p>
          )}
        </Show>
      </div>
      <Region load={load} what="the rule" skeleton={<SkeletonRows rows={6} />}>
        {(item) => (
          <div class="flex flex-col gap-5">
            <Form
              item={item()}
              onSaved={(saved) => {
                load.put(saved)
                setSearch({ saved: saved.served ? 'now' : 'later' }, { replace: true })
              }}
              onConflict={() => void load.reload()}
            />
            <Facts>
              <Fact term="Applied">{formatCount(item().usageCount)} times</Fact>
              <Fact term="Last">
                <Show when={item().lastUsed} fallback={<span class="text-faint font-400">never</span>}>
                  {(at) => <Time at={at()} class="" />}
                </Show>
              </Fact>
              <Fact term="Condition failed">{formatCount(item().errorCount)} times</Fact>
              <Fact term="Written">
                <Time at={item().createdAt} class="" />
              </Fact>
            </Facts>
            <RuleHistory history={item().history} />
          </div>
        )}
      </Region>
      <Show when={load.data()}>
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
  const showStored = (): void => void setShown({ id: props.item.id, version: props.item.version })
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
