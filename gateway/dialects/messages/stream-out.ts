import type { StreamWriter, WritableEvent } from '../adapter.ts'
import { writeAnthropicError } from '../errors.ts'
import { writeJson, type JsonTree } from '../json.ts'
import type { Opaque, OpenPart, Stop, Usage } from '../model.ts'
import { toOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { writeSse } from '../../bytes/sse.ts'
import { toPlainId } from '../tools.ts'
import { mergeUsage, writeAnthropicUsage } from '../usage.ts'
import { logprobsPath, toStopReason } from './answer.ts'
import { writeCitation } from './content-out.ts'

type Members = Record<string, JsonTree>
type CallPart = Extract<OpenPart, { kind: 'tool-call' }>

export function createMessagesStreamWriter(report: TranslationReport): StreamWriter {
  return new MessagesStreamWriter(report)
}

class MessagesStreamWriter implements StreamWriter {
  private readonly report: TranslationReport
  private started = false
  private index = -1
  private usage: Usage = {}
  private stop: Stop = { reason: 'end', path: '' }
  private refused = false

  /** Of the part that is open: */
  private part: OpenPart | undefined
  private hasWords = false
  /** Reasoning opens its block late: whether it is readable or encrypted shows only with what follows. */
  private blockWaits = false
  /** A call's signature, to be written behind the call. */
  private signature: Opaque | undefined

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
        this.report.drop(logprobsPath(this.part?.path ?? 'choices'))
        return ''
      case 'citation':
        return this.delta({ type: 'citations_delta', citation: writeCitation(event.citation) })
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
        return writeSse(writeJson(writeAnthropicError(event.error)), 'error')
    }
  }

  private event(type: string, members: Members): string {
    return writeSse(writeJson({ type, ...members }), type)
  }

  private delta(delta: Members): string {
    return this.event('content_block_delta', { index: this.index, delta })
  }

  private start(event: Extract<WritableEvent, { kind: 'start' }>): string {
    if (this.started) return ''
    this.started = true
    this.usage = mergeUsage(this.usage, event.usage ?? {})
    const message = {
      id: event.id,
      type: 'message',
      role: 'assistant',
      model: event.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        ...writeAnthropicUsage(this.usage),
        service_tier: event.serviceTier === 'default' ? 'standard' : event.serviceTier,
      },
    }
    return this.event('message_start', { message })
  }

  private open(part: OpenPart): string {
    // Free text is no object, so a custom tool's call cannot be written, not even half of it. Nor is there a place for
    // a picture that the model made.
    if (part.kind === 'image' || (part.kind === 'tool-call' && part.custom === true)) {
      this.report.drop(part.path)
      return ''
    }
    this.part = part
    this.hasWords = false
    if (part.kind === 'tool-call') return this.openCall(part)
    if (part.kind === 'reasoning') {
      this.blockWaits = true
      return ''
    }
    this.refused ||= part.kind === 'refusal'
    return this.startBlock({ type: 'text', text: '' })
  }

  private openCall({ id, name, signature }: CallPart): string {
    if (signature !== undefined) this.signature = { ...signature, id }
    return this.startBlock({ type: 'tool_use', id: toPlainId(id), name, input: {} })
  }

  private startBlock(content_block: Members): string {
    this.index += 1
    this.blockWaits = false
    return this.event('content_block_start', { index: this.index, content_block })
  }

  private startThinking(): string {
    return this.startBlock({ type: 'thinking', thinking: '', signature: '' })
  }

  private words(text: string): string {
    if (this.part === undefined) return ''
    this.hasWords = true
    if (this.part.kind === 'tool-call') return this.delta({ type: 'input_json_delta', partial_json: text })
    if (this.part.kind !== 'reasoning') return this.delta({ type: 'text_delta', text })
    const start = this.blockWaits ? this.startThinking() : ''
    return start + this.delta({ type: 'thinking_delta', thinking: text })
  }

  private opaque(proof: Opaque): string {
    if (this.part === undefined) return ''
    if (this.part.kind === 'tool-call') {
      this.signature = { ...proof, id: this.part.id }
      return ''
    }
    if (proof.maker === 'anthropic' && proof.kind === 'encrypted')
      return this.startBlock({ type: 'redacted_thinking', data: proof.value })
    const start = this.blockWaits ? this.startThinking() : ''
    return start + this.writeSignature(proof)
  }

  private writeSignature(proof: Opaque): string {
    return this.delta({ type: 'signature_delta', signature: toOpaqueField(proof, 'anthropic') })
  }

  private close(): string {
    const part = this.part
    this.part = undefined
    if (part === undefined) return ''
    if (this.blockWaits) {
      this.blockWaits = false
      return ''
    }
    const empty =
      part.kind === 'tool-call' && !this.hasWords ? this.delta({ type: 'input_json_delta', partial_json: '{}' }) : ''
    return empty + this.stopBlock() + this.carrySignature()
  }

  private stopBlock(): string {
    return this.event('content_block_stop', { index: this.index })
  }

  /** A call's signature is carried by a thinking block of its own (see signatures.ts). */
  private carrySignature(): string {
    const { signature } = this
    if (signature === undefined) return ''
    this.signature = undefined
    return this.startThinking() + this.writeSignature(signature) + this.stopBlock()
  }

  /** All counts stand here, because an OpenAI upstream states its input tokens only at the end. */
  private end(): string {
    const { reason, sequence = null } = this.stop
    const stop_reason = toStopReason(this.refused && reason === 'end' ? 'refusal' : reason)
    const delta = { stop_reason, stop_sequence: sequence }
    return (
      this.event('message_delta', { delta, usage: writeAnthropicUsage(this.usage) }) + this.event('message_stop', {})
    )
  }
}
