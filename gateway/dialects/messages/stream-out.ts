import type { StreamWriter } from '../adapter.ts'
import { writeAnthropicError } from '../errors.ts'
import { writeJson, type JsonTree } from '../json.ts'
import type { AnswerEvent, Opaque, OpenPart, Stop, Usage } from '../model.ts'
import { toOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { writeSse } from '../../bytes/sse.ts'
import { toPlainId } from '../tools.ts'
import { mergeUsage, writeAnthropicUsage } from '../usage.ts'
import { logprobsPath, toStopReason } from './answer.ts'
import { writeCitation } from './content-out.ts'

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createMessagesStreamWriter(report: TranslationReport): StreamWriter {
  let index = -1
  let open: OpenPart | undefined
  let started = false
  let usage: Usage = {}
  let stop: Stop = { reason: 'end', path: '' }
  let refused = false
  let signature: Opaque | undefined
  /** An encrypted block is said whole, so its start waits until it is known to be one. */
  let unsaid = false
  let said = false

  const event = (type: string, members: Record<string, JsonTree>): string =>
    writeSse(writeJson({ type, ...members }), type)
  const delta = (members: Record<string, JsonTree>): string => event('content_block_delta', { index, delta: members })

  function startBlock(block: Record<string, JsonTree>): string {
    index += 1
    unsaid = false
    return event('content_block_start', { index, content_block: block })
  }

  function opened(what: OpenPart): string {
    // Free text is no object: the call cannot be told, and no half of it may be.
    if (what.kind === 'tool-call' && what.custom === true) {
      report.drop(what.path)
      return ''
    }
    // This dialect has no place for a picture that the model made.
    if (what.kind === 'image') {
      report.drop(what.path)
      return ''
    }
    open = what
    said = false
    if (what.kind === 'reasoning') {
      unsaid = true
      return ''
    }
    if (what.kind !== 'tool-call') {
      refused ||= what.kind === 'refusal'
      return startBlock({ type: 'text', text: '' })
    }
    if (what.signature !== undefined) signature = { ...what.signature, id: what.id }
    return startBlock({ type: 'tool_use', id: toPlainId(what.id), name: what.name, input: {} })
  }

  function words(text: string): string {
    if (open === undefined) return ''
    said = true
    if (open.kind === 'tool-call') return delta({ type: 'input_json_delta', partial_json: text })
    if (open.kind !== 'reasoning') return delta({ type: 'text_delta', text })
    return `${unsaid ? startBlock({ type: 'thinking', thinking: '', signature: '' }) : ''}${delta({ type: 'thinking_delta', thinking: text })}`
  }

  function opaque(proof: Opaque): string {
    if (open === undefined) return ''
    if (open.kind === 'tool-call') {
      signature = { ...proof, id: open.id }
      return ''
    }
    if (proof.maker === 'anthropic' && proof.kind === 'encrypted')
      return startBlock({ type: 'redacted_thinking', data: proof.value })
    return `${unsaid ? startBlock({ type: 'thinking', thinking: '', signature: '' }) : ''}${delta({ type: 'signature_delta', signature: toOpaqueField(proof, 'anthropic') })}`
  }

  function closed(): string {
    const block = open
    open = undefined
    if (block === undefined) return ''
    if (unsaid) {
      unsaid = false
      return ''
    }
    const empty = block.kind === 'tool-call' && !said ? delta({ type: 'input_json_delta', partial_json: '{}' }) : ''
    const end = `${empty}${event('content_block_stop', { index })}`
    if (signature === undefined) return end
    const carrier = toOpaqueField(signature, 'anthropic')
    signature = undefined
    return `${end}${startBlock({ type: 'thinking', thinking: '', signature: '' })}${delta({ type: 'signature_delta', signature: carrier })}${event('content_block_stop', { index })}`
  }

  return {
    // oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
    write(said_: Exclude<AnswerEvent, { kind: 'damage' }>): string {
      switch (said_.kind) {
        case 'start': {
          if (started) return ''
          started = true
          usage = mergeUsage(usage, said_.usage ?? {})
          const message = {
            id: said_.id,
            type: 'message',
            role: 'assistant',
            model: said_.model,
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: {
              ...writeAnthropicUsage(usage),
              service_tier: said_.serviceTier === 'default' ? 'standard' : said_.serviceTier,
            },
          }
          return event('message_start', { message })
        }
        case 'open':
          return opened(said_.what)
        case 'delta':
          return words(said_.text)
        case 'logprobs':
          report.drop(logprobsPath(open?.path ?? 'choices'))
          return ''
        case 'citation':
          return delta({ type: 'citations_delta', citation: writeCitation(said_.citation) })
        case 'opaque':
          return opaque(said_.opaque)
        case 'close':
          return closed()
        case 'usage':
          usage = mergeUsage(usage, said_.usage)
          return ''
        case 'stop':
          stop = refused && said_.stop.reason === 'end' ? { ...said_.stop, reason: 'refusal' } : said_.stop
          return ''
        case 'end':
          // All counts stand here, because an OpenAI upstream tells its input tokens only at the end.
          return `${event('message_delta', { delta: { stop_reason: toStopReason(stop), stop_sequence: stop.sequence ?? null }, usage: writeAnthropicUsage(usage) })}${event('message_stop', {})}`
        case 'error':
          return writeSse(writeJson(writeAnthropicError(said_.error)), 'error')
      }
    },
  }
}
