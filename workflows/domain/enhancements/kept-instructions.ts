/**
 * Whether the instructions that bind a model are still there, and still mean the same: what it must and must not do,
 * what it does in which case, whom it names, which tools it may use. Pure. A reworded sentence is found by its words of
 * weight; where it says "never" no more, it is turned round.
 */
import { findLostAddresses } from './active-content.ts'
import { toSentences } from './proposal-words.ts'
import { toRecall, toStems } from './stems.ts'

export interface InstructionChange {
  kind: 'instructions' | 'names'
  note: string
  removed: string | null
  added: string | null
}

const binding =
  /(?<!\p{L})(?:never|must|mustn't|always|do not|don't|cannot|can't|may not|may only|not allowed|shall|should not|shouldn't|refuse|decline|forbid\p{L}*|prohibited|required|require|ensure|under no circumstances|unless|if|when|whenever|before|only|avoid|without|nie|niemals|muss|müssen|darf|dürfen|nicht|kein\p{L}*|immer|wenn|falls|verweiger\p{L}*|jamais|doit|doivent|ne|toujours|si|refuse[rz]?|nunca|debe[ns]?|no|siempre|mai|deve|devono|sempre|não|nooit|moet|altijd|niet|никогда|не|должен|должны|если|всегда|nigdy|nie|musi|zawsze|jeśli)(?!\p{L})|不要|不得|必须|必須|禁止|切勿|如果|请勿|ないで|しないこと|必ず|場合|ません|마십시오|반드시|하지|لا|يجب|إذا/iu

/** Subjects that a removed sentence must never take with it, whatever its form. */
export const sensitive =
  /(?<!\p{L})(?:(?<!-)safe|safety|unsafe|self-harm|suicid\p{L}*|emergenc\p{L}*|hotline|crisis|harm\p{L}*|weapons?|drugs?|violen\p{L}*|minors?|child\p{L}*|abuse|privacy|private|personal (?:data|information|details)|personally|confidential\p{L}*|consent|gdpr|hipaa|pii|passwords?|passcodes?|credentials?|secrets?|social security|ssn|credit cards?|medical|diagnos\p{L}*|doctor|legal advice|lawyer|financial advice|disclaimers?|moderation|guardrails?|security|authenticat\p{L}*|identity|discriminat\p{L}*|Datenschutz|personenbezogen\p{L}*|vertraulich\p{L}*|Notruf|Suizid\p{L}*|confidentiel\p{L}*|données personnelles|urgence|confidencial\p{L}*|datos personales|emergencia)(?!\p{L})|隐私|自杀|个人信息|個人情報|自殺|конфиденциальн\p{L}*|персональн\p{L}*/iu

const negated =
  /(?<!\p{L})(?:not|never|no|don't|doesn't|mustn't|shouldn't|cannot|can't|won't|without|refuse|refuses|decline|forbid|forbidden|prohibited|avoid|nicht|nie|niemals|kein\p{L}*|ohne|verweiger\p{L}*|ne|pas|jamais|sans|aucune?|nunca|sin|ningun\p{L}*|non|mai|senza|não|nem|nooit|niet|geen|не|никогда|без|nigdy)(?!\p{L})|不|勿|禁止|ない|ません|않|말/iu
const strong =
  /(?<!\p{L})(?:never|must|always|required|under no circumstances|shall|strictly|niemals|immer|muss|müssen|jamais|toujours|doit|nunca|siempre|debe|sempre|deve|никогда|всегда)(?!\p{L})|必须|必須|必ず|切勿/iu
const weak =
  /(?<!\p{L})(?:may|can|could|might|optional(?:ly)?|try to|where possible|if possible|when possible|ideally|preferably|feel free|usually|generally|unless asked|if you like|kann|können|möglichst|gegebenenfalls|peut|pouvez|si possible|puede|si es posible|можно|по возможности)(?!\p{L})|可以|尽量|なるべく/iu

/** A sentence counts as kept where so much of it stands in one sentence, or in two neighbours. */
const minKept = 0.6

export function findInstructionChanges(before: string, after: string): InstructionChange[] {
  const candidates = toUnits(after)
  const changes: InstructionChange[] = []
  for (const sentence of toSentences(withoutSlots(before))) {
    if (!binding.test(sentence) && !sensitive.test(sentence)) continue
    if (after.includes(sentence)) continue
    const change = compareSentence(sentence, candidates)
    if (change !== null) changes.push(change)
  }
  return [...changes, ...findLostNames(before, after)]
}

function compareSentence(sentence: string, candidates: Unit[]): InstructionChange | null {
  const stems = toStems(sentence)
  if (stems.size === 0) return null
  let best: (Unit & { recall: number }) | null = null
  for (const unit of candidates) {
    const recall = toRecall(stems, unit.stems)
    if (best === null || recall > best.recall || (recall === best.recall && unit.text.length < best.text.length))
      best = { ...unit, recall }
  }
  if (best === null || best.recall < minKept)
    return { kind: 'instructions', note: `an instruction is gone: “${sentence}”`, removed: sentence, added: null }
  const how =
    negated.test(sentence) !== negated.test(best.text)
      ? 'turned round'
      : isWeaker(sentence, best.sentence)
        ? 'weakened'
        : null
  return how === null
    ? null
    : { kind: 'instructions', note: `an instruction is ${how}: “${sentence}”`, removed: sentence, added: best.text }
}

function isWeaker(before: string, after: string): boolean {
  return strong.test(before) && !strong.test(after)
    ? weak.test(after) || !binding.test(after)
    : weak.test(after) && !weak.test(before)
}

interface Unit {
  text: string
  /** The whole of what it is a part of: how binding it is may stand elsewhere in it. */
  sentence: string
  stems: Set<string>
}

/** Clauses, sentences and pairs of sentences: a rewording may split one or join two. */
function toUnits(text: string): Unit[] {
  const sentences = toSentences(withoutSlots(text))
  const clauses = sentences.flatMap((sentence) =>
    sentence
      .split(/[,;:]\s|\s(?:and|but|und|aber|et|mais|y|pero)\s/u)
      .map((clause) => ({ text: clause, sentence, stems: toStems(clause) })),
  )
  const pairs = sentences.slice(1).map((sentence, index) => `${sentences[index] ?? ''} ${sentence}`)
  return [...clauses, ...[...sentences, ...pairs].map((unit) => ({ text: unit, sentence: unit, stems: toStems(unit) }))]
}

const phones = /(?<![\p{L}\p{N}])\+?\d[\d ()/-]{4,}\d(?![\p{L}\p{N}])|(?<!\p{N})(?:112|911|110|999|988)(?!\p{N})/gu
const mails = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]{1,253}/gu
const toolNames = /(?<![\p{L}\p{N}_{])\p{L}{1,60}(?:_[\p{L}\p{N}]{1,60}){1,20}(?![\p{L}\p{N}_}])/gu

function findLostNames(before: string, after: string): InstructionChange[] {
  const plain = withoutSlots(before)
  const digits = after.replace(/\D/g, '')
  const lost = [
    ...[...plain.matchAll(phones)]
      .map(([phone]) => phone)
      .filter((phone) => !digits.includes(phone.replace(/\D/g, ''))),
    ...[...plain.matchAll(mails)].map(([mail]) => mail.replace(/[.-]+$/u, '')).filter((mail) => !after.includes(mail)),
    ...[...plain.matchAll(toolNames)].map(([name]) => name).filter((name) => !after.includes(name)),
    ...findLostAddresses(plain, after),
  ]
  return [...new Set(lost)].map((name) => ({
    kind: 'names',
    note: `it no longer names ${name}`,
    removed: name,
    added: null,
  }))
}

function withoutSlots(text: string): string {
  return text.replace(/\{\{\w+\}\}/g, ' ')
}

/** The share of the original's words of weight that are left, where there are enough of them to tell. */
const minWords = 3
const minShare = 0.3

/** What is left of a prompt that was replaced rather than changed; `null` = it was changed. */
export function findReplacement(before: string, after: string): string | null {
  const stems = toStems(withoutSlots(before))
  const present = toStems(withoutSlots(after))
  const share = toRecall(stems, present)
  const isReplaced = stems.size >= minWords ? share < minShare : stems.size > 0 && share === 0
  return isReplaced ? `only ${Math.round(share * 100)} % of the original's words are left: it is another prompt` : null
}
