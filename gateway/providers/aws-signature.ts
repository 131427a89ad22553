/** Requests to AWS, signed as a whole (Signature Version 4), by AWS's own implementation. */
import { createRequire } from 'node:module'
import type * as Hash from '@aws-crypto/sha256-js'
import type * as Signature from '@smithy/signature-v4'
import type { Sign } from './provider-kind.ts'

/** Loaded where a provider needs it: it costs the start a quarter of a second. */
const load = createRequire(import.meta.url)

/** `<access key id>:<secret access key>[:<session token>]`; a Bedrock API key has no such form. */
const accessKey = /^(A[A-Z0-9]{9,127}):([^:]+)(?::([^:]+))?$/

export const isAccessKey = (apiKey: string): boolean => accessKey.test(apiKey)

/**
 * The region stands in the host: `bedrock-runtime.us-east-1.amazonaws.com`, also of private endpoints in front of it.
 */
export const regionOf = (host: string): string =>
  /(?:^|[.-])([a-z]{2}(?:-[a-z]+)+-\d)(?:[.:]|$)/.exec(host)?.[1] ?? 'us-east-1'

/** What is signed beside AWS's own headers: what any proxy on the way leaves as it is. */
const signedHeaders = new Set(['host', 'content-type'])

/** `clock` and `service` are arguments for tests against published signatures. */
export function createAwsSigner(
  apiKey: string,
  host: string,
  service = 'bedrock',
  clock: () => Date = () => new Date(),
): Sign {
  const { SignatureV4 } = load('@smithy/signature-v4') as typeof Signature
  const { Sha256 } = load('@aws-crypto/sha256-js') as typeof Hash
  const [, accessKeyId = '', secretAccessKey = '', sessionToken] = accessKey.exec(apiKey) ?? []
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    region: regionOf(host),
    service,
    sha256: Sha256,
    applyChecksum: false,
  })
  return async ({ method, url, headers, body }) => {
    const sent: Record<string, string> = { host: url.host }
    for (let index = 0; index < headers.length; index += 2) {
      const name = (headers[index] as string).toLowerCase()
      if (signedHeaders.has(name)) sent[name] = headers[index + 1] as string
    }
    const query: Record<string, string[]> = {}
    for (const [name, value] of url.searchParams) (query[name] ??= []).push(value)
    const signed = await signer.sign(
      { method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, query, headers: { ...sent }, body },
      { signingDate: clock() },
    )
    return Object.entries(signed.headers).flatMap(([name, value]) => (name in sent ? [] : [name, value]))
  }
}
