/**
 * AWS event streams, as Bedrock streams Claude's answers, into SSE of the Messages dialect. A message is a length, a
 * checksum of it, headers, a payload and a checksum of all; AWS's own codec reads it, this file finds where one ends.
 * Source: https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
 */
import { createRequire } from 'node:module'
import type * as Codec from '@smithy/eventstream-codec'
import type { StreamTransform } from '../bytes/answer-transform.ts'

export const eventStreamType = 'application/vnd.amazon.eventstream'

const lengthBytes = 4
/** Two lengths and three checksums are the least; AWS sends at most 16 MiB of payload and 128 KiB of headers. */
const leastBytes = 16
const mostBytes = 25 * 1_024 * 1_024

/** AWS's words for what went wrong in a stream, in Anthropic's. */
const errorTypes: Readonly<Record<string, string>> = {
  throttlingException: 'rate_limit_error',
  validationException: 'invalid_request_error',
  modelTimeoutException: 'timeout_error',
  serviceUnavailableException: 'overloaded_error',
}

let loaded: Codec.EventStreamCodec | null = null
/** Loaded where a provider needs it: see aws-signature.ts. */
export function loadCodec(): Codec.EventStreamCodec {
  if (loaded === null) {
    const { EventStreamCodec } = createRequire(import.meta.url)('@smithy/eventstream-codec') as typeof Codec
    loaded = new EventStreamCodec(
      (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
      (text) => Buffer.from(text, 'utf8'),
    )
  }
  return loaded
}

const nothing = Buffer.alloc(0)

export function createEventStreamTransform(): StreamTransform {
  let held: Buffer = nothing
  let broken = false

  function read(): string {
    let text = ''
    let at = 0
    try {
      while (held.length - at >= lengthBytes) {
        const length = held.readUInt32BE(at)
        if (length < leastBytes || length > mostBytes) throw new Error(`a message of ${length} bytes`)
        if (held.length - at < length) break
        text += toSse(held.subarray(at, at + length))
        at += length
      }
      held = held.subarray(at)
    } catch (error) {
      broken = true
      held = nothing
      text += toErrorEvent(
        'api_error',
        `The upstream sent an event stream that cannot be read: ${(error as Error).message}`,
      )
    }
    return text
  }

  return {
    push(chunk) {
      if (broken) return nothing
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      return Buffer.from(read())
    },
    // What is left is less than a message: the stream broke off, which its missing end tells.
    end: () => nothing,
  }
}

/** Each event carries one event of the Messages API, as base64. */
function toSse(message: Buffer): string {
  const { headers, body } = loadCodec().decode(message)
  const word = (name: string): string => String(headers[name]?.value ?? '')
  const kind = word(':message-type')
  const payload = Buffer.from(body).toString('utf8')
  if (kind === 'exception') return toErrorEvent(errorTypes[word(':exception-type')] ?? 'api_error', messageOf(payload))
  if (kind === 'error') return toErrorEvent('api_error', word(':error-message') || word(':error-code'))
  if (word(':event-type') !== 'chunk') return ''
  const { bytes } = JSON.parse(payload) as { bytes?: string }
  const event = Buffer.from(bytes ?? '', 'base64').toString('utf8')
  const { type } = JSON.parse(event) as { type?: string }
  return `event: ${type}\ndata: ${event}\n\n`
}

function messageOf(payload: string): string {
  try {
    const { message } = JSON.parse(payload) as { message?: string }
    return message ?? payload
  } catch {
    return payload
  }
}

function toErrorEvent(type: string, message: string): string {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message } })}\n\n`
}
