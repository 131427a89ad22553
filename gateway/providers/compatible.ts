/** What rows have in common: the paths and keys of servers that do as OpenAI or Anthropic do. */
import type { ProviderDialect } from '../dialects/model.ts'
import type { GenerationCall, Place, ProviderKind } from './provider-kind.ts'

export const bearer = (apiKey: string): string[] => ['authorization', `Bearer ${apiKey}`]

/** The version that every client of Anthropic's sends; there is no other. */
export const anthropicVersion = ['anthropic-version', '2023-06-01']

/** OpenAI's clients take an address with `/v1`, Anthropic's one without; where a provider speaks both, either may be configured. */
export const withoutV1 = (base: string): string => base.replace(/\/v1$/, '')

export function toOpenAiPath({ wire }: GenerationCall, { base }: Place): string {
  if (wire === 'messages') return `${withoutV1(base)}/v1/messages`
  return base + (wire === 'responses' ? '/responses' : '/chat/completions')
}

type Row = Pick<ProviderKind, 'name' | 'baseUrl'> & Partial<ProviderKind>

/** A provider that is called as OpenAI is. `max_tokens` is the name that all of them know. */
export function createOpenAiKind(row: Row): ProviderKind {
  const wires: readonly ProviderDialect[] = row.wires ?? ['chat']
  const speaksMessages = wires.includes('messages')
  return {
    wires,
    toPath: toOpenAiPath,
    toOtherPath: (path, { base }) => (path.startsWith('/messages') ? (speaksMessages ? `${withoutV1(base)}/v1${path}` : null) : base + path),
    toCredentials: bearer,
    ...(speaksMessages && { toDefaultHeaders: (wire) => (wire === 'messages' ? anthropicVersion : []) }),
    addsUsage: true,
    cannot: [],
    ...row,
    write: { maxTokensField: 'max_tokens', cacheControl: false, reasoningHistory: false, ...row.write },
  }
}

/** A provider that is called as Anthropic is. */
export function createAnthropicKind(row: Row): ProviderKind {
  return {
    wires: ['messages'],
    toPath: (_call, { base }) => `${base}/v1/messages`,
    toOtherPath: (path, { base }) => `${base}/v1${path}`,
    toCredentials: (apiKey) => ['x-api-key', apiKey],
    toDefaultHeaders: () => anthropicVersion,
    addsUsage: false,
    cannot: [],
    ...row,
    write: { ...row.write },
  }
}
