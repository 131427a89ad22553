/**
 * Headers that a rule may add: none that opens a door, belongs to one connection, describes the body, or is Sinew's own
 * word.
 */

/** They belong to one connection (RFC 9110 7.6.1) or are written anew for the next. */
const connection = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|expect)$/
/** They say what the bytes of the body are, or what bytes may come back; rules do not see those. */
const description = /^(content-.*|accept-encoding|date)$/
/** As in the record: what may hold a secret. */
const secret = /authorization|api-?key|secret|cookie|password|signature|credential|(^|-)token$/
const ownWords = /^(x-sinew-.*|x-forwarded-.*|x-real-ip|forwarded)$/

const valueMax = 1_000

export function findHeaderFault(name: string, value: string): { field: 'name' | 'value'; message: string } | null {
  const lower = name.toLowerCase()
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/.test(lower)) return { field: 'name', message: 'must be the name of a header' }
  if (connection.test(lower)) return { field: 'name', message: `${lower} belongs to one connection and cannot be set` }
  if (description.test(lower)) return { field: 'name', message: `${lower} describes the body and cannot be set` }
  if (secret.test(lower))
    return { field: 'name', message: `${lower} may hold a credential; a provider's belong into its configuration` }
  if (ownWords.test(lower)) return { field: 'name', message: `${lower} is not a rule's to set` }
  if (value.length > valueMax || !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))
    return { field: 'value', message: `must be 1 to ${valueMax} characters of ASCII without line breaks` }
  return null
}
