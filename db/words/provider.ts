/** A provider as it is configured. Types only: every folder may import this file. */
import type { Family, ProviderWire } from './wire.ts'

export interface Timeouts {
  connectMs: number
  firstByteMs: number
  idleMs: number
}

export interface ProviderConfig {
  name: string
  /** A row of the table in gateway/providers/kinds.ts. */
  kind: string
  /** Its family: what it is asked in where nothing else is said. */
  dialect: Family
  /** What it may be asked in; absent = all that its kind speaks. */
  wires?: readonly ProviderWire[]
  /** What the dialect's official client takes: OpenAI with `/v1`, Anthropic without. */
  baseUrl: string
  /** Sent with every request, whatever the caller sends under that name. */
  headers?: Readonly<Record<string, string>>
  /** Whether the usage of chat streams is asked for where the caller did not; absent = as its kind allows. */
  streamUsage?: boolean
  /** Azure's: a date makes its addresses those of deployments. */
  apiVersion?: string
  apiKey: string | null
  /** Bare model names this provider answers to; a trailing `*` matches any ending. */
  models: string[]
  timeouts: Timeouts
  /** A key in the environment brings it; the file does not name it. */
  fromEnvironment?: true
}
