/** Whether an answer is in another language than the one that was asked for, or asked in. Pure. */
import { detectLanguage } from './language.ts'
import { widen } from './wide-patterns.ts'

const maxRequestCharacters = 12_000
const maxSentences = 300
const maxSentenceCharacters = 400

/** A language's names: English, its own, and those of neighbours. */
const names: Readonly<Record<string, string>> = {
  en: 'english|englisch\\w*|anglais|inglés|inglês|inglese|engels|angielsk\\w+|английск\\w+|英文|英语|英語|영어|الإنجليزية|ingilizce|engelska',
  de: 'german|deutsch\\w*|allemand|alemán|alemão|tedesco|duits|niemieck\\w+|немецк\\w+|德文|德语|德語|ドイツ語|독일어|الألمانية|almanca',
  fr: 'french|français\\w*|französisch\\w*|francés|francês|francese|frans|francusk\\w+|французск\\w+|法文|法语|法語|フランス語|프랑스어|الفرنسية',
  es: 'spanish|español|castellano|spanisch\\w*|espagnol|espanhol|spagnolo|spaans|hiszpańsk\\w+|испанск\\w+|西班牙语|西班牙語|スペイン語|스페인어|الإسبانية',
  pt: 'portuguese|português|portugiesisch\\w*|portugais|portugués|portoghese|portugees|portugalsk\\w+|葡萄牙语|ポルトガル語',
  it: 'italian|italiano|italienisch\\w*|italien|italiaans|włosk\\w+|итальянск\\w+|意大利语|義大利語|イタリア語',
  nl: 'dutch|nederlands|niederländisch\\w*|holländisch\\w*|néerlandais|holandés|neerlandés|olandese|荷兰语|オランダ語',
  pl: 'polish|polski|po polsku|polnisch\\w*|polonais|polaco|polacco|pools|波兰语',
  ru: 'russian|русск\\w+|russisch\\w*|russe|ruso|russo|rosyjsk\\w+|俄语|俄文|ロシア語|러시아어',
  zh: 'chinese|mandarin|chinesisch\\w*|chinois|chino|chinês|cinese|chinees|中文|汉语|漢語|中国語|중국어|китайск\\w+|الصينية',
  ja: 'japanese|japanisch\\w*|japonais|japonés|japonês|giapponese|japans|日本語|日语|日文|일본어|японск\\w+',
  ko: 'korean|koreanisch\\w*|coréen|coreano|한국어|韩语|韓語|韓国語',
  ar: 'arabic|arabisch\\w*|arabe|árabe|arabo|العربية|阿拉伯语|アラビア語',
  tr: 'turkish|türkçe|türkisch\\w*|turc|turco',
  sv: 'swedish|svenska|schwedisch\\w*|suédois|sueco',
}
const anyName = new RegExp(
  `(?<!\\p{L})(?:${Object.values(names).join('|')})|\\b(?:language|translat\\w+|übersetz\\w*|sprache|tradu\\w+|langue|idioma|lingua|vertaal|taal|przetłumacz|język)|翻译|翻譯|訳|번역|перевед\\w*|язык|ترجم`,
  'iu',
)
const anywhere: readonly (readonly [string, RegExp])[] = Object.entries(names).map(([language, words]) => [
  language,
  new RegExp(
    `(?<!\\p{L})(?:in|into|to|auf|ins|en|em|in het|na|po|на|по|用|以)\\s?(?:the |simple |plain |fluent |einfachem |le |el |il |o |das )?(?:${words})(?![a-zà-ÿ])|(?:${words})(?:で|に|として|로|으로|回答|作答|answers? only| only)|(?:باللغة |بال)(?:${words.replaceAll('ال', '')})`,
    'iu',
  ),
])

/** Verbs that set the language of the answer, rather than speak of one. */
const setsLanguage = widen(
  /\b(?:answer|reply|respond|write|speak|translate|summari[sz]e|explain|output|rewrite|compose|describe|tell me|antworte\w*|schreib\w*|übersetz\w*|sprich|erklär\w*|fasse|beschreib\w*|réponds|répondez|écris|écrivez|traduis\w*|traduire|explique\w*|résume\w*|responde\w*|responda|escribe|escriba|escreva|traduce|traduzca|traduza|rispondi|scrivi|traduci|spiega|antwoord|schrijf|vertaal|odpowiedz|napisz|przetłumacz)\b|ответ|отвеч|напиши|переведи|объясни|回答|答复|解释|写|翻译|翻譯|说明|說明|答えて|書いて|訳して|説明して|翻訳|대답|답변|써|번역|설명|أجب|اكتب|ترجم|اشرح/iu,
)
/** Asks what something is called; the answer may be in any language. */
const asksForWord =
  /\b(?:how (?:do|would) (?:you|i|we) say|what(?:'s| is| does)|wie (?:sagt|heißt)|was (?:heißt|bedeutet)|comment (?:dit|on dit)|cómo se dice|como se diz|come si dice|meaning of)\b|怎么说|什么意思|何と言|どういう意味|뭐라고/iu

export interface LanguageMiss {
  wanted: string
  given: string
  /** From 0 to 1: how sure it is that the language is wrong. */
  confidence: number
}

/** `null` = the language is right, or nothing tells. */
export function findLanguageMiss(system: string | null, latest: string | null, content: string): LanguageMiss | null {
  const given = detectLanguage(content)
  if (given === null) return null
  const asked = findAskedLanguage(latest) ?? findAskedLanguage(system)
  if (asked === 'unclear') return null
  if (asked !== null) {
    // A translation that is explained quotes its words.
    const quotes = /["“„«『「*]/.test(content)
    return given === asked || quotes ? null : { wanted: asked, given, confidence: 0.85 }
  }
  return latest === null ? null : findUnasked(system, latest, given)
}

/** Nobody named a language: then it is the one that was asked in. */
function findUnasked(system: string | null, latest: string, given: string): LanguageMiss | null {
  const speaks = [system, latest].some((text) => text !== null && anyName.test(clip(text)))
  // A text that is handed over may be in any language.
  if (speaks || latest.length > 2_000 || /```|\n|:\s|["“„«「]/.test(latest)) return null
  const wanted = detectLanguage(latest)
  return wanted === null || wanted === given ? null : { wanted, given, confidence: 0.75 }
}

/** `null` = none is named; "unclear" = several are, or one is only spoken of. */
function findAskedLanguage(text: string | null): string | null {
  if (text === null) return null
  const bounded = clip(text)
  if (!anyName.test(bounded)) return null
  const sentences = bounded.split(/(?<=[.!?。！？])\s*|\n|(?<=:)\s/u)
  const found = new Set<string>()
  for (const long of sentences.slice(0, maxSentences)) {
    const sentence = long.slice(0, maxSentenceCharacters)
    if (!setsLanguage.test(sentence)) continue
    for (const [language, pattern] of anywhere) if (pattern.test(sentence)) found.add(language)
  }
  if (found.size === 0 && asksForWord.test(bounded)) return 'unclear'
  const [only] = found
  if (found.size === 1 && only !== undefined) return only
  return found.size > 1 ? 'unclear' : null
}

function clip(text: string): string {
  return text.length > maxRequestCharacters ? text.slice(0, 6_000) + text.slice(-6_000) : text
}
