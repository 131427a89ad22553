/** What went wrong between Sinew and the provider → the error that the caller gets. */
import type { WireError } from '../../dialects/model.ts'
import { bodyForbidden, bodyTooLarge } from '../upload.ts'
import { factsOf, refuse, type Refusal } from '../../dialects/refusals.ts'

/**
 * Before its answer began. The caller learns what kind of fault it is; addresses and certificates stay in the
 * operator's configuration.
 */
export function toRefusal(error: Error & { code?: string }): Refusal {
  const { code = '' } = error
  return toBodyRefusal(code, error.message) ?? toConnectionRefusal(code, error.name)
}

/** What is wrong with what the caller sends. */
function toBodyRefusal(code: string, message: string): Refusal | null {
  switch (code) {
    case bodyTooLarge:
      return refuse('body_too_large', message)
    case bodyForbidden:
      return refuse('invalid_request', message)
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return refuse('invalid_request', `the request cannot be sent on: ${message}`)
    default:
      return null
  }
}

function toConnectionRefusal(code: string, name: string): Refusal {
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return refuse('upstream_timeout', 'the provider did not begin to answer in time')
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'ECONNRESET':
    case 'EPIPE':
      return refuse('upstream_closed', 'the provider closed the connection without an answer')
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return refuse('upstream_unreachable', 'the provider did not accept a connection in time')
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refuse('upstream_unreachable', "the provider's host name cannot be resolved")
    default:
      if (code.startsWith('HPE_') || name === 'HTTPParserError')
        return refuse('upstream_closed', 'the provider did not answer in HTTP')
      if (isCertificateFault(code)) return refuse('upstream_unreachable', "the provider's certificate is not accepted")
      return refuse('upstream_unreachable', 'no connection to the provider could be made')
  }
}

/** In the middle of its answer; `null` = it ended without an error, but too early. */
export function toCutRefusal(error: (Error & { code?: string }) | null): Refusal {
  const silent = error?.code === 'UND_ERR_BODY_TIMEOUT'
  return refuse(
    'upstream_cut',
    silent
      ? 'the provider was silent for longer than its idleMs, so the gateway ended the answer before it was complete'
      : 'the provider broke off before the answer was complete',
  )
}

/** For a stream that is being translated. */
export function toWireError({ code, message, param }: Refusal): WireError {
  const facts = factsOf(code)
  return { type: facts.openai.type, message, code: facts.openai.code, param, status: facts.status }
}

function isCertificateFault(code: string): boolean {
  return (
    code.startsWith('CERT_') ||
    code.startsWith('ERR_TLS_') ||
    code.includes('_CERT') ||
    code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
  )
}
