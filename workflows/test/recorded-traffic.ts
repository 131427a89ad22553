/** Recorded traffic of real providers: the full set where it is there, else the committed sample. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface WireRow {
  id: string
  api: string
  stream: boolean
  status: number | null
  url: string | null
  request: unknown
  response: unknown
}

export function loadRecordedTraffic(): WireRow[] {
  const full = join(process.env.SINEW_EVAL_DATA || join('..', 'shared', 'data'), 'd_wire.jsonl')
  const sample = join(import.meta.dirname, '../../gateway/test/eval/wire/sample.jsonl')
  if (!existsSync(full))
    console.log(`the full set ${full} is missing (SINEW_EVAL_DATA): the committed sample is read instead`)
  return readFileSync(existsSync(full) ? full : sample, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WireRow)
}

/** The bytes as they came: some rows hold decoded events, or bare JSON lines. */
export function toWire({ stream, response }: WireRow): string {
  if (Array.isArray(response))
    return (response as object[]).map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
  if (typeof response !== 'string') return JSON.stringify(response)
  if (!stream || /^(data|event|:)/m.test(response)) return response
  return response
    .trim()
    .split('\n')
    .map((line) => `data: ${line}\n\n`)
    .join('')
}
