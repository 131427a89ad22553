/**
 * A chat stream says what it has used only when it is asked to. Sinew asks for the record's sake, and takes out again
 * what comes of it, so that the caller's bytes are those of a direct call:
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
import type { Usage } from '../../../db/words/exchange.ts'
import { readChatUsage } from '../../../workflows/domain/exchanges/chat-answer.ts'
import { asObject, parseJson } from '../../../workflows/domain/json/json.ts'
import type { AnswerTransform, Stage } from '../../bytes/answer-transform.ts'
import { toSplices, type JsonEdit } from '../../bytes/json-edit.ts'
import type { JsonView } from '../../bytes/json-view.ts'
import type { SseBlock } from '../../bytes/sse-block.ts'
import { createEventStage } from '../../bytes/sse-stage.ts'
import type { UsageAsking } from '../../providers/usage-asking.ts'

/**
 * What a chat request needs to be told its usage; `null` = nothing: it asks itself, does not stream, or says what the
 * provider would refuse, which is the provider's to say. A caller that says `false` does not want to see it, no more
 * than one that says nothing.
 */
export function planUsage(body: Record<string, unknown>): JsonEdit | null {
  if (body.stream !== true) return null
  const { stream_options: options } = body
  if (options === undefined) return { kind: 'addMember', name: 'stream_options', json: '{"include_usage":true}' }
  if (options === null) return { kind: 'set', path: ['stream_options'], json: '{"include_usage":true}' }
  const asked = asObject(options)
  if (asked === null) return null
  if (asked.include_usage === undefined)
    return { kind: 'addMember', path: ['stream_options'], name: 'include_usage', json: 'true' }
  return asked.include_usage === false ? { kind: 'set', path: ['stream_options', 'include_usage'], json: 'true' } : null
}

/**
 * Makes a chat request ask for its usage, and gives what keeps that from its caller; `null` = it goes as it is. `json`
 * is what the caller sent, parsed.
 */
export function askForUsage(view: JsonView, json: Record<string, unknown>, asking: UsageAsking): UsageCutter | null {
  const edit = planUsage(json)
  if (edit === null || !view.edit([edit])) return null
  return createUsageCutter(asking, asObject(json.stream_options) === null)
}

/** A stream that keeps what it takes out of the caller's sight. */
export interface UsageStream extends Stage {
  /** As the upstream stated it so far; `null` = it has not. */
  readonly usage: Usage | null
}

export interface UsageCutter extends AnswerTransform {
  stream(): UsageStream
}

/**
 * Takes out the chunk of the usage, and the `"usage":null` that asking for it adds to all the others. `alone`: nothing
 * else of `stream_options` is the caller's.
 */
export function createUsageCutter(asking: UsageAsking, alone = false): UsageCutter {
  return {
    dispensable: true,
    json: (body) => body,
    stream: () => createUsageStream(asking),
    // Its caller cannot mend what it did not write, nor can the next one.
    refused(body) {
      if (alone && body.includes('stream_options')) asking.isRefused()
    },
  }
}

const terminal = Buffer.from('[DONE]')
const nothing: Buffer = Buffer.alloc(0)

function createUsageStream(asking: UsageAsking): UsageStream {
  let usage: Usage | null = null
  let marked = false

  const cut = (block: SseBlock): Buffer => {
    if (!block.latin1.includes('"usage"')) {
      if (usage === null && !marked && block.latin1.includes('[DONE]') && block.toData().equals(terminal))
        asking.wentUnanswered()
      return block.bytes
    }
    const data = block.toData()
    const chunk = asObject(parseJson(data.toString('utf8')))
    if (chunk === null) return block.bytes
    usage = readChatUsage(chunk) ?? usage
    if (chunk.usage === null) {
      marked = true
      const splices = toSplices(data, [{ kind: 'remove', path: ['usage'] }])
      return splices === null ? block.bytes : block.splice(splices)
    }
    const isUsageChunk = asObject(chunk.usage) !== null && Array.isArray(chunk.choices) && chunk.choices.length === 0
    // Said without a word of it before, it may be what this server says to everybody: then it is the caller's.
    return isUsageChunk && asking.isDueToIt(marked) ? nothing : block.bytes
  }

  return {
    ...createEventStage(cut),
    get usage() {
      return usage
    },
  }
}
