/** Where nginx is: `NGINX_PATH`, then `PATH`. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runProgram } from './processes.ts'

export async function findNginx(): Promise<{ path: string; version: string }> {
  const candidates = process.env.NGINX_PATH ? [process.env.NGINX_PATH] : [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, 'nginx'))
  const path = candidates.find(isExecutable)
  if (!path) throw new Error('nginx is missing, and it is what everything is compared with: install it (Debian: apt-get install nginx-light) or set NGINX_PATH')
  return { path, version: (await runProgram({ file: '/bin/sh', args: ['-c', 'exec "$0" -v 2>&1', path] }, 10_000)).replace(/^nginx version: nginx\//, 'nginx ') }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
