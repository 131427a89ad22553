/** What changed between two texts, word by word, with the slots kept whole. */
import { diffArrays } from 'diff'

export interface Piece {
  kind: 'same' | 'removed' | 'added'
  text: string
}

/** Beyond this many words the comparison would hold up the page; lines are compared then. */
const maxWords = 6_000

export function diffTexts(before: string, after: string): Piece[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }]
  const words = [toWords(before), toWords(after)] as const
  const [left, right] = words[0].length + words[1].length <= maxWords ? words : [toLines(before), toLines(after)]
  return gather(
    diffArrays(left, right).map((change) => ({
      kind: change.added ? 'added' : change.removed ? 'removed' : 'same',
      text: change.value.join(''),
    })),
  )
}

/** Changes with nothing but a space between them read as one: first what goes, then what comes. */
function gather(pieces: Piece[]): Piece[] {
  const gathered: Piece[] = []
  let removed = ''
  let added = ''
  const flush = (): void => {
    // A space that both end with has not changed.
    const shared = removed !== '' && added !== '' && removed.endsWith(' ') && added.endsWith(' ') ? ' ' : ''
    for (const piece of [
      { kind: 'removed', text: removed },
      { kind: 'added', text: added },
    ] as const) {
      const text = piece.text.slice(0, piece.text.length - shared.length)
      if (text !== '') gathered.push({ kind: piece.kind, text })
    }
    if (shared !== '') gathered.push({ kind: 'same', text: shared })
    removed = added = ''
  }
  pieces.forEach((piece, index) => {
    const next = pieces[index + 1]
    if (piece.kind === 'removed') removed += piece.text
    else if (piece.kind === 'added') added += piece.text
    else if (
      removed !== '' &&
      added !== '' &&
      /^[^\S\n]+$/.test(piece.text) &&
      next !== undefined &&
      next.kind !== 'same'
    ) {
      removed += piece.text
      added += piece.text
    } else {
      flush()
      gathered.push(piece)
    }
  })
  flush()
  return gathered
}

/** A slot, a word, a run of spaces, a line's end or one sign at a time. */
function toWords(text: string): string[] {
  return text.match(/\{\{\w+\}\}|[\p{L}\p{N}_]+|\n|[^\S\n]+|[^\s]/gu) ?? []
}

function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

export interface TextPart {
  kind: 'text' | 'slot'
  text: string
}

/** Splits a template into its text and its slots, which are written `{{name}}`. */
export function splitSlots(template: string): TextPart[] {
  return template
    .split(/(\{\{\w+\}\})/)
    .flatMap((text, index) => (text === '' ? [] : [{ kind: index % 2 === 1 ? 'slot' : 'text', text } as const]))
}

export function slotNames(template: string | null): string[] {
  return [...new Set(splitSlots(template ?? '').flatMap((part) => (part.kind === 'slot' ? [part.text] : [])))]
}

/** What a person should look at twice before approving. */
export function findFlags(
  before: { system: string | null; template: string | null },
  after: { system: string | null; template: string | null },
): string[] {
  const flags: string[] = []
  const slots = [
    [...slotNames(before.system), ...slotNames(before.template)],
    [...slotNames(after.system), ...slotNames(after.template)],
  ] as const
  const lost = slots[0].filter((slot) => !slots[1].includes(slot))
  const added = slots[1].filter((slot) => !slots[0].includes(slot))
  if (lost.length > 0) flags.push(`Loses the slot ${lost.join(', ')}`)
  if (added.length > 0) flags.push(`Adds the slot ${added.join(', ')}`)
  if (before.system === null && after.system !== null) flags.push('Adds a system prompt')
  if (before.system !== null && after.system === '') flags.push('Empties the system prompt')
  const length = (prompt: { system: string | null; template: string | null }): number =>
    (prompt.system?.length ?? 0) + (prompt.template?.length ?? 0)
  const growth = length(after) - length(before)
  if (growth > 0 && growth > length(before) * 0.25)
    flags.push(`Longer by ${growth.toLocaleString('en-US')} characters in every request`)
  return flags
}
