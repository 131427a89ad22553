/**
 * What is wrong with the tools that a request offers. Of functions we check what a model must know of them; of the
 * makers' own tools only the type, for the rest is the makers' business.
 */
import type { Wire } from '../../../db/words/wire.ts'
import { isObject } from './parameters.ts'
import type { Fields, Note } from './request-members.ts'

const findersByWire: Record<Wire, (tool: Fields, note: Note) => void> = {
  chat: findChatToolFaults,
  messages: findMessagesToolFaults,
  responses: findResponsesToolFaults,
}

/** The makers' own tools, by their types. */
const ownTools = {
  responses:
    /^(web_search|file_search|computer|code_interpreter|image_generation|mcp|local_shell|shell|apply_patch)(_[a-z0-9_]+)?$/,
  messages: /^([a-z_]+_\d{8}|mcp_toolset)$/,
}

export function findToolFaults(wire: Wire, tools: unknown, note: Note): void {
  if (!Array.isArray(tools)) return
  for (const tool of tools) {
    if (isObject(tool)) findersByWire[wire](tool, note)
    else note('a tool must be an object')
  }
}

function findChatToolFaults(tool: Fields, note: Note): void {
  if (tool.type !== 'function' && tool.type !== 'custom') return note('a tool has a type that is not known')
  const body = tool[tool.type]
  if (!isObject(body) || !isName(body.name)) note('a tool needs a name')
}

function findMessagesToolFaults(tool: Fields, note: Note): void {
  if (!isName(tool.name) && tool.type !== 'mcp_toolset') note('a tool needs a name')
  if (tool.type !== undefined && tool.type !== 'custom') return findOwnToolFaults(tool.type, ownTools.messages, note)
  if (!isObject(tool.input_schema)) note('a tool needs an input_schema')
}

function findResponsesToolFaults(tool: Fields, note: Note): void {
  if (tool.type !== 'function' && tool.type !== 'custom') return findOwnToolFaults(tool.type, ownTools.responses, note)
  if (!isName(tool.name)) note('a tool needs a name')
  if (tool.type === 'function' && !isObject(tool.parameters)) note('a tool needs parameters')
}

function findOwnToolFaults(type: unknown, known: RegExp, note: Note): void {
  if (typeof type !== 'string' || !known.test(type)) note('a tool has a type that is not known')
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
