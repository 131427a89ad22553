/** The query of a caller's address, on its way to the provider's. */
import type { IncomingMessage } from 'node:http'

/** It belongs to the caller's dialect: it goes along where the provider speaks the same. */
export function withQuery(path: string, request: IncomingMessage, same: boolean): string {
  const url = request.url as string
  const question = url.indexOf('?')
  if (question < 0 || !same) return path
  return path + (path.includes('?') ? `&${url.slice(question + 1)}` : url.slice(question))
}
