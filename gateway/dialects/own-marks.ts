/**
 * What Sinew itself wrote into fields of proof, because the dialect of an earlier answer had no other place for it:
 * `sinew~…` values (see opaque.ts), thinking with an empty signature, reasoning items under made-up ids. A translated
 * request reads them; a provider that is sent the caller's own bytes would take them for its proofs, and refuse the
 * conversation for good.
 */
import { cutAll, type ListCut } from '../bytes/cuts.ts'
import type { Wire } from '../../db/words/wire.ts'
import { isOwnMark, markBytes } from './opaque.ts'

export interface Unmarked {
  body: Buffer
  /** For `x-sinew-dropped`. */
  dropped: string[]
}

type Json = Record<string, unknown>
type Path = (string | number)[]

/** Whether an element of a list is a mark of Sinew's own. */
type IsOwn = (element: Json) => boolean

/** Ids of items that are made from an answer's; see `itemId`. OpenAI's own have no second underscore. */
const madeUpId = /^rs_[a-zA-Z0-9]*_\d+$/
const madeUpIdInBytes = /"rs_[a-zA-Z0-9]*_\d+"/

/**
 * `signsThinking`: whether the model refuses thinking that it has not signed. `null` = there is nothing to take out;
 * mostly that is clear from a search for a few bytes.
 */
export function withoutOwnMarks(body: Buffer, wire: Wire, signsThinking: () => boolean): Unmarked | null {
  if (!mayHoldMarks(body, wire)) return null
  const signs = wire === 'messages' && signsThinking()
  const request = toObject(parse(body))
  if (request === null) return null
  const cuts: ListCut[] = []
  const dropped: string[] = []
  for (const [holder, path] of findRequests(request)) {
    const found = wire === 'responses' ? cutInput(holder, path) : cutMessages(holder, path, wire, signs)
    cuts.push(...found.cuts)
    dropped.push(...found.dropped)
  }
  return cuts.length === 0 ? null : { body: cutAll(body, cuts), dropped }
}

function mayHoldMarks(body: Buffer, wire: Wire): boolean {
  if (body.includes(markBytes)) return true
  if (wire === 'messages') return holdsEmptySignature(body)
  return wire === 'responses' && body.includes('"rs_') && madeUpIdInBytes.test(body.toString('latin1'))
}

function holdsEmptySignature(body: Buffer): boolean {
  const name = '"signature"'
  for (let at = body.indexOf(name); at >= 0; at = body.indexOf(name, at + name.length)) {
    const behind = body.toString('latin1', at + name.length, at + name.length + 16)
    if (/^\s*:\s*""/.test(behind)) return true
  }
  return false
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}

function toObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

/** The request itself, or those of a batch. */
function* findRequests(body: Json): Generator<[Json, Path]> {
  yield [body, []]
  if (!Array.isArray(body.requests)) return
  for (const [index, entry] of body.requests.entries()) {
    const params = toObject(toObject(entry)?.params)
    if (params !== null) yield [params, ['requests', index, 'params']]
  }
}

interface Found {
  cuts: ListCut[]
  dropped: string[]
}

function findIn(list: unknown, path: Path, isOwn: IsOwn): Found & { whole: boolean } {
  const elements = Array.isArray(list) ? list : []
  const indexes = new Set<number>()
  for (const [index, element] of elements.entries()) {
    const object = toObject(element)
    if (object !== null && isOwn(object)) indexes.add(index)
  }
  if (indexes.size === 0) return { cuts: [], dropped: [], whole: false }
  return {
    cuts: [{ path, indexes }],
    dropped: [...indexes].map((index) => `${toName(path)}[${index}]`),
    whole: indexes.size === elements.length,
  }
}

function cutMessages(request: Json, path: Path, wire: Wire, signsThinking: boolean): Found {
  const found: Found = { cuts: [], dropped: [] }
  const emptied = new Set<number>()
  for (const [index, entry] of (Array.isArray(request.messages) ? request.messages : []).entries()) {
    const message = toObject(entry)
    if (message === null) continue
    const place = [...path, 'messages', index]
    const lists =
      wire === 'messages'
        ? [findIn(message.content, [...place, 'content'], (block) => isOwnBlock(block, signsThinking))]
        : ['reasoning_details', 'thinking_blocks'].map((name) => findIn(message[name], [...place, name], isOwnDetail))
    // A message of nothing but marks goes as a whole: no provider takes an empty one.
    if (wire === 'messages' && lists[0]?.whole === true) emptied.add(index)
    else found.cuts.push(...lists.flatMap(({ cuts }) => cuts))
    found.dropped.push(...lists.flatMap(({ dropped }) => dropped))
  }
  if (emptied.size > 0) found.cuts.push({ path: [...path, 'messages'], indexes: emptied })
  return found
}

function cutInput(request: Json, path: Path): Found {
  return findIn(request.input, [...path, 'input'], isOwnItem)
}

function isOwnBlock(block: Json, signsThinking: boolean): boolean {
  if (block.type === 'redacted_thinking') return isOwnMark(block.data)
  if (block.type !== 'thinking') return false
  return isOwnMark(block.signature) || (signsThinking && block.signature === '')
}

function isOwnDetail(detail: Json): boolean {
  return isOwnMark(detail.signature) || isOwnMark(detail.data)
}

function isOwnItem(item: Json): boolean {
  if (item.type !== 'reasoning') return false
  const { encrypted_content: proof, id } = item
  if (typeof proof === 'string' && proof !== '') return isOwnMark(proof)
  return typeof id === 'string' && madeUpId.test(id)
}

function toName(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}
