/** What rows have in common: the paths and keys of servers that do as OpenAI or Anthropic do. */
import type { WriteOptions } from '../dialects/adapter.ts'
import { readClaude } from './acceptance/claude.ts'
import type { ProviderWire } from '../../db/words/wire.ts'
import type { SettingName } from '../dialects/model.ts'
import type { GenerationCall, Place, ProviderKind } from './provider-kind.ts'

export const bearer = (apiKey: string): string[] => ['authorization', `Bearer ${apiKey}`]

/** The version that every client of Anthropic's sends; there is no other. */
export const anthropicVersion = ['anthropic-version', '2023-06-01']

/**
 * OpenAI's clients take an address with `/v1`, Anthropic's one without; where a provider speaks both, either may be
 * configured.
 */
export const withoutV1 = (base: string): string => base.replace(/\/v1$/, '')

export function toOpenAiPath({ wire }: GenerationCall, { base }: Place): string {
  if (wire === 'messages') return `${withoutV1(base)}/v1/messages`
  return base + (wire === 'responses' ? '/responses' : '/chat/completions')
}

/**
 * Settings of OpenAI's own platform: storage, tiers, caches and display. Who else gets them refuses them, or ignores
 * them in silence.
 */
export const platformSettings: readonly SettingName[] = [
  'user',
  'serviceTier',
  'metadata',
  'store',
  'promptCacheKey',
  'verbosity',
  'openai',
]

type Row = Pick<ProviderKind, 'name' | 'baseUrl'> & Partial<ProviderKind> & { countsTokens?: boolean }

/** A provider that is called as OpenAI is. `max_tokens` is the name that all of them know. */
export function createOpenAiKind({ countsTokens = false, ...row }: Row): ProviderKind {
  const wires: readonly ProviderWire[] = row.wires ?? ['chat']
  const speaksMessages = wires.includes('messages')
  return {
    wires,
    toPath: toOpenAiPath,
    toOtherPath: (path, { base }) => {
      if (!path.startsWith('/messages')) return base + path
      const served = speaksMessages && (countsTokens || !path.startsWith('/messages/count_tokens'))
      return served ? `${withoutV1(base)}/v1${path}` : null
    },
    toCredentials: bearer,
    ...(speaksMessages && {
      toDefaultHeaders: (wire: ProviderWire) => (wire === 'messages' ? anthropicVersion : []),
    }),
    cannot: [],
    addsUsage: true,
    ...row,
    write: {
      maxTokensField: 'max_tokens',
      cacheControl: false,
      reasoningHistory: false,
      developerRole: false,
      ...row.write,
    },
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

/**
 * What differs between generations of Claude: up to 4.5 thinking is a number of tokens, later an effort; the first ones
 * may write little. Names stand alone, or inside another provider's (`us.anthropic.claude-…-v1:0`,
 * `anthropic/claude-…`). Sources: https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking,
 * https://docs.anthropic.com/en/docs/about-claude/models/overview
 */
export function writeForClaude(model: string): Partial<WriteOptions> {
  const claude = readClaude(model)
  if (claude === null) return {}
  const { generation } = claude
  if (generation < 305) return { thinking: 'budget', defaultMaxTokens: 4_096 }
  if (generation < 307) return { thinking: 'budget', defaultMaxTokens: 8_192 }
  return { thinking: generation < 406 ? 'budget' : 'effort' }
}
