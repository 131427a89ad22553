/** Wire formats, and whose client libraries speak them. Types only: every folder may import this file. */

/** A family of wire formats: whose official client is spoken to, and how its errors and lists look. */
export type Family = 'openai' | 'anthropic'

/** A wire format that clients speak: OpenAI Chat Completions, OpenAI Responses, Anthropic Messages. */
export type Wire = 'chat' | 'responses' | 'messages'

/** A wire format that a provider can be asked in. */
export type ProviderWire = 'chat' | 'responses' | 'messages' | 'google'
