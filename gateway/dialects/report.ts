/**
 * What a translation could not carry over. `drop` names something that may change the answer; `hint` something that
 * cannot (a cache marker, a storage wish): both are named in `x-sinew-dropped`, but only a `drop` is a reason to refuse
 * a request.
 */
export class TranslationReport {
  readonly #drops = new Set<string>()
  readonly #hints = new Set<string>()
  readonly #labels = new Map<string, string>()

  /** `label`: what people call it, where the path does not say it. */
  drop(path: string, label?: string): void {
    this.#drops.add(path)
    if (label !== undefined) this.#labels.set(path, label)
  }

  hint(path: string): void {
    this.#hints.add(path)
  }

  dropAll(paths: Iterable<string>): void {
    for (const path of paths) this.#drops.add(path)
  }

  hintAll(paths: Iterable<string>): void {
    for (const path of paths) this.#hints.add(path)
  }

  /** Every path that was left out, in the order in which it was noticed. */
  get dropped(): string[] {
    return [...new Set([...this.#drops, ...this.#hints])]
  }

  /** The same for people: with what they call it. */
  get named(): string[] {
    return this.dropped.map((path) => this.describe(path))
  }

  get refusable(): string[] {
    return [...this.#drops]
  }

  /** A path with what people call it, for messages. */
  describe(path: string): string {
    const label = this.#labels.get(path)
    return label === undefined ? path : `${path} (${label})`
  }
}

/** The only error a request's translation throws: an answer of 400 that names the fields. */
export class UntranslatableError extends Error {
  override readonly name = 'UntranslatableError'
  readonly fields: readonly string[]
  /** For programs; see `Refusal.details`. */
  readonly details: Readonly<Record<string, string>> | undefined
  constructor(fields: readonly string[], message: string, details?: Readonly<Record<string, string>>) {
    super(message)
    this.fields = fields
    this.details = details
  }
}

/** Header values are small on purpose: proxies commonly refuse more than 8 KiB of headers. */
const headerMax = 2_048

/**
 * The value of `x-sinew-dropped`; undefined when nothing was dropped. Field names come from callers, so only plain
 * characters pass.
 */
export function toDroppedHeader(paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined
  let value = ''
  for (const [index, path] of paths.entries()) {
    const [, place = '', label] = /^(.*?)(?: \((.+)\))?$/s.exec(path) ?? []
    const plain = (label === undefined ? toPlain(place) : `${toPlain(place)} (${toPlain(label)})`).slice(0, 200)
    const more = `, and ${paths.length - index} more`
    if (value.length + plain.length + more.length > headerMax) return value + more
    value += value === '' ? plain : `, ${plain}`
  }
  return value
}

function toPlain(text: string): string {
  return text.replaceAll(/[^\w.[\]/-]/g, '_')
}
