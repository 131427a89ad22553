/**
 * What is compared: each is started for its turn and ended after it, so that nothing idles beside another's
 * measurement.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { directName, nginxName } from './figures.ts'
import { findFreePorts, openServer, type Command } from './processes.ts'
import { openSinew } from './sinew.ts'

export interface Open {
  /** Without a path. */
  url: string
  headers: Record<string, string>
  /** What it has left undone, in a few words; asked at the end of its turn. */
  readBacklog?(): Promise<string>
  close(): Promise<void>
}

export interface Contender {
  name: string
  open(): Promise<Open>
}

const nginxPatienceMs = 10_000

export function createContenders(upstreamUrl: string, nginx: string, gateway: Command, folder: string): Contender[] {
  return [
    { name: directName, open: async () => ({ url: upstreamUrl, headers: {}, close: async () => {} }) },
    { name: nginxName, open: async () => await openNginx(upstreamUrl, nginx, join(folder, 'nginx')) },
    {
      name: 'Sinew, everything on',
      open: async () => await openSinew({ upstreamUrl, gateway, folder: join(folder, 'sinew'), recording: 'on' }),
    },
    {
      name: 'Sinew, recording: off',
      open: async () => await openSinew({ upstreamUrl, gateway, folder: join(folder, 'sinew-off'), recording: 'off' }),
    },
  ]
}

/**
 * The yardstick: what a plain reverse proxy with two workers and kept-alive upstream connections costs on this machine.
 */
async function openNginx(upstreamUrl: string, nginx: string, folder: string): Promise<Open> {
  const [port] = await findFreePorts(1)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfiguration(new URL(upstreamUrl).host, port as number, folder))
  const server = openServer('nginx', { file: nginx, args: ['-p', folder, '-c', file, '-e', join(folder, 'error.log')] })
  await server.line(/start worker process \d+/, nginxPatienceMs)
  return {
    url: `http://127.0.0.1:${port}`,
    headers: {},
    async close() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function nginxConfiguration(upstream: string, port: number, folder: string): string {
  // Workers of a master that runs as root would otherwise change to a user that cannot write here.
  const user = process.getuid?.() === 0 ? `user ${userInfo().username};` : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};`)
    .join(' ')
  return `${user}
worker_processes 2;
daemon off;
pid ${join(folder, 'nginx.pid')};
error_log stderr notice;
events { worker_connections 2048; }
http {
  access_log off;
  ${temporary}
  keepalive_requests 1000000000;
  upstream provider { server ${upstream}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`
}
