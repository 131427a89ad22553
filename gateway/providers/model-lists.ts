/** The models that providers list themselves, as the rest of the gateway reads them; gateway/state asks for them. */

/** A model as its provider lists it. */
export interface ListedModel {
  id: string
  /** Seconds since 1970. */
  created?: number
  displayName?: string
}

/** What providers list themselves. */
export interface ModelLists {
  /** Grows with every change. */
  readonly version: number
  /** By name; `null` = that provider is not asked, or has not answered yet. */
  of(provider: string): ReadonlyMap<string, ListedModel> | null
}

export const noLists: ModelLists = { version: 0, of: () => null }
