/** API answers are JSON, which shrinks to a tenth; streams go out as they come. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const compress = {
  br: promisify(brotliCompress),
  gzip: promisify(gzip),
}
export type Encoding = keyof typeof compress

/** Shorter answers fit into one packet as they are. */
const minBytes = 1_024
/** The quickest levels: an answer is compressed while somebody waits for it. */
const options = { br: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }, gzip: { level: 4 } }

/** The best encoding that the client takes; `q=0` excludes one. */
export function chooseEncoding(accepted: string | null): Encoding | null {
  const taken = (accepted ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';')[0]?.trim())
  return (['br', 'gzip'] as const).find((encoding) => taken.includes(encoding)) ?? null
}

export async function compressAnswer(request: Request, response: Response): Promise<Response> {
  const encoding = chooseEncoding(request.headers.get('accept-encoding'))
  const isJson = /^application\/json\b/.test(response.headers.get('content-type') ?? '')
  if (encoding === null || !isJson || response.body === null || response.headers.has('content-encoding'))
    return response
  const bytes = Buffer.from(await response.arrayBuffer())
  const headers = new Headers(response.headers)
  headers.append('vary', 'accept-encoding')
  if (bytes.length < minBytes) return new Response(new Uint8Array(bytes), { status: response.status, headers })
  const compressed = await compress[encoding](bytes, options[encoding])
  headers.delete('content-length')
  headers.set('content-encoding', encoding)
  return new Response(new Uint8Array(compressed), { status: response.status, headers })
}
