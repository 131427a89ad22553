/** Which language a sentence is written in, as far as a few words show it. Pure; `null` where they do not. */

const scripts: readonly [string, RegExp][] = [
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['Korean', /\p{Script=Hangul}/gu],
  ['Chinese', /\p{Script=Han}/gu],
  ['Russian', /\p{Script=Cyrillic}/gu],
  ['Greek', /\p{Script=Greek}/gu],
  ['Arabic', /\p{Script=Arabic}/gu],
  ['Hebrew', /\p{Script=Hebrew}/gu],
  ['Hindi', /\p{Script=Devanagari}/gu],
  ['Thai', /\p{Script=Thai}/gu],
]

/** Words of grammar that few neighbours share. */
const grammar: readonly [string, string][] = [
  [
    'English',
    'a an as at by they them their its have has was will can more than without where when how the of and to in is are you it that for with as be this not or from your if any do what which should must answer only',
  ],
  [
    'German',
    'der die das und ist nicht du sie ein eine einen dem den des mit für auf von zu im wenn auch nur bitte antworte immer alle oder wird werden kein keine ignoriere gib dich deine',
  ],
  [
    'French',
    'le la les des et est une un du que qui pas ne vous pour dans avec sur ce cette toujours jamais en réponds répondez toutes tout aux votre',
  ],
  [
    'Spanish',
    'el la los las y es una un del que no por para con en lo se siempre nunca responde todas todo las su tu como esta este',
  ],
  [
    'Italian',
    'il lo la gli le e è una un del della che non per con di sempre mai rispondi tutte tutti nel nella questo',
  ],
  ['Portuguese', 'o a os as e é uma um do da que não por para com em sempre nunca responda todas todos seu sua no na'],
  ['Dutch', 'de het een en is niet je u van voor met op dat die altijd nooit antwoord alle geen wordt zijn naar deze'],
  ['Polish', 'i w na nie jest się że do to z zawsze nigdy wszystkie odpowiadaj oraz jako tylko przez proszę'],
  ['Swedish', 'och att det är en ett som på för inte med av alltid aldrig alla svara du den till'],
  ['Turkish', 've bir bu için ile değil her zaman asla tüm cevap ver olarak da de ne daha olan'],
  ['Romanian', 'și este un o nu în la cu pe pentru că din răspunde toate întotdeauna niciodată'],
  ['Czech', 'a je se na v že není jako pro vždy nikdy všechny odpověz tento do s'],
  ['Indonesian', 'dan yang di ke dari untuk dengan tidak ini itu selalu jangan semua jawab adalah'],
  ['Vietnamese', 'và của là không cho với trong các này một luôn hãy tất cả trả lời'],
]
const words = new Map(grammar.map(([language, list]) => [language, new Set(list.split(' '))]))

const minLetters = 6
const minWords = 3
const minGrammarShare = 0.2
const minLead = 2

export function findLanguage(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if (letters < minLetters) return null
  for (const [language, script] of scripts) {
    const share = (text.match(script)?.length ?? 0) / letters
    if (share > (language === 'Japanese' ? 0.15 : 0.5)) return language
  }
  const all = text.toLowerCase().match(/\p{L}+/gu) ?? []
  if (all.length < minWords) return null
  const counts = [...words]
    .map(([language, set]) => ({ language, count: all.filter((word) => set.has(word)).length }))
    .sort((a, b) => b.count - a.count)
  const [first, second] = counts as [{ language: string; count: number }, { count: number }]
  const isClear = first.count >= 2 && first.count - second.count >= Math.min(minLead, Math.ceil(first.count / 3))
  return isClear && first.count / all.length >= minGrammarShare ? first.language : null
}
