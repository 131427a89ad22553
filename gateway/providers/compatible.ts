/** What rows have in common: the paths and keys of servers that do as OpenAI or Anthropic do. */
import { withoutV1 } from '../../db/config/provider-addresses.ts'
import { addressOf, findKind } from '../../db/config/provider-kinds.ts'
import type { WriteOptions } from '../dialects/adapter.ts'
import { readClaude } from './acceptance/claude.ts'
import type { SettingName } from '../dialects/model.ts'
import type { ProviderKind } from './provider-kind.ts'

/** What everybody knows of a kind (db/config/provider-kinds.ts): its name, wires and address. */
export function toFacts(name: string): KindFacts {
  const known = findKind(name)
  if (known === undefined) throw new Error(`there is no kind of provider called ${JSON.stringify(name)}`)
  const { wires, baseUrl, wiresOf } = known
  return { name, wires, baseUrl, ...addressOf(known), ...(wiresOf !== undefined && { wiresOf }) }
}

type KindFacts = Pick<
  ProviderKind,
  'name' | 'wires' | 'baseUrl' | 'wiresOf' | 'toPath' | 'toCredentials' | 'toDefaultHeaders'
>

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

type Row = Pick<ProviderKind, 'name'> & Partial<Omit<ProviderKind, keyof KindFacts>>

/**
 * A provider that is called as OpenAI is. `max_tokens` is the name that all of them know. `countsTokens`: it has
 * Anthropic's endpoint for that.
 */
export function createOpenAiKind({ countsTokens = false, ...row }: Row & { countsTokens?: boolean }): ProviderKind {
  const facts = toFacts(row.name)
  const speaksMessages = facts.wires.includes('messages')
  return {
    ...facts,
    toOtherPath: (path, { base }) => {
      if (!path.startsWith('/messages')) return base + path
      const served = speaksMessages && (countsTokens || !path.startsWith('/messages/count_tokens'))
      return served ? `${withoutV1(base)}/v1${path}` : null
    },
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
    ...toFacts(row.name),
    toOtherPath: (path, { base }) => `${base}/v1${path}`,
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
