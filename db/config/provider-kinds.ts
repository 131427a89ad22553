/**
 * What everybody must know of each kind of provider: its wires, its address, where its key comes from. What only the
 * gateway needs (how requests are written) stands in gateway/providers/kinds/, which takes the rest from here.
 */
import type { ProviderConfig } from '../words/provider.ts'
import type { Family, ProviderWire } from '../words/wire.ts'
import {
  asAnthropic,
  asOpenAi,
  azureAddress,
  deepseekAddress,
  googleAddress,
  portkeyAddress,
  type ProviderAddress,
} from './provider-addresses.ts'

export interface KnownKind {
  name: string
  /** What it can be asked in. */
  wires: readonly ProviderWire[]
  /** Where its address is the same for everybody; `null` = the configuration must say it. */
  baseUrl: string | null
  /** How it is called; absent = as the dialect of its wires is. */
  address?: ProviderAddress
  /** Only the gateway can call it: its bodies and signatures are its own. */
  throughGatewayOnly?: true
  /** Where its wires depend on the model; a part of `wires`. */
  wiresOf?: (model: string) => readonly ProviderWire[]
  /** Hosts that are this provider's. */
  hosts?: RegExp
  /**
   * Its addresses or keys are not what its dialect's official client takes, so a name alone does not make a provider
   * one of these.
   */
  unusual?: true
  /**
   * The variables that its own tools read their key from, the first that is set wins. Absent: a key alone does not
   * reach it.
   */
  variables?: readonly string[]
  /** Bare names that are surely its own, where a variable brings it. */
  models?: readonly string[]
}

const openai: readonly ProviderWire[] = ['chat', 'responses']

/**
 * Models whose pages at https://platform.openai.com/docs/models name Responses as their only endpoint for text, and
 * those that name chat only.
 */
const responsesOnly = /^(gpt-[\d.]+|o\d)-pro\b|codex|-deep-research\b|^computer-use/
const chatOnly = /-(audio|search)-preview\b|^gpt-audio|-search-api\b/

/** Providers that variables bring stand in this order. */
export const knownKinds: readonly KnownKind[] = [
  {
    name: 'openai',
    wiresOf: (model) => (responsesOnly.test(model) ? ['responses'] : chatOnly.test(model) ? ['chat'] : openai),
    wires: openai,
    baseUrl: 'https://api.openai.com/v1',
    hosts: /^(\w+\.)?api\.openai\.com$/,
    variables: ['OPENAI_API_KEY'],
    models: [
      'gpt-*',
      'chatgpt-*',
      'o1*',
      'o3*',
      'o4*',
      'codex-*',
      'computer-use-*',
      'davinci-*',
      'babbage-*',
      'text-embedding-3-*',
      'text-embedding-ada-*',
      'omni-moderation-*',
      'text-moderation-*',
      'whisper-*',
      'tts-*',
      'dall-e-*',
      'sora-*',
      'ft:gpt-*',
      'ft:o1*',
      'ft:o3*',
      'ft:o4*',
      'ft:davinci-*',
      'ft:babbage-*',
    ],
  },
  {
    name: 'anthropic',
    wires: ['messages'],
    baseUrl: 'https://api.anthropic.com',
    hosts: /^api\.anthropic\.com$/,
    variables: ['ANTHROPIC_API_KEY'],
    models: ['claude-*'],
  },
  {
    name: 'openrouter',
    wires: ['chat', 'messages', 'responses'],
    baseUrl: 'https://openrouter.ai/api/v1',
    hosts: /^openrouter\.ai$/,
    variables: ['OPENROUTER_API_KEY'],
  },
  {
    name: 'google',
    address: googleAddress,
    wires: ['google'],
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    hosts: /^generativelanguage\.googleapis\.com$/,
    variables: ['GEMINI_API_KEY'],
    models: ['gemini-*', 'gemma-*', 'learnlm-*', 'imagen-*', 'veo-*', 'text-embedding-004'],
  },
  {
    name: 'mistral',
    wires: ['chat'],
    baseUrl: 'https://api.mistral.ai/v1',
    hosts: /^api\.mistral\.ai$/,
    variables: ['MISTRAL_API_KEY'],
    models: [
      'mistral-*',
      'magistral-*',
      'ministral-*',
      'codestral-*',
      'devstral-*',
      'pixtral-*',
      'voxtral-*',
      'open-mistral-*',
      'open-mixtral-*',
      'ft:open-*',
      'ft:mistral-*',
      'ft:ministral-*',
      'ft:codestral-*',
    ],
  },
  {
    name: 'groq',
    wires: ['chat'],
    baseUrl: 'https://api.groq.com/openai/v1',
    hosts: /^api\.groq\.com$/,
    variables: ['GROQ_API_KEY'],
  },
  {
    name: 'deepseek',
    address: deepseekAddress,
    wires: ['chat', 'messages'],
    baseUrl: 'https://api.deepseek.com/v1',
    hosts: /^api\.deepseek\.com$/,
    variables: ['DEEPSEEK_API_KEY'],
    models: ['deepseek-*'],
  },
  {
    name: 'xai',
    wires: openai,
    baseUrl: 'https://api.x.ai/v1',
    hosts: /^(\w+-\w+-\d\.)?api\.x\.ai$/,
    variables: ['XAI_API_KEY'],
    models: ['grok-*'],
  },
  {
    name: 'together',
    wires: ['chat'],
    baseUrl: 'https://api.together.xyz/v1',
    hosts: /^api\.together\.(xyz|ai)$/,
    variables: ['TOGETHER_API_KEY'],
  },
  {
    name: 'fireworks',
    wires: ['chat', 'messages', 'responses'],
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    hosts: /^api\.fireworks\.ai$/,
    variables: ['FIREWORKS_API_KEY'],
  },
  {
    name: 'cohere',
    wires: ['chat'],
    baseUrl: 'https://api.cohere.ai/compatibility/v1',
    hosts: /^api\.cohere\.(ai|com)$/,
    variables: ['COHERE_API_KEY', 'CO_API_KEY'],
    models: ['command-*', 'c4ai-*', 'embed-*', 'rerank-*'],
  },
  {
    name: 'perplexity',
    wires: ['chat'],
    baseUrl: 'https://api.perplexity.ai',
    hosts: /^api\.perplexity\.ai$/,
    variables: ['PERPLEXITY_API_KEY'],
    models: ['sonar', 'sonar-*'],
  },
  {
    name: 'cerebras',
    wires: ['chat'],
    baseUrl: 'https://api.cerebras.ai/v1',
    hosts: /^api\.cerebras\.ai$/,
    variables: ['CEREBRAS_API_KEY'],
  },
  {
    name: 'azure',
    address: azureAddress,
    wires: openai,
    baseUrl: null,
    hosts: /\.(openai\.azure\.(com|us)|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/,
    unusual: true,
  },
  {
    name: 'bedrock',
    throughGatewayOnly: true,
    wires: ['messages', 'chat', 'responses'],
    baseUrl: null,
    hosts: /^bedrock-(runtime(-fips)?|mantle)\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)$/,
    unusual: true,
  },
  { name: 'ollama', wires: ['chat', 'messages', 'responses'], baseUrl: 'http://127.0.0.1:11434/v1' },
  { name: 'vllm', wires: ['chat', 'messages', 'responses'], baseUrl: 'http://127.0.0.1:8000/v1' },
  { name: 'litellm', wires: ['chat', 'messages', 'responses'], baseUrl: 'http://127.0.0.1:4000/v1' },
  {
    name: 'portkey',
    address: portkeyAddress,
    wires: ['chat', 'messages', 'responses'],
    baseUrl: 'https://api.portkey.ai/v1',
    hosts: /^api\.portkey\.ai$/,
  },
  { name: 'openai-compatible', wires: openai, baseUrl: null },
  { name: 'anthropic-compatible', wires: ['messages'], baseUrl: null },
]

export const findKind = (name: string): KnownKind | undefined => knownKinds.find((kind) => kind.name === name)

/**
 * What the configuration leaves of wires. A model that has none of the allowed is asked in what it has: that is better
 * than no way at all.
 */
export function narrowWires(
  wires: readonly ProviderWire[],
  allowed: readonly ProviderWire[] | undefined,
): readonly ProviderWire[] {
  const left = allowed === undefined ? wires : wires.filter((wire) => allowed.includes(wire))
  return left.length > 0 ? left : wires
}

/** In what a configured provider can be asked for a model; none where only the gateway can call it. */
export function wiresFor(
  { kind, wires }: Pick<ProviderConfig, 'kind' | 'wires'>,
  model: string,
): readonly ProviderWire[] {
  const known = findKind(kind)
  if (known === undefined || known.throughGatewayOnly === true) return []
  return narrowWires(known.wiresOf?.(model) ?? known.wires, wires)
}

/** How a kind of provider is called. */
export function addressOf({ address, wires }: KnownKind): ProviderAddress {
  return address ?? (wires.every((wire) => wire === 'messages') ? asAnthropic : asOpenAi)
}

export const familyOf = (wire: ProviderWire): Family => (wire === 'messages' ? 'anthropic' : 'openai')

/** Google's own wire is of no family: where a dialect is asked for, it is not spoken. */
export const speaks = (kind: KnownKind, dialect: Family): boolean =>
  kind.wires.some((wire) => wire !== 'google' && familyOf(wire) === dialect)

/** What one entry of `providers` says, as far as it is of use here. */
export interface KindHints {
  name: string | null
  kind: string | null
  dialect: Family | null
  baseUrl: string | null
}

/**
 * The kind that is named; else that of the provider's own name, where its dialect fits; else that of its host; else
 * whatever speaks its dialect. `null` = it cannot be known.
 */
export function inferKind({ name, kind, dialect, baseUrl }: KindHints): KnownKind | null {
  if (kind !== null) return findKind(kind) ?? null
  const fits = (candidate: KnownKind): boolean => dialect === null || speaks(candidate, dialect)
  const host = baseUrl !== null && URL.canParse(baseUrl) ? new URL(baseUrl).hostname : ''
  const isHome = (candidate: KnownKind): boolean => candidate.hosts?.test(host) === true
  const named = name === null ? undefined : findKind(name)
  if (named !== undefined && fits(named) && (named.unusual !== true || dialect === null || isHome(named))) return named
  const home = knownKinds.find((candidate) => isHome(candidate) && fits(candidate))
  if (home !== undefined) return home
  return dialect === null ? null : (findKind(`${dialect}-compatible`) as KnownKind)
}
