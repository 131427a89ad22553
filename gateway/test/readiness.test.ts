/**
 * /readyz: 200 exactly as long as traffic is served, and of every store whether it answers, not only whether somebody
 * listens.
 */
import { createSecureServer, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { openCounters } from '../state/loss-counts.ts'
import { createDependencies, type DependencyParts } from '../state/dependencies.ts'
import { cert, key } from './certificate.ts'
import {
  atEnd,
  chat,
  closeAll,
  converse,
  readChunks,
  startGateway,
  startUpstream,
  toRequest,
  until,
} from './harness.ts'
import { openaiStream } from './wire.ts'

afterEach(closeAll)

interface Store {
  place: string
  port: number
  /** Every connection it ever had. */
  sockets: Socket[]
}

async function open(server: Server): Promise<Store> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { place: `127.0.0.1:${port}`, port, sockets }
}

/** Accepts and takes what is sent, as the system does it for a process that is stopped. */
const openHung = (): Promise<Store> => open(createServer((socket) => void socket.resume()))
const openRedis = (): Promise<Store> =>
  open(
    createServer(
      (socket) =>
        void socket.on('data', (text) => socket.write('+OK\r\n'.repeat(String(text).match(/^\*\d/gm)?.length ?? 0))),
    ),
  )
const toMessage = (kind: string, body: string): string =>
  `${kind}${String.fromCharCode(0, 0, 0, body.length + 4)}${body}`
const openPostgres = (): Promise<Store> =>
  open(
    createServer((socket) => {
      socket.once('data', () => {
        socket.write(toMessage('R', '\0\0\0\0') + toMessage('Z', 'I'), 'latin1')
        socket.on('data', (text) =>
          text[0] === 'Q'.charCodeAt(0)
            ? socket.write(toMessage('C', 'SELECT 1\0') + toMessage('Z', 'I'), 'latin1')
            : socket.end(),
        )
      })
    }),
  )
/** A gRPC server's answer to any call: its status alone, as for an error, or behind a message. */
const answerGrpc =
  (status: number, message = '') =>
  (stream: ServerHttp2Stream): void =>
    void stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': message },
      { endStream: true },
    )
const answerGrpcWithMessage = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.from([0, 0, 0, 0, 0]))
}
const openTemporal = (answer: (stream: ServerHttp2Stream) => void): Promise<Store> =>
  open(createHttp2Server().on('stream', answer) as unknown as Server)

const create = (stores: Partial<DependencyParts>) =>
  createDependencies({
    journal: null,
    isRefusing: () => false,
    databaseUrl: null,
    redisUrl: null,
    temporal: { address: '127.0.0.1:1', namespace: 'default' },
    load: { inFlight: 0 },
    counters: openCounters(null),
    ...stores,
  })

describe('a store', () => {
  test('that accepts connections and answers nothing is down, found out within the limit, and nothing stays open', async () => {
    const stores = await Promise.all([openHung(), openHung(), openHung()])
    const [postgres, temporal, redis] = stores as [Store, Store, Store]
    const dependencies = create({
      databaseUrl: `postgres://u:p@${postgres.place}/d`,
      redisUrl: `redis://${redis.place}`,
      temporal: { address: temporal.place, namespace: 'default' },
    })
    expect((await dependencies.read()).dependencies).toEqual({
      journal: 'off',
      postgres: 'down',
      temporal: 'down',
      redis: 'down',
    })
    await until('every connection was closed', () =>
      stores.every(({ sockets }) => sockets.length === 1 && sockets[0]?.closed),
    )
  })

  test('that answers in its protocol is ok; many who ask at once cost it one connection, which is closed', async () => {
    const stores = await Promise.all([openPostgres(), openTemporal(answerGrpcWithMessage), openRedis()])
    const [postgres, temporal, redis] = stores
    const dependencies = create({
      databaseUrl: `postgres://u:p@${postgres.place}/d`,
      redisUrl: `redis://:secret@${redis.place}/2`,
      temporal: { address: temporal.place, namespace: 'default' },
    })
    for (const { dependencies: states } of await Promise.all(Array.from({ length: 20 }, () => dependencies.read()))) {
      expect(states).toEqual({ journal: 'off', postgres: 'ok', temporal: 'ok', redis: 'ok' })
    }
    await until('every connection was closed', () =>
      stores.every(({ sockets }) => sockets.length === 1 && sockets[0]?.closed),
    )
  })

  test('Temporal is ok when it can answer, whatever the account may, and down when its own store does not', async () => {
    const ask = async (answer: (stream: ServerHttp2Stream) => void): Promise<string> => {
      const { place } = await openTemporal(answer)
      return (await create({ temporal: { address: place, namespace: 'default' } }).read()).dependencies.temporal
    }
    for (const status of [0, 7, 12, 16]) expect(await ask(answerGrpc(status)), String(status)).toBe('ok')
    for (const status of [2, 4, 5, 8, 13, 14])
      expect(await ask(answerGrpc(status, 'interrupted (9)')), String(status)).toBe('down')
    // It opens the connection as a living one does, and then says nothing, or what is not gRPC.
    expect(await ask(() => {})).toBe('down')
    expect(await ask((stream) => stream.respond({ ':status': 404 }, { endStream: true }))).toBe('down')
  })

  test('Temporal behind TLS is ok where its certificate is trusted, and down where it is not', async () => {
    const { port } = await open(createSecureServer({ key, cert }).on('stream', answerGrpc(16)) as unknown as Server)
    const address = `localhost:${port}`
    const ask = async (tls: DependencyParts['temporal']['tls']): Promise<string> =>
      (await create({ temporal: { address, namespace: 'default', tls } }).read()).dependencies.temporal
    expect(await ask({ serverRootCACertificate: Buffer.from(cert) })).toBe('ok')
    expect(await ask(true)).toBe('down')
    expect(await ask(undefined)).toBe('down')
  })

  test('that is not there, or whose address makes no sense, is down', async () => {
    const away = create({ databaseUrl: 'postgres://u@127.0.0.1:1/d', redisUrl: 'redis://127.0.0.1:1' })
    expect((await away.read()).dependencies).toEqual({
      journal: 'off',
      postgres: 'down',
      temporal: 'down',
      redis: 'down',
    })
    expect(
      (await create({ temporal: { address: 'no host:x', namespace: 'default' } }).read()).dependencies.temporal,
    ).toBe('down')
  })
})

describe('503 and `refusing`', () => {
  const readStatus = async (url: string): Promise<[number, string]> => {
    const response = await fetch(`${url}/readyz`)
    return [response.status, ((await response.json()) as { status: string }).status]
  }

  test('while the gateway is overloaded, and 200 again once it is not', async () => {
    const { url } = await startGateway({ maxLagMs: 200 })
    expect(await readStatus(url)).toEqual([200, 'ok'])
    const blocking = setInterval(() => {
      const end = performance.now() + 300
      while (performance.now() < end);
    }, 1)
    atEnd(() => clearInterval(blocking))
    while ((await readStatus(url))[0] !== 503);
    clearInterval(blocking)
    while ((await readStatus(url))[0] !== 200);
    expect(await readStatus(url)).toEqual([200, 'ok'])
  })

  test('while the gateway drains, to whoever can still ask', async () => {
    let finish = (): void => {}
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(openaiStream[0])
      finish = () => void response.end(openaiStream.slice(1).join(''))
    })
    const { port, gateway } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const asking = converse(port, 'GET /readyz HTTP/1.1\r\nhost: gateway\r\n')
    const streaming = converse(port, toRequest('/v1/chat/completions', chat({ stream: true })))
    await until('the first event', () => readChunks(streaming).length > 0)
    const closing = gateway.close()
    asking.socket.write('\r\n')
    await until('its answer', () => asking.text().includes('"refusing"'))
    expect(asking.text()).toMatch(/^HTTP\/1\.1 503 /)
    finish()
    await closing
  })
})
