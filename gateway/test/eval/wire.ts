import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { everyByte, runRow, whole, type Cell } from './wire/cells.ts'
import { readRow } from './wire/rows.ts'
import { openGatewayTransport } from './wire/gateway-transport.ts'
import type { WireTransport } from './wire/transport.ts'

/**
 * `npm run eval -- wire <rows.jsonl>`: every recorded exchange in every dialect, on both sides, through a gateway that
 * really runs. The last line is the result.
 */
export interface WireResult {
  readonly rows: number
  readonly cells: number
  readonly passed: number
  readonly dropped: number
  readonly failed: ReadonlyArray<{ readonly id: string; readonly dialect: string; readonly why: string }>
}

export async function evaluateWire(
  lines: AsyncIterable<string> | Iterable<string>,
  transport: WireTransport,
  options: { readonly byteByByte?: boolean } = {},
): Promise<{ result: WireResult; cells: Cell[] }> {
  const cells: Cell[] = []
  let rows = 0
  for await (const line of lines) {
    if (line.trim() === '') continue
    rows += 1
    cells.push(...(await runRow(readRow(line), transport, options.byteByByte === true ? everyByte : whole)))
  }
  const failed = cells.flatMap(({ id, dialect, side, why }) =>
    why === undefined ? [] : [{ id, dialect, why: `${side}: ${why}` }],
  )
  const result = {
    rows,
    cells: cells.length,
    passed: cells.length - failed.length,
    dropped: cells.filter((cell) => cell.dropped && cell.why === undefined).length,
    failed,
  }
  return { result, cells }
}

/** Passed of all, and in brackets how many of the passed left something out and said so. */
export function toMatrix(cells: readonly Cell[]): string {
  const columns = ['chat', 'responses', 'messages', 'pass-through'] as const
  const sources = [...new Set(cells.map((cell) => cell.source))]
  const lines = sources.flatMap((source) =>
    (['answer', 'request'] as const).map((side) => {
      const shown = columns.map((dialect) => {
        const these = cells.filter((cell) => cell.source === source && cell.side === side && cell.dialect === dialect)
        if (these.length === 0) return '-'
        const passed = these.filter((cell) => cell.why === undefined)
        const dropped = passed.filter((cell) => cell.dropped).length
        return `${passed.length}/${these.length}${dropped === 0 ? '' : ` (${dropped})`}`
      })
      return [`${source} ${side}`, ...shown]
    }),
  )
  const header = ['recorded', ...columns.map((column) => `→ ${column}`)]
  return [header, ...lines]
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(index === 0 ? 20 : 18))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

export async function runWire(file: string): Promise<void> {
  const transport = await openGatewayTransport()
  try {
    const { result, cells } = await evaluateWire(
      createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY }),
      transport,
    )
    console.log(toMatrix(cells))
    console.log(JSON.stringify(result))
  } finally {
    await transport.close()
  }
}
