/**
 * Recorded exchanges, as if their tools had been in a namespace: requests go there and back, and answers come out as
 * they were recorded.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { enterNamespace } from '../../pipeline/rewrite/namespace.ts'
import { readRow, type WireRow } from '../eval/wire/rows.ts'
import { editJson } from '../../bytes/json-edit.ts'
import { openStage } from '../stage.ts'

const here = dirname(fileURLToPath(import.meta.url))
const full = join(process.env.SINEW_EVAL_DATA ?? join(here, '../../../../shared/data'), 'd_wire.jsonl')
const file = existsSync(full) ? full : join(here, '../eval/wire/sample.jsonl')
if (file !== full) console.warn(`The full set is missing: ${full}. The committed sample of it is tested instead.`)

interface Recorded extends WireRow {
  wire: Wire
  body: Buffer
  json: Record<string, unknown>
}

const rows: Recorded[] = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map(readRow)
  .flatMap((row) =>
    row.request === undefined || row.dialect === undefined || row.dialect === 'google'
      ? []
      : [
          {
            ...row,
            wire: row.dialect,
            body: Buffer.from(row.request),
            json: JSON.parse(row.request) as Record<string, unknown>,
          },
        ],
  )

const place = { toolNamespace: 'acme', keyName: 'demo', endUser: null, sessionKey: null, model: 'm' }
/** Arguments and texts are strings in JSON, where a quote is written otherwise: only names are found like this. */
const named = /"(name|tool_name|namespace)"(\s*:\s*)"([^"\\]+)"|"(paths)"(\s*:\s*\[)"([^"\\]+)"/g

describe('recorded exchanges in a namespace', () => {
  const entered = rows.flatMap((row) => {
    const entered = enterNamespace(row.wire, row.json, place)
    const body = entered && editJson(row.body, entered.edits)
    return entered === null || body === null ? [] : [{ row, namespaced: { ...entered, body } }]
  })

  test('there are some of each wire format that are recorded with tools', () => {
    expect(entered.length).toBeGreaterThan(0)
    for (const { row, namespaced } of entered)
      if (!namespaced.body.includes('"acme__')) throw new Error(`${row.id} has a namespace and no name in it`)
  })

  test('requests differ in the prefix alone, which stands in front of names and nowhere else', () => {
    for (const { row, namespaced } of entered) {
      const text = namespaced.body.toString()
      // A string whose escapes were unusual is written anew: then the value is compared.
      const back = text.replaceAll('"acme__', '"')
      if (back !== row.body.toString()) expect(JSON.parse(back)).toEqual(row.json)
      for (const [, after] of text.matchAll(/"acme__([^"]*)"/g)) expect(row.body.toString()).toContain(`"${after}"`)
    }
  })

  test('answers whose calls say the names of the namespace come out byte for byte as they were recorded, in any pieces', () => {
    let calls = 0
    for (const { row, namespaced } of entered) {
      const own = new Set([...namespaced.body.toString().matchAll(/"acme__([^"]*)"/g)].map(([, name]) => name))
      const said = row.response.replaceAll(named, (whole: string, ...parts: string[]) => {
        const name = parts[2] ?? (parts[5] as string)
        return own.has(name) ? whole.replace(`"${name}"`, `"acme__${name}"`) : whole
      })
      if (said !== row.response) calls++
      const bytes = Buffer.from(said)
      if (!row.stream) {
        expect(namespaced.transform.json(bytes).toString()).toBe(row.response)
        continue
      }
      for (const size of [bytes.length, 1, 7, 1000]) {
        const stream = openStage(namespaced.transform.stream())
        const out: Buffer[] = []
        for (let at = 0; at < bytes.length; at += size) out.push(stream.push(bytes.subarray(at, at + size)))
        expect(Buffer.concat([...out, stream.end()]).toString()).toBe(row.response)
      }
    }
    expect(calls).toBeGreaterThan(0)
  })
})
