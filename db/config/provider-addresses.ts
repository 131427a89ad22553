/**
 * How providers are addressed: the path of a call on its host, and the headers that its key becomes. Gateway and
 * learner call by the same rules; what else the gateway must know of a provider stands in gateway/providers/kinds/.
 */
import type { ProviderWire } from '../words/wire.ts'

/** A generation as it is about to be sent. */
export interface GenerationCall {
  wire: ProviderWire
  /** The provider's own name of the model. */
  model: string
  stream: boolean
}

/** What the configuration says of where this provider stands. */
export interface Place {
  /** The path of `baseUrl`, without a slash at its end: empty, `/v1`, `/openai/v1`. */
  base: string
  host: string
  apiVersion: string | null
}

export interface ProviderAddress {
  /** The whole path on its host, query included. */
  toPath(call: GenerationCall, place: Place): string
  /** Name and value, flat. Empty where requests are signed. */
  toCredentials(apiKey: string, wire: ProviderWire, place: Place): string[]
  /** Headers that this wire needs and a caller of another dialect does not send. */
  toDefaultHeaders?: (wire: ProviderWire) => string[]
}

export const bearer = (apiKey: string): string[] => ['authorization', `Bearer ${apiKey}`]

/** The version that every client of Anthropic's sends; there is no other. */
const anthropicVersion = ['anthropic-version', '2023-06-01']

const versionForMessages = (wire: ProviderWire): string[] => (wire === 'messages' ? anthropicVersion : [])

/**
 * OpenAI's clients take an address with `/v1`, Anthropic's one without; where a provider speaks both, either may be
 * configured.
 */
export const withoutV1 = (base: string): string => base.replace(/\/v1$/, '')

export const asOpenAi: ProviderAddress = {
  toPath({ wire }, { base }) {
    if (wire === 'messages') return `${withoutV1(base)}/v1/messages`
    return base + (wire === 'responses' ? '/responses' : '/chat/completions')
  },
  toCredentials: bearer,
  toDefaultHeaders: versionForMessages,
}

export const asAnthropic: ProviderAddress = {
  toPath: (_call, { base }) => `${base}/v1/messages`,
  toCredentials: (apiKey) => ['x-api-key', apiKey],
  toDefaultHeaders: () => anthropicVersion,
}

/** Its addresses for OpenAI's clients, for betas and for Anthropic's clients stand beside each other. */
export const deepseekAddress: ProviderAddress = {
  toPath: ({ wire }, { base }) =>
    wire === 'messages'
      ? `${base.replace(/\/(v1|beta|anthropic)$/, '')}/anthropic/v1/messages`
      : `${base.replace(/\/anthropic$/, '')}/chat/completions`,
  toCredentials: (apiKey, wire) => (wire === 'messages' ? ['x-api-key', apiKey] : bearer(apiKey)),
  toDefaultHeaders: versionForMessages,
}

/** Hosted, the key is Portkey's; on a machine of one's own it is that of the provider behind it. */
export const portkeyAddress: ProviderAddress = {
  ...asOpenAi,
  toCredentials: (apiKey, _wire, { host }) =>
    /(^|\.)portkey\.ai$/.test(host) ? ['x-portkey-api-key', apiKey] : bearer(apiKey),
}

/** The address may be that of the endpoint that does as OpenAI does; both stand under one root. */
export const googleRoot = ({ base }: Place): string => base.replace(/\/openai$/, '')

export const googleAddress: ProviderAddress = {
  toPath({ model, stream }, place) {
    const name = model
      .replace(/^models\//, '')
      .split('/')
      .map(encodeURIComponent)
      .join('/')
    return `${googleRoot(place)}/${name.includes('/') ? name : `models/${name}`}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
  },
  toCredentials: (apiKey, wire) => (wire === 'google' ? ['x-goog-api-key', apiKey] : bearer(apiKey)),
}

/**
 * What people copy from Azure's portal: the resource, the resource with `/openai`, `/openai/v1`, or one deployment of
 * it.
 */
export const azureRoot = ({ base }: Place): string => base.replace(/\/openai(\/v1|\/deployments\/.*)?$/, '')

/**
 * With a version in the configuration: deployments stand in the address. Without: the v1 address, where they are the
 * model.
 */
export const withAzureVersion = (path: string, { apiVersion }: Place): string => `${path}?api-version=${apiVersion}`

export const azureAddress: ProviderAddress = {
  toPath({ wire, model }, place) {
    const root = azureRoot(place)
    const end = wire === 'responses' ? '/responses' : '/chat/completions'
    if (place.apiVersion === null) return `${root}/openai/v1${end}`
    return withAzureVersion(
      wire === 'responses' ? `${root}/openai${end}` : `${root}/openai/deployments/${encodeURIComponent(model)}${end}`,
      place,
    )
  },
  // A token is three words of base64 between dots; keys have none.
  toCredentials: (apiKey) => (/^eyJ[^.]*\.[^.]+\.[^.]+$/.test(apiKey) ? bearer(apiKey) : ['api-key', apiKey]),
}

/** A call to a configured provider, as anybody may send it. */
export interface AddressedCall {
  url: string
  /** Name and value, flat; the configured ones last. */
  headers: string[]
}

/** `headers`: what the configuration adds to every request. */
export function toAddressedCall(
  address: ProviderAddress,
  { baseUrl, apiKey, apiVersion, headers = {} }: AddressedProvider,
  call: GenerationCall,
): AddressedCall {
  const url = new URL(baseUrl)
  const place = toPlace(url, apiVersion)
  return {
    url: url.origin + address.toPath(call, place),
    headers: [
      ...(address.toDefaultHeaders?.(call.wire) ?? []),
      ...(apiKey === null ? [] : address.toCredentials(apiKey, call.wire, place)),
      ...Object.entries(headers).flat(),
    ],
  }
}

export interface AddressedProvider {
  baseUrl: string
  apiKey: string | null
  apiVersion?: string
  headers?: Readonly<Record<string, string>>
}

export function toPlace({ pathname, host }: URL, apiVersion: string | undefined): Place {
  return { base: pathname.replace(/\/+$/, ''), host, apiVersion: apiVersion ?? null }
}
