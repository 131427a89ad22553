import { isObject, type JsonObject } from './json.ts'
import { UntranslatableError } from './report.ts'

/**
 * Members that continue what the provider keeps. What stands in its store is out of reach for any other: leaving one
 * out would be another conversation, so they are refused whatever the setting.
 */
const references = /^(?:thread|conversation|container|prompt|previous_\w+_id|(?:thread|conversation)_id)$/

/** Anthropic's clients that get this word send the whole conversation instead. */
const threadCode = 'thread_unsupported_request'

/** `items`: further places that refer to the store. */
export function refuseStored(body: JsonObject, items: readonly string[] = []): void {
  const found = Object.keys(body).filter((name) => references.test(name) && refers(body, name))
  const fields = [...found, ...items]
  if (fields.length === 0) return
  throw new UntranslatableError(
    fields,
    `${fields.join(', ')} refers to something stored at the provider, which a provider of another dialect cannot read. Send the whole conversation instead, as clients do that ask for "store": false.`,
    fields.includes('thread') ? { error_code: threadCode } : undefined,
  )
}

function refers(body: JsonObject, name: string): boolean {
  const value = body[name]
  if (value === undefined || value === null || value === '') return false
  // Skills of a container that does not exist yet are no reference; they are named like any other member.
  if (name === 'container' && isObject(value)) return value.id !== undefined
  // A text under this name is another dialect's.
  if (name === 'prompt') return isObject(value)
  return true
}
