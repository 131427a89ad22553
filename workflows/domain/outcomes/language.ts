/** Which language a text is written in, as far as its letters and its small words tell. Pure; reads a bounded part. */
import { countWords } from './words.ts'

const maxCharacters = 3_000
const minWords = 5

const scripts: readonly (readonly [string, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['el', /\p{Script=Greek}/gu],
]

/** Small words that are frequent in one language; those that several share count for each of them. */
const smallWords: Readonly<Record<string, string>> = {
  en: 'the of and to is it that was for are with as his they at be this have from or had by but what some we can out other were all there when your how said an each she which do their time if will way about many then them would these so her has been who its now than did get you he in on not i a my me my our us',
  de: 'der die das und ist nicht ein eine einen einem einer den dem des mit für von zu auf im sich auch es ich sie wir ihr er werden wird sind haben hat war als wie aber oder wenn kann noch nur nach bei aus am zum zur über sehr mehr diese dieser dieses ihre sein durch man was',
  fr: "le la les un une des du de et est en que qui dans pour pas sur plus par ne se ce il elle sont avec au aux vous nous je tu mais ou cette son sa ses leur été être avoir fait comme tout bien quand c'est l'on très",
  es: 'el la los las un una y es en que de del por con para no se lo su sus como más pero al ya o este esta esto muy ser son fue ha hay tiene cuando donde también entre sin sobre todo nos me te le usted está',
  pt: 'o a os as um uma e é em que de do da dos das por com para não se ao à mais mas como seu sua foi são ser está você ele ela tem nos na no pelo pela também muito já isso este esta quando',
  it: 'il lo la i gli le un una e è in che di del della dei delle per con non si al alla più ma come sono ha anche da dal nel nella questo questa suo sua essere molto quando dove tutto perché lei lui ci',
  nl: 'de het een en is van in dat die niet op te zijn met voor er aan ook als maar om dan door bij naar uit nog wel kan worden wordt heeft je jij ik we ze hij haar deze dit over veel meer werd was',
  pl: 'i w na z do że się nie jest to jak o po co tak za od ale czy są dla jego jej ich przez może być był tylko już oraz który która które ten ta te go mnie ja ty',
  tr: 've bir bu da de için ile çok daha ne gibi olarak var olan değil mi ama en kadar sonra ben sen biz o her',
  sv: 'och att det i en som är på av för med den till inte har de om ett men var jag du han hon vi från kan så när också eller mycket',
  cs: 'a v se na je že to s z do o i jako k ale pro za by po co tak jsou který která jeho nebo také',
  ro: 'și de la în a cu o un nu este pe care că se din mai pentru sunt ce dar sau fi au',
}
const wordSets = Object.entries(smallWords).map(([language, words]) => [language, new Set(words.split(' '))] as const)

/** Languages whose small words look alike: one must lead clearly. */
const minLead = 1.4
const minSmallShare = 0.18

/** `null` = too short, or nothing tells. Code and quotations are left out. */
export function detectLanguage(text: string): string | null {
  const plain = text
    .slice(0, maxCharacters)
    .replaceAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`|https?:\S+/g, ' ')
    .replaceAll(/"[^"\n]{1,300}"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»/gu, ' ')
  if (countWords(plain) < minWords) return null
  return detectScript(plain) ?? detectLatin(plain)
}

function detectScript(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const counts = scripts.map(([language, pattern]) => [language, text.match(pattern)?.length ?? 0] as const)
  const kana = counts[0]?.[1] ?? 0
  const han = counts[1]?.[1] ?? 0
  if (kana + han > letters / 2) return kana > (kana + han) * 0.1 ? 'ja' : 'zh'
  const [language, most] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['', 0]
  return most > letters / 2 ? language : null
}

function detectLatin(text: string): string | null {
  const words = text.toLowerCase().match(/[\p{Script=Latin}'’]+/gu) ?? []
  if (words.length < minWords) return null
  const scored = wordSets
    .map(([language, set]) => [language, words.filter((word) => set.has(word)).length] as const)
    .sort(([, a], [, b]) => b - a)
  const [first, second] = scored
  if (first === undefined || second === undefined) return null
  const [language, hits] = first
  if (hits < 2 || hits / words.length < minSmallShare || hits < second[1] * minLead) return null
  return language
}
