/**
 * A Messages request as InvokeModel wants it: the address says model and streaming, the body says version and betas,
 * and what only Anthropic's own API takes is left out.
 */
import { cutAll, type Cut } from '../bytes/cuts.ts'
import { editJson, type JsonEdit } from '../bytes/json-edit.ts'
import { withoutBillingLine } from '../dialects/billing-line.ts'
import { fitBetas, refusedCacheMembers, refusedMembers, refusedToolMembers } from './acceptance/bedrock.ts'

const version = 'bedrock-2023-05-31'

type Json = Record<string, unknown>
type Path = (string | number)[]

/** `header` is `anthropic-beta`, which has no place in a call to AWS. Every other byte stays. */
export function toInvokeBody(body: Buffer, header: string | undefined, report: (path: string) => void): Buffer {
  const request = toObject(parse(body)) ?? {}
  const billing = findBillingLine(request)
  const cuts = findCuts(request, billing, report)
  const { betas, dropped } = fitBetas(header)
  for (const beta of dropped) report(beta)
  const edits: JsonEdit[] = []
  if (billing !== null && billing.rest !== '') {
    report('system')
    edits.push({ kind: 'replace', path: billing.path, text: billing.rest })
  }
  // What the caller has put there stays.
  if (request.anthropic_version === undefined) edits.push(addMember('anthropic_version', version))
  const replaced = editJson(cutAll(body, cuts), edits) ?? body
  return betas.length === 0 || request.anthropic_beta !== undefined
    ? replaced
    : (editJson(replaced, [addMember('anthropic_beta', betas)]) ?? replaced)
}

function findCuts(request: Json, billing: BillingLine | null, report: (path: string) => void): Cut[] {
  const cuts = new Cuts(report)
  cuts.takeMembers(request, [], new Set(['model', 'stream']), false)
  cuts.takeMembers(request, [], refusedMembers)
  const emptied = billing?.rest === '' ? billing.index : null
  if (emptied !== null) cuts.takeElement(['system'], emptied)
  cuts.takeFromParts(request.system, ['system'], emptied)
  for (const [tool, path] of objectsOf(request.tools, ['tools'])) {
    cuts.takeMembers(tool, path, refusedToolMembers)
    cuts.takeFromPart(tool, path)
  }
  for (const [message, path] of objectsOf(request.messages, ['messages']))
    cuts.takeFromParts(message.content, [...path, 'content'], null)
  return cuts.list
}

function addMember(name: string, value: unknown): JsonEdit {
  return { kind: 'addMember', name, json: JSON.stringify(value) }
}

/** What is to be taken out, each place once. */
class Cuts {
  readonly #members = new Map<string, { path: Path; names: Set<string> }>()
  readonly #elements: Cut[] = []
  readonly #report: (path: string) => void
  constructor(report: (path: string) => void) {
    this.#report = report
  }

  get list(): Cut[] {
    return [...this.#members.values(), ...this.#elements]
  }

  takeMembers(object: Json, path: Path, names: ReadonlySet<string>, reported = true): void {
    for (const name of names) {
      if (!(name in object)) continue
      const key = toName(path)
      const cut = this.#members.get(key) ?? { path, names: new Set() }
      this.#members.set(key, cut)
      cut.names.add(name)
      if (reported) this.#report(key === '' ? name : `${key}.${name}`)
    }
  }

  takeElement(path: Path, index: number): void {
    this.#elements.push({ path, indexes: new Set([index]) })
    this.#report(`${toName(path)}[${index}]`)
  }

  /** Cache markers of a part, and of what a tool's result holds. */
  takeFromPart(part: Json, path: Path): void {
    const cache = toObject(part.cache_control)
    if (cache !== null) this.takeMembers(cache, [...path, 'cache_control'], refusedCacheMembers)
  }

  takeFromParts(parts: unknown, path: Path, except: number | null): void {
    for (const [part, place] of objectsOf(parts, path)) {
      if (except !== null && place.at(-1) === except) continue
      this.takeFromPart(part, place)
      this.takeFromParts(part.content, [...place, 'content'], null)
    }
  }
}

interface BillingLine {
  path: Path
  index: number
  /** The text without it. */
  rest: string
}

function findBillingLine({ system }: Json): BillingLine | null {
  if (typeof system === 'string') {
    const rest = withoutBillingLine(system)
    // A text of nothing else stays: an empty one would be refused.
    return rest === system || rest === '' ? null : { path: ['system'], index: 0, rest }
  }
  for (const [block, path] of objectsOf(system, ['system'])) {
    const text = typeof block.text === 'string' ? block.text : ''
    const rest = withoutBillingLine(text)
    if (rest !== text) return { path: [...path, 'text'], index: path.at(-1) as number, rest }
  }
  return null
}

function* objectsOf(list: unknown, path: Path): Generator<[Json, Path]> {
  if (!Array.isArray(list)) return
  for (const [index, entry] of list.entries()) {
    const object = toObject(entry)
    if (object !== null) yield [object, [...path, index]]
  }
}

function toObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}

function toName(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}
