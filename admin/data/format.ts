/** Numbers and times as people read them: always with a unit, unknown is "—", never 0. */
export const unknown = '—'

export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return unknown
  if (ms < 0.1) return '< 0.1 ms'
  if (ms < 1_000) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
  return formatAge(ms)
}

/** Durations of which the seconds no longer matter. */
export function formatAge(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return unknown
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

export function formatCount(count: number | null | undefined): string {
  if (count === null || count === undefined) return unknown
  return count.toLocaleString('en-US')
}

/** For narrow columns; the exact value belongs into the title. */
export function formatCompact(count: number | null | undefined): string {
  if (count === null || count === undefined) return unknown
  return count < 10_000
    ? formatCount(count)
    : new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(count)
}

export function formatUsd(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return unknown
  if (usd === 0) return '$0'
  // Written out, a smaller one would not fit its column; the exact one is in its title.
  if (usd < 0.00001) return `$${usd.toExponential(1)}`
  if (usd < 0.01) return `$${usd.toPrecision(2)}`
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: usd < 1 ? 4 : 2 })}`
}

export function formatRate(rate: number | null | undefined): string {
  if (rate === null || rate === undefined) return unknown
  const percent = rate * 100
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return unknown
  if (bytes < 1_000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 'B'
  for (const next of units) {
    if (value < 1_000) break
    value /= 1_000
    unit = next
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`
}

/** Today as a clock time, other days with their date. */
export function formatTime(iso: string, now: Date = new Date()): string {
  const at = new Date(iso)
  const clock = at.toLocaleTimeString('en-GB', { hour12: false })
  return at.toDateString() === now.toDateString()
    ? clock
    : `${at.toLocaleDateString('en-GB', { day: '2-digit', month: 'short' })} ${clock.slice(0, 5)}`
}

/** Local and UTC, to the millisecond. */
export function formatExactTime(iso: string): string {
  const at = new Date(iso)
  return `${at.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })} local · ${at.toISOString().replace('T', ' ').replace('Z', ' UTC')}`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** The simulation never goes by anything but its name. */
export function formatProvider(name: string | null | undefined): string {
  if (!name) return unknown
  return name === 'sim' ? 'simulation' : name
}
