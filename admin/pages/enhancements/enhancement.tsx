import { A, useNavigate, useParams } from '@solidjs/router'
import { createMemo, createSignal, Show, type JSX } from 'solid-js'
import { api, type Enhancement as Item } from '../../data/client.ts'
import { useKeys } from '../../data/keys.ts'
import { createLoad, type Load } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { paths } from '../../paths.ts'
import { EnhancementState } from '../../ui/badges.tsx'
import { LearningNote } from '../../ui/learning-note.tsx'
import { Message } from '../../ui/message.tsx'
import { Page } from '../../ui/page.tsx'
import { Region, SkeletonRows } from '../../ui/region.tsx'
import { reveal } from '../../ui/text.tsx'
import { TemplateDialog, type WrittenTexts } from '../patterns/template-dialog.tsx'
import { DecisionDialog, type Choice, type Decided } from './decision-dialog.tsx'
import { EnhancementButtons, type Doing } from './enhancement-buttons.tsx'
import { EnhancementDetail } from './enhancement-detail.tsx'
import { SnoozeDialog } from './snooze-dialog.tsx'

const openStates = ['proposed', 'snoozed']

export function Enhancement(): JSX.Element {
  const params = useParams<{ id: string }>()
  const navigate = useNavigate()
  const [doing, setDoing] = createSignal<Doing | null>(null)
  const [result, setResult] = createSignal<string | null>(null)
  const load = createLoad(queries.enhancement, () => params.id, { mayChange: () => doing() === null })
  const open = createMemo(() => openStates.includes(load.data()?.state ?? ''))
  const begin = (what: Doing): boolean =>
    (what === 'withdraw' ? load.data()?.state === 'approved' : open()) && Boolean(setDoing(what))

  async function goNext(step: 1 | -1): Promise<void> {
    const { items } = await api.enhancements.list.query({ state: 'proposed', limit: 200 })
    const at = items.findIndex((item) => item.id === params.id)
    const next = at < 0 ? items[0] : items[at + step]
    if (next) {
      setResult(null)
      navigate(paths.enhancement(next.id))
    }
  }
  useKeys({
    a: () => begin('approve'),
    r: () => begin('reject'),
    e: () => begin('edit'),
    s: () => begin('snooze'),
    j: () => void goNext(1),
    k: () => void goNext(-1),
  })

  return (
    <Page
      title="Enhancement"
      back={{ href: paths.enhancements(), label: 'Enhancements' }}
      lead={<Show when={load.data()}>{(item) => <Lead item={item()} />}</Show>}
      aside={
        <Show when={load.data()}>{(item) => <EnhancementButtons item={item()} open={open()} begin={begin} />}</Show>
      }
    >
      <LearningNote />
      <Message
        text={result()}
        tone={load.data()?.state === 'approved' ? 'good' : 'calm'}
        icon={load.data()?.state === 'rejected' ? 'i-lucide-x' : 'i-lucide-check'}
      >
        <button
          type="button"
          class="underline underline-offset-3 min-h-6 cursor-pointer"
          onClick={() => void goNext(1)}
        >
          Next proposal
        </button>
      </Message>
      <Region load={load} what="the enhancement" skeleton={<SkeletonRows rows={6} />}>
        {(item) => <EnhancementDetail item={item()} />}
      </Region>
      <Show when={load.data()?.id} keyed>
        <Dialogs load={load} doing={doing()} close={() => setDoing(null)} onResult={setResult} />
      </Show>
    </Page>
  )
}

function Lead(props: { item: Item }): JSX.Element {
  return (
    <span class="inline-flex flex-wrap items-center gap-2">
      <EnhancementState state={props.item.state} />
      <span>
        for{' '}
        <A class="link" href={paths.pattern(props.item.patternId)}>
          {reveal(props.item.patternTitle)}
        </A>
      </span>
    </span>
  )
}

interface DialogsProps {
  load: Load<Item>
  doing: Doing | null
  close: () => void
  onResult: (text: string) => void
}

function Dialogs(props: DialogsProps): JSX.Element {
  const item = (): Item => props.load.data() as Item
  const choice = (): Choice | null =>
    props.doing === 'approve' || props.doing === 'reject' || props.doing === 'withdraw' ? props.doing : null
  function done(changed: Item, text: string): void {
    props.close()
    props.load.put(changed)
    props.onResult(text)
  }
  async function edit({ system, template, reason }: WrittenTexts): Promise<void> {
    const { id, version, original } = item()
    const part = (text: string, before: string | null): string | null => (text === '' && before === null ? null : text)
    const edited = await api.enhancements.edit.mutate({
      id,
      version,
      system: part(system, original.system),
      template: part(template, original.template),
      reason: reason.trim() || null,
    })
    done(edited, 'Edited. It was checked again and waits for a decision.')
  }
  return (
    <>
      <DecisionDialog
        item={item()}
        choice={choice()}
        onClose={props.close}
        onDecided={(decided, act) => done(decided, toResult(decided, act))}
        onConflict={() => void props.load.reload()}
      />
      <SnoozeDialog
        item={item()}
        open={props.doing === 'snooze'}
        onClose={props.close}
        onConflict={() => void props.load.reload()}
        onDone={(snoozed) => done(snoozed, 'Snoozed. It comes back to the inbox by itself.')}
      />
      <TemplateDialog
        draftKey={`edit:${item().id}`}
        open={props.doing === 'edit'}
        title="Edit the proposal"
        lead="The edited text is checked again. Approvals given so far were for another text and begin anew."
        action="Save"
        start={{
          system: item().enhanced?.system ?? item().original.system ?? '',
          template: item().enhanced?.template ?? item().original.template ?? '',
          reason: item().reason ?? '',
        }}
        parts={{ system: true, template: item().original.template !== null }}
        onSubmit={edit}
        onClose={props.close}
        onConflict={() => void props.load.reload()}
      />
    </>
  )
}

/** What has come of it: how much of the traffic it concerns, and whether a gateway has heard of it. */
function toResult(decided: Decided, act: Choice): string {
  const later = 'as soon as a gateway has heard of it; none has answered yet'
  if (act === 'withdraw')
    return decided.active
      ? 'Taken back. All traffic goes with the prompt as it was from now on.'
      : `Taken back. All traffic goes with the prompt as it was ${later}.`
  if (decided.state === 'proposed') return 'Approved by you. Another person has to approve it too before it is served.'
  if (decided.state === 'rejected')
    return 'Rejected. It is not asked for again by itself for this version of the template; the next proposal is told why.'
  const whom =
    decided.mode === 'serve' ? 'Everybody gets it' : 'Its experiment begins with a small share of the traffic'
  return decided.active ? `Approved. ${whom} from now on.` : `Approved. ${whom} ${later}.`
}
