import type { StreamWriteOptions, StreamWriter, WritableEvent } from '../adapter.ts'
import { writeOpenAiError } from '../errors.ts'
import { Raw, writeJson, type JsonTree } from '../json.ts'
import type { Citation, Opaque, OpenPart, Stop, Usage } from '../model.ts'
import { mergeUsage } from '../usage.ts'
import type { TranslationReport } from '../report.ts'
import { writeSse } from '../../bytes/sse.ts'
import { toFinish, writeAnnotation, writeChatUsage } from './answer.ts'
import { writeImage } from './content-out.ts'
import { opaqueDetail, writeThoughtSignature } from './reasoning.ts'

type Members = Record<string, JsonTree>
type CallPart = Extract<OpenPart, { kind: 'tool-call' }>

export function createChatStreamWriter(report: TranslationReport, options: StreamWriteOptions): StreamWriter {
  return new ChatStreamWriter(report, options)
}

class ChatStreamWriter implements StreamWriter {
  private readonly report: TranslationReport
  private readonly options: StreamWriteOptions
  private envelope: Members = {}
  private usage: Usage | undefined
  private stop: Stop = { reason: 'end', path: '' }
  private calls = 0
  private images = 0
  private reasonings = 0
  /** The reasoning whose text was written last. */
  private lastReasoning: number | undefined
  /** Characters of text, in all. */
  private written = 0

  /** Of the part that is open: */
  private part: OpenPart | undefined
  private partStart = 0
  private hasArguments = false
  private citations: Citation[] = []

  constructor(report: TranslationReport, options: StreamWriteOptions) {
    this.report = report
    this.options = options
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
        return this.delta({}, { content: new Raw(event.json), refusal: null })
      case 'citation':
        this.citations.push(event.citation)
        return ''
      case 'opaque':
        return this.opaque(event.opaque)
      case 'close':
        return this.close()
      case 'usage':
        this.usage = mergeUsage(this.usage, event.usage)
        return ''
      case 'stop':
        this.stop = event.stop
        return ''
      case 'end':
        return this.end()
      case 'error':
        return writeSse(writeJson(writeOpenAiError(event.error)))
    }
  }

  private chunk(members: Members): string {
    return writeSse(writeJson({ ...this.envelope, ...members }))
  }

  private delta(delta: Members, logprobs: JsonTree = null): string {
    return this.chunk({ choices: [{ index: 0, delta, logprobs, finish_reason: null }] })
  }

  private call(members: Members): string {
    return this.delta({ tool_calls: [{ index: this.calls - 1, ...members }] })
  }

  private start(event: Extract<WritableEvent, { kind: 'start' }>): string {
    if (event.usage !== undefined) this.usage = mergeUsage(this.usage, event.usage)
    if (this.envelope.object !== undefined) return ''
    this.envelope = {
      id: event.id,
      object: 'chat.completion.chunk',
      created: event.created ?? 0,
      model: event.model,
      service_tier: event.serviceTier,
    }
    return this.delta({ role: 'assistant', content: '' })
  }

  private open(part: OpenPart): string {
    this.part = part
    this.hasArguments = false
    this.partStart = this.written
    switch (part.kind) {
      case 'reasoning':
        this.reasonings += 1
        return ''
      case 'image':
        return this.delta({ images: [writeImage(part.media, this.images++)] })
      case 'tool-call':
        return this.openCall(part)
      case 'text':
        if (this.calls > 0) this.report.drop(`${part.path}.position`)
        return ''
      case 'refusal':
        return ''
    }
  }

  private openCall({ id, name, custom, signature }: CallPart): string {
    this.calls += 1
    const signed = signature?.maker === 'google' ? { extra_content: writeThoughtSignature(signature) } : {}
    return this.call(
      custom === true
        ? { id, type: 'custom', custom: { name, input: '' }, ...signed }
        : { id, type: 'function', function: { name, arguments: '' }, ...signed },
    )
  }

  private words(text: string): string {
    switch (this.part?.kind) {
      case 'text':
        this.written += text.length
        return this.delta({ content: text })
      case 'refusal':
        return this.delta({ refusal: text })
      case 'reasoning':
        return this.reasoning(text)
      case 'tool-call':
        this.hasArguments = true
        return this.call(this.part.custom === true ? { custom: { input: text } } : { function: { arguments: text } })
      default:
        return ''
    }
  }

  /** The details keep the parts apart; the plain text does it with a blank line. */
  private reasoning(text: string): string {
    const gap = this.lastReasoning !== undefined && this.lastReasoning !== this.reasonings ? '\n\n' : ''
    this.lastReasoning = this.reasonings
    return this.delta({
      reasoning_content: gap + text,
      reasoning_details: [{ type: 'reasoning.text', text, index: this.reasonings - 1 }],
    })
  }

  private opaque(proof: Opaque): string {
    // Validating clients want the call's body in each of its chunks.
    if (this.part?.kind === 'tool-call')
      return this.call({
        [this.part.custom === true ? 'custom' : 'function']: {},
        extra_content: writeThoughtSignature(proof),
      })
    if (proof.maker === 'google') return this.delta({ extra_content: writeThoughtSignature(proof) })
    return this.delta({ reasoning_details: [opaqueDetail(proof, this.reasonings - 1)] })
  }

  private close(): string {
    const { part, partStart } = this
    const length = this.written - partStart
    const annotations = this.citations.map((citation) => writeAnnotation(citation, partStart, length))
    this.citations = []
    this.part = undefined
    if (part?.kind === 'tool-call' && part.custom !== true && !this.hasArguments)
      return this.call({ function: { arguments: '{}' } })
    return annotations.length === 0 ? '' : this.delta({ annotations })
  }

  private end(): string {
    const finish_reason = toFinish(this.stop, this.report)
    const finish = this.chunk({ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason }] })
    const usage =
      this.options.includeUsage && this.usage !== undefined
        ? this.chunk({ choices: [], usage: writeChatUsage(this.usage) })
        : ''
    return `${finish}${usage}${writeSse('[DONE]')}`
  }
}
