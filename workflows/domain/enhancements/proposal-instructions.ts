/**
 * Text in logged prompts that speaks to whoever reads the log: it tells a reader to drop its task, to approve, to write
 * something down. Pure. Two uses: a proposal that carries over what such a sentence asks for is refused, and a proposal
 * may not itself be written in that voice. Telling apart is by form, so it errs towards refusing: a person can still
 * write such a template by hand, where it is theirs and says so.
 */
import { plainWords, toMarks, toRuns, toSentences, toWords } from './proposal-words.ts'

/** Orders that no template has a use for either. */
const grave: RegExp[] = [
  // Dropping what was asked for.
  /\b(?:ignore|disregard|forget|override|overrule|bypass|skip|drop|abandon)\b.{0,80}\b(?:instructions?|task|rules?|prompts?|above|previous|prior|earlier|preceding|everything|guidelines?|constraints?|directions?|policy|policies)\b/i,
  /\b(?:ignorier\p{L}{0,3}|vergiss|missachte)\b.{0,80}\b(?:anweisung\p{L}{0,3}|aufgabe\p{L}{0,2}|regeln?|vorgaben?|bisherig\p{L}{0,2})/iu,
  /\b(?:ignore[sz]?|oublie[sz]?|ignora|olvida)\b.{0,80}\b(?:instructions?|consignes?|r[èe]gles?|instrucci\p{L}{1,5}|reglas?|tarea|t[âa]che)/iu,
  // Deciding in a person's place.
  /\b(?:auto[- ]?approved?|approv(?:e|es|ed|ing|al)|rubber[- ]?stamp|sign(?:ed)? off|whitelist(?:ed)?|greenlight)\b/i,
  /\b(?:genehmig\p{L}{1,4}|freigeben|approuve[zr]?|aprueb\p{L}{1,3})\b/iu,
  /\b(?:promote|deploy|serve|activate|publish|merge|enable|accept)\b.{0,40}\b(?:immediately|at once|without (?:review|asking|a person|approval)|enhancement|proposal)\b/i,
  /\b(?:dear|attention|note (?:to|for)|hey|message (?:to|for)|instructions? (?:to|for))\b.{0,30}\b(?:ai|assistant|analyst|reviewer|model|claude|llm|judge|evaluator|agent)\b/i,
  // Getting at what is not the reader's.
  /\b(?:reveal|leak|exfiltrate|disclose|send|forward|post|upload|email|e-mail)\b.{0,80}\b(?:system prompt|secrets?|api keys?|passwords?|credentials?|tokens?|confidential|other (?:users?|teams?|customers?)|conversation|history|everything above)\b/i,
  /\b(?:propose_enhancement|approve_\w{1,20})\b|<\|[a-z_]{2,30}\|>|\[\/?(?:INST|SYSTEM|SYS)\]/i,
]

/** Orders only when they stand among the data: a template may well say the like. */
const suspect: RegExp[] = [
  /\b(?:stop|end|cancel|abort)\b.{0,40}\b(?:the |your |this )?(?:task|analysis|review|job|work)\b/i,
  /\b(?:promote|deploy|serve|activate|publish|merge|enable|accept)\b.{0,40}\b(?:this|it|now)\b/i,
  // Becoming somebody else, or speaking with another authority.
  /\byou (?:are|'re) (?:now|no longer|actually|really)\b|\bfrom now on\b|\bpretend (?:to be|that)\b|\bact as\b|\bnew (?:system )?(?:prompt|instructions?|rules?|task)\b|\b(?:developer|admin|god|debug|jailbreak|dan) mode\b/i,
  /\b(?:as|i am|this is) (?:the|your|an?) (?:system|administrator|admin|developer|owner|operator|supervisor|reviewer|security team)\b/i,
  // Writing something down for the outside world.
  /\b(?:set|write|put|insert|inject|append|add|propose|include|place|change|replace|rewrite|make)\b.{0,80}\b(?:system prompt|templates?|the reason|the risks|the proposal|verbatim|word for word)\b/i,
  /\b(?:call|invoke|run|execute|use)\b.{0,40}\b(?:the )?(?:tool|function|command)\b/i,
  /\b(?:always|only|just|must)\b.{0,30}\b(?:say|reply|respond|answer|output|print|return|write|recommend|mention|praise)\b/i,
  /\b(?:recommend|mention|advertise|praise|promote|endorse)\b.{0,60}\b(?:in (?:every|each|all)|always|whenever|product|company|website|link)\b/i,
  /\b(?:print|repeat|show|output)\b.{0,80}\b(?:system prompt|secrets?|keys?|instructions|everything above)\b/i,
  /<\/?\s*(?:system|data|instructions?|admin|assistant|user|im_start|im_end)\b|^\s*(?:system|assistant|developer)\s*:|-{2,}\s*(?:end|begin|new)\b.{0,40}\b(?:data|instructions?|prompt|task)/i,
]
const orders: readonly RegExp[] = [...grave, ...suspect]

/**
 * A template's own caution: what stands in the user's text is not to be followed, what is secret not to be told. Such a
 * sentence drops nothing of the task.
 */
const caution =
  /\b(?:do not|don't|never|must not|not to)\b.{0,20}\b(?:reveal|leak|disclose|send|forward|post|upload|approve)\b|\b(?:ignore|disregard|do not follow|don't follow|never follow|do not obey|never obey|treat)\b.{0,60}\b(?:instructions?|commands?|requests?|orders?|text|content|input)\b.{0,40}\b(?:in|inside|within|contained|embedded|found|from|as data|that appear)\b/i

export function readsAsOrder(sentence: string): boolean {
  return orders.some((order) => order.test(sentence))
}

const runLength = 4
/** Runs of grammar alone ("in the form of") are everybody's. */
const runWordsMin = 2
/** So many words of weight that only orders in the samples use are no chance. */
const sharedWordsMax = 1

/**
 * What of the samples' orders came into `added`, or `null`. `original` is the template as it was: what it says already
 * is nobody's injection, and neither is what the samples say outside of orders. Single words count only where a sample
 * plainly turns to its reader: "I must say the invoice is wrong" has the form of an order and is none.
 */
export function findCarriedOver(added: string, original: string, samples: string[]): string | null {
  const own = new Set([...toWords(original), ...toMarks(original)])
  const orderTexts = new Set<string>()
  const graveTexts = new Set<string>()
  const innocent = new Set<string>()
  for (const sample of samples) {
    const sentences = toSentences(sample)
    const isGrave = sentences.some((sentence) => grave.some((order) => order.test(sentence)))
    for (const sentence of sentences) {
      if (!readsAsOrder(sentence)) for (const word of [...toWords(sentence), ...toMarks(sentence)]) innocent.add(word)
      else (isGrave ? graveTexts : orderTexts).add(sentence)
    }
  }
  const known = new Set(toRuns(toWords(original), runLength))
  const addedWords = toWords(added)
  const runs = new Set(
    toRuns(addedWords, runLength).filter(
      (run) => !known.has(run) && run.split(' ').filter((word) => !plainWords.has(word)).length >= runWordsMin,
    ),
  )
  const marks = new Set(toMarks(added).filter((mark) => !own.has(mark) && !innocent.has(mark)))
  for (const order of [...orderTexts, ...graveTexts]) {
    if (toRuns(toWords(order), runLength).some((run) => runs.has(run)))
      return 'it repeats an instruction that stands in the examples'
    if (toMarks(order).some((mark) => marks.has(mark)))
      return 'it takes up a name from an instruction that stands in the examples'
  }
  const words = new Set(
    addedWords.filter((word) => word.length > 2 && !plainWords.has(word) && !own.has(word) && !innocent.has(word)),
  )
  const shared = new Set([...graveTexts].flatMap(toWords).filter((word) => words.has(word)))
  return shared.size > sharedWordsMax ? 'it takes up what an instruction in the examples asks for' : null
}

/** A sentence of `added` in the voice of an order that the original did not speak in, or `null`. */
export function findOwnOrder(added: string, original: string): string | null {
  const before = new Set(toSentences(original))
  const spoken = toSentences(added).filter((sentence) => !before.has(sentence) && !caution.test(sentence))
  return spoken.some((sentence) => grave.some((order) => order.test(sentence) && !order.test(original)))
    ? 'it speaks to its reader as an injected instruction does'
    : null
}
