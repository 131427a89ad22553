/** JSON that a request asks for in words, and whether the answer gives it. Pure; looks at bounded parts of the texts. */
import { parseJson } from '../json/json.ts'

export interface AskedJson {
  /** Nothing else may stand around it. */
  alone: boolean
  /** Not even a code fence. */
  bare: boolean
}

const maxRequestCharacters = 16_000

/** Sentences that speak of JSON without asking the answer to be it. */
const speaksOfJson =
  /\b(?:how|why|what|which|when|where|who|is|are|does|do|can i|should|difference|explain|example|parse|parses|parsing|read|load|validate|valid\?|convert (?:this|the|my|following) json|(?:this|my|following|given|above|attached) json|json (?:file|below|above|parser|library|schema)|function|script|code|program|api|endpoint|class|method|query|server|component|wie|warum|was|welche|erkläre|beispiel|funktion|comment|pourquoi|exemple|fonction|cómo|por qué|ejemplo|función|come|perché|esempio|funzione|como|por que|exemplo|função)\b|什么是|怎么|如何|为什么|函数|とは|方法|関数|なぜ|무엇|어떻게|함수|كيف|ما هو/iu

const asksForJson = new RegExp(
  [
    '(?:answer|respond|reply|return|output|produce|give|provide|extract|format|list|write|generate|emit|print|present|express|send|convert|turn|transform|summari[sz]e|classify|render)\\b.{0,80}\\bjson\\b',
    '\\bjson\\b.{0,20}\\b(?:only|output|response|format|object|array)\\b',
    '\\b(?:only|valid|strict|raw|pure|must be|as|in|into|to) (?:an? )?(?:valid |strict |raw |pure |compact |minified |single |plain )?json\\b',
    '\\b(?:als|im|nur(?: mit)?|mit|gültiges|reines) json\\b',
    '\\b(?:en|au format|sous forme de|uniquement(?: en| du)?) json\\b',
    '\\b(?:en(?: formato)?|formato|solo(?: en| con)?|como|únicamente(?: en)?) json\\b',
    '\\b(?:em(?: formato)?|apenas(?: em)?|somente|in(?: formato)?|solo(?: in)?|esclusivamente(?: in)?) json\\b',
    '\\b(?:alleen(?: in| met)?|in|als) json\\b|\\b(?:w formacie|jako|tylko) json\\b',
    '(?:gib|gebe|liefere|erstelle|renvoie|retourne|donne|génère|devuelve|devuelva|genera|dame|entrega|retorne|gere|restituisci|geef|zwróć|верни|выведи)[^.]{0,60} json',
    "json,? (?:please|bitte|por favor|s'il|per favore)|(?:返回|输出|輸出|生成|出力|반환)[^。]{0,10}json",
    '(?:в формате|в виде|только) json|json[ -]?(?:格式|形式|形態|데이터|형식)|(?:以|用|按)json|json(?:で|として|のみ|으로|로)|(?:بصيغة|بتنسيق|صيغة) json',
  ].join('|'),
  'iu',
)
const asksAlone =
  /\b(?:only|nothing else|no (?:explanation|other text|prose|comments?|preamble)|without (?:any )?(?:explanation|text|comment)|exclusively|solely|just (?:the )?json|must be valid json|nur|ausschließlich|sonst nichts|keine erklärung|uniquement|seulement|rien d'autre|solo|solamente|únicamente|nada más|apenas|somente|soltanto|esclusivamente|alleen|tylko|только)\b|只|仅|僅|のみ|だけ|만 |فقط/iu
const asksBare =
  /\b(?:raw|no (?:markdown|code (?:fence|block)s?|backticks|fences?)|without (?:any )?(?:markdown|code (?:fence|block)s?|backticks|fences?)|do not (?:use|wrap)[^.]{0,30}(?:markdown|code|backticks|fences?)|ohne (?:markdown|codeblock)|sans (?:markdown|bloc de code)|sin (?:markdown|bloque))\b/iu

/** `texts`: what may ask for it, such as the system prompt and the latest message. */
export function findAskedJson(texts: readonly string[]): AskedJson | null {
  for (const text of texts) {
    if (!/json/i.test(text)) continue
    const bounded = text.length > maxRequestCharacters ? text.slice(0, 8_000) + text.slice(-8_000) : text
    const sentences = bounded.split(/(?<=[.!?。！？])\s|[\n:：;]|(?<=[。！？])/u)
    if (
      /\bformat\s*[:=]\s*json\b/i.test(bounded) ||
      sentences.some((sentence) => /json/i.test(sentence) && isAsking(sentence))
    )
      return { alone: asksAlone.test(bounded), bare: asksBare.test(bounded) }
  }
  return null
}

function isAsking(sentence: string): boolean {
  if (!asksForJson.test(sentence)) return false
  const instructs =
    /\b(?:respond|reply|answer|output|return|antworte|réponds|responde|rispondi|responda)\b/i.test(sentence) &&
    !/\?\s*$/.test(sentence)
  return (
    !speaksOfJson.test(sentence) ||
    (instructs && !/\b(?:function|script|code|program|api|endpoint|class|method|how|why|parse)\b/i.test(sentence))
  )
}

/** From 0 to 1: how sure it is that the answer is not the JSON that was asked for; 0 = it is. */
export function misses(asked: AskedJson, content: string): number {
  const text = content.trim()
  if (isJson(text) || isJsonLines(text)) return 0
  const fenced = findFenced(text)
  if (fenced !== null && (isJson(fenced.code) || isJsonLines(fenced.code))) {
    if (asked.bare) return 0.85
    return asked.alone && fenced.around.trim() !== '' ? 0.8 : 0
  }
  const inner = findInner(text)
  if (inner !== null) return asked.alone || asked.bare ? 0.8 : 0
  return 0.9
}

/** The first code fence, and what stands around it. */
function findFenced(text: string): { code: string; around: string } | null {
  const start = text.indexOf('```')
  const line = start < 0 ? -1 : text.indexOf('\n', start)
  const end = line < 0 ? -1 : text.indexOf('```', line)
  if (end < 0) return null
  return { code: text.slice(line, end), around: text.slice(0, start) + text.slice(end + 3) }
}

function isJson(text: string): boolean {
  const value = parseJson(text.trim())
  return typeof value === 'object' && value !== null
}

function isJsonLines(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.length > 1 && lines.length <= 5_000 && lines.every(isJson)
}

/** JSON between other words: from the first bracket to the last one of its kind. */
function findInner(text: string): string | null {
  for (const [open, close] of [
    ['{', '}'],
    ['[', ']'],
  ] as const) {
    const inner = text.slice(text.indexOf(open), text.lastIndexOf(close) + 1)
    if (text.includes(open) && isJson(inner)) return inner
  }
  return null
}
