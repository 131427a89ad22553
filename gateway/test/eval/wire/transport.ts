import { translateAnswer, translateRequest } from '../../../dialects/translate.ts'
import { StreamTranslator } from '../../stream-translator.ts'
import { adapters } from '../../../dialects/adapters.ts'
import { writeJson } from '../../../dialects/json.ts'
import { UntranslatableError } from '../../../dialects/report.ts'
import type { RecordedOutcome } from './record.ts'
import type { ProviderWire, Wire } from '../../../../db/words/wire.ts'

/** A call as a caller makes it, and what the upstream answers to it. */
export interface WireCall {
  readonly caller: Wire
  readonly upstream: ProviderWire
  readonly path: string
  /** No generation: it passes as it is, to the provider's own path. */
  readonly raw?: boolean
  readonly stream: boolean
  readonly request: string
  readonly reply: { readonly status: number; readonly contentType: string; readonly chunks: readonly Uint8Array[] }
}

export interface WireOutcome {
  /** What arrived at the upstream; undefined when the call was refused before. */
  readonly upstreamSaw: string | undefined
  readonly status: number
  readonly body: string
  /** The names in `x-sinew-dropped`. */
  readonly dropped: readonly string[]
  /** What the journal has of it; absent where no gateway runs that would keep one. */
  readonly record?: RecordedOutcome | undefined
}

/** The way between caller and upstream: the adapters in this process, or a gateway that really runs. */
export interface WireTransport {
  exchange(call: WireCall): Promise<WireOutcome>
}

export function createAdapterTransport(): WireTransport {
  return {
    async exchange(call) {
      const replied = Buffer.concat(call.reply.chunks).toString('utf8')
      if (call.caller === call.upstream || call.raw === true)
        return { upstreamSaw: call.request, status: call.reply.status, body: replied, dropped: [] }
      const way = { from: call.caller, to: call.upstream }
      const back = { from: call.upstream, to: call.caller }
      try {
        const request = translateRequest(call.request, way, { untranslatable: 'drop' })
        if (!call.stream || call.reply.status >= 400) {
          const answer = translateAnswer(replied, back, call.reply.status)
          return {
            upstreamSaw: request.body,
            status: answer.status,
            body: answer.body,
            dropped: [...request.dropped, ...answer.dropped],
          }
        }
        const translator = new StreamTranslator(back, { includeUsage: true })
        const body = `${call.reply.chunks.map((chunk) => translator.push(chunk)).join('')}${translator.end()}`
        return {
          upstreamSaw: request.body,
          status: call.reply.status,
          body,
          dropped: [...request.dropped, ...translator.dropped],
        }
      } catch (error) {
        if (!(error instanceof UntranslatableError)) throw error
        return {
          upstreamSaw: undefined,
          status: 400,
          body: writeJson(
            adapters[call.caller].writeError({ type: 'invalid_request_error', message: error.message, status: 400 }),
          ),
          dropped: error.fields,
        }
      }
    },
  }
}
