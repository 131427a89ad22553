/**
 * Providers behind TLS: called where the certificate is trusted, refused in clear words where it is not, never called
 * insecurely.
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { cert, key } from './certificate.ts'
import { startGatewayProcess } from './gateway-process.ts'
import { atEnd, callerKey, chat, closeAll, makeFolder, startGateway } from './harness.ts'

afterEach(closeAll)

async function startTlsUpstream(): Promise<{ origin: string; calls(): number }> {
  let calls = 0
  const server = createServer({ key, cert }, (request, response) => {
    calls++
    request.resume().on('end', () => response.end('{"secure":true}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `https://localhost:${(server.address() as AddressInfo).port}`, calls: () => calls }
}

const call = (url: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}` },
    body: chat(),
  })

test('a certificate that the machine trusts is called', async () => {
  const { origin } = await startTlsUpstream()
  const authority = join(makeFolder(), 'ca.pem')
  writeFileSync(authority, cert)
  const gateway = await startGatewayProcess({ upstreamUrl: origin, before: `export NODE_EXTRA_CA_CERTS=${authority}` })
  expect(await (await call(gateway.url)).json()).toEqual({ secure: true })
})

test('any other is refused as 502, and nothing is sent', async () => {
  const { origin, calls } = await startTlsUpstream()
  const gateway = await startGateway({ providers: [{ baseUrl: `${origin}/v1` }] })
  const response = await call(gateway.url)
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({
    error: { code: 'upstream_unreachable', message: expect.stringContaining('certificate') as string },
  })
  expect(calls()).toBe(0)
})
