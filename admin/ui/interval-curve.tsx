/**
 * An effect and its interval as they narrowed: a band around a line, against no difference. The numbers are in the
 * table below it.
 */
import { createMemo, For, type JSX } from 'solid-js'
import { formatCount } from '../data/format.ts'

interface Point {
  pairs: number
  difference: number
  halfWidth: number
}

const width = 640
const height = 180
const margin = 8

export function IntervalCurve(props: CurveProps): JSX.Element {
  const scale = createMemo(() => {
    const { points } = props
    const most = Math.max(
      1e-9,
      ...points.map(({ difference, halfWidth }) =>
        Math.max(Math.abs(difference - halfWidth), Math.abs(difference + halfWidth)),
      ),
    )
    const first = points[0]?.pairs ?? 0
    const last = Math.max(first + 1, points.at(-1)?.pairs ?? 1)
    return {
      x: (pairs: number) => margin + ((width - 2 * margin) * (pairs - first)) / (last - first),
      y: (value: number) => height / 2 - ((height / 2 - margin) * value) / most,
    }
  })
  const path = (value: (point: Point) => number, points = props.points): string =>
    points.map((point) => `${scale().x(point.pairs).toFixed(1)},${scale().y(value(point)).toFixed(1)}`).join(' ')
  const band = (): string =>
    `${path(({ difference, halfWidth }) => difference + halfWidth)} ${path(({ difference, halfWidth }) => difference - halfWidth, [...props.points].reverse())}`
  const last = (): Point | undefined => props.points.at(-1)
  const summary = (): string => {
    const point = last()
    return point
      ? `Effect over ${formatCount(point.pairs)} pairs: ${props.format(point.difference)}, between ${props.format(point.difference - point.halfWidth)} and ${props.format(point.difference + point.halfWidth)}`
      : ''
  }
  return (
    <figure class="m-0">
      <svg viewBox={`0 0 ${width} ${height}`} class="w-full h-auto text-accent" role="img" aria-label={summary()}>
        <polygon points={band()} class="fill-current opacity-15" />
        <polyline points={path(({ difference }) => difference)} class="fill-none stroke-current" stroke-width="2" />
        <line
          x1={margin}
          x2={width - margin}
          y1={height / 2}
          y2={height / 2}
          class="stroke-current text-soft"
          stroke-width="1"
          stroke-dasharray="4 4"
        />
        <text x={margin} y={height / 2 - 5} class="fill-current text-soft text-[11px]">
          no difference
        </text>
      </svg>
      <PointTable {...props} />
    </figure>
  )
}

interface CurveProps {
  points: Point[]
  format: (value: number) => string
}

function PointTable(props: CurveProps): JSX.Element {
  return (
    <details class="mt-2 text-sm">
      <summary class="cursor-pointer text-soft min-h-6">Show as table</summary>
      <div class="max-h-60 overflow-auto" tabindex="0" role="region" aria-label="Effect by pairs">
        <table class="w-full border-collapse">
          <thead>
            <tr>
              <th scope="col" class="th">
                Pairs
              </th>
              <th scope="col" class="th">
                Effect
              </th>
              <th scope="col" class="th">
                Interval
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={props.points}>
              {(point) => (
                <tr class="border-t border-line">
                  <td class="td">{formatCount(point.pairs)}</td>
                  <td class="td">{props.format(point.difference)}</td>
                  <td class="td">
                    {props.format(point.difference - point.halfWidth)} …{' '}
                    {props.format(point.difference + point.halfWidth)}
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </details>
  )
}
