/**
 * A first, simple way to tell prompts of one template from others. Pure; the same code runs in the learner and on the
 * hot path.
 *
 * A long system prompt names the application, so it alone is the pattern and the user's text is free. Otherwise the
 * first words of the first user message are the template's beginning and the rest is its slot.
 */
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import { clipText } from '../mining/sequence.ts'
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

/** This runs while a caller waits: of a long system prompt its two ends name the application well enough. */
const clip = (text: string): string => clipText(text, hashedCharacters) as string
const hashedCharacters = 4096

/**
 * The first words, those that hold a digit or a brace as slots, then the rest as the slot `input`; spaces stay in the
 * template. Of a word that is none, because its script has no spaces, the first signs count. The rest of the text is
 * not looked at.
 */
function splitText(text: string): { template: string; slots: Record<string, string> } {
  const slots: Record<string, string> = {}
  let template = ''
  let offset = 0
  for (let count = 1; count <= leadingWords; count++) {
    const start = skipSpace(text, offset)
    if (start === text.length || start - offset >= maxSpace) break
    const { end, isWhole } = findWordEnd(text, start)
    const token = text.slice(start, end)
    template += text.slice(offset, start)
    if (/[\d{}]/.test(token)) {
      slots[`value${count}`] = token
      template += `{{value${count}}}`
    } else template += token
    offset = end
    if (!isWhole) break
  }
  const rest = skipSpace(text, offset)
  if (rest === text.length) return { template: template + text.slice(offset), slots }
  slots.input = text.slice(rest)
  return { template: `${template}${text.slice(offset, rest)}{{input}}`, slots }
}

/** Longer spaces end the opening: a text may be nothing else. */
const maxSpace = 64
/** Longer words are of a script without spaces, or no words. */
const maxWord = 32
const leadingSigns = 12

function skipSpace(text: string, from: number): number {
  let place = from
  while (place < text.length && place - from < maxSpace && /\s/.test(text[place] as string)) place++
  return place
}

/** Of a long word the signs up to the first digit count, where there are any. */
function findWordEnd(text: string, start: number): { end: number; isWhole: boolean } {
  let end = start
  while (end < text.length && end - start <= maxWord && !/\s/.test(text[end] as string)) end++
  if (end - start <= maxWord) return { end, isWhole: true }
  const signs = text.slice(start, start + leadingSigns)
  const plain = /^[^\d{}]*/.exec(signs)?.[0].length ?? 0
  const cut = start + (plain || leadingSigns)
  // A pair of surrogates is never cut.
  return { end: isHighSurrogate(text.charCodeAt(cut - 1)) ? cut - 1 : cut, isWhole: false }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
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
