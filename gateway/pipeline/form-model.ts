/**
 * The `model` field of a multipart form (transcriptions, image edits): where it stands, and what it is without a
 * prefix.
 */

export interface FormField {
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
export function readFormModel(body: Buffer): FormField | null {
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

export function cutFormModel(body: Buffer, { start }: FormField, prefix: string): Buffer {
  return Buffer.concat([body.subarray(0, start), body.subarray(start + Buffer.byteLength(prefix))])
}
