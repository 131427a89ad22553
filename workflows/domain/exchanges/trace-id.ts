/** The trace of the caller's own that an exchange belongs to, by the headers that name one. Pure. */
import type { HeaderReader } from './client-ids.ts'

/** W3C Trace Context: version, trace id, span id, flags; later versions may add more behind them. */
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/
const maxCharacters = 128

/** `null` = the caller names none. A malformed traceparent names none, as the standard asks. */
export function readTraceId(readHeader: HeaderReader): string | null {
  const [standard, portkey] = ['traceparent', 'x-portkey-trace-id'].map((name) => readHeader(name))
  if (typeof standard === 'string') {
    const traceId = traceparent.exec(standard)?.[1]
    if (traceId !== undefined) return traceId
  }
  return typeof portkey === 'string' && portkey !== '' ? portkey.slice(0, maxCharacters) : null
}
