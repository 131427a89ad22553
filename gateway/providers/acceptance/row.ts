import type { ProviderWire } from '../../../db/words/wire.ts'
import type { Acceptance } from '../../dialects/acceptance-facts.ts'

export interface AcceptanceRow {
  /** Where the rule can be read: a page of the vendor's documentation by its title, or a public report. */
  readonly source: string
  /** Kinds of providers; absent = any. */
  readonly kinds?: readonly string[]
  /** Wires in which they are asked; absent = any. */
  readonly wires?: readonly ProviderWire[]
  /** Names of models, as the provider has them; absent = any. */
  readonly models?: RegExp | ((model: string) => boolean)
  readonly accepts: Acceptance
}
