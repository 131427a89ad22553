/**
 * The model that the body of a pass-through call names: a member of JSON, or a field of a multipart form
 * (transcriptions, image edits). Of a large body its beginning is enough, where the model stands in it.
 */
import { editJson, spliceBytes } from '../bytes/json-edit.ts'
import { locate, skipPrefix } from '../bytes/json-scan.ts'

interface FormField {
  value: string
  start: number
}

const opening = Buffer.from('name="model"')
const headEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')
const maxModelBytes = 500

/**
 * `null` = there is none. File contents are passed over: the field's own head must end within its part's first lines.
 */
function readFormModel(body: Buffer): FormField | null {
  for (let at = body.indexOf(opening); at >= 0; at = body.indexOf(opening, at + 1)) {
    // The name must stand in a head: the line it is on begins with the disposition.
    const line = body.lastIndexOf(lineEnd, at) + 2
    if (!/^content-disposition: *form-data;/i.test(body.toString('latin1', line, at))) continue
    const head = body.indexOf(headEnd, at)
    if (head < 0 || head - at > 1_000) continue
    const start = head + headEnd.length
    const end = body.indexOf(lineEnd, start)
    if (end < 0 || end - start > maxModelBytes) continue
    return { value: body.toString('utf8', start, end), start }
  }
  return null
}

function cutFormModel(body: Buffer, { start }: FormField, prefix: string): Buffer {
  return Buffer.concat([body.subarray(0, start), body.subarray(start + Buffer.byteLength(prefix))])
}

export interface NamedModel {
  value: string
  /** The body without this prefix of the value. */
  cut(prefix: string): Buffer | null
}

const quote = 0x22

/** `null` = the body names no model that can be read. */
export function readModel(contentType: string | undefined, body: Buffer): NamedModel | null {
  if (body.length === 0) return null
  if (contentType?.startsWith('multipart/form-data') === true) {
    const found = readFormModel(body)
    return found && { value: found.value, cut: (prefix) => cutFormModel(body, found, prefix) }
  }
  if (contentType?.includes('json') !== true) return null
  try {
    const { model } = JSON.parse(body.toString('utf8')) as { model?: unknown }
    if (typeof model !== 'string' || model === '') return null
    return { value: model, cut: (prefix) => editJson(body, [{ kind: 'cut', path: ['model'], prefix }]) }
  } catch {
    return readBegunModel(body)
  }
}

/** Of JSON that is not whole here, or broken: what is wrong with it its provider says best. */
function readBegunModel(body: Buffer): NamedModel | null {
  const place = locate(body, ['model'])
  if (place === null || place.end >= body.length || body[place.start] !== quote) return null
  try {
    const value: unknown = JSON.parse(body.toString('utf8', place.start, place.end))
    if (typeof value !== 'string' || value === '') return null
    const start = place.start + 1
    return {
      value,
      cut(prefix) {
        const end = skipPrefix(body, start, prefix)
        return end === null ? null : spliceBytes(body, [{ start, end, text: '' }])
      },
    }
  } catch {
    return null
  }
}
