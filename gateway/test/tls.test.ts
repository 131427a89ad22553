/** Providers behind TLS: called where the certificate is trusted, refused in clear words where it is not, never called insecurely. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startGatewayProcess } from './gateway-process.ts'
import { atEnd, callerKey, chat, closeAll, makeFolder, startGateway } from './harness.ts'

afterEach(closeAll)

/** For localhost, signed by itself, trusted by nobody but these tests. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/sMKa/m7EGIVrFA9
DSnEJNbFIUHpoeeu6pefeOhdbzehRANCAAQ9xBCb9uVBxtDQ4A0MDe0zMltv2hO0
zzF0vmj76hKyTo+QM9nJW6DuHfcXbpg23bFXTxwBf1hAqQq2QrRoFc75
-----END PRIVATE KEY-----`
const cert = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUHpTrLILxtXcwOUjT6P6483Xb+ZgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA3NTExMVoYDzIxMjYxMDI4
MDc1MTExWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ9xBCb9uVBxtDQ4A0MDe0zMltv2hO0zzF0vmj76hKyTo+QM9nJW6Du
HfcXbpg23bFXTxwBf1hAqQq2QrRoFc75o28wbTAdBgNVHQ4EFgQU46Y/Ii1INKcq
HjOg85SYWSV88AEwHwYDVR0jBBgwFoAU46Y/Ii1INKcqHjOg85SYWSV88AEwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgdGyuu3452USUdp2sixlsYdxjpEpXL5GKrhl2PUqq4aoCIERM
iKT3CzvKAiXjkXlbfU6q0V8P54dkATlRyxKrJg/l
-----END CERTIFICATE-----`

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

const call = (url: string): Promise<Response> => fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${callerKey}` }, body: chat() })

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
  expect(await response.json()).toMatchObject({ error: { code: 'upstream_unreachable', message: expect.stringContaining('certificate') as string } })
  expect(calls()).toBe(0)
})
