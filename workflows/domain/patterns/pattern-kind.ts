/**
 * What kind of work a pattern's prompt asks for, by its own words. Pure rules, so that the answer can be explained; the
 * first that holds wins.
 */
import type { PromptTemplate } from '../../../db/words/enhancement.ts'

export type PatternKind =
  | 'agent'
  | 'translation'
  | 'summary'
  | 'extraction'
  | 'classification'
  | 'code'
  | 'review'
  | 'rewriting'
  | 'question answering'
  | 'writing'
  | 'chat'
  | 'other'

export interface Classified {
  kind: PatternKind
  /** Which words decided, for people. */
  reason: string
}

/**
 * In the order of how little each is a by-product of another: a translation may ask for JSON, an extraction does not
 * translate.
 */
const rules: { kind: PatternKind; words: RegExp }[] = [
  {
    kind: 'translation',
    words:
      /\b(?:translat(?:e|es|ed|ing|ion|or)|localis(?:e|ation)|localiz(?:e|ation)|übersetz\w*|traduis\w*|traduire|traduc\w*|traduzi\w*)\b/iu,
  },
  {
    kind: 'summary',
    words:
      /\b(?:summari[sz]\w*|summary|summaries|tl;?\s?dr|key (?:points|takeaways)|condense|abstract of|zusammenfass\w*|fasse\b.{0,60}\bzusammen|résum\w*|resum(?:e|en|ir))\b/iu,
  },
  {
    kind: 'classification',
    words:
      /\b(?:classif\w*|categori[sz]\w*|label (?:it|this|the|each)|sentiment|which (?:category|class|label|intent)|choose (?:one|exactly one) of|one of the following (?:labels|categories|classes)|true or false|yes or no|spam|klassifizier\w*)\b/iu,
  },
  {
    kind: 'extraction',
    words:
      /\b(?:extract\w*|parse (?:the|this|out)|pull out|named entit\w*|find (?:all|every|each) (?:the )?(?:names?|dates?|numbers?|amounts?|mentions?|entit\w*)|fill (?:in|out) (?:the|this) (?:schema|form|json)|list (?:all|every|each) (?:the )?\w+ (?:in|from|mentioned)|extrahier\w*|extrai\w*)\b/iu,
  },
  {
    kind: 'review',
    words:
      /\b(?:review(?:er|s|ing)?|critique|proofread\w*|grade (?:the|this)|evaluate|assess|rate (?:the|this|each)|judge (?:the|this|whether)|feedback on|find (?:bugs|mistakes|errors))\b/iu,
  },
  {
    kind: 'code',
    words:
      /```|\b(?:write (?:a|the|some) (?:\w+ )?(?:function|program|script|query|class|test|regex)|source code|codebase|refactor\w*|debug\w*|unit tests?|stack trace|pull request|python|javascript|typescript|java|c\+\+|rust|golang|bash|html|css|sql|programmer|compile[rs]?|software engineer)\b/iu,
  },
  {
    kind: 'rewriting',
    words:
      /\b(?:rewrit\w*|rephras\w*|paraphras\w*|reword\w*|correct the (?:grammar|spelling|text)|fix the (?:grammar|spelling)|simplif\w*|shorten|improve (?:the|this) (?:text|writing|sentence|wording)|make (?:it|this) (?:shorter|simpler|more \w+)|umformulier\w*)\b/iu,
  },
  {
    kind: 'question answering',
    words:
      /\b(?:answer (?:the|this|my|each|every|any)?\s?(?:following )?question|question\s*:|based (?:only )?on the (?:context|text|passage|document)|given the (?:context|passage|document)|context\s*:|multiple[- ]choice|knowledge base|frage\s*:)/iu,
  },
  {
    kind: 'writing',
    words:
      /\b(?:(?:write|draft|compose|generate|create) (?:a|an|me|the|some|\w+) .{0,40}?(?:e-?mail|letter|story|poem|essay|article|post|blog|headline|slogan|description|speech|report|song|tweet|caption|outline|newsletter|advert\w*)|copywriter|novelist|storytell\w*)\b/iu,
  },
  {
    kind: 'chat',
    words:
      /\b(?:you are (?:a |an )?(?:\w+ ){0,4}(?:assistant|chatbot|bot|companion|agent)|helpful assistant|customer (?:support|service)|chat with|converse|conversation|role[- ]?play|act as|pretend (?:to be|you))\b/iu,
  },
]

const quotedCharactersMax = 60

/** `structure`: as the miner has it; tools on offer make an agent of any prompt. */
export function classifyPattern(template: PromptTemplate, structure: string): Classified {
  if (structure.startsWith('tools')) {
    const names = structure.slice('tools '.length)
    return { kind: 'agent', reason: names === '' ? 'it offers tools' : `it offers tools: ${shorten(names)}` }
  }
  // What is asked for stands in the user's text where there is fixed text of it, else in the system prompt.
  for (const [where, text] of [
    ['prompt', toFixedText(template.template)],
    ['system prompt', toFixedText(template.system)],
  ] as const) {
    for (const { kind, words } of rules) {
      const found = words.exec(text)?.[0]
      if (found !== undefined)
        return { kind, reason: `its ${where} says “${shorten(found.replace(/\s+/g, ' ').trim())}”` }
    }
  }
  return { kind: 'other', reason: 'none of its fixed words says what it is for' }
}

function toFixedText(template: string | null): string {
  return (template ?? '').replace(/\{\{\w+\}\}/g, ' … ')
}

function shorten(text: string): string {
  return text.length > quotedCharactersMax ? `${text.slice(0, quotedCharactersMax - 1)}…` : text
}
