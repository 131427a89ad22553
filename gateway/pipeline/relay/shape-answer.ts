/**
 * An upstream's answer → the caller's, where something has to change on the way. A stream is changed event by event as
 * it comes (shape-stream.ts); anything else once it is whole.
 */
import { decodeContent } from '../../../db/journal/content-encoding.ts'
import type { AnswerTransform, StreamTransform } from '../../bytes/answer-transform.ts'
import { joinBytes, runStream } from '../../bytes/sse-stage.ts'
import { toDroppedHeader } from '../../dialects/report.ts'
import { translateAnswer, translateAnswerToStream } from '../../dialects/translate.ts'
import { toRecordedUsage } from '../../dialects/usage.ts'
import type { WireFacts } from '../../dialects/wire-facts.ts'
import type { AnswerHeaders } from '../headers.ts'
import { isDispensable, type AnswerPlan, type Translation } from '../outgoing.ts'
import { readEncoding, readHeader } from './answer-headers.ts'
import { judgeWholeAnswer } from './whole-answer-failure.ts'
import { shapeStream, type ShapedStream } from './shape-stream.ts'
import { shapeError } from './shape-error.ts'
import type { ShapedWhole, WholeAnswer } from './whole-answer.ts'

export const maxWholeBytes = 64 * 1024 * 1024

const eventStream = 'text/event-stream; charset=utf-8'

/** An answer that has to change: how, and what its head says of it. */
interface Shaping {
  plan: AnswerPlan
  facts: WireFacts
  status: number
  contentType: string | null
  encoding: string | null
  /** What makes server-sent events of it; `null` = it is such, or no stream. */
  unframed: StreamTransform | null
  streamed: boolean
}

/** `null` = the bytes pass as they are. */
export function shapeAnswer(
  plan: AnswerPlan,
  facts: WireFacts,
  status: number,
  headers: AnswerHeaders,
): ShapedStream | ShapedWhole | null {
  if (status >= 300 && plan.translation === null)
    return status >= 400 && plan.errorWire ? shapeError(plan.errorWire, status, headers) : null
  if (plan.addresses && !plan.addresses.reads(headers)) return null
  const shaping = readShaping(plan, facts, status, headers)
  if (passes(shaping)) return null
  // It was asked for uncompressed; where it comes compressed all the same, being right goes before being early.
  return shaping.streamed && shaping.encoding === null
    ? openStream(shaping)
    : { kind: 'whole', finish: (body) => finishWhole(shaping, body) }
}

function readShaping(plan: AnswerPlan, facts: WireFacts, status: number, headers: AnswerHeaders): Shaping {
  const contentType = readHeader(headers, 'content-type')
  const unframed = status < 300 && plan.unframe !== null ? plan.unframe(contentType ?? '') : null
  const streamed = unframed !== null || (status < 300 && contentType?.startsWith('text/event-stream') === true)
  return { plan, facts, status, contentType, encoding: readEncoding(headers), unframed, streamed }
}

/** The head shows that nothing has to change, or that what would change may stay. */
function passes({ plan, unframed, streamed, encoding }: Shaping): boolean {
  // A provider that may frame its streams otherwise, and did not.
  if (unframed === null && plan.translation === null && plan.transforms.length === 0) return true
  return isDispensable(plan) && (!streamed || encoding !== null)
}

/** Name and value, flat; none where nothing was lost. */
export function toDroppedHeaders(dropped: readonly string[]): string[] {
  const value = toDroppedHeader([...new Set(dropped)])
  return value === undefined ? [] : ['x-sinew-dropped', value]
}

function openStream({ plan, facts, unframed }: Shaping): ShapedStream {
  return shapeStream(plan, unframed, facts.wire, facts.terminal)
}

function finishWhole(shaping: Shaping, body: Buffer): WholeAnswer {
  const decoded = decodeContent(body, shaping.encoding, maxWholeBytes)
  // What cannot be decoded stays, and is found unreadable.
  const plain = 'problem' in decoded ? body : decoded.bytes
  if (shaping.streamed) return finishStream(shaping, plain)
  const { translation } = shaping.plan
  return translation === null ? finishRewritten(shaping, plain) : finishForeign(shaping, translation, plain)
}

/** A stream that had to be decoded as a whole. */
function finishStream(shaping: Shaping, body: Buffer): WholeAnswer {
  const shaped = openStream(shaping)
  const blocks = [...shaped.push(body), ...shaped.end()]
  const failed = shaped.failed ? 'error' : 'ok'
  return {
    status: shaping.status,
    contentType: shaped.contentType ?? shaping.contentType,
    body: joinBytes(blocks),
    dropped: shaped.dropped,
    errorCode: shaped.truncated ? 'upstream_cut' : null,
    usage: shaped.usage,
    ended: shaped.truncated ? 'truncated' : failed,
  }
}

function finishRewritten({ plan, facts, status, contentType }: Shaping, body: Buffer): WholeAnswer {
  return {
    status,
    contentType,
    body: runThrough(plan.transforms, body),
    dropped: [],
    errorCode: null,
    usage: undefined,
    ended: judgeWholeAnswer(body, { wire: facts.wire, contentType: contentType ?? '', encoding: null, cut: false }),
  }
}

function finishForeign({ plan, status }: Shaping, translation: Translation, body: Buffer): WholeAnswer {
  const text = body.toString('utf8')
  const streamed =
    translation.stream && status < 300
      ? translateAnswerToStream(text, translation, { includeUsage: translation.includeUsage })
      : undefined
  if (streamed === undefined) return finishTranslated(translation, plan.transforms, status, text)
  const stages = plan.transforms.map((transform) => transform.stream())
  return {
    status,
    contentType: eventStream,
    body: runStream(stages, Buffer.from(streamed.body)),
    dropped: streamed.dropped,
    errorCode: null,
    usage: toRecordedUsage(streamed.usage),
    ended: 'ok',
  }
}

function finishTranslated(
  translation: Translation,
  transforms: readonly AnswerTransform[],
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

function runThrough(transforms: readonly AnswerTransform[], body: Buffer): Buffer {
  return transforms.reduce((bytes, transform) => transform.json(bytes), body)
}
