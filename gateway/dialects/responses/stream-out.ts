import type { StreamWriter } from '../adapter.ts'
import { Raw, writeJson, type JsonTree } from '../json.ts'
import type { AnswerEvent, Citation, Media, Opaque, OpenPart, Stop, Usage, WireError } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { writeSse } from '../../bytes/sse.ts'
import { mergeUsage } from '../usage.ts'
import {
  itemId,
  toStatus,
  writeAnnotation,
  writeCall,
  writeMessage,
  writePicture,
  writeReasoning,
  writeResponse,
  writeResponsesUsage,
  writeText,
  type ResponseHead,
} from './answer-out.ts'

interface Item {
  readonly what: OpenPart
  readonly id: string
  text: string
  citations: Citation[]
  logprobs: string[]
  opaque?: Opaque | undefined
  partStart: number
}

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createResponsesStreamWriter(report: TranslationReport): StreamWriter {
  let head: ResponseHead | undefined
  let sequence = 0
  let item: Item | undefined
  let refused = false
  const output: JsonTree[] = []
  let usage: Usage | undefined
  let stop: Stop = { reason: 'end', path: 'status' }

  const event = (type: string, members: Record<string, JsonTree>): string =>
    writeSse(writeJson({ type, sequence_number: sequence++, ...members }), type)
  const place = (id: string): Record<string, JsonTree> => ({ item_id: id, output_index: output.length })
  const isCustom = (what: OpenPart): boolean => what.kind === 'tool-call' && what.custom === true
  const isText = (kind: OpenPart['kind']): boolean => kind === 'text' || kind === 'refusal'

  function partOf({ what, text, citations, logprobs }: Item): JsonTree {
    return what.kind === 'refusal'
      ? { type: 'refusal', refusal: text }
      : writeText(text, citations, logprobs.length === 0 ? undefined : `[${logprobs.join(',')}]`)
  }

  function whole(current: Item, status: 'in_progress' | 'completed' | 'incomplete'): JsonTree {
    const begun = status !== 'in_progress'
    if (current.what.kind === 'tool-call')
      return writeCall(
        current.id,
        current.what,
        status === 'completed' && current.text === '' && current.what.custom !== true ? '{}' : current.text,
        status,
      )
    if (current.what.kind === 'reasoning') return writeReasoning(current.id, current.text, current.opaque)
    return writeMessage(current.id, begun ? partOf(current) : undefined, status)
  }

  function opened(what: OpenPart): string {
    if (what.kind === 'image') return pictured(what.media, what.path)
    // Texts in a row are one message: only what stands between them would end it.
    if (item !== undefined && item.what.kind === 'text' && what.kind === 'text') {
      item.partStart = item.text.length
      return ''
    }
    const before = finish()
    refused ||= what.kind === 'refusal'
    const current: Item = {
      what,
      id: itemId(head?.id ?? '', what.kind, output.length),
      text: '',
      citations: [],
      logprobs: [],
      partStart: 0,
      ...(what.kind === 'tool-call' ? { opaque: what.signature } : {}),
    }
    item = current
    const added = event('response.output_item.added', {
      output_index: output.length,
      item: whole(current, 'in_progress'),
    })
    if (!isText(what.kind)) return `${before}${added}`
    return `${before}${added}${event('response.content_part.added', { ...place(current.id), content_index: 0, part: partOf(current) })}`
  }

  /** A picture comes whole: its item is done as soon as it is added. */
  function pictured(media: Media, path: string): string {
    const written = writePicture(itemId(head?.id ?? '', 'image', output.length), media)
    if (written === undefined) {
      report.drop(path)
      return ''
    }
    const before = finish()
    const { result: _, ...begun } = written
    const where = { output_index: output.length, item_id: written.id }
    const events = [
      event('response.output_item.added', {
        output_index: output.length,
        item: { ...begun, status: 'in_progress', result: null },
      }),
      event('response.image_generation_call.in_progress', where),
      event('response.image_generation_call.completed', where),
      event('response.output_item.done', { output_index: output.length, item: written }),
    ]
    output.push(written)
    return before + events.join('')
  }

  function said(delta: string): string {
    const current = item
    if (current === undefined) return ''
    const first = current.text === ''
    current.text += delta
    const where = place(current.id)
    switch (current.what.kind) {
      case 'text':
        return event('response.output_text.delta', { ...where, content_index: 0, delta, logprobs: [] })
      case 'refusal':
        return event('response.refusal.delta', { ...where, content_index: 0, delta })
      case 'reasoning': {
        const added = first
          ? event('response.reasoning_summary_part.added', {
              ...where,
              summary_index: 0,
              part: { type: 'summary_text', text: '' },
            })
          : ''
        return `${added}${event('response.reasoning_summary_text.delta', { ...where, summary_index: 0, delta })}`
      }
      default:
        return event(
          isCustom(current.what) ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta',
          { ...where, delta },
        )
    }
  }

  function* doneEvents(current: Item): Generator<string> {
    const where = place(current.id)
    if (isText(current.what.kind)) {
      const refusal = current.what.kind === 'refusal'
      const logprobs = refusal ? undefined : new Raw(`[${current.logprobs.join(',')}]`)
      yield event(refusal ? 'response.refusal.done' : 'response.output_text.done', {
        ...where,
        content_index: 0,
        [refusal ? 'refusal' : 'text']: current.text,
        logprobs,
      })
      yield event('response.content_part.done', { ...where, content_index: 0, part: partOf(current) })
    } else if (current.what.kind === 'reasoning') {
      if (current.text === '') return
      yield event('response.reasoning_summary_text.done', { ...where, summary_index: 0, text: current.text })
      yield event('response.reasoning_summary_part.done', {
        ...where,
        summary_index: 0,
        part: { type: 'summary_text', text: current.text },
      })
    } else if (isCustom(current.what))
      yield event('response.custom_tool_call_input.done', { ...where, input: current.text })
    else
      yield event('response.function_call_arguments.done', {
        ...where,
        arguments: current.text === '' ? '{}' : current.text,
      })
  }

  function finish(): string {
    const current = item
    if (current === undefined) return ''
    const done = [...doneEvents(current)].join('')
    const written = whole(current, 'completed')
    const text = `${done}${event('response.output_item.done', { output_index: output.length, item: written })}`
    output.push(written)
    item = undefined
    if (current.what.kind !== 'tool-call' || current.opaque === undefined) return text
    // A signed call: its signature is carried by a reasoning item of its own (see signatures.ts).
    const carrier = writeReasoning(itemId(head?.id ?? '', 'reasoning', output.length), '', {
      ...current.opaque,
      id: current.what.id,
    })
    const carried = `${event('response.output_item.added', { output_index: output.length, item: carrier })}${event('response.output_item.done', { output_index: output.length, item: carrier })}`
    output.push(carrier)
    return `${text}${carried}`
  }

  function cite(citation: Citation): string {
    const current = item
    if (current === undefined) return ''
    const placed = {
      ...citation,
      start: current.partStart + (citation.start ?? 0),
      end: citation.end === undefined ? undefined : current.partStart + citation.end,
    }
    current.citations.push(placed)
    return event('response.output_text.annotation.added', {
      ...place(current.id),
      content_index: 0,
      annotation_index: current.citations.length - 1,
      annotation: writeAnnotation(placed, current.text.length),
    })
  }

  function fail(error: WireError): string {
    const stated = { code: error.code ?? error.type, message: error.message }
    // `error` is what SDKs throw at; `response.failed` is the dialect's own end of an answer that failed.
    const told = event('error', {
      code: error.code ?? null,
      message: error.message,
      param: error.param ?? null,
      error: { type: error.type, code: error.code ?? null, message: error.message, param: error.param ?? null },
    })
    // What was said until then stays said, as the item that it is.
    if (item !== undefined) output.push(whole(item, 'incomplete'))
    item = undefined
    return head === undefined
      ? told
      : `${told}${event('response.failed', { response: writeResponse(head, 'failed', { error: stated, output }) })}`
  }

  return {
    // oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
    write(said_: Exclude<AnswerEvent, { kind: 'damage' }>): string {
      switch (said_.kind) {
        case 'start': {
          if (said_.usage !== undefined) usage = mergeUsage(usage, said_.usage)
          if (head !== undefined) return ''
          head = said_
          return `${event('response.created', { response: writeResponse(head, 'in_progress', {}) })}${event('response.in_progress', { response: writeResponse(head, 'in_progress', {}) })}`
        }
        case 'open':
          return opened(said_.what)
        case 'delta':
          return said(said_.text)
        case 'logprobs':
          item?.logprobs.push(said_.json.trim().slice(1, -1))
          return ''
        case 'citation':
          return cite(said_.citation)
        case 'opaque':
          if (item !== undefined) item.opaque = said_.opaque
          return ''
        case 'close':
          return item?.what.kind === 'text' ? '' : finish()
        case 'usage':
          usage = mergeUsage(usage, said_.usage)
          return ''
        case 'stop':
          stop = said_.stop
          return finish()
        case 'end': {
          const { status, details } = toStatus(stop, report, refused)
          // An answer that says nothing is still one; without an item it would read as a failure.
          const empty =
            output.length === 0 && status === 'completed' ? opened({ kind: 'text', path: 'output[0]' }) + finish() : ''
          const response = writeResponse(head ?? { id: '', model: '' }, status, {
            output,
            incomplete_details: details,
            usage: usage === undefined ? null : writeResponsesUsage(usage),
          })
          return empty + event(status === 'incomplete' ? 'response.incomplete' : 'response.completed', { response })
        }
        case 'error':
          return fail(said_.error)
      }
    },
  }
}
