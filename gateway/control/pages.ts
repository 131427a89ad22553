/**
 * Serves the built admin from `admin/dist`. The folder may appear or be replaced at any time: nothing of it is kept but
 * hashed assets. (h3's static files neither pack nor fall back to the page nor hide files that begin with a dot; what
 * would be left of them here is a table of types.)
 */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { chooseEncoding } from './compression.ts'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

interface Asset {
  bytes: Buffer
  br: Buffer
  gzip: Buffer
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.map': 'application/json',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
}
/** Builds have some dozen assets; a folder that was replaced often must not fill the memory. */
const maxKeptAssets = 300
/** Vite names every file in it after its content, so it may be kept for ever. */
const hashedFolder = '/assets/'

const notBuilt = `<!doctype html><html lang="en"><title>Sinew</title><body><h1>The admin's pages are not built yet</h1>
<p><code>npm start</code> builds them and this page then works after a reload. By hand: <code>npx vite build --config admin/vite.config.ts</code></p></body></html>`

export function createPages(folder: string): (request: Request) => Promise<Response> {
  const kept = new Map<string, Asset>()

  async function find(path: string): Promise<Asset | null> {
    const keptAsset = kept.get(path)
    if (keptAsset) return keptAsset
    const bytes = await readFile(join(folder, path)).catch(() => null)
    if (bytes === null) return null
    const asset = compress(bytes)
    if (path.startsWith(hashedFolder)) {
      if (kept.size >= maxKeptAssets) kept.clear()
      kept.set(path, asset)
    }
    return asset
  }

  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response('only GET here', { status: 405, headers: { allow: 'GET, HEAD' } })
    const path = toFilePath(new URL(request.url).pathname)
    if (path === null) return new Response('not found', { status: 404 })
    const isPage = extname(path) === ''
    const asset = await find(isPage ? '/index.html' : path)
    if (asset === null && isPage)
      return new Response(notBuilt, {
        status: 503,
        headers: { 'content-type': types['.html'] ?? '', 'retry-after': '5' },
      })
    if (asset === null) return new Response('not found', { status: 404 })
    return toResponse(
      asset,
      isPage ? '.html' : extname(path),
      path.startsWith(hashedFolder),
      request.headers.get('accept-encoding') ?? '',
    )
  }
}

/** `null` = nothing of ours: it leaves the folder, names a hidden file, or is no path at all. */
function toFilePath(pathname: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return null
  }
  const path = normalize(decoded).replaceAll(sep, '/')
  if (
    !path.startsWith('/') ||
    path.includes('\0') ||
    path.split('/').some((part) => part === '..' || part.startsWith('.'))
  )
    return null
  return path
}

function compress(bytes: Buffer): Asset {
  return {
    bytes,
    gzip: gzipSync(bytes),
    br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  }
}

function toResponse(asset: Asset, extension: string, hashed: boolean, accepted: string): Response {
  const encoding = chooseEncoding(accepted)
  const bytes = encoding === null ? asset.bytes : asset[encoding]
  const headers: Record<string, string> = {
    'content-type': types[extension] ?? 'application/octet-stream',
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
  }
  if (encoding !== null) headers['content-encoding'] = encoding
  return new Response(new Uint8Array(bytes), { headers })
}
