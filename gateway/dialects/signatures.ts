import type { Part, ReasoningPart } from './model.ts'

/**
 * Google signs tool calls themselves. Dialects without a place for that carry the signature as reasoning without text,
 * whose id is the call's: `detachSignatures` before writing such a dialect, `attachSignatures` after reading it.
 */
export function detachSignatures(parts: readonly Part[]): readonly Part[] {
  if (!parts.some((part) => part.kind === 'tool-call' && part.signature !== undefined)) return parts
  return parts.flatMap((part): Part[] => {
    if (part.kind !== 'tool-call' || part.signature === undefined) return [part]
    const { signature, ...call } = part
    const carrier: ReasoningPart = {
      kind: 'reasoning',
      text: '',
      opaque: { ...signature, id: part.id },
      path: `${part.path}.extra_content`,
    }
    return [carrier, call]
  })
}

export function attachSignatures(parts: readonly Part[]): readonly Part[] {
  const carriers = parts.filter(
    (part): part is ReasoningPart =>
      part.kind === 'reasoning' && part.opaque?.maker === 'google' && part.text === '' && part.opaque.id !== undefined,
  )
  if (carriers.length === 0) return parts
  return parts.flatMap((part): Part[] => {
    if (
      part.kind === 'reasoning' &&
      carriers.includes(part) &&
      parts.some((other) => other.kind === 'tool-call' && other.id === part.opaque?.id)
    )
      return []
    const opaque =
      part.kind === 'tool-call' ? carriers.find((carrier) => carrier.opaque?.id === part.id)?.opaque : undefined
    return [opaque === undefined ? part : ({ ...part, signature: opaque } as Part)]
  })
}
