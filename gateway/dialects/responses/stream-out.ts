import type { StreamWriter, WritableEvent } from '../adapter.ts'
import { writeJson, type JsonTree } from '../json.ts'
import type { Citation, Media, Opaque, OpenPart, Stop, Usage, WireError } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { writeSse } from '../../bytes/sse.ts'
import { mergeUsage } from '../usage.ts'
import {
  itemId,
  toStatus,
  writeAnnotation,
  writePicture,
  writeReasoning,
  writeResponse,
  writeResponsesUsage,
  type ResponseHead,
} from './answer-out.ts'
import { deltaEvent, doneEvents, isText, writeItem, writePart, type Item, type WriteEvent } from './stream-items.ts'

export function createResponsesStreamWriter(report: TranslationReport): StreamWriter {
  return new ResponsesStreamWriter(report)
}

class ResponsesStreamWriter implements StreamWriter {
  private readonly report: TranslationReport
  private head: ResponseHead | undefined
  private sequence = 0
  /** The item that is open; those that are done are in `output`. */
  private item: Item | undefined
  private readonly output: JsonTree[] = []
  private refused = false
  private usage: Usage | undefined
  private stop: Stop = { reason: 'end', path: 'status' }

  constructor(report: TranslationReport) {
    this.report = report
  }

  write(event: WritableEvent): string {
    switch (event.kind) {
      case 'start':
        return this.start(event)
      case 'open':
        return this.open(event.what)
      case 'delta':
        return this.words(event.text)
      case 'logprobs':
        this.item?.logprobs.push(event.json.trim().slice(1, -1))
        return ''
      case 'citation':
        return this.cite(event.citation)
      case 'opaque':
        return this.opaque(event.opaque)
      case 'close':
        // A text that follows a text goes on in the same message.
        return this.item?.what.kind === 'text' ? '' : this.finish()
      case 'usage':
        this.usage = mergeUsage(this.usage, event.usage)
        return ''
      case 'stop':
        this.stop = event.stop
        return this.finish()
      case 'end':
        return this.end()
      case 'error':
        return this.fail(event.error)
    }
  }

  private readonly event: WriteEvent = (type, members) =>
    writeSse(writeJson({ type, sequence_number: this.sequence++, ...members }), type)

  private place(id: string): Record<string, JsonTree> {
    return { item_id: id, output_index: this.output.length }
  }

  private newId(kind: OpenPart['kind']): string {
    return itemId(this.head?.id ?? '', kind, this.output.length)
  }

  private start(event: Extract<WritableEvent, { kind: 'start' }>): string {
    if (event.usage !== undefined) this.usage = mergeUsage(this.usage, event.usage)
    if (this.head !== undefined) return ''
    this.head = event
    const response = writeResponse(event, 'in_progress', {})
    return this.event('response.created', { response }) + this.event('response.in_progress', { response })
  }

  private open(what: OpenPart): string {
    if (what.kind === 'image') return this.picture(what.media, what.path)
    // Texts in a row are one message: only what stands between them would end it.
    if (this.item?.what.kind === 'text' && what.kind === 'text') {
      this.item.partStart = this.item.text.length
      return ''
    }
    const before = this.finish()
    this.refused ||= what.kind === 'refusal'
    const item: Item = {
      what,
      id: this.newId(what.kind),
      text: '',
      citations: [],
      logprobs: [],
      partStart: 0,
      ...(what.kind === 'tool-call' ? { opaque: what.signature } : {}),
    }
    this.item = item
    const added = this.event('response.output_item.added', {
      output_index: this.output.length,
      item: writeItem(item, 'in_progress'),
    })
    if (!isText(what.kind)) return before + added
    const part = { ...this.place(item.id), content_index: 0, part: writePart(item) }
    return before + added + this.event('response.content_part.added', part)
  }

  /** A picture comes whole: its item is done as soon as it is added. */
  private picture(media: Media, path: string): string {
    const picture = writePicture(this.newId('image'), media)
    if (picture === undefined) {
      this.report.drop(path)
      return ''
    }
    const before = this.finish()
    const { result: _, ...begun } = picture
    const output_index = this.output.length
    const where = { output_index, item_id: picture.id }
    const events = [
      this.event('response.output_item.added', {
        output_index,
        item: { ...begun, status: 'in_progress', result: null },
      }),
      this.event('response.image_generation_call.in_progress', where),
      this.event('response.image_generation_call.completed', where),
      this.event('response.output_item.done', { output_index, item: picture }),
    ]
    this.output.push(picture)
    return before + events.join('')
  }

  private words(delta: string): string {
    const item = this.item
    if (item === undefined) return ''
    const first = item.text === ''
    item.text += delta
    return deltaEvent(item, { delta, first, place: this.place(item.id) }, this.event)
  }

  private opaque(proof: Opaque): string {
    if (this.item !== undefined) this.item.opaque = proof
    return ''
  }

  private cite(citation: Citation): string {
    const item = this.item
    if (item === undefined) return ''
    const placed = {
      ...citation,
      start: item.partStart + (citation.start ?? 0),
      end: citation.end === undefined ? undefined : item.partStart + citation.end,
    }
    item.citations.push(placed)
    return this.event('response.output_text.annotation.added', {
      ...this.place(item.id),
      content_index: 0,
      annotation_index: item.citations.length - 1,
      annotation: writeAnnotation(placed, item.text.length),
    })
  }

  private finish(): string {
    const item = this.item
    if (item === undefined) return ''
    this.item = undefined
    const done = doneEvents(item, this.place(item.id), this.event) + this.itemDone(writeItem(item, 'completed'))
    return item.what.kind === 'tool-call' && item.opaque !== undefined
      ? done + this.carrySignature(item.what.id, item.opaque)
      : done
  }

  private itemDone(item: JsonTree): string {
    const done = this.event('response.output_item.done', { output_index: this.output.length, item })
    this.output.push(item)
    return done
  }

  /** A call's signature is carried by a reasoning item of its own (see signatures.ts). */
  private carrySignature(id: string, signature: Opaque): string {
    const item = writeReasoning(this.newId('reasoning'), '', { ...signature, id })
    const added = this.event('response.output_item.added', { output_index: this.output.length, item })
    return added + this.itemDone(item)
  }

  private end(): string {
    const { status, details } = toStatus(this.stop, this.report, this.refused)
    // An answer that says nothing is still one; without an item it would read as a failure.
    const empty =
      this.output.length === 0 && status === 'completed'
        ? this.open({ kind: 'text', path: 'output[0]' }) + this.finish()
        : ''
    const response = writeResponse(this.head ?? { id: '', model: '' }, status, {
      output: this.output,
      incomplete_details: details,
      usage: this.usage === undefined ? null : writeResponsesUsage(this.usage),
    })
    return empty + this.event(status === 'incomplete' ? 'response.incomplete' : 'response.completed', { response })
  }

  private fail({ type, code = null, message, param = null }: WireError): string {
    // `error` is what SDKs throw at; `response.failed` is the dialect's own end of an answer that failed.
    const error = this.event('error', { code, message, param, error: { type, code, message, param } })
    // What was written until then stays, as the item that it is.
    if (this.item !== undefined) this.output.push(writeItem(this.item, 'incomplete'))
    this.item = undefined
    if (this.head === undefined) return error
    const failed = { error: { code: code ?? type, message }, output: this.output }
    return error + this.event('response.failed', { response: writeResponse(this.head, 'failed', failed) })
  }
}
