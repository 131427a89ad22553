/**
 * JSON that gives back the text it was read from. A tool call's arguments are a string in one dialect and an object in
 * another; a round trip through JavaScript numbers would turn 1.0 into 1 and lose digits of 64-bit ids, so such values
 * are cut out of the source text (`rawText`) and written as they are (`Raw`).
 */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue | undefined
}

/** What writers build: ordinary values, and texts that are JSON already. `undefined` members are left out. */
export type JsonTree =
  | null
  | boolean
  | number
  | string
  | undefined
  | Raw
  | readonly JsonTree[]
  | { readonly [key: string]: JsonTree }

/** A text that is one valid JSON value; it is written byte for byte. */
export class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
}

/** Deeper nesting than any honest body has; the limit keeps the recursive descent off the end of the stack. */
const depthMax = 512
const sources = new WeakMap<object, { readonly text: string; readonly start: number; readonly end: number }>()

/** The exact text an object or array was read from; for a value built by hand, its serialisation. */
export function rawText(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const source = sources.get(value)
  return source === undefined ? JSON.stringify(value) : source.text.slice(source.start, source.end)
}

export function parseJson(text: string): JsonValue {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.space()
  if (reader.at < text.length) throw reader.problem('unexpected text after the value')
  return value
}

/** The object a text holds, or undefined when it is anything else. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined
    throw error
  }
}

export function writeJson(tree: JsonTree): string {
  if (tree instanceof Raw) return tree.text
  if (tree === undefined) return 'null'
  if (Array.isArray(tree)) return `[${tree.map(writeJson).join(',')}]`
  if (typeof tree === 'object' && tree !== null) {
    let text = ''
    for (const [key, member] of Object.entries(tree)) {
      if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${writeJson(member)}`
    }
    return `{${text}}`
  }
  return JSON.stringify(tree)
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these characters inside strings.
const plainText = /[^"\\\u0000-\u001f]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const words: ReadonlyArray<readonly [string, JsonValue]> = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class Reader {
  readonly text: string
  at = 0
  constructor(text: string) {
    this.text = text
  }

  value(depth: number): JsonValue {
    if (depth > depthMax) throw this.problem(`nested deeper than ${depthMax}`)
    this.space()
    const first = this.text.charCodeAt(this.at)
    if (first === 0x22) return this.string()
    if (first === 0x7b) return this.object(depth)
    if (first === 0x5b) return this.array(depth)
    for (const [word, value] of words) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length
        return value
      }
    }
    number.lastIndex = this.at
    const match = number.exec(this.text)
    if (match === null) throw this.problem('a value is missing')
    this.at = number.lastIndex
    return Number(match[0])
  }

  private object(depth: number): JsonObject {
    const start = this.at
    const object: JsonObject = {}
    this.at += 1
    this.space()
    if (!this.take('}')) {
      do {
        this.space()
        if (this.text.charCodeAt(this.at) !== 0x22) throw this.problem('a member name is missing')
        const key = this.string()
        this.space()
        if (!this.take(':')) throw this.problem('":" is missing')
        const value = this.value(depth + 1)
        // A plain assignment to "__proto__" would change the object's prototype instead of adding a member.
        if (key === '__proto__')
          Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
        else object[key] = value
        this.space()
      } while (this.take(','))
      if (!this.take('}')) throw this.problem('"}" is missing')
    }
    sources.set(object, { text: this.text, start, end: this.at })
    return object
  }

  private array(depth: number): JsonValue[] {
    const start = this.at
    const items: JsonValue[] = []
    this.at += 1
    this.space()
    if (!this.take(']')) {
      do {
        items.push(this.value(depth + 1))
        this.space()
      } while (this.take(','))
      if (!this.take(']')) throw this.problem('"]" is missing')
    }
    sources.set(items, { text: this.text, start, end: this.at })
    return items
  }

  private string(): string {
    const start = this.at
    let escaped = false
    this.at += 1
    for (;;) {
      plainText.lastIndex = this.at
      plainText.test(this.text)
      this.at = plainText.lastIndex
      const code = this.text.charCodeAt(this.at)
      if (code === 0x22) break
      if (code !== 0x5c)
        throw this.problem(Number.isNaN(code) ? 'a string does not end' : 'a control character stands in a string')
      escaped = true
      this.at += 2
    }
    this.at += 1
    if (!escaped) return this.text.slice(start + 1, this.at - 1)
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string
    } catch {
      this.at = start
      throw this.problem('a string has a bad escape')
    }
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false
    this.at += 1
    return true
  }

  space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.at += 1
    }
  }

  problem(what: string): JsonSyntaxError {
    return new JsonSyntaxError(`JSON at character ${this.at}: ${what}`)
  }
}
