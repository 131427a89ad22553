import { sql, type RawBuilder } from 'kysely'

/**
 * Any value as text that PostgreSQL takes for jsonb: what it cannot hold (NUL, halves of surrogate pairs) becomes
 * U+FFFD.
 */
export function toJsonb(value: unknown): string {
  // JSON.stringify writes exactly those characters as escapes; a pair of backslashes before a `u` is none.
  return JSON.stringify(value).replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g, (escape) =>
    escape === '\\\\' ? escape : '\\ufffd',
  )
}

/** The same as a value of the query builder: it would send an array as an array of PostgreSQL's. */
export function jsonb<Value>(value: Value): RawBuilder<Value> {
  return sql<Value>`${toJsonb(value)}::jsonb`
}

/** Text as PostgreSQL can hold it, by the same replacement. */
export function toText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}
