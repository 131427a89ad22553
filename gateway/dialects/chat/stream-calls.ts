import { rawText, type JsonObject } from '../json.ts'
import { number, text } from '../members.ts'
import type { Opaque, OpenPart } from '../model.ts'

/** A tool call of a stream, which may come in many pieces. */
export interface StreamedCall {
  readonly part: number
  /** Its place among the calls. */
  readonly place: number
  readonly index: number
  readonly id: string
  opened: boolean
  /** Arguments that came before the name: a part can only be opened with its name. */
  held: string
  signature?: Opaque
}

/**
 * Providers number and name calls differently: OpenAI sends id and name once, some repeat them in every chunk, some
 * leave the index out or count from -1, some send the id late. A new id at the same index is a new call.
 */
export class StreamedCalls {
  readonly all: StreamedCall[] = []

  /** The call that a delta goes on with. */
  find(delta: JsonObject): StreamedCall | undefined {
    const index = number(delta, 'index') ?? 0
    const id = text(delta, 'id') ?? ''
    const match = this.all.findLast((call) => call.index === index)
    const replaced = match !== undefined && match.opened && id !== '' && id !== match.id
    return replaced ? undefined : match
  }

  add(delta: JsonObject, part: number): StreamedCall {
    const place = this.all.length
    const id = text(delta, 'id') ?? ''
    const call: StreamedCall = {
      part,
      place,
      index: number(delta, 'index') ?? 0,
      id: id === '' ? `call_${place}` : id,
      opened: false,
      held: '',
    }
    this.all.push(call)
    return call
  }
}

export function callPath({ place }: StreamedCall): string {
  return `choices[0].message.tool_calls[${place}]`
}

export function toOpenCall(call: StreamedCall, name: string, custom: boolean): OpenPart {
  return {
    kind: 'tool-call',
    id: call.id,
    name,
    path: callPath(call),
    ...(custom ? { custom } : {}),
    ...(call.signature === undefined ? {} : { signature: call.signature }),
  }
}

/** Arguments are text; some servers send an object. */
export function readArguments(body: JsonObject | undefined): string {
  const written = text(body, 'arguments') ?? text(body, 'input')
  if (written !== undefined) return written
  return body?.arguments === undefined || body.arguments === null ? '' : rawText(body.arguments)
}
