import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { SseReader } from '../sse-reader.ts'
import { evaluateWire, toMatrix } from './wire.ts'
import { readRow } from './wire/rows.ts'
import { openGatewayTransport } from './wire/gateway-transport.ts'
import { createAdapterTransport } from './wire/transport.ts'

const here = dirname(fileURLToPath(import.meta.url))
const full = join(process.env.SINEW_EVAL_DATA ?? join(here, '../../../../shared/data'), 'd_wire.jsonl')
const file = existsSync(full) ? full : join(here, 'wire/sample.jsonl')
if (file !== full) console.warn(`The full set is missing: ${full}. The committed sample of it is tested instead.`)
const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')

test('odd but legal bodies read the same in every dialect: several choices, calls that share an index, the first form of calls, refusals, usage in odd places, free text calls, errors in the middle', async () => {
  const odd = readFileSync(join(here, 'wire/odd.jsonl'), 'utf8').trim().split('\n')
  const { result } = await evaluateWire(odd, createAdapterTransport())
  expect(result.failed).toEqual([])
  expect(result).toMatchObject({ rows: odd.length, dropped: expect.any(Number) as number })
  const bytewise = await evaluateWire(
    odd.filter((line) => readRow(line).stream),
    createAdapterTransport(),
    { byteByByte: true },
  )
  expect(bytewise.result.failed).toEqual([])
})

describe('recorded exchanges', () => {
  test(
    'read the same in every dialect, on both sides, through a gateway that runs; the same dialect byte for byte; and the record has their status, usage and outcome',
    { timeout: 240_000 },
    async () => {
      const transport = await openGatewayTransport()
      try {
        const { result, cells } = await evaluateWire(lines, transport)
        console.log(toMatrix(cells))
        expect(result.failed).toEqual([])
        expect(result.rows).toBe(lines.length)
        expect(result.cells).toBeGreaterThan(lines.length)
      } finally {
        await transport.close()
      }
    },
  )

  test('read the same when every stream comes one byte at a time', { timeout: 240_000 }, async () => {
    const streams = lines.filter((line) => readRow(line).stream)
    const { result } = await evaluateWire(streams, createAdapterTransport(), { byteByByte: true })
    expect(result.failed).toEqual([])
  })

  test('their streams are parsed the same cut in two at any byte', { timeout: 240_000 }, () => {
    /** Beyond this many bytes every n-th place is tried, so that a long stream takes no longer than a short one. */
    const placesMax = 250
    for (const row of lines.map(readRow).filter(({ stream }) => stream)) {
      const bytes = Buffer.from(row.response, 'utf8')
      const whole = new SseReader().push(bytes)
      const step = Math.max(1, Math.ceil(bytes.length / placesMax))
      for (let at = 1; at < bytes.length; at += step) {
        const parser = new SseReader()
        const events = [...parser.push(bytes.subarray(0, at)), ...parser.push(bytes.subarray(at))]
        if (JSON.stringify(events) !== JSON.stringify(whole))
          throw new Error(`${row.id} reads differently cut at byte ${at}`)
      }
    }
  })
})
