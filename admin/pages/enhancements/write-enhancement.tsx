import { useNavigate } from '@solidjs/router'
import { createSignal, type JSX } from 'solid-js'
import { createAction } from '../../data/action.ts'
import { api, type Pattern } from '../../data/client.ts'
import { paths } from '../../paths.ts'
import { Problem } from '../../ui/dialog.tsx'
import { TemplateDialog, type WrittenTexts } from '../patterns/template-dialog.tsx'

/** A person need not wait until a pattern is weak: they write a better prompt, or have the analyst asked for one. */
export function WriteEnhancement(props: { pattern: Pattern }): JSX.Element {
  const navigate = useNavigate()
  const [writing, setWriting] = createSignal(false)
  const asking = createAction()
  const template = () => props.pattern.template

  async function write({ system, template: user, reason }: WrittenTexts): Promise<void> {
    const part = (text: string, before: string | null): string | null => (text === (before ?? '') ? null : text)
    // Said here, because two texts that are the pattern's own would ask the analyst.
    if (part(system, template().system) === null && part(user, template().template) === null)
      throw new Error('Change one of the texts: this is the prompt as it is.')
    const made = await api.enhancements.create.mutate({
      patternId: props.pattern.id,
      system: part(system, template().system),
      template: part(user, template().template),
      reason: reason.trim() || null,
    })
    setWriting(false)
    navigate(paths.enhancement(made.id))
  }

  async function ask(): Promise<void> {
    await asking.run(async () =>
      navigate(paths.enhancement((await api.enhancements.create.mutate({ patternId: props.pattern.id })).id)),
    )
  }

  return (
    <>
      <div class="flex flex-wrap items-center gap-2">
        <button type="button" class="btn !min-h-8 text-sm" onClick={() => setWriting(true)}>
          <span class="i-lucide-pencil" aria-hidden="true" /> Write a better prompt
        </button>
        <button type="button" class="btn !min-h-8 text-sm" disabled={asking.busy()} onClick={() => void ask()}>
          <span class="i-lucide-sparkles" aria-hidden="true" /> {asking.busy() ? 'Asking …' : 'Ask the analyst'}
        </button>
      </div>
      <Problem action={asking} />
      <TemplateDialog
        draftKey={`write:${props.pattern.id}`}
        open={writing()}
        title="Write a better prompt"
        lead="It goes the same way as the analyst's proposals: checked, then decided by a person."
        action="Propose"
        start={{ system: template().system ?? '', template: template().template ?? '', reason: '' }}
        parts={{ system: true, template: template().template !== null }}
        onSubmit={write}
        onClose={() => setWriting(false)}
      />
    </>
  )
}
