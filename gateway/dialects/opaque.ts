import type { Opaque } from './model.ts'

/**
 * A dialect that has one field for such proof (Anthropic's `signature`, OpenAI's `encrypted_content`) also carries
 * another maker's: clients send these fields back unread, so the pair (maker, value) survives the round trip. The value
 * stands in it verbatim.
 */
const mark = 'sinew~'
/** What stands in the bytes of every body that holds one. */
export const markBytes = mark

export function isOwnMark(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith(mark)
}

export function packOpaque(opaque: Opaque): string {
  return `${mark}${opaque.maker}~${opaque.kind}~${opaque.id ?? ''}~${opaque.value}`
}

export function unpackOpaque(text: string): Opaque | undefined {
  if (!text.startsWith(mark)) return undefined
  const [maker, kind, id, ...value] = text.slice(mark.length).split('~')
  if (maker === undefined || id === undefined || (kind !== 'signature' && kind !== 'encrypted')) return undefined
  return { maker, kind, value: value.join('~'), ...(id === '' ? {} : { id }) }
}

/** The field's text for a dialect whose own proofs are `maker`'s. */
export function toOpaqueField(opaque: Opaque, maker: string): string {
  return opaque.maker === maker ? opaque.value : packOpaque(opaque)
}

export function fromOpaqueField(value: string, maker: string, kind: Opaque['kind'], id?: string): Opaque {
  return unpackOpaque(value) ?? { maker, kind, value, ...(id === undefined ? {} : { id }) }
}
