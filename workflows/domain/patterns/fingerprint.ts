/**
 * A first, simple way to tell prompts of one template from others. Pure; the same code runs in the learner and on the
 * hot path.
 *
 * A long system prompt names the application, so it alone is the pattern and the user's text is free. Otherwise the
 * first words of the first user message are the template's beginning and the rest is its slot.
 */
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import { clipText } from '../mining/sequence.ts'
import { defaultLimits } from '../mining/types.ts'
import type { Prompt } from '../exchanges/prompt.ts'

export interface Fingerprint {
  /** 16 hex digits, equal for prompts of one pattern. */
  hash: string
  template: PromptTemplate
  /** What each slot of the template holds in this prompt. */
  slots: Record<string, string>
}

const leadingWords = 4
/** A shorter system prompt ("You are a helpful assistant.") is shared by applications that have nothing in common. */
const distinctiveSystemCharacters = 80

/** `null` = there is no text to go by. */
export function fingerprintPrompt(prompt: Prompt): Fingerprint | null {
  return fingerprintTexts(prompt.system?.text ?? null, prompt.user?.text ?? null)
}

/** Texts that are clipped as the miner keeps them have the hash of the whole ones. */
export function fingerprintTexts(system: string | null, user: string | null): Fingerprint | null {
  if (system !== null && system.length >= distinctiveSystemCharacters) {
    const slots: Record<string, string> = user === null ? {} : { input: user }
    return {
      hash: hashText(`system\n${clip(system)}`),
      template: { system, template: user === null ? null : '{{input}}' },
      slots,
    }
  }
  if (user === null) {
    return system === null
      ? null
      : { hash: hashText(`system\n${clip(system)}`), template: { system, template: null }, slots: {} }
  }
  const { template, slots } = splitText(user)
  return {
    hash: hashText(`user\n${system ?? ''}\n${template.replace(/\s+/g, ' ')}`),
    template: { system, template },
    slots,
  }
}

const clip = (text: string): string => clipText(text, defaultLimits.maxPromptCharacters) as string

/**
 * The first words, those that hold a digit or a brace as slots, then the rest as the slot `input`; spaces stay in the
 * template.
 */
function splitText(text: string): { template: string; slots: Record<string, string> } {
  const slots: Record<string, string> = {}
  let template = ''
  let offset = 0
  const word = /\s*\S+/y
  for (let count = 1; count <= leadingWords; count++) {
    word.lastIndex = offset
    const match = word.exec(text)?.[0]
    if (match === undefined) break
    const token = match.trimStart()
    const space = match.slice(0, match.length - token.length)
    if (/[\d{}]/.test(token)) {
      slots[`value${count}`] = token
      template += `${space}{{value${count}}}`
    } else {
      template += match
    }
    offset += match.length
  }
  const rest = text.slice(offset)
  const input = rest.trimStart()
  if (input.length === 0) return { template: template + rest, slots }
  slots.input = input
  return { template: `${template}${rest.slice(0, rest.length - input.length)}{{input}}`, slots }
}

/** FNV-1a over UTF-16 units in two 32-bit lanes with different seeds, 64 bits in all. Not for secrets. */
export function hashText(text: string): string {
  return hashUnits(text, -1)
}

/** As above, and the same for texts that differ in their spaces and line breaks alone. */
export function hashWords(text: string): string {
  return hashUnits(text, 0x20)
}

/** `maxSkipped`: units up to it are left out, but not the separator U+0001. */
function hashUnits(text: string, maxSkipped: number): string {
  let low = 0x811c9dc5
  let high = 0xcbf29ce4
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit <= maxSkipped && unit !== 1) continue
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ unit, 0x01000193) ^ (low >>> 15)
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0')
}
