/**
 * Sentences that a proposal adds and that a person must think about: they hide failures from the scorer, hand the prompt
 * over to the caller's text, touch safety, privacy or tools, or speak for somebody. Pure.
 */
import { sensitive } from './kept-instructions.ts'
import { toSentences } from './proposal-words.ts'
import { toRecall, toStems } from './stems.ts'

export interface AddedSentence {
  kind: 'scorer' | 'obedience' | 'safety' | 'tools' | 'voice'
  note: string
  added: string
}

/** They make an answer look right to whoever measures it, whether or not it is. */
const games: readonly RegExp[] = [
  /\b(?:never|do not|don't|must not|avoid|without|stop)\b.{0,40}\b(?:sa(?:y|ying)|admit\w*|mention\w*|stat(?:e|ing)|writ(?:e|ing)|use|using|us(?:e|ing) (?:words|phrases)|tell\w*|express\w*)\b.{0,60}\b(?:cannot|can't|can not|unable|sorry|don't know|do not know|not sure|unsure|uncertain\w*|errors?|fail\w*|limits?|limitations?|impossible|unknown|missing|no (?:answer|information|access)|apolog\w*|refus\w*)/iu,
  /\b(?:never|do not|don't|must not|avoid|stop)\b.{0,20}\b(?:refus\w*|declin\w*|apologi[sz]\w*|hedg\w*|disclaim\w*|fail|leave (?:it|anything|the answer) (?:empty|blank))\b/iu,
  /\b(?:always|every|each|must)\b.{0,60}\b(?:claim|confirm|say|state|end with|begin with|start with|finish with|report|include the words?)\b.{0,60}\b(?:success\w*|done|complete\w*|solved|correct|works?|worked|thank\w*|resolved|satisf\w*|confiden\w*)\b/iu,
  /\b(?:make (?:\w+ )?up|invent|fabricate|guess|hallucinate|pretend|fake|fill in with|use placeholder|dummy value|plausible)\b/iu,
  /\b(?:even if|even when|regardless of whether|whether or not)\b.{0,60}\b(?:wrong|true|correct|known?|unsure|uncertain|missing|incomplete|invent\w*|impossible|unknown|not sure|information)\b/iu,
  /\b(?:scor(?:e|er|ing|ed)|evaluat(?:or|ion|ed)|judge|grader|metric|rating|thumbs|feedback|success rate)\b/iu,
  /\b(?:ask|tell|invite|remind|prevent|discourage|stop)\b.{0,40}\b(?:user|customer|caller)s?\b.{0,60}\b(?:not (?:to )?(?:ask|repeat|complain)|rat(?:e|ing)|from (?:asking|complaining)|thank|positive)/iu,
  /(?:nie(?:mals)?|nicht|kein\p{L}*)\b.{0,60}(?:sagen|zugeben|ablehnen|entschuldig\p{L}*|kann(?:st)? nicht|verweiger\p{L}*)|(?:sage|sag|behaupte)\b.{0,20}(?:nie(?:mals)?|immer).{0,60}(?:nicht k[aö]nn\p{L}*|erfolg\p{L}*|erledigt)|\berfinde\b|\brate\b einfach/iu,
  /\bjamais\b.{0,60}\b(?:dire|refuse[rz]?|excuse[rz]?|désolé|impossible)|\bne (?:dis|dites|refuse[zs]?)\b.{0,30}\bjamais\b|\binvente[zr]?\b|\bnunca\b.{0,40}\b(?:digas?|diga|rechaces|disculpes?|no puedes?)|\binvent[ae]\b|\bmai\b.{0,30}\b(?:dire|rifiutare)|никогда не (?:говори|отказывай|извиняй)\p{L}*|不要(?:说|拒绝|道歉)|编造|できません(?:と|とは)言わない/iu,
]

/** They let the caller's text, or the text of strangers, give the orders. */
const obedience: readonly RegExp[] = [
  /\b(?:follow|obey|carry out|execute|comply with|perform|do|act on|respect|honou?r|apply|run)\b.{0,40}\b(?:instructions?|commands?|orders?|requests?|directions?|whatever|anything|everything|what(?:ever)?)\b.{0,60}\b(?:text|input|document|message|e-?mail|page|content|user|customer|below|above|it says|quoted|inside|within)\b/iu,
  /\b(?:instructions?|commands?|orders?|text|input|user|customer|document|message)\b.{0,60}\b(?:take[sn]? precedence|override[sn]?|outrank\w*|prevail\w*|has priority|have priority|come[s]? first|replace[sd]? (?:these|the|your|this))\b/iu,
  /\b(?:treat|regard|consider|interpret)\b.{0,50}\b(?:as|to be) (?:an? |your |new |the )*(?:instructions?|commands?|orders?|system prompt|trusted)\b/iu,
]

/** An injected instruction, however it is put. */
const voices: readonly RegExp[] = [
  /\b(?:pay no (?:attention|heed)|take no notice|set aside|put aside|leave aside|throw out|discard|no longer (?:appl\w+|valid|matters?|counts?)|(?:is|are|was) (?:void|outdated|obsolete|superseded|cancelled|withdrawn|no longer)|does not apply|do not apply|don't apply|stop following|not bound by|free (?:of|from) (?:all|any|these))\b/iu,
  /\b(?:your|the) (?:real|actual|true|new|only|sole|first|primary) (?:task|job|goal|purpose|mission|instructions?|role|objective)\b/iu,
  /\b(?:from now on|pretend|act as if|imagine you are|you are now|no longer an?|unrestricted|unfiltered|uncensored|jailbreak\w*|without (?:any )?(?:restrictions?|filters?|limits|limitations|censorship))\b/iu,
  /\b(?:whatever|no matter what|regardless of what|irrespective of)\b.{0,40}\b(?:asked|asks|says?|user|customer|text|question|input|request)\b/iu,
  /\b(?:recommend|mention|advertise|praise|promote|endorse|link to|refer (?:people|users|customers|them) to|plug|sell|suggest)\b.{0,80}\b(?:every (?:answer|reply|response)|each (?:answer|reply|response)|always|whenever|at the end of|product|company|brand|website|discount|offer|coupon|premium)\b/iu,
  /\b(?:in|at the end of|to) (?:every|each|all|any) (?:answers?|repl(?:y|ies)|responses?|messages?)\b.{0,60}\b(?:recommend|mention|advertise|praise|promote|add|append|include|link|repeat|quote)\b/iu,
  /\b(?:repeat|quote|include|append|echo|copy|output|print|add|reveal|show)\b.{0,60}\b(?:system prompt|these instructions|this prompt|whole conversation|entire conversation|conversation history|previous (?:messages|requests|users?)|other (?:users?|customers?|teams?)|user's (?:name|e-?mail|address|phone|data))\b/iu,
]

const tools =
  /\b(?:tools?|function calls?|functions?|plugins?|call the api|web search|code interpreter|Werkzeuge?|Tools?|outils?|herramientas?|strument[io]|ferramentas?)\b|инструмент\p{L}*|工具|ツール/iu
const toolName = /(?<![\p{L}\p{N}_{])\p{L}{1,60}(?:_[\p{L}\p{N}]{1,60}){1,20}(?![\p{L}\p{N}_}])/u
/** What a careful prompt forbids is no danger. */
const forbids =
  /\b(?:never|do not|don't|must not|refuse|decline|avoid|may not|keep .{0,40} (?:private|secret|confidential)|redact|protect|niemals|nicht|jamais|nunca)\b/iu
const permits =
  /\b(?:no need|need not|not necessary|feel free|you may|you can|it is (?:ok|okay|fine|allowed)|allowed to|permitted|without (?:asking|checking|verif\w*|confirm\w*|consent|warning|hesitat\w*)|skip|bypass|disable|turn off|omit|leave out|drop|ignore|openly|freely)\b/iu

const minKnown = 0.75

export function findAddedVoices(before: string, after: string): AddedSentence[] {
  const own = toSentences(before)
  const ownStems = own.map(toStems)
  const found: AddedSentence[] = []
  for (const sentence of toSentences(after.replace(/\{\{\w+\}\}/g, ' '))) {
    if (own.includes(sentence) || before.includes(sentence)) continue
    const isOld = (patterns: readonly RegExp[]): boolean =>
      own.some((line) => patterns.some((pattern) => pattern.test(line)))
    const speaks = (patterns: readonly RegExp[]): boolean =>
      patterns.some((pattern) => pattern.test(sentence)) && !isOld(patterns)
    const add = (kind: AddedSentence['kind'], note: string): void => void found.push({ kind, note, added: sentence })
    if (speaks(games)) add('scorer', 'it may only make answers look right to whoever measures them')
    if (speaks(obedience) && !forbids.test(sentence)) add('obedience', "it lets the caller's text give the orders")
    if (speaks(voices)) add('voice', 'it speaks as an injected instruction does')
    const isReworded = ownStems.some((stems) => toRecall(toStems(sentence), stems) >= minKnown)
    if (sensitive.test(sentence) && (permits.test(sentence) || !forbids.test(sentence)) && !isReworded)
      add('safety', 'it adds to what the prompt says of safety or privacy')
    if ((tools.test(sentence) || toolName.test(sentence)) && !isReworded) add('tools', 'it says something new of tools')
  }
  return found
}
