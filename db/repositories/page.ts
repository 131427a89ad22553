/**
 * How every list is paged: newest first, by a key that rows keep, so that rows which arrive meanwhile neither hide nor
 * repeat others.
 */

export interface Page<Item> {
  items: Item[]
  /** Give it back to read on; `null` = this was the last page. */
  nextCursor: string | null
}

/** `rows` holds one more than the page where there is more to come. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last !== undefined ? toCursor(last) : null }
}

/** PostgreSQL's text for a moment, or a `Date`, as ISO 8601. */
export function toIso(value: string | Date): string {
  return new Date(value).toISOString()
}

/** Milliseconds since 1970 for PostgreSQL, which rejects the row where they are no moment. */
export function toTimestamp(ms: number): string {
  return Number.isNaN(new Date(ms).getTime()) ? String(ms) : toIso(new Date(ms))
}

export function toIsoOrNull(value: string | Date | null): string | null {
  return value === null ? null : toIso(value)
}
