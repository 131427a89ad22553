/** A TCP proxy that can be taken away and brought back: the server behind it is then gone for its clients. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export interface TcpSwitch {
  address: string
  off(): Promise<void>
  on(): Promise<void>
}

/** Starts switched off, on a port that stays its own. */
export async function openTcpSwitch(target: string): Promise<TcpSwitch> {
  const [host, targetPort] = target.split(':') as [string, string]
  const sockets = new Set<Socket>()
  let server: Server | null = null
  let port = 0

  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const opened = createServer((client) => {
        const upstream = connect(Number(targetPort), host)
        for (const socket of [client, upstream]) {
          sockets.add(socket)
          socket.on('error', () => {})
          socket.on('close', () => {
            sockets.delete(socket)
            client.destroy()
            upstream.destroy()
          })
        }
        client.pipe(upstream).pipe(client)
      })
      server = opened
      opened.once('error', reject)
      opened.listen(port, '127.0.0.1', () => {
        port = (opened.address() as AddressInfo).port
        resolve()
      })
    })

  const off = async (): Promise<void> => {
    const closing = server
    server = null
    if (closing === null) return
    const closed = new Promise((resolve) => closing.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await listen()
  await off()
  return { address: `127.0.0.1:${port}`, off, on: listen }
}
