/** The bench's table as text: ratios first, because absolute figures do not travel to another machine. */
import { directName, nginxName, type Row } from './figures.ts'

export interface Circumstances {
  cores: number
  processor: string
  node: string
  upstream: string
  load: string
  nginx: string
  rounds: number
  seconds: number
  /** Share of the processors that was busy with something else just before the rounds; the highest of them. */
  otherWork: number
}

/** From here on the figures tell more of the other work than of the gateway. */
const otherWorkMax = 0.1
const aims = { requestsOfNginx: 0.25, addedP50Ms: 0.6, addedP99Ms: 2 }

export function formatTable(rows: readonly Row[], circumstances: Circumstances): string {
  const { cores, processor, node, upstream, load, nginx, rounds, seconds, otherWork } = circumstances
  const header = [
    '',
    'req/s',
    'streams/s',
    'added p50',
    'added p99',
    'added p50',
    'added p99',
    'req/s',
    'streams/s',
    'p50',
    'p99',
    'errors',
  ]
  const units = ['', 'of nginx', 'of nginx', 'ms', 'ms', 'of nginx', 'of nginx', '', '', 'ms', 'ms', '']
  const lines = rows.map((row) => {
    const added = row.name !== directName
    return [
      row.name,
      format(row.requestsOfNginx, 2),
      format(row.streamsOfNginx, 2),
      added ? format(row.addedP50Ms, 2) : '-',
      added ? format(row.addedP99Ms, 2) : '-',
      added ? format(row.addedP50OfNginx, 1) : '-',
      added ? format(row.addedP99OfNginx, 1) : '-',
      format(row.requestsPerSecond, 0),
      format(row.streamsPerSecond, 0),
      format(row.p50Ms, 2),
      format(row.p99Ms, 2),
      String(row.errors),
    ]
  })
  return [
    `${cores} cores (${processor}), shared by everything · Node ${node} · ${nginx}`,
    `upstream: ${upstream} · load: ${load} · ${rounds} interleaved rounds of ${seconds} s, medians`,
    'req/s and streams/s: closed loop, 10 callers, keep-alive · latencies: open loop, 200 req/s, added = minus direct',
    ...(otherWork > otherWorkMax
      ? [`other work took up to ${Math.round(otherWork * 100)} % of the processors: repeat this on a quiet machine`]
      : []),
    '',
    ...align([header, units, ...lines]),
    '',
    ...rows.filter((row) => row.name !== directName && row.name !== nginxName).map(formatAim),
  ].join('\n')
}

function formatAim(row: Row): string {
  const met = (yes: boolean): string => (yes ? 'met' : 'not met')
  return (
    `${row.name}: aim ${aims.requestsOfNginx} of nginx ${met(row.requestsOfNginx >= aims.requestsOfNginx)}, ` +
    `added p50 ${aims.addedP50Ms} ms ${met(row.addedP50Ms <= aims.addedP50Ms)}, p99 ${aims.addedP99Ms} ms ${met(row.addedP99Ms <= aims.addedP99Ms)}`
  )
}

function format(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-'
}

/** First column to the left, figures to the right. */
export function align(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
