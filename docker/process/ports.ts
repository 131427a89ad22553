/** Makes sure that every port is free before anything starts, and names the variable of each one that is not. */
import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import type { Problem } from '../../db/words/problem.ts'

export interface PortRequest {
  variable: string
  /** The variable to blame when the address itself is wrong; local servers have none. */
  hostVariable?: string
  host: string
  /** 0 = any free one. */
  port: number
}

/** Linux hands out ports from 32768, others from 49152. */
const anyPort = { from: 20_000, to: 32_000, attempts: 100 }

/**
 * Listens on all of them at once, so that two requests for any free port cannot get the same one, and lets go again.
 * Every port that cannot be had becomes a problem.
 */
export async function findPorts(
  requests: PortRequest[],
): Promise<{ ports: Record<string, number>; problems: Problem[] }> {
  const ports: Record<string, number> = {}
  const problems: Problem[] = []
  const servers: Server[] = []
  // The chosen ones first: a port that is found for a 0 must not be one that another variable names.
  const ordered = [...requests].sort((a, b) => Number(a.port === 0) - Number(b.port === 0))
  for (const request of ordered) {
    try {
      const server = await (request.port === 0 ? listenAnywhere(request) : listen(request))
      servers.push(server)
      ports[request.variable] = (server.address() as { port: number }).port
    } catch (error) {
      problems.push(toProblem(request, error as NodeJS.ErrnoException))
    }
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return {
    ports,
    problems: requests.flatMap(({ variable, hostVariable }) =>
      problems.filter(({ path }) => path === variable || path === hostVariable),
    ),
  }
}

/** One free port on this machine, the wanted one if it can be had. */
export async function findPort(host: string, wanted: number | null): Promise<number> {
  for (const port of wanted ? [wanted, 0] : [0]) {
    const { ports } = await findPorts([{ variable: 'port', host, port }])
    if (ports.port !== undefined) return ports.port
  }
  throw new Error(`no port is free on ${host}`)
}

/**
 * Any free port, from below the range that systems hand out by themselves: between the look and the moment a process
 * listens, no outgoing connection and no other program's "any port" can take it.
 */
async function listenAnywhere(request: PortRequest): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(anyPort.from, anyPort.to)
    try {
      return await listen({ ...request, port })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === anyPort.attempts) throw error
    }
  }
}

function listen({ host, port }: PortRequest): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => resolve(server))
  })
}

function toProblem({ variable, hostVariable, host, port }: PortRequest, error: NodeJS.ErrnoException): Problem {
  if (error.code === 'EADDRINUSE')
    return {
      path: variable,
      message: `port ${port} on ${host} is taken by another program; stop that, or set ${variable} to a free port (0 = any)`,
    }
  if (error.code === 'EACCES')
    return {
      path: variable,
      message: `port ${port} needs rights that this user does not have; set ${variable} to a port above 1023`,
    }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return { path: hostVariable ?? variable, message: `${host} is not an address of this machine` }
  return { path: variable, message: `cannot listen on ${host}:${port}: ${error.code ?? error.message}` }
}

/** The address people and programs on this machine use; listening everywhere is reached through loopback. */
export function toUrl(host: string, port: number): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
