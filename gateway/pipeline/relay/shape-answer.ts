/**
 * An upstream's answer → the caller's, where something has to change on the way. A stream is changed event by event as
 * it comes; anything else once it is whole.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { Usage } from '../../../db/words/exchange.ts'
import { toDroppedHeader } from '../../dialects/report.ts'
import { createStreamTranslator, translateAnswer, translateAnswerToStream } from '../../dialects/translate.ts'
import type { WireError } from '../../dialects/model.ts'
import { toRecordedUsage } from '../../dialects/usage.ts'
import type { ErrorCode } from '../../dialects/refusals.ts'
import type { StreamTransform } from '../../bytes/answer-transform.ts'
import { isDispensable, type AnswerPlan, type Translation } from '../outgoing.ts'
import { shapeError } from './shape-error.ts'

export const maxWholeBytes = 64 * 1024 * 1024

const empty: Buffer = Buffer.alloc(0)
const eventStream = 'text/event-stream; charset=utf-8'

/** A stream on its way. */
export interface ShapedStream {
  readonly kind: 'stream'
  /** `null` = the upstream's own. */
  readonly contentType: string | null
  push(chunk: Buffer): Buffer
  /** The upstream's body has ended: what is left; `truncated` says whether it ended too early. */
  end(): Buffer
  /** The upstream broke off: how the stream ends for the caller; `null` = as any that was not changed. */
  fail(error: WireError): Buffer | null
  readonly truncated: boolean
  /** As the upstream stated it so far; `null` = it did not; absent = the caller's bytes say it. */
  readonly usage: Usage | null | undefined
  readonly dropped: readonly string[]
}

export interface WholeAnswer {
  status: number
  contentType: string | null
  body: Buffer
  dropped: readonly string[]
  errorCode: ErrorCode | null
  /** As in a stream. */
  usage: Usage | null | undefined
  /** Of an answer of 2xx; some providers state an error in one. */
  ended: 'ok' | 'error' | 'truncated'
}

export interface ShapedWhole {
  readonly kind: 'whole'
  finish(body: Buffer): WholeAnswer
}

/** `null` = the bytes pass as they are. */
export function shapeAnswer(
  plan: AnswerPlan,
  status: number,
  headers: IncomingHttpHeaders,
): ShapedStream | ShapedWhole | null {
  if (status >= 300 && plan.translation === null)
    return status >= 400 && plan.errorWire ? shapeError(plan.errorWire, status, headers) : null
  if (plan.addresses && !plan.addresses.reads(headers)) return null
  const contentType = headers['content-type'] ?? null
  const unframed = status < 300 && plan.unframe !== null ? plan.unframe(contentType ?? '') : null
  const streamed = unframed !== null || (status < 300 && contentType?.startsWith('text/event-stream') === true)
  // A provider that may frame its streams otherwise, and did not.
  if (unframed === null && plan.translation === null && plan.transforms.length === 0) return null
  const encoding = headers['content-encoding']
  if (isDispensable(plan) && (!streamed || (encoding !== undefined && encoding !== 'identity'))) return null
  // It was asked for uncompressed; where it comes compressed all the same, being right goes before being early.
  if (encoding !== undefined && encoding !== 'identity')
    return {
      kind: 'whole',
      finish: (body) => finishEncoded(plan, unframed, status, streamed, contentType, decode(body, encoding)),
    }
  if (streamed) return shapeStream(plan, unframed)
  return { kind: 'whole', finish: (body) => finishWhole(plan, status, contentType, body) }
}

/** Name and value, flat; none where nothing was lost. */
export function toDroppedHeaders(dropped: readonly string[]): string[] {
  const value = toDroppedHeader([...new Set(dropped)])
  return value === undefined ? [] : ['x-sinew-dropped', value]
}

function shapeStream({ translation, transforms }: AnswerPlan, before: StreamTransform | null): ShapedStream {
  const translator =
    translation === null
      ? null
      : createStreamTranslator(
          { from: translation.from, to: translation.to },
          { includeUsage: translation.includeUsage },
        )
  const after = transforms.map((transform) => transform.stream())
  let truncated = false

  const translate = (chunk: Buffer): Buffer =>
    translator === null || chunk.length === 0 ? chunk : Buffer.from(translator.push(chunk))
  const flush = (rest: Buffer): Buffer => {
    let bytes = rest
    for (const stage of after) bytes = Buffer.concat([bytes.length > 0 ? stage.push(bytes) : empty, stage.end()])
    return bytes
  }
  return {
    kind: 'stream',
    contentType: translation === null && before === null ? null : eventStream,
    push(chunk) {
      let bytes = translate(before === null ? chunk : before.push(chunk))
      for (const stage of after) if (bytes.length > 0) bytes = stage.push(bytes)
      return bytes
    },
    end() {
      const rest = translate(before === null ? empty : before.end())
      if (translator === null) return flush(rest)
      const failedBefore = translator.failed
      const last = Buffer.from(translator.end())
      truncated = translator.failed && !failedBefore
      return flush(Buffer.concat([rest, last]))
    },
    fail(error) {
      // What is held back is the beginning of an event, and that is none.
      if (translator === null) return null
      const failedBefore = translator.failed
      const last = Buffer.from(translator.fail(error))
      truncated = translator.failed && !failedBefore
      return flush(last)
    },
    get truncated() {
      return truncated
    },
    get usage() {
      return translator === null ? readUsage(after) : toRecordedUsage(translator.usage)
    },
    get dropped() {
      return translator === null ? [] : translator.dropped
    },
  }
}

/** A transform that takes the usage out of the caller's sight keeps it for the record. */
function readUsage(stages: (StreamTransform & { usage?: Usage | null })[]): Usage | undefined {
  return stages.find((stage) => stage.usage)?.usage ?? undefined
}

function finishWhole(
  { translation, transforms }: AnswerPlan,
  status: number,
  contentType: string | null,
  body: Buffer,
): WholeAnswer {
  if (translation === null)
    return {
      status,
      contentType,
      body: runThrough(transforms, body),
      dropped: [],
      errorCode: null,
      usage: undefined,
      ended: 'ok',
    }
  const text = body.toString('utf8')
  if (translation.stream && status < 300) {
    const streamed = translateAnswerToStream(text, translation, { includeUsage: translation.includeUsage })
    if (streamed !== undefined) {
      let bytes: Buffer = Buffer.from(streamed.body)
      for (const transform of transforms) bytes = runStream(transform.stream(), bytes)
      return {
        status,
        contentType: eventStream,
        body: bytes,
        dropped: streamed.dropped,
        errorCode: null,
        usage: toRecordedUsage(streamed.usage),
        ended: 'ok',
      }
    }
  }
  return finishTranslated(translation, transforms, status, text)
}

function finishTranslated(
  translation: Translation,
  transforms: AnswerPlan['transforms'],
  status: number,
  text: string,
): WholeAnswer {
  const answer = translateAnswer(text, translation, status)
  const bytes = Buffer.from(answer.body)
  return {
    // An answer that failed, or that is none, must not look like one.
    status: answer.status,
    contentType: 'application/json',
    body: answer.answered ? runThrough(transforms, bytes) : bytes,
    dropped: answer.dropped,
    errorCode: status < 300 && !answer.readable ? 'upstream_unreadable' : null,
    usage: toRecordedUsage(answer.usage),
    ended: answer.answered ? 'ok' : 'error',
  }
}

function finishEncoded(
  plan: AnswerPlan,
  unframed: StreamTransform | null,
  status: number,
  streamed: boolean,
  contentType: string | null,
  body: Buffer,
): WholeAnswer {
  if (!streamed) return finishWhole(plan, status, contentType, body)
  const shaped = shapeStream(plan, unframed)
  const bytes = Buffer.concat([shaped.push(body), shaped.end()])
  return {
    status,
    contentType: shaped.contentType ?? contentType,
    body: bytes,
    dropped: shaped.dropped,
    errorCode: shaped.truncated ? 'upstream_cut' : null,
    usage: shaped.usage,
    ended: shaped.truncated ? 'truncated' : 'ok',
  }
}

function runThrough(transforms: AnswerPlan['transforms'], body: Buffer): Buffer {
  let bytes = body
  for (const transform of transforms) bytes = transform.json(bytes)
  return bytes
}

function runStream(stage: StreamTransform, bytes: Buffer): Buffer {
  return Buffer.concat([stage.push(bytes), stage.end()])
}

/** Bytes that cannot be decoded stay: they are found unreadable then. */
function decode(body: Buffer, encoding: string): Buffer {
  const decoders: Record<string, (bytes: Buffer, limit: { maxOutputLength: number }) => Buffer> = {
    gzip: gunzipSync,
    'x-gzip': gunzipSync,
    deflate: inflateSync,
    br: brotliDecompressSync,
    zstd: zstdDecompressSync,
  }
  try {
    return decoders[encoding.trim().toLowerCase()]?.(body, { maxOutputLength: maxWholeBytes }) ?? body
  } catch {
    return body
  }
}
