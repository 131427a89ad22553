/** A name of the operator's own for one model that several deployments serve. Types only: every folder may import this file. */

/** `priority`: in the order that they are written; `weighted`: by their weights; `latency`: whichever begins to answer first. */
export type Balance = 'priority' | 'weighted' | 'latency'

export interface DeploymentConfig {
  /** `provider/model`. */
  model: string
  /** Its share where `balance` is `weighted`. */
  weight: number
}

export interface AliasConfig {
  /** What callers send as `model`. */
  name: string
  deployments: DeploymentConfig[]
  balance: Balance
}

/** How often a request may be sent again, before anything of an answer has gone to its caller. */
export interface RetriesConfig {
  /** Calls of providers for one request, the first included. */
  maxAttempts: number
  /** How many of all calls of the last seconds may be such further ones. */
  maxShare: number
}
