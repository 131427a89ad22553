/** The table of providers: a row each, a file each. How one is added: ADDING.md. */
import { anthropic } from './kinds/anthropic.ts'
import { anthropicCompatible } from './kinds/anthropic-compatible.ts'
import { azure } from './kinds/azure.ts'
import { bedrock } from './kinds/bedrock.ts'
import { cerebras } from './kinds/cerebras.ts'
import { cohere } from './kinds/cohere.ts'
import { deepseek } from './kinds/deepseek.ts'
import { fireworks } from './kinds/fireworks.ts'
import { google } from './kinds/google.ts'
import { groq } from './kinds/groq.ts'
import { litellm } from './kinds/litellm.ts'
import { mistral } from './kinds/mistral.ts'
import { ollama } from './kinds/ollama.ts'
import { openai } from './kinds/openai.ts'
import { openaiCompatible } from './kinds/openai-compatible.ts'
import { openrouter } from './kinds/openrouter.ts'
import { perplexity } from './kinds/perplexity.ts'
import { portkey } from './kinds/portkey.ts'
import { together } from './kinds/together.ts'
import { vllm } from './kinds/vllm.ts'
import { xai } from './kinds/xai.ts'
import type { ProviderKind } from './provider-kind.ts'

export const kinds: readonly ProviderKind[] = [
  openai,
  anthropic,
  openrouter,
  google,
  azure,
  bedrock,
  mistral,
  groq,
  deepseek,
  xai,
  together,
  fireworks,
  cohere,
  perplexity,
  ollama,
  vllm,
  litellm,
  portkey,
  cerebras,
  openaiCompatible,
  anthropicCompatible,
]

/** The configuration admits no other names; see db/config/provider-kinds.ts. */
export function kindNamed(name: string): ProviderKind {
  const found = kinds.find((kind) => kind.name === name)
  if (found === undefined) throw new Error(`there is no kind of provider called ${JSON.stringify(name)}`)
  return found
}
