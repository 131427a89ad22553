/** A wire that can be cut or go silent, between a client and a server that go on living. */
import { connect, createServer, type Socket } from 'node:net'

export interface Switch {
  port: number
  /** `silent`: connections stand, and nothing goes through. */
  set(mode: 'open' | 'silent' | 'closed'): void
  /** Cuts what is connected; new connections are let in. */
  cut(): void
  close(): Promise<void>
}

export async function openSwitch(host: string, port: number): Promise<Switch> {
  let mode: 'open' | 'silent' | 'closed' = 'open'
  const pairs = new Set<[Socket, Socket]>()
  const server = createServer((client) => {
    if (mode === 'closed') return void client.destroy()
    const upstream = connect(port, host)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('data', (chunk) => {
        if (mode !== 'silent') to.write(chunk)
      })
      from.on('error', () => {})
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const [client] of pairs) client.destroy()
  }
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    set(next) {
      mode = next
      if (next === 'closed') cut()
    },
    cut,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
