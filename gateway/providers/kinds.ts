/** The table of providers: a row each, a file each. How one is added: ADDING.md. */
import { anthropicCompatible } from './kinds/anthropic-compatible.ts'
import { anthropic } from './kinds/anthropic.ts'
import { openaiCompatible } from './kinds/openai-compatible.ts'
import { openai } from './kinds/openai.ts'
import { openrouter } from './kinds/openrouter.ts'
import type { ProviderKind } from './provider-kind.ts'

export const kinds: readonly ProviderKind[] = [openai, anthropic, openrouter, openaiCompatible, anthropicCompatible]

/** The configuration admits no other names; see db/provider-kinds.ts. */
export function kindNamed(name: string): ProviderKind {
  const found = kinds.find((kind) => kind.name === name)
  if (found === undefined) throw new Error(`there is no kind of provider called ${JSON.stringify(name)}`)
  return found
}
