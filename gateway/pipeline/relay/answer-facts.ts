/** What follows from the head of an answer for the way it goes. */
import type { Exchange } from '../exchange.ts'
import type { AnswerHead } from './ends.ts'
import { readEncoding, readHeader } from './answer-headers.ts'

export interface AnswerFacts {
  contentType: string
  /** `null` = the body is not compressed. */
  encoding: string | null
  /** What goes to the caller is a stream of events. */
  eventStream: boolean
  /** -1 = the body ends when it ends. */
  expectedBytes: number
  /**
   * The upstream says where its body ends; otherwise a closed connection is all there is, and a fault looks the same.
   */
  framed: boolean
  /** The answer is collected and watched. */
  keeping: boolean
  /** A comment may break its silence. */
  keptAlive: boolean
}

/** `changed`: its bytes change on the way. */
export function readAnswerFacts({ status, headers }: AnswerHead, exchange: Exchange, changed: boolean): AnswerFacts {
  const contentType = readHeader(headers, 'content-type') ?? ''
  const encoding = readEncoding(headers)
  const length = readHeader(headers, 'content-length')
  const eventStream = changed || contentType.startsWith('text/event-stream')
  const expectedBytes = changed || length === null ? -1 : Number(length)
  const framed = length !== null || headers['transfer-encoding'] !== undefined
  return {
    contentType,
    encoding,
    eventStream,
    expectedBytes,
    framed,
    // Without a record there is nothing to wait for; an end that was not said must be judged all the same.
    keeping: exchange.recorded || (eventStream && !framed),
    // Not where bytes have been counted or packed already, nor where Sinew does not know what they mean.
    keptAlive: eventStream && encoding === null && expectedBytes < 0 && status < 300 && exchange.facts.wire !== null,
  }
}
