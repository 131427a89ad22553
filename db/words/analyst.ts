/** The analyst: who is asked for better prompts. Types only: every folder may import this file. */

export interface AnalystConfig {
  baseUrl: string
  apiKey: string
  model: string
  maxCallsPerDay: number
  maxTokensPerDay: number
}

/** What a person switched on in the admin: a configured provider by its name, and the model to ask there. */
export interface AnalystSetting {
  provider: string
  model: string
}

/** Asking for a better prompt, judging an answer, or sending a stored request again. */
export type CallPurpose = 'proposal' | 'judge' | 'replay'
