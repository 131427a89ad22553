/** A request body of any wire format as the miner's prompt. Pure. */
import type { MinedPrompt } from './types.ts'

/** More tools than that do not tell applications apart any better. */
const maxTools = 128
const maxNameCharacters = 64

/**
 * The texts of the opening and, as structure, the tools on offer in any order. How many turns a conversation has had is
 * no structure: all of its requests belong to one pattern. Never throws.
 */
export function toMinedPrompt(
  body: unknown,
  prompt: { system: { text: string } | null; user: { text: string } | null },
): MinedPrompt {
  return { structure: readTools(body), system: prompt.system?.text ?? null, user: prompt.user?.text ?? null }
}

/** OpenAI names tools in `function.name`, Anthropic in `name`; tools without a name are known by their type. */
function readTools(body: unknown): string {
  const tools = asObject(body)?.tools
  if (!Array.isArray(tools) || tools.length === 0) return ''
  const names = tools.slice(0, maxTools).map((tool) => {
    const name = asObject(asObject(tool)?.function)?.name ?? asObject(tool)?.name ?? asObject(tool)?.type
    return typeof name === 'string' ? name.slice(0, maxNameCharacters).replaceAll(' ', '_') : '?'
  })
  return `tools ${names.sort().join(' ')}`
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
}
