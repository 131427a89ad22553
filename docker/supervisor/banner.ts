/** What a person needs to see once it runs: where it is, the keys, and one command to try. */
import type { ProviderConfig } from '../../db/words/provider.ts'

export interface BannerInput {
  gatewayUrl: string
  adminUrl: string
  callerKey: string
  adminToken: string
  providers: ProviderConfig[]
}

/** For providers whose lists are patterns, or empty because they serve anything. */
const usualModels: Record<string, string> = {
  openai: 'gpt-4o-mini',
  anthropic: 'claude-sonnet-4-5',
  openrouter: 'openai/gpt-4o-mini',
  google: 'gemini-2.5-flash',
  mistral: 'mistral-small-latest',
  groq: 'openai/gpt-oss-20b',
  deepseek: 'deepseek-chat',
  xai: 'grok-4',
  together: 'openai/gpt-oss-20b',
  fireworks: 'accounts/fireworks/models/gpt-oss-20b',
  cohere: 'command-a-03-2025',
  perplexity: 'sonar',
  cerebras: 'gpt-oss-120b',
}

export function toBanner(input: BannerInput): string[] {
  const simulated = input.providers.length === 0
  return [
    '',
    `  caller's key   ${input.callerKey}`,
    `  sign in        ${input.adminUrl}/sign-in#token=${input.adminToken}`,
    `  try it         ${toCurl(input)}`,
    ...(simulated
      ? ['                 (sim is a built-in simulation, not a model: it answers while no provider is configured)']
      : []),
    '',
  ]
}

export function toCurl({ gatewayUrl, callerKey, providers }: BannerInput): string {
  const provider = providers[0]
  const anthropic = provider?.dialect === 'anthropic'
  const body = JSON.stringify({
    model: toModel(provider),
    ...(anthropic ? { max_tokens: 100 } : {}),
    messages: [{ role: 'user', content: 'Hello' }],
  })
  const path = anthropic ? '/v1/messages' : '/v1/chat/completions'
  const version = anthropic ? ` -H 'anthropic-version: 2023-06-01'` : ''
  return `curl ${gatewayUrl}${path} -H ${quote(`authorization: Bearer ${callerKey}`)} -H 'content-type: application/json'${version} -d ${quote(body)}`
}

function toModel(provider: ProviderConfig | undefined): string {
  if (!provider) return 'sim/echo'
  const listed = provider.models.find((model) => !model.includes('*'))
  return `${provider.name}/${listed ?? usualModels[provider.name] ?? 'MODEL'}`
}

/** For a POSIX shell: keys and model names may hold a quote. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
