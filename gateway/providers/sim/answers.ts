/** What the simulation says: fixed by the request alone, so that the same request always gets the same answer. */
import { hash } from 'node:crypto'

export type SimulatedModel = 'echo' | 'story' | 'tools'

/** Both dialects' requests, reduced to what the simulation answers to. */
export interface SimulatedRequest {
  model: SimulatedModel
  /** As the caller wrote it: the answer names it again. */
  modelName: string
  stream: boolean
  /** All texts of the prompt, for the count of tokens. */
  promptText: string
  /** The last message's text, if a person wrote it. */
  userText: string
  /** The last message is a tool's result: its text. */
  toolResult: string | null
  tool: { name: string; schema: unknown } | null
  includeUsage: boolean
}

export interface SimulatedAnswer {
  id: string
  /** The answer's text in the pieces it is streamed in; empty for a tool call. */
  pieces: string[]
  toolCall: { id: string; name: string; arguments: string } | null
  inputTokens: number
  outputTokens: number
  /** Between two pieces. */
  pauseMs: number
}

const story = `This is a simulation: no model wrote this story, it is the same every time. A lighthouse keeper kept two books. \
In the first he wrote every ship that asked for light, before he lit the lamp; in the second how its passage ended, before he turned \
away. When a storm took the lamp, the keeper and half of the tower, the books were found dry in their box, and nobody had to ask who \
had passed and who had not. The new keeper read them through the winter. He found that the small boats asked for light in the same \
words each evening, and that those who asked in the longest words were the ones who ran aground. So he wrote a shorter question on a \
board and showed it to the harbour master, who thought about it for three days, changed one word and signed it. In spring the board hung \
on the quay, the small boats read it aloud, and the second book grew very dull. That is the end of the simulation's story.`

export function answer(request: SimulatedRequest): SimulatedAnswer {
  const toolCall =
    request.model === 'tools' && request.tool !== null && request.toolResult === null ? request.tool : null
  const text = toolCall ? '' : toText(request)
  const id = hash('sha256', `${request.model}\n${request.promptText}\n${request.tool?.name ?? ''}`).slice(0, 24)
  const json = toolCall ? JSON.stringify(exampleOf(toolCall.schema)) : ''
  return {
    id,
    pieces: text.match(/\S+\s*|\s+/g) ?? [],
    toolCall: toolCall && { id: `call_simulation_${id.slice(0, 12)}`, name: toolCall.name, arguments: json },
    inputTokens: countTokens(request.promptText),
    outputTokens: countTokens(text + json),
    pauseMs: request.model === 'story' ? 5 : 0,
  }
}

function toText(request: SimulatedRequest): string {
  switch (request.model) {
    case 'echo':
      return request.toolResult ?? request.userText
    case 'story':
      return story
    case 'tools':
      return request.toolResult === null
        ? 'This is a simulation that calls the first tool it is offered; this request offers none.'
        : `The tool answered: ${request.toolResult}`
  }
}

const maxSchemaDepth = 8

type Schema = Record<string, unknown>

/** A value that fits a JSON Schema as tools use it: every named property, filled in from its type. */
export function exampleOf(schema: unknown, depth = 0): unknown {
  const node = (typeof schema === 'object' && schema !== null ? schema : {}) as Schema
  if ('const' in node) return node.const
  if (Array.isArray(node.enum)) return node.enum[0] ?? null
  if ('default' in node) return node.default
  const variants = [node.anyOf, node.oneOf].find(Array.isArray)
  return variants ? exampleOf(variants[0], depth + 1) : exampleOfType(node, depth)
}

function exampleOfType(node: Schema, depth: number): unknown {
  const type = Array.isArray(node.type) ? node.type[0] : node.type
  const properties =
    typeof node.properties === 'object' && node.properties !== null ? Object.entries(node.properties) : []
  if (type === 'object' || properties.length > 0)
    return depth >= maxSchemaDepth
      ? {}
      : Object.fromEntries(properties.map(([name, property]) => [name, exampleOf(property, depth + 1)]))
  if (type === 'array') return depth >= maxSchemaDepth ? [] : [exampleOf(node.items, depth + 1)]
  return exampleOfScalar(type, node)
}

function exampleOfScalar(type: unknown, { minimum }: Schema): unknown {
  switch (type) {
    case 'number':
    case 'integer':
      return typeof minimum === 'number' ? minimum : 1
    case 'boolean':
      return true
    case 'null':
      return null
    case 'string':
      return 'example'
    default:
      return {}
  }
}

/** Four characters a token: near enough for a simulation. */
function countTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** Text of a message's content in either dialect: a string, or the text parts of a list. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : '')).join('')
}
