/** Names of tools in OpenAI Responses. Answers repeat the request's tools and choice. */
import { asArray, asObject, asText, type JsonObject } from '../../workflows/domain/json/json.ts'
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'
import type { NameFinder } from './name-finders.ts'
import { inEach, placeOf, type NamePlace } from './places.ts'

export const responsesNames: NameFinder = {
  inRequest: (body) => [...findSettings(body, []), ...inEach(body, [], 'input', findItem)],
  providersOwn: (body) =>
    asArray(body.tools).flatMap((entry) => {
      const tool = asObject(entry)
      return tool === null || isClientsOwn(tool) || tool.type === 'namespace' ? [] : (asText(tool.name) ?? [])
    }),
  inAnswer(body) {
    const response = asObject(body.response)
    const item = asObject(body.item)
    return [
      ...findResponse(body, []),
      ...(response === null ? [] : findResponse(response, ['response'])),
      ...(item === null ? [] : findItem(item, ['item'])),
      ...(typeof body.type === 'string' && callEvents.test(body.type) ? placeOf(body, []) : []),
    ]
  },
}

const callEvents = /^response\.(function_call_arguments|custom_tool_call_input)\./
const namedItems = new Set(['function_call', 'custom_tool_call', 'function_call_output', 'custom_tool_call_output'])
/** What was found or added on the way, as definitions. */
const listingItems = new Set(['tool_search_output', 'additional_tools'])

function isClientsOwn({ type }: JsonObject): boolean {
  return type === 'function' || type === 'custom'
}

function findResponse(response: JsonObject, path: JsonPath): NamePlace[] {
  return [...findSettings(response, path), ...inEach(response, path, 'output', findItem)]
}

function findSettings(body: JsonObject, path: JsonPath): NamePlace[] {
  const choice = asObject(body.tool_choice)
  const choicePath = [...path, 'tool_choice']
  return [
    ...inEach(body, path, 'tools', findDefinition),
    ...(choice !== null && isClientsOwn(choice) ? findNamed(choice, choicePath) : []),
    ...(choice?.type === 'allowed_tools' ? inEach(choice, choicePath, 'tools', findDefinition) : []),
  ]
}

function findDefinition(tool: JsonObject, path: JsonPath): NamePlace[] {
  if (tool.type === 'namespace')
    return [
      ...placeOf(tool, path),
      ...inEach(tool, path, 'tools', (inner, innerPath) => (isClientsOwn(inner) ? placeOf(inner, innerPath) : [])),
    ]
  return isClientsOwn(tool) ? placeOf(tool, path) : []
}

/** Calls say the namespace of their tool too. One that was found by a search has its own name for that. */
function findNamed(entry: JsonObject, path: JsonPath): NamePlace[] {
  return [...placeOf(entry, path), ...placeOf(entry, path, 'namespace')]
}

function findItem(item: JsonObject, path: JsonPath): NamePlace[] {
  const type = asText(item.type) ?? ''
  if (namedItems.has(type)) return findNamed(item, path)
  if (type === 'tool_search_call' && item.execution === 'server')
    return findPaths(asObject(item.arguments), [...path, 'arguments', 'paths'])
  return listingItems.has(type) ? inEach(item, path, 'tools', findDefinition) : []
}

/** What the provider's own search has found, by name. */
function findPaths(found: JsonObject | null, path: JsonPath): NamePlace[] {
  return asArray(found?.paths).flatMap((name, index) =>
    typeof name === 'string' && /^[\w-]+$/.test(name) ? [{ path: [...path, index], name }] : [],
  )
}
