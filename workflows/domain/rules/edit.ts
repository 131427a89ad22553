/**
 * What one edit of a rule means for one body: a list of changes of single places, each seeing the result of those
 * before it.
 */
import type { BodyEdit, RulePath } from '../../../db/words/rule.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { asObject, type JsonObject } from '../json/json.ts'
import type { CompiledEdit } from './compile.ts'
import type { Clock } from './facts.ts'
import { toParameterNames } from './parameters.ts'
import { replaceAll, searchMs, type Replacement } from './regular-expression.ts'
import { findAnswerTexts, findRequestTexts, selectTexts, type TextPlace } from './texts.ts'
import { hasChild, readAt, resolvePath } from './values.ts'

export type PlannedEdit = { edits: BodyEdit[] } | { refused: string }

const nothing: PlannedEdit = { edits: [] }

/** `addHeader` changes no body; everything else does, or has nothing to change. */
export function planEdit(
  edit: Exclude<CompiledEdit, { kind: 'addHeader' }>,
  wire: Wire,
  target: 'request' | 'answer',
  body: JsonObject,
  clock: Clock,
): PlannedEdit {
  switch (edit.kind) {
    case 'set':
      return planSet(body, edit.path, edit.value)
    case 'remove':
      return planRemove(body, edit.path)
    case 'rename':
      return planRename(body, edit.path, edit.to)
    case 'replaceText':
      return planReplace(
        target === 'request' ? selectTexts(findRequestTexts(wire, body), edit.in) : findAnswerTexts(wire, body),
        edit.replacement,
        clock,
      )
    case 'addMessage':
      return edit.role === 'system' ? addSystem(wire, body, edit) : addUser(wire, body, edit)
    case 'changeMessage':
      return changeMessages(wire, body, edit)
    case 'cap':
      return planCap(wire, body, edit.parameter, edit.most)
    case 'default':
      return planDefault(wire, body, edit.parameter, edit.value)
    case 'routeTo':
      return body.model === edit.model ? nothing : { edits: [toSet(['model'], edit.model)] }
  }
}

function toSet(path: RulePath, value: unknown): BodyEdit {
  return { kind: 'set', path, json: JSON.stringify(value) }
}

/** The deepest place that exists gets all that is below it as one value. */
function planSet(body: JsonObject, written: RulePath, value: unknown): PlannedEdit {
  const path = resolvePath(body, written)
  if (path === null) return nothing
  const found = readAt(body, path)
  if (found.found && isSame(found.value, value)) return nothing
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const parent = readAt(body, path.slice(0, depth))
    if (!parent.found) continue
    const step = path[depth] as string | number
    const rest = path.slice(depth + 1)
    const fits =
      rest.length === 0 && hasChild(parent.value, step)
        ? true
        : asObject(parent.value) !== null && typeof step === 'string'
    if (!fits || rest.some((name) => typeof name === 'number')) return { refused: 'there is no such place' }
    return {
      edits: [
        {
          kind: 'set',
          path: path.slice(0, depth + 1),
          json: writeSorted(rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)),
        },
      ],
    }
  }
  return { refused: 'there is no such place' }
}

function planRemove(body: JsonObject, written: RulePath): PlannedEdit {
  const path = resolvePath(body, written)
  return path !== null && readAt(body, path).found ? { edits: [{ kind: 'remove', path }] } : nothing
}

function planRename(body: JsonObject, written: RulePath, to: string): PlannedEdit {
  const path = resolvePath(body, written)
  if (path === null || !readAt(body, path).found) return nothing
  const parent = readAt(body, path.slice(0, -1))
  if (!parent.found || !hasChild(parent.value, to)) return { edits: [{ kind: 'rename', path, to }] }
  return to === path.at(-1) ? nothing : { refused: `${to} is there already` }
}

/** Lowers every member that holds the parameter and is above the bound. */
function planCap(wire: Wire, body: JsonObject, parameter: string, most: number): PlannedEdit {
  const over = toParameterNames(wire, parameter).filter((name) => typeof body[name] === 'number' && body[name] > most)
  return { edits: over.map((name) => toSet([name], most)) }
}

function planDefault(wire: Wire, body: JsonObject, parameter: string, value: unknown): PlannedEdit {
  const names = toParameterNames(wire, parameter)
  const isSet = names.some((name) => body[name] !== undefined && body[name] !== null)
  return isSet ? nothing : { edits: [toSet([names[0] as string], value)] }
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && a !== null && writeSorted(a) === writeSorted(b))
}

/**
 * The database keeps members in an order of its own: what is put in reads the same before and after a rule was stored.
 */
function writeSorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeSorted).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${writeSorted((value as JsonObject)[name])}`)
    .join(',')}}`
}

function planReplace(places: TextPlace[], replacement: Replacement, clock: Clock): PlannedEdit {
  if (places.reduce((sum, { text }) => sum + text.length, 0) > replacement.charactersMax)
    return {
      refused: `there is more text than the ${replacement.charactersMax} characters that this pattern is searched in`,
    }
  const endsAt = clock() + searchMs
  const edits: BodyEdit[] = []
  for (const { path, text } of places) {
    const replaced = replaceAll(replacement, text, () => clock() > endsAt)
    if ('refused' in replaced) return replaced
    if (replaced.text !== text) edits.push(toSet(path, replaced.text))
  }
  return { edits }
}

type AddMessage = Extract<CompiledEdit, { kind: 'addMessage' }>

/** Chat has system messages among the others; the other two wires have a member for the system's words. */
function addSystem(wire: Wire, body: JsonObject, { position, text }: AddMessage): PlannedEdit {
  if (wire === 'chat') return addToList(body, ['messages'], position, { role: 'system', content: text })
  const name = wire === 'messages' ? 'system' : 'instructions'
  const present = body[name]
  if (present === undefined || present === null || present === '') return { edits: [toSet([name], text)] }
  if (typeof present === 'string')
    return { edits: [toSet([name], position === 'first' ? `${text}\n\n${present}` : `${present}\n\n${text}`)] }
  return addToList(
    body,
    [name],
    position,
    wire === 'messages' ? { type: 'text', text } : { role: 'system', content: text },
  )
}

function addUser(wire: Wire, body: JsonObject, { position, text }: AddMessage): PlannedEdit {
  const message = { role: 'user', content: text }
  if (wire !== 'responses') return addToList(body, ['messages'], position, message)
  if (typeof body.input !== 'string') return addToList(body, ['input'], position, message)
  const present = { role: 'user', content: body.input }
  return { edits: [toSet(['input'], position === 'first' ? [message, present] : [present, message])] }
}

function addToList(body: JsonObject, path: RulePath, position: 'first' | 'last', value: object): PlannedEdit {
  const place = readAt(body, path)
  if (!place.found || !Array.isArray(place.value)) return { refused: `${path.join('.')} is not a list` }
  return {
    edits: [
      { kind: 'insert', path: [...path, position === 'first' ? 0 : place.value.length], json: JSON.stringify(value) },
    ],
  }
}

function changeMessages(
  wire: Wire,
  body: JsonObject,
  { role, which, change, text }: Extract<CompiledEdit, { kind: 'changeMessage' }>,
): PlannedEdit {
  const byMessage = Map.groupBy(selectTexts(findRequestTexts(wire, body), role), ({ message }) => message)
  const all = [...byMessage.values()]
  const chosen = which === 'all' ? all : all.slice(...(which === 'first' ? [0, 1] : [-1]))
  // From the end, so that what is removed moves no place that is still to be changed.
  return { edits: chosen.toReversed().flatMap((places) => changeTexts(places, change, text)) }
}

/** A message of several texts is replaced by its first; pictures and files stay. */
function changeTexts(places: TextPlace[], change: 'replace' | 'prepend' | 'append', text: string): BodyEdit[] {
  const first = places[0] as TextPlace
  const last = places.at(-1) as TextPlace
  if (change === 'prepend') return [toSet(first.path, text + first.text)]
  if (change === 'append') return [toSet(last.path, last.text + text)]
  const others = places.slice(1).toReversed()
  if (others.length === 0 && first.text === text) return []
  return [...others.map(({ path }): BodyEdit => ({ kind: 'remove', path: path.slice(0, -1) })), toSet(first.path, text)]
}

/** The model's name as it will be looked up. */
export function modelOf(body: JsonObject): string | null {
  return typeof body.model === 'string' ? body.model : null
}

export function isStreamless(edit: CompiledEdit): boolean {
  return edit.kind !== 'addHeader' && !(edit.kind === 'replaceText' && edit.replacement.longest !== null)
}
