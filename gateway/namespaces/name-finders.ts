/** Where a body says a tool's name. One finder per wire format; each takes any JSON and never throws. */
import type { JsonObject } from '../../workflows/domain/json/json.ts'
import type { NamePlace } from './places.ts'

export interface NameFinder {
  /** Definitions, choices, calls and results of tools that the client runs. */
  inRequest(body: JsonObject): NamePlace[]
  /** Names that the provider has given to tools of this request: they stay. */
  providersOwn(body: JsonObject): string[]
  /** In a whole answer, or in one event of a stream. */
  inAnswer(body: JsonObject): NamePlace[]
}
