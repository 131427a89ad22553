/** Names of tools in OpenAI Chat Completions, the old `functions` included. */
import { asArray, asObject, asText, type JsonObject } from '../../workflows/domain/json/json.ts'
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'
import type { NameFinder } from './name-finders.ts'
import { inEach, placeOf, type NamePlace } from './places.ts'

export const chatNames: NameFinder = {
  inRequest: (body) => [
    ...inEach(body, [], 'tools', findTyped),
    ...inEach(body, [], 'functions', placeOf),
    ...findChoice(body),
    ...inEach(body, [], 'messages', findMessage),
  ],
  // Makers of compatible servers list their own tools under types of their own.
  providersOwn: (body) =>
    asArray(body.tools).flatMap((entry) => {
      const tool = asObject(entry)
      if (tool === null || isClientsOwn(tool)) return []
      return [tool.name, asObject(tool.function)?.name].flatMap((name) => asText(name) ?? [])
    }),
  inAnswer: (body) =>
    inEach(body, [], 'choices', (choice, path) =>
      ['message', 'delta'].flatMap((member) => findCalls(asObject(choice[member]), [...path, member])),
    ),
}

/** A type is left out by some clients; a function is what they mean. */
function isClientsOwn({ type }: JsonObject): boolean {
  return type === undefined || type === null || type === 'function' || type === 'custom'
}

/** A definition, a call or a choice: the name stands in a member that is called as its type is. */
function findTyped(entry: JsonObject, path: JsonPath): NamePlace[] {
  return isClientsOwn(entry)
    ? ['function', 'custom'].flatMap((member) => placeOf(entry[member], [...path, member]))
    : []
}

function findChoice(body: JsonObject): NamePlace[] {
  const choice = asObject(body.tool_choice)
  const allowed = inEach(asObject(choice?.allowed_tools), ['tool_choice', 'allowed_tools'], 'tools', findTyped)
  return [
    ...(choice === null ? [] : findTyped(choice, ['tool_choice'])),
    ...allowed,
    ...placeOf(body.function_call, ['function_call']),
  ]
}

function findMessage(message: JsonObject, path: JsonPath): NamePlace[] {
  // Elsewhere a message's name is its author's.
  const result = message.role === 'tool' || message.role === 'function' ? placeOf(message, path) : []
  return [...findCalls(message, path), ...result]
}

function findCalls(message: JsonObject | null, path: JsonPath): NamePlace[] {
  return [
    ...inEach(message, path, 'tool_calls', findTyped),
    ...placeOf(message?.function_call, [...path, 'function_call']),
  ]
}
