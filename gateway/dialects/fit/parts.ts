import type { ImagePart, Part, TextPart, ToolResultPart, Turn, ConversationRequest } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { fitMedia } from './media.ts'
import type { Fitting } from './fitting.ts'

/** What turns hold: media that the model can read, texts that say something, results behind their calls. */
export function fitParts(request: ConversationRequest, fitting: Fitting): ConversationRequest {
  const fitted = request.turns.map((turn) => ({ ...turn, parts: fitList(turn.parts, fitting) }))
  return { ...request, turns: trimPrefill(withResultsBehindCalls(fitted, fitting), fitting) }
}

function fitList(parts: readonly Part[], fitting: Fitting): readonly Part[] {
  return parts.flatMap((part): Part[] => {
    switch (part.kind) {
      case 'text':
        return fitText(part, fitting)
      case 'image':
      case 'file':
        return fitPicture(fitMedia(part), fitting)
      case 'tool-result':
        return [{ ...part, parts: fitList(part.parts, fitting) }]
      default:
        return [part]
    }
  })
}

function fitText(part: TextPart, { accepts, report }: Fitting): Part[] {
  if (accepts.refusesBlankText !== true || part.text === '' || part.text.trim() !== '') return [part]
  report.hint(part.path)
  return []
}

function fitPicture(part: Part, { accepts, report }: Fitting): Part[] {
  if (part.kind !== 'image' || accepts.images === undefined || isReadable(part, accepts.images)) return [part]
  report.drop(part.path)
  return []
}

function isReadable({ media }: ImagePart, types: readonly string[]): boolean {
  return media.kind === 'url' || types.includes(media.mediaType)
}

/** An answer that the caller has begun must not end in white space. */
function trimPrefill(turns: readonly Turn[], { accepts, report }: Fitting): readonly Turn[] {
  const last = turns.at(-1)
  const end = last?.parts.at(-1)
  if (accepts.prefill !== 'trimmed' || last?.role !== 'assistant' || end?.kind !== 'text') return turns
  const text = end.text.trimEnd()
  if (text === end.text) return turns
  report.hint(end.path)
  return [...turns.slice(0, -1), { ...last, parts: [...last.parts.slice(0, -1), { ...end, text }] }]
}

/**
 * What a call returned must follow at once. A message of the person's in between, as dialects of items have it, comes
 * behind.
 */
function withResultsBehindCalls(turns: readonly Turn[], { report }: Fitting): readonly Turn[] {
  const left = [...turns]
  const ordered: Turn[] = []
  for (let turn = left.shift(); turn !== undefined; turn = left.shift()) {
    ordered.push(turn)
    if (turn.role !== 'assistant') continue
    const open = new Set(turn.parts.flatMap((part) => (part.kind === 'tool-call' ? part.id : [])))
    const behind = closeAnswered(left, open)
    if (open.size === 0) continue
    const results = takeResults(left, behind, open, report)
    const path = results[0]?.path ?? turn.path
    if (results.length > 0) left.splice(behind, 0, { role: 'tool', parts: results, path })
  }
  return ordered
}

/** Calls that are answered right behind their turn are closed. Gives how many turns do that. */
function closeAnswered(turns: readonly Turn[], open: Set<string>): number {
  const end = turns.findIndex(({ role }) => role !== 'tool')
  const answering = turns.slice(0, end < 0 ? turns.length : end)
  for (const { parts } of answering) for (const part of parts) if (part.kind === 'tool-result') open.delete(part.id)
  return answering.length
}

/** Takes the results of open calls out of the turns that follow, up to the model's next one. */
function takeResults(
  turns: Turn[],
  from: number,
  open: ReadonlySet<string>,
  report: TranslationReport,
): ToolResultPart[] {
  const taken: ToolResultPart[] = []
  for (let index = from; index < turns.length && turns[index]?.role !== 'assistant'; index++) {
    const turn = turns[index] as Turn
    const found = turn.parts.filter((part): part is ToolResultPart => part.kind === 'tool-result' && open.has(part.id))
    if (found.length === 0) continue
    taken.push(...found)
    report.hint(`${turn.path}.position`)
    const rest = turn.parts.filter((part) => !found.includes(part as ToolResultPart))
    if (rest.length > 0) turns[index] = { ...turn, parts: rest }
    else turns.splice(index--, 1)
  }
  return taken
}
