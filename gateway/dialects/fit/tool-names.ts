import type { ConversationRequest, Part, ToolChoice } from '../model.ts'
import { toLead, toUpstreamName, type NameRule } from '../tool-names.ts'

/** As the caller knows a tool. */
export interface OriginalName {
  readonly name: string
  readonly namespace?: string
}

export interface NamedRequest {
  readonly request: ConversationRequest
  /** The upstream's name → the caller's, where they differ. */
  readonly names: ReadonlyMap<string, OriginalName>
}

/** Everything that has a name is taken where nothing else is known. */
const anyName: NameRule = { maxCharacters: Infinity, allowed: /^/ }

/**
 * Tools under names that the provider takes and that tell them apart: namespaces become a part of the name, names that
 * are too long or of other characters are shortened. The same tool has the same name in every request.
 */
export function nameTools(request: ConversationRequest, rule: NameRule = anyName): NamedRequest {
  const made = new Map<string, string>()
  const names = new Map<string, OriginalName>()
  const taken = new Set<string>()
  const toName = (original: OriginalName): string => {
    const key = JSON.stringify([original.namespace, original.name])
    const known = made.get(key)
    if (known !== undefined) return known
    const name = makeName(original, rule, taken)
    made.set(key, name)
    taken.add(name)
    if (name !== original.name || original.namespace !== undefined) names.set(name, original)
    return name
  }
  // Names that may stay come first, so that none made here takes their place.
  const all = [...findNames(request)]
  for (const original of all) if (isPlain(original, rule)) toName(original)
  for (const original of all) toName(original)
  return names.size === 0 ? { request, names } : { request: rename(request, toName), names }
}

function isPlain({ name, namespace }: OriginalName, { maxCharacters, allowed }: NameRule): boolean {
  return namespace === undefined && name.length <= maxCharacters && allowed.test(name)
}

function makeName(original: OriginalName, rule: NameRule, taken: ReadonlySet<string>): string {
  if (isPlain(original, rule)) return original.name
  const { name, namespace } = original
  const lead = namespace === undefined ? '' : toLead(namespace)
  // A lead that takes most of the room, or that cannot be sent itself, is a part of what is shortened.
  const apart = lead.length <= rule.maxCharacters / 2 && (lead === '' || rule.allowed.test(lead))
  for (let attempt = 0; ; attempt++) {
    const made = apart ? toUpstreamName(lead, name, rule, attempt) : toUpstreamName('', lead + name, rule, attempt)
    // Some want a name to begin with a letter.
    const valid = rule.allowed.test(made) ? made : toUpstreamName('t_', lead + name, rule, attempt)
    if (!taken.has(valid)) return valid
  }
}

function* findNames({ tools, turns, settings: { toolChoice } }: ConversationRequest): Generator<OriginalName> {
  yield* tools
  for (const { parts } of turns) for (const part of parts) if (part.kind === 'tool-call') yield part
  if (toolChoice?.kind === 'tool') yield toolChoice
  if (toolChoice?.kind === 'allowed') for (const name of toolChoice.names) yield { name }
}

function rename(request: ConversationRequest, toName: (original: OriginalName) => string): ConversationRequest {
  const renamePart = (part: Part): Part => (part.kind === 'tool-call' ? renamed(part, toName) : part)
  const { toolChoice } = request.settings
  return {
    ...request,
    tools: request.tools.map((tool) => renamed(tool, toName)),
    turns: request.turns.map((turn) => ({ ...turn, parts: turn.parts.map(renamePart) })),
    settings:
      toolChoice === undefined
        ? request.settings
        : { ...request.settings, toolChoice: renameChoice(toolChoice, toName) },
  }
}

function renamed<T extends OriginalName>(named: T, toName: (original: OriginalName) => string): T {
  const { namespace: _, ...rest } = named
  return { ...rest, name: toName(named) } as T
}

function renameChoice(choice: ToolChoice, toName: (original: OriginalName) => string): ToolChoice {
  if (choice.kind === 'tool') return renamed(choice, toName)
  return choice.kind === 'allowed' ? { ...choice, names: choice.names.map((name) => toName({ name })) } : choice
}
