/** Texts as words, for comparing what a proposal says with what others said. Pure. */

/** Longer texts are compared by their beginning; templates and shown examples are far below it. */
const charactersMax = 200_000

export function toWords(text: string): string[] {
  return (
    text
      .slice(0, charactersMax)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** Every run of `length` words, joined by spaces. */
export function toRuns(words: string[], length: number): string[] {
  return words.slice(0, Math.max(0, words.length - length + 1)).map((_, at) => words.slice(at, at + length).join(' '))
}

/** Sentences and lines, each of them bounded. */
export function toSentences(text: string): string[] {
  return text
    .slice(0, charactersMax)
    .split(/(?<=[.!?。！？])\s|[\n\r]+/)
    .flatMap((sentence) => sentence.trim().match(/[^]{1,600}/g) ?? [])
}

/** A name, a code or an address rather than a word of the language: what identifies whose text it was. */
export function toMarks(text: string): string[] {
  const found = text.slice(0, charactersMax).match(/[\p{L}\p{N}][\p{L}\p{N}_.:/@-]*[\p{L}\p{N}]/gu) ?? []
  return found.filter((token) => isMark(token)).map((token) => token.toLowerCase())
}

function isMark(token: string): boolean {
  if (token.length < 4) return false
  if (/\p{L}/u.test(token) && /\p{N}/u.test(token) && token.length >= 6) return true
  if (/^\p{Lu}{4,}$/u.test(token)) return !shouted.has(token)
  // An address: a dot with a letter on both sides, or a scheme.
  return /^[a-z]+:\/\/|^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{Ll}{2,12}(?:$|\/)/u.test(token)
}

/** Words that prompts write in capitals without naming anybody. */
const shouted = new Set([
  'ALWAYS',
  'NEVER',
  'ONLY',
  'MUST',
  'SHOULD',
  'SHALL',
  'WILL',
  'NOTE',
  'IMPORTANT',
  'WARNING',
  'JSON',
  'HTML',
  'YAML',
  'HTTP',
  'HTTPS',
  'NULL',
  'TRUE',
  'FALSE',
  'NONE',
  'THIS',
  'THAT',
  'EXACTLY',
  'CRITICAL',
  'STRICT',
  'STRICTLY',
  'WITH',
  'WITHOUT',
  'TASK',
  'INPUT',
  'OUTPUT',
  'TEXT',
  'FORMAT',
  'RULES',
  'EXAMPLE',
  'EXAMPLES',
  'ANSWER',
  'QUESTION',
  'CONTEXT',
  'ROLE',
  'STEP',
  'REQUIRED',
  'OPTIONAL',
  'FINAL',
  'ASCII',
  'UTF8',
  'MARKDOWN',
  'PLEASE',
  'INSTRUCTIONS',
  'SYSTEM',
  'USER',
  'REQUEST',
  'EMAIL',
  'PHONE',
  'CARD',
  'IBAN',
])

/** The grammar of English prompts, and what every prompt speaks of: sharing these words is sharing nothing. */
export const plainWords: ReadonlySet<string> = new Set(
  `a an and any are as at be been before being both but by can could did do does done each either else every few for from had has have how if in into is it its just least less may
   might more most must no nor not of off on once one only or other out over own same shall should so some such than that the their them then there these they this those through to too
   under until up upon us very was we were what when where whether which while who whose why will with within without would you your yours i me my our
   answer answers answered ask asked asks give given gives write written return returned reply replies respond response output input text texts word words sentence sentences line lines
   task tasks instruction instructions prompt prompts system user template message messages model request requests example examples format data content question questions rule rules
   always never exactly clear clearly short brief concise complete full first second last new next following above below please use using used make sure keep include including add
   change changes improve better enhancement proposal reason risk risks value values name names list item items field fields key keys language same other way part parts thing things
   ignore all now say says said tell set two three four five step steps mean means meaning follow follows`.split(/\s+/),
)
