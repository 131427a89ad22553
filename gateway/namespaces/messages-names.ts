/** Names of tools in Anthropic Messages. */
import { asArray, asObject, asText, type JsonObject } from '../../workflows/domain/json/json.ts'
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'
import type { NameFinder } from './name-finders.ts'
import { inEach, placeOf, type NamePlace } from './places.ts'

export const messagesNames: NameFinder = {
  inRequest: (body) => [
    ...inEach(body, [], 'tools', findDefinition),
    ...(asObject(body.tool_choice)?.type === 'tool' ? placeOf(body.tool_choice, ['tool_choice']) : []),
    ...inEach(asObject(body.context_management), ['context_management'], 'edits', findExcluded),
    ...inEach(body, [], 'messages', findContent),
  ],
  // Its bash, editor, computer and memory are called like any other tool, but by the names that it has given them.
  providersOwn: (body) =>
    asArray(body.tools).flatMap((entry) => {
      const tool = asObject(entry)
      return tool === null || isClientsOwn(tool) ? [] : (asText(tool.name) ?? [])
    }),
  inAnswer: (body) => {
    const message = asObject(body.message)
    const block = asObject(body.content_block)
    return [
      ...findContent(body, []),
      ...(message === null ? [] : findContent(message, ['message'])),
      ...(block === null ? [] : findBlock(block, ['content_block'])),
    ]
  },
}

function isClientsOwn({ type }: JsonObject): boolean {
  return type === undefined || type === null || type === 'custom'
}

function findDefinition(tool: JsonObject, path: JsonPath): NamePlace[] {
  return isClientsOwn(tool) ? placeOf(tool, path) : []
}

/** Tools whose results are kept when old ones are cleared. */
function findExcluded(edit: JsonObject, path: JsonPath): NamePlace[] {
  return asArray(edit.exclude_tools).flatMap((name, index) =>
    typeof name === 'string' ? [{ path: [...path, 'exclude_tools', index], name }] : [],
  )
}

function findContent(message: JsonObject, path: JsonPath): NamePlace[] {
  return inEach(message, path, 'content', findBlock)
}

function findBlock(block: JsonObject, path: JsonPath): NamePlace[] {
  switch (block.type) {
    case 'tool_use':
      // A member of one of the provider's toolsets.
      return typeof block.toolset_name === 'string' ? [] : placeOf(block, path)
    case 'tool_result':
      return inEach(block, path, 'content', findReference)
    case 'tool_search_tool_result':
      return inEach(asObject(block.content), [...path, 'content'], 'tool_references', findReference)
    case 'tool_addition':
    case 'tool_removal':
      return findChange(block, path)
    case 'compaction':
      return inEach(block, path, 'tool_changes', findChange)
    default:
      return []
  }
}

function findReference(reference: JsonObject, path: JsonPath): NamePlace[] {
  return reference.type === 'tool_reference' ? placeOf(reference, path, 'tool_name') : []
}

function findChange(change: JsonObject, path: JsonPath): NamePlace[] {
  const tool = asObject(change.tool)
  if (tool?.type === 'tool_reference') return placeOf(tool, [...path, 'tool'])
  const definition = asObject(tool?.type === 'tool_definition' ? tool.definition : null)
  return definition === null ? [] : findDefinition(definition, [...path, 'tool', 'definition'])
}
