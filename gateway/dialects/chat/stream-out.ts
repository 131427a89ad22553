import type { StreamWriteOptions, StreamWriter } from '../adapter.ts'
import { writeOpenAiError } from '../errors.ts'
import { Raw, writeJson, type JsonTree } from '../json.ts'
import type { AnswerEvent, Citation, OpenPart, Stop, Usage } from '../model.ts'
import { mergeUsage } from '../usage.ts'
import type { TranslationReport } from '../report.ts'
import { writeSse } from '../../bytes/sse.ts'
import { toFinish, writeAnnotation, writeChatUsage } from './answer.ts'
import { writeImage } from './content-out.ts'
import { opaqueDetail, writeThoughtSignature } from './reasoning.ts'

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createChatStreamWriter(report: TranslationReport, options: StreamWriteOptions): StreamWriter {
  let envelope: Record<string, JsonTree> = {}
  let usage: Usage | undefined
  let open: OpenPart | undefined
  let calls = 0
  let images = 0
  let written = 0
  let partStart = 0
  let reasonings = 0
  /** The part whose text was said last. */
  let reasoned: number | undefined
  let stop: Stop | undefined
  let citations: Citation[] = []
  let argued = false

  const chunk = (choice: JsonTree): string =>
    writeSse(writeJson({ ...envelope, choices: choice === undefined ? [] : [choice] }))
  const delta = (delta: Record<string, JsonTree>, logprobs?: JsonTree): string =>
    chunk({ index: 0, delta, logprobs: logprobs ?? null, finish_reason: null })
  const call = (members: Record<string, JsonTree>): string => delta({ tool_calls: [{ index: calls - 1, ...members }] })

  function opened(what: OpenPart): string {
    open = what
    argued = false
    partStart = written
    if (what.kind === 'reasoning') {
      reasonings += 1
      return ''
    }
    if (what.kind === 'text' && calls > 0) report.drop(`${what.path}.position`)
    if (what.kind === 'image') return delta({ images: [writeImage(what.media, images++)] })
    if (what.kind !== 'tool-call') return ''
    calls += 1
    const body = { name: what.name, [what.custom === true ? 'input' : 'arguments']: '' }
    const signed = what.signature?.maker === 'google' ? { extra_content: writeThoughtSignature(what.signature) } : {}
    return call(
      what.custom === true
        ? { id: what.id, type: 'custom', custom: body, ...signed }
        : { id: what.id, type: 'function', function: body, ...signed },
    )
  }

  function said(text: string): string {
    switch (open?.kind) {
      case 'text':
        written += text.length
        return delta({ content: text })
      case 'refusal':
        return delta({ refusal: text })
      case 'reasoning': {
        // The details keep the parts apart; the plain text does it with a blank line.
        const gap = reasoned !== undefined && reasoned !== reasonings ? '\n\n' : ''
        reasoned = reasonings
        return delta({
          reasoning_content: gap + text,
          reasoning_details: [{ type: 'reasoning.text', text, index: reasonings - 1 }],
        })
      }
      case 'tool-call':
        argued = true
        return call(open.custom === true ? { custom: { input: text } } : { function: { arguments: text } })
      default:
        return ''
    }
  }

  function closed(): string {
    const length = written - partStart
    const annotations = citations.map((citation) => writeAnnotation(citation, partStart, length))
    const empty =
      open?.kind === 'tool-call' && open.custom !== true && !argued ? call({ function: { arguments: '{}' } }) : ''
    citations = []
    open = undefined
    if (empty !== '') return empty
    return annotations.length === 0 ? '' : delta({ annotations })
  }

  return {
    // oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
    write(event: Exclude<AnswerEvent, { kind: 'damage' }>): string {
      switch (event.kind) {
        case 'start':
          if (event.usage !== undefined) usage = mergeUsage(usage, event.usage)
          if (envelope.object !== undefined) return ''
          envelope = {
            id: event.id,
            object: 'chat.completion.chunk',
            created: event.created ?? 0,
            model: event.model,
            service_tier: event.serviceTier,
          }
          return delta({ role: 'assistant', content: '' })
        case 'open':
          return opened(event.what)
        case 'delta':
          return said(event.text)
        case 'logprobs':
          return delta({}, { content: new Raw(event.json), refusal: null })
        case 'citation':
          citations.push(event.citation)
          return ''
        case 'opaque':
          // Validating clients want the call's body in each of its chunks.
          if (open?.kind === 'tool-call')
            return call({
              [open.custom === true ? 'custom' : 'function']: {},
              extra_content: writeThoughtSignature(event.opaque),
            })
          if (event.opaque.maker === 'google') return delta({ extra_content: writeThoughtSignature(event.opaque) })
          return delta({ reasoning_details: [opaqueDetail(event.opaque, reasonings - 1)] })
        case 'close':
          return closed()
        case 'usage':
          usage = mergeUsage(usage, event.usage)
          return ''
        case 'stop':
          stop = event.stop
          return ''
        case 'end': {
          const finish = chunk({
            index: 0,
            delta: {},
            logprobs: null,
            finish_reason: toFinish(stop ?? { reason: 'end', path: '' }, report),
          })
          return `${finish}${options.includeUsage && usage !== undefined ? writeSse(writeJson({ ...envelope, choices: [], usage: writeChatUsage(usage) })) : ''}${writeSse('[DONE]')}`
        }
        case 'error':
          return writeSse(writeJson(writeOpenAiError(event.error)))
      }
    },
  }
}
