/**
 * Asks a Temporal server one question that it can only answer when it works: what it knows of the namespace. It reads
 * that from its own store, so a server whose store is stuck does not pass for a living one, as it would by an open
 * port. Spoken over `node:http2` by hand: the client library would cost each process that asks 50 MB for this one call.
 */
import { connect, constants, type IncomingHttpHeaders, type SecureClientSessionOptions } from 'node:http2'

/** As the official configuration of the SDKs gives it. */
interface Tls {
  serverNameOverride?: string
  serverRootCACertificate?: Uint8Array
  clientCertPair?: { crt: Uint8Array; key: Uint8Array } | null
}

export interface TemporalPlace {
  address: string
  namespace: string
  tls?: Tls | boolean | null | undefined
  apiKey?: string | (() => string) | undefined
}

export interface TemporalQuestion {
  /** Resolves when the server works; rejects with the reason in words when it does not. */
  answered: Promise<void>
  /** Leaves no connection behind, whatever has been answered by then. */
  close(): void
}

const describeNamespace = '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace'
/** It works, and this account may not ask: gRPC's permission denied, unimplemented and unauthenticated. */
const answersAnyway = new Set(['0', '7', '12', '16'])

export function openTemporalQuestion({ address, tls, apiKey, namespace }: TemporalPlace): TemporalQuestion {
  const session = connect(
    `${tls ? 'https' : 'http'}://${address}`,
    typeof tls === 'object' && tls !== null ? toTlsOptions(tls) : {},
  )
  const answered = new Promise<void>((resolve, reject) => {
    const take = (headers: IncomingHttpHeaders): void => {
      const status = headers['grpc-status']
      if (status === undefined) return
      if (answersAnyway.has(String(status))) return resolve()
      reject(new Error(decodeURIComponent(String(headers['grpc-message'] || `gRPC status ${String(status)}`))))
    }
    session.on('error', reject)
    session.on('close', () => reject(new Error('it closes the connection')))
    const key = typeof apiKey === 'function' ? apiKey() : apiKey
    const call = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: describeNamespace,
      'content-type': 'application/grpc',
      te: 'trailers',
      'temporal-namespace': namespace,
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    })
    // A call ends with its connection; what became of that says more.
    call.on('error', (error) => reject(error.cause instanceof Error ? error.cause : error))
    // An answer without content has its status among the headers, any other one behind its content.
    call.on('response', take)
    call.on('trailers', take)
    call.on('end', () => reject(new Error('it does not speak gRPC')))
    call.resume()
    call.end(toFrame(namespace))
  })
  return { answered, close: () => session.destroy() }
}

/** `null` = it works; else what is wrong, in words. Never rejects and never takes longer than `timeoutMs`. */
export async function askTemporal(place: TemporalPlace, timeoutMs: number): Promise<string | null> {
  let question: TemporalQuestion | null = null
  let timer: NodeJS.Timeout | undefined
  try {
    question = openTemporalQuestion(place)
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, `no answer within ${timeoutMs / 1000} s`)
    })
    return await Promise.race([question.answered.then(() => null), late])
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code && code.startsWith('E') && !code.startsWith('ERR_') ? code : message
  } finally {
    clearTimeout(timer)
    question?.close()
  }
}

/** `DescribeNamespaceRequest { string namespace = 1 }` in gRPC's frame: a flag, the length, the message. */
function toFrame(namespace: string): Buffer {
  const name = Buffer.from(namespace)
  const message = Buffer.concat([Buffer.from([0x0a, ...toVarint(name.length)]), name])
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

function toVarint(length: number): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, ...toVarint(length >> 7)]
}

function toTlsOptions(tls: Tls): SecureClientSessionOptions {
  return {
    ...(tls.serverNameOverride && { servername: tls.serverNameOverride }),
    ...(tls.serverRootCACertificate && { ca: Buffer.from(tls.serverRootCACertificate) }),
    ...(tls.clientCertPair && { cert: Buffer.from(tls.clientCertPair.crt), key: Buffer.from(tls.clientCertPair.key) }),
  }
}
