/**
 * Places in an answer that it should have filled: "[Your Name]", "{{name}}", "TODO", lorem ipsum. A template that was
 * asked for has them rightly. Pure; looks at a bounded part of the text.
 */

const maxCharacters = 20_000
const maxPlaces = 50

/** What was asked for has open places by its nature. */
const wantsPlaces =
  /\b(?:templates?|placeholders?|boilerplate|skeleton|stub|mustache|handlebars|jinja2?|liquid|blade|vue|angular|variables?|tokens?|merge (?:fields?|tags?)|fill(?:-| )in|form letter|lorem|dummy|filler|sample text|todo|to-do|vorlage|muster|platzhalter|lückentext|variablen?|modèle|gabarit|plantilla|marcador|modello|segnaposto|modelo|sjabloon|szablon|шаблон|заполнител)\w*|模板|占位|テンプレート|雛形|ひな形|템플릿|양식|قالب|نموذج/iu

/** "[Your Name]", "[Insert date]", "[Company]": words of a form between brackets, no link, no citation, no index. */
const bracketed =
  /\[\s*((?:(?:your|insert|enter|add|the|recipient'?s?|sender'?s?|customer'?s?|client'?s?|company'?s?|employee'?s?|manager'?s?|ihr|ihre|dein|deine|votre|ton|tu|su|il tuo|il suo|seu|sua|uw|jouw|twoje|ваше?|имя|您的|你的|お)\s+)?[\p{L}'’/ -]{2,40})\s*\](?!\(|:)/giu
const formWords =
  /\b(?:your|insert|enter|name|date|time|company|address|city|position|title|phone|number|e-?mail|signature|amount|product|order|recipient|customer|client|link|url|location|place|day|month|year|hier einfügen|name|datum|firma|adresse|unternehmen|ort|uhrzeit|betrag|nom|date|entreprise|adresse|prénom|nombre|fecha|empresa|dirección|nome|data|azienda|indirizzo|naam|bedrijf|imię|nazwisko|firma)\b|имя|дата|компани|姓名|名字|日期|公司|名前|日付|会社|氏名|이름|날짜|회사|الاسم|التاريخ|الشركة/iu
const braced =
  /\{\{\s*[\p{L}_][\p{L}\p{N}_. ]{0,40}\s*\}\}|\$\{[a-z_][a-z_.]{1,40}\}|<(?:your|insert|enter)[ _-][a-z _-]{2,40}>|%[A-Z_]{3,30}%/giu
const unfinished =
  /(?:\/\/|#|\/\*|<!--|--)\s*(?:todo\b|your (?:code|logic|implementation) (?:here|goes here)|(?:add|insert|put) (?:your )?(?:code|logic|implementation)|implement(?:ation)? (?:here|this|me|goes here)|\.{3} ?(?:the )?(?:rest|remaining|existing|other|same)\b|(?:rest|remainder) of (?:the |your )?(?:code|file|class|function|implementation))|(?:\.{3}|…) ?\(?(?:rest|remainder) of (?:the )?(?:code|file|text|answer)/iu
/** Standing for a value in prose: "born in TBD", "Price: TODO". */
const openValue = /(?<![\p{L}\p{N}_-])(?:TODO|TBD|TBA|FIXME|XXX+)(?![\p{L}\p{N}_-])/u
const filler = /\blorem ipsum\b|\bdolor sit amet\b/i

export interface OpenPlace {
  /** As it stands in the answer. */
  text: string
  /** From 0 to 1: how sure it is that the answer should have filled it. */
  confidence: number
}

/** The surest of the places that the answer left open; `null` = none. */
export function findOpenPlace(content: string, request: string): OpenPlace | null {
  const asked = request.slice(-maxCharacters)
  if (wantsPlaces.test(asked)) return null
  const text = content.slice(0, maxCharacters)
  const prose = text.replaceAll(/```[\s\S]*?(?:```|$)/g, ' ').replaceAll(/`[^`\n]*`/g, ' ')
  const found = [...findFiller(prose), ...findForms(prose, asked), ...findUnfinished(text, prose)]
  const own = found.filter(({ text: place }) => !asked.includes(place))
  return own.sort((a, b) => b.confidence - a.confidence)[0] ?? null
}

function findFiller(prose: string): OpenPlace[] {
  const found = filler.exec(prose)
  return found === null ? [] : [{ text: found[0], confidence: 0.9 }]
}

function findForms(prose: string, asked: string): OpenPlace[] {
  const places: OpenPlace[] = []
  for (const [text, inner] of prose.matchAll(bracketed)) {
    if (places.length >= maxPlaces) break
    if (inner !== undefined && formWords.test(inner))
      places.push({ text, confidence: isValueGiven(inner, asked) ? 0.85 : 0.3 })
  }
  for (const [text] of prose.matchAll(braced)) {
    if (places.length >= maxPlaces) break
    places.push({ text, confidence: /\p{Lu}\p{Ll}+|\d/u.test(asked.slice(1)) ? 0.8 : 0.4 })
  }
  return places
}

function findUnfinished(text: string, prose: string): OpenPlace[] {
  const code = unfinished.exec(text)
  if (code !== null) return [{ text: code[0], confidence: 0.8 }]
  const value = openValue.exec(prose)
  return value === null ? [] : [{ text: value[0], confidence: 0.8 }]
}

const saysName =
  /\b(?:my name is|i am|i'm|this is|signed?(?: off)? (?:as|by|with)|called|named|from|ich bin|ich heiße|mein name ist|je m'appelle|je suis|mon nom est|me llamo|soy|mi nombre es|mi chiamo|sono|chiamo|me chamo|meu nome é|sou|ik ben|mijn naam is|nazywam się|jestem|меня зовут|я) \p{Lu}[\p{L}'-]+|我叫|我是|私は|と申します|제 이름은|اسمي/iu
const saysDate =
  /\b\d{1,2}[./ -](?:\d{1,2}|\p{L}{3,9})\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|montag|dienstag|mittwoch|donnerstag|freitag|morgen|januar|märz|mai|juni|juli|oktober|dezember|lundi|mardi|lunes|martes|mañana)\b|\d月\d|\d{4}-\d\d/iu
const saysFirm =
  /\b(?:company|firm|startup|shop|bakery|gmbh|ag|inc|ltd|llc|corp|s\.?a\.?|firma|unternehmen|entreprise|empresa|azienda|bedrijf|at)\b[^.\n]{0,30}\p{Lu}/u
const saysTime = /\b(?:at|um|à|a las|alle|às) \d{1,2}(?::\d\d)?|\d{1,2}(?::\d\d| ?[ap]m| uhr|h)/iu

/** Whether the request says what belongs into the place. */
function isValueGiven(place: string, asked: string): boolean {
  const word = place.toLowerCase()
  if (/company|firma|unternehmen|entreprise|empresa|azienda|bedrijf|公司|会社|회사|الشركة|компани/.test(word))
    return saysFirm.test(asked)
  if (/date|datum|day|fecha|data|tag\b|дата|日期|日付|날짜|التاريخ/.test(word)) return saysDate.test(asked)
  if (/\btime\b|uhrzeit|heure|hora/.test(word)) return saysTime.test(asked)
  if (/name|nom\b|nombre|nome|naam|imię|имя|姓名|名字|名前|氏名|이름|الاسم/.test(word)) return isNameGiven(word, asked)
  // "[Order number]" where the request has "order number 12".
  const kind = /(?:your|insert|enter|the)?\s*([\p{L} ]{3,30})$/u.exec(word)?.[1]?.trim() ?? ''
  const at = kind === '' ? -1 : asked.toLowerCase().indexOf(kind)
  return at >= 0 && /[\p{Lu}\d@]/u.test(asked.slice(at + kind.length, at + kind.length + 40))
}

/** The writer's own name must be stated as such; somebody else's is any name after "to", "our customer" and the like. */
function isNameGiven(place: string, asked: string): boolean {
  if (/your|ihr|dein|votre|ton\b|tu\b|su\b|tuo|suo|seu|uw\b|您的|你的/.test(place) || /^name$/.test(place.trim()))
    return saysName.test(asked)
  return /(?:customer|client|recipient|user|guest|patient|employee|to|for|an|für|kunde\w*|client\w*|à|para|cliente|per) (?:\p{L}+ )?\p{Lu}[\p{L}'-]+/u.test(
    asked,
  )
}
