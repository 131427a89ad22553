/**
 * What Sinew must know of a maker of models to call it: one row of the table in kinds/, one file each. Everything is a
 * pure function of the configuration and the call, so a row is tested without a network.
 */
import type { WriteOptions } from '../dialects/adapter.ts'
import type { GenerationCall, Place } from '../../db/config/provider-addresses.ts'
import type { ProviderWire } from '../../db/words/wire.ts'
import type { StreamTransform } from '../bytes/answer-transform.ts'

export interface SignableRequest {
  method: string
  url: URL
  /** Name and value, flat, as they will be sent. */
  headers: readonly string[]
  body: Buffer
}

/** Gives the headers to add, flat. The only await a provider may cost, and it waits for no network. */
export type Sign = (request: SignableRequest) => Promise<string[]>

export interface ProviderKind {
  /** As `providers[].kind` names it. */
  name: string
  /** The wire formats it speaks; the caller's own is used where it is among them, else the first. */
  wires: readonly ProviderWire[]
  /** Where it depends on the model; a part of `wires`. */
  wiresOf?: (model: string) => readonly ProviderWire[]
  /** Where its address is the same for everybody; `null` = the configuration must say it. */
  baseUrl: string | null
  /** The whole path on its host, query included. */
  toPath(call: GenerationCall, place: Place): string
  /** A caller's query means nothing at its addresses, although it speaks the caller's wire. */
  takesNoQuery?: true
  /**
   * Path of anything that is no generation (`/embeddings`, `/messages/count_tokens`), as its dialect's client writes it
   * behind `/v1`; `model` as the body names it, where it does; `null` = it has no such endpoint.
   */
  toOtherPath(path: string, place: Place, model: string | null): string | null
  /** The path of a raw call on its host, where some do not stand behind the configured address. */
  toRawPath?: (path: string, place: Place) => string
  /** Members of its answers that hold an address which is a name: requests hand it back as it is. */
  namesByAddress?: readonly string[]
  /** Name and value, flat. Empty where requests are signed. */
  toCredentials(apiKey: string, wire: ProviderWire, place: Place): string[]
  /** Headers that this wire needs and a caller of another dialect does not send. */
  toDefaultHeaders?: (wire: ProviderWire) => string[]
  /** For requests that must be signed as a whole; `null` = this key is no such key. */
  createSigner?: (apiKey: string, place: Place) => Sign | null
  /**
   * Puts into the body what the address cannot say, and takes out what it says already. `header` reads the caller's
   * headers; `report` takes the names of what is left out.
   */
  toBody?: (
    body: Buffer,
    call: GenerationCall,
    place: Place,
    header: (name: string) => string | undefined,
    report: (path: string) => void,
  ) => Buffer
  /** How its dialect is to be written; see `defaultWriteOptions`. */
  write: Partial<WriteOptions>
  /** What of it depends on the model. */
  writeFor?: (model: string) => Partial<WriteOptions>
  /**
   * Whether `stream_options.include_usage` may be added to a chat stream that did not ask for it. Not where streams
   * have their usage anyway: it would be cut out again. `unproven`: nobody knows this server, so it is asked until an
   * answer does not show that asking made a difference.
   */
  addsUsage: boolean | 'unproven' | ((place: Place) => boolean)
  /**
   * Turns a stream that is not SSE (AWS event streams) into SSE of its wire, by the answer's content type; `null` = it
   * is SSE.
   */
  unframe?: (contentType: string) => StreamTransform | null
  /** The wires in which it answers, but not its errors: they are put into the wire's own shape. */
  foreignErrors?: readonly ProviderWire[]
  /** What it cannot do, in words for people. */
  cannot: readonly string[]
}
