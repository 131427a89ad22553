/** The connections of a server: how they are opened to callers, and how they end without cutting an answer off. */
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

const sweepMs = 50

export interface Connections {
  /** Accepts no more; answers under way have this long. */
  drain(drainMs: number): Promise<void>
}

/** The address that callers reach. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return `http://${address.family === 'IPv6' ? `[${host}]` : host}:${address.port}`
}

export function watchConnections(server: Server): Connections {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  /** Idle ones would be kept for the next request, which is not to come. Node counts only those idle that sent one. */
  function endIdle(): void {
    server.closeIdleConnections()
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }

  return {
    drain: (drainMs) =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        const sweep = setInterval(endIdle, sweepMs)
        const force = setTimeout(() => server.closeAllConnections(), drainMs)
        server.once('close', () => {
          clearInterval(sweep)
          clearTimeout(force)
        })
      }),
  }
}
